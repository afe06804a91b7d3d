"""Stage 2: flow matching on the blurry patches (paper, step 1; method.md section 4).

The paper trains large networks on a clean set first (its appendix B.2): the same training on the sharp set, whose network the
training on the blurry set then starts from. Each set has its own Gaussian field; only the network is handed on.

    y1 = 2 y - 1,   y0 ~ N(0, I),   t ~ U[0, 0.98],   y_t = (1 - t) y0 + t y1,   loss || v(y_t, t, position) - (y1 - y0) ||^2

with `v = v_gauss + network`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from ddm_studio.control import Cadence, Cancelled, RunControl
from ddm_studio.events import Report
from ddm_studio.flow.ema import PowerAverage
from ddm_studio.flow.gaussian_velocity import LAST_TIME, GaussianField, measure_field
from ddm_studio.flow.loop_state import pack_adam, pack_module, pack_values, unpack_adam, unpack_module, unpack_values
from ddm_studio.flow.patch_pictures import FlowSamples
from ddm_studio.flow.unet import VelocityNetwork
from ddm_studio.flow.windows import WindowSource
from ddm_studio.settings import FlowSettings
from ddm_studio.snapshot import SaveSnapshot, Snapshot, seed_of
from ddm_studio.stage import StageReporter

STAGE = "learning the blurry photos"
PRETRAINING_STAGE = "learning the sharp photos"
FIELD_WINDOWS = 40_000
FIELD_WINDOWS_PER_TILE = 16
WINDOWS_AT_ONCE = 1000
SECONDS_BETWEEN_SNAPSHOTS = 30.0
BETAS = (0.9, 0.99)
# The learning rate falls like 1 / sqrt(steps) after this share of training (EDM2's schedule), and rises over the first steps.
DECAY_AFTER = 0.3
WARM_UP_STEPS = 20


@dataclass(frozen=True, eq=False)
class Flow:
    """A velocity field: the Gaussian part in closed form plus a network."""

    network: VelocityNetwork
    field: GaussianField

    def velocity(self, y_t: Tensor, t: Tensor, positions: Tensor, network_positions: Tensor | None = None) -> Tensor:
        """Velocity (n, 3, p, p) at times (n,) and relative positions (n, 2); the network may be told other positions."""
        told = positions if network_positions is None else network_positions
        learned: Tensor = self.network(y_t, t, told)
        return self.field.velocity(y_t, t, positions) + learned


@dataclass(frozen=True, eq=False)
class TrainedFlow:
    """The frozen flow of a set's patches, with averaged weights.

    Attributes:
        flow: Field and network.
        channels: Width of the network, to make another like it.
    """

    flow: Flow
    channels: int

    @property
    def patch(self) -> int:
        """Side of the patches in pixels."""
        return self.flow.field.patch


@dataclass(frozen=True, slots=True, eq=False)
class NoisyPatches:
    """Points on the paths from noise to patches: y_t (n, 3, p, p), t (n,) and the velocity `y1 - y0` that the loss aims at."""

    y_t: Tensor
    t: Tensor
    target: Tensor


def noisy_patches(y1: Tensor, generator: torch.Generator) -> NoisyPatches:
    """Mix patches y1 (n, 3, p, p) with fresh noise at fresh times."""
    t = LAST_TIME * torch.rand(len(y1), generator=generator).to(y1.device)
    y0 = torch.randn(y1.shape, generator=generator).to(y1.device)
    share = t.view(-1, 1, 1, 1)
    return NoisyPatches((1 - share) * y0 + share * y1, t, y1 - y0)


def partly_random(positions: Tensor, share: float, generator: torch.Generator) -> Tensor:
    """Positions (n, 2), each replaced by a random one with the probability `share`, so that a small set is not memorised."""
    random = torch.rand(positions.shape, generator=generator).to(positions)
    replaced = torch.rand(len(positions), generator=generator).to(positions.device) < share
    return torch.where(replaced[:, None], random, positions)


def flow_matching_loss(flow: Flow, noisy: NoisyPatches, positions: Tensor, network_positions: Tensor | None = None) -> Tensor:
    """Mean squared error of the velocity, a scalar."""
    return (flow.velocity(noisy.y_t, noisy.t, positions, network_positions) - noisy.target).square().mean()


def learning_rate_at(step: int, settings: FlowSettings) -> float:
    """Learning rate of `step`, counted from 1."""
    decay = math.sqrt(max(1.0, step / max(1.0, DECAY_AFTER * settings.steps)))
    return settings.learning_rate * min(1.0, step / WARM_UP_STEPS) / decay


def measure_window_field(
    windows: WindowSource, settings: FlowSettings, seed: int, device: torch.device, checkpoint: Callable[[], None] = lambda: None
) -> GaussianField:
    """The Gaussian field of random windows of a set, as many as make its spectra smooth, at `settings.field_nodes` squared places.

    `checkpoint` is called after every batch and may raise.
    """

    def batches() -> Iterator[tuple[Tensor, Tensor]]:
        generator = torch.Generator().manual_seed(seed_of(seed, "blurry field"))
        left = min(FIELD_WINDOWS, FIELD_WINDOWS_PER_TILE * len(windows))
        while left > 0:
            checkpoint()
            yield windows.draw(min(left, WINDOWS_AT_ONCE), settings.patch, generator)
            left -= WINDOWS_AT_ONCE

    return measure_field(batches(), settings.field_nodes, settings.field_nodes, settings.patch, device)


def flow_step(
    flow: Flow, optimiser: torch.optim.Adam, y1: Tensor, positions: Tensor, random_positions: float, generator: torch.Generator
) -> Tensor:
    """One optimiser step of flow matching on patches y1 (n, 3, p, p) at positions (n, 2); returns the loss before it."""
    told = partly_random(positions, random_positions, generator)
    loss = flow_matching_loss(flow, noisy_patches(y1, generator), positions, told)
    optimiser.zero_grad()
    torch.autograd.backward(loss)
    optimiser.step()
    flow.network.normalise_weights()
    return loss.detach()


class _Training:
    """Everything that changes during the loop."""

    def __init__(
        self,
        windows: WindowSource,
        settings: FlowSettings,
        seed: int,
        device: torch.device,
        start: Snapshot | None,
        pretrained: TrainedFlow | None,
        checkpoint: Callable[[], None],
    ) -> None:
        self.network = VelocityNetwork(settings.channels, torch.Generator().manual_seed(seed_of(seed, "network"))).to(device)
        if pretrained is not None:
            self.network.load_state_dict(pretrained.flow.network.state_dict())
        self.average = PowerAverage(self.network, settings.ema_std)
        self.optimiser = torch.optim.Adam(self.network.parameters(), lr=settings.learning_rate, betas=BETAS)
        self.step = 0
        if start is None:
            self.field = measure_window_field(windows, settings, seed, device, checkpoint)
            return
        self.step = start.step
        self.field = GaussianField(start.tensors["field.mean"], start.tensors["field.spectra"]).to(device)
        unpack_module("network", self.network, start.tensors)
        unpack_values("average", self.average.values, start.tensors)
        unpack_adam("adam", self.optimiser, start.tensors)

    def snapshot(self) -> Snapshot:
        """A copy of the state after `step` steps."""
        field = pack_values("field", {"mean": self.field.mean, "spectra": self.field.spectra})
        network = pack_module("network", self.network) | pack_values("average", self.average.values)
        return Snapshot(self.step, field | network | pack_adam("adam", self.optimiser))


def pretrain_flow(
    sharp: WindowSource,
    settings: FlowSettings,
    seed: int,
    device: torch.device,
    resume_from: Snapshot | None,
    save: SaveSnapshot,
    report: Report,
    control: RunControl,
) -> TrainedFlow:
    """Learn the distribution of the sharp patches in `settings.pretrain_steps` steps, for `train_flow` to start from.

    The network is told random positions only: where a sharp photo was cut says nothing of the lens.
    The other arguments, and what is raised, are those of `train_flow`.
    """
    own = settings.model_copy(update={"steps": settings.pretrain_steps, "random_positions": 1.0})
    return train_flow(sharp, own, seed, device, resume_from, save, report, control, stage_name=PRETRAINING_STAGE)


def train_flow(
    windows: WindowSource,
    settings: FlowSettings,
    seed: int,
    device: torch.device,
    resume_from: Snapshot | None,
    save: SaveSnapshot,
    report: Report,
    control: RunControl,
    pretrained: TrainedFlow | None = None,
    stage_name: str = STAGE,
) -> TrainedFlow:
    """Learn the distribution of patches at every position.

    Args:
        windows: Tiles of the blurry photos, or of the sharp ones when pretraining.
        settings: Of stage 2.
        seed: Of everything random.
        device: Where to compute.
        resume_from: State to go on from; one after the last step only rebuilds the result.
        save: Receives a snapshot every 30 s, when stopped, and at the end.
        report: Audience; hears `PatchesCompared` now and then.
        control: Pause and stop.
        pretrained: Another set's flow of the same width, whose network the training starts from.
        stage_name: What the stage is called; its random numbers depend on it.

    Raises:
        Cancelled: The person asked to stop; the state has been saved.
    """
    stage = StageReporter(stage_name, settings.steps, report, control, resume_from.step if resume_from else 0)
    state = _Training(windows, settings, seed, device, resume_from, pretrained, lambda: control.checkpoint(report))
    flow = Flow(state.network, state.field)
    samples = FlowSamples(windows, settings.patch, seed, device)
    snapshot_due = Cadence(SECONDS_BETWEEN_SNAPSHOTS)
    snapshot_due.is_due()
    try:
        while state.step < settings.steps:
            step = state.step + 1
            generator = torch.Generator().manual_seed(seed_of(seed, stage_name, step))
            state.optimiser.param_groups[0]["lr"] = learning_rate_at(step, settings)
            encoded, positions = windows.draw(settings.batch, settings.patch, generator)
            y1 = 2 * encoded.to(device) - 1
            loss = flow_step(flow, state.optimiser, y1, positions.to(device), settings.random_positions, generator)
            state.average.update(state.network, step)
            state.step = step
            if snapshot_due.is_due():
                save(state.snapshot())
            stage.checkpoint(step, loss)
            if samples.are_due():
                report(samples.look(state.network, state.average, state.field, stage_name, step))
    except Cancelled:
        save(state.snapshot())
        raise
    save(state.snapshot())
    report(samples.look(state.network, state.average, state.field, stage_name, state.step))
    state.average.copy_to(state.network)
    stage.finish()
    return TrainedFlow(Flow(state.network.eval().requires_grad_(False), state.field), settings.channels)
