"""Training the lens's own network on pairs made with the learned grid: L1 loss in display-encoded values, averaged weights."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from ddm_studio.control import Cadence, Cancelled, RunControl
from ddm_studio.deblur.denoisers import bundled_weights, read_narrow_drunet
from ddm_studio.deblur.pairs import Lens, draw_sharp, photograph_patches, tile_side, training_pair
from ddm_studio.deblur.restorer import RestorerNetwork, network_like
from ddm_studio.events import Report
from ddm_studio.flow.ema import PowerAverage
from ddm_studio.flow.loop_state import pack_adam, pack_module, pack_values, unpack_adam, unpack_module, unpack_values
from ddm_studio.flow.windows import WindowSource
from ddm_studio.settings import RestorerSettings
from ddm_studio.snapshot import SaveSnapshot, Snapshot, seed_of
from ddm_studio.stage import StageReporter

STAGE = "training the restorer"
SECONDS_BETWEEN_SNAPSHOTS = 30.0
BETAS = (0.9, 0.99)
AVERAGE_STD = 0.05
WARM_UP_STEPS = 30
# The learning rate falls along a cosine over the last half of the budget.
FALLS_AFTER = 0.5
LARGEST_GRADIENT = 1.0


@dataclass(frozen=True, slots=True)
class TrainedRestorer:
    """The network with averaged weights, on the CPU or GPU it was trained on, and what training took."""

    network: RestorerNetwork
    steps: int
    seconds: float


class _Training:
    """Everything that changes during the loop; `spent` counts the seconds of earlier runs, too."""

    def __init__(self, settings: RestorerSettings, device: torch.device, start: Snapshot | None) -> None:
        self.network = network_like(read_narrow_drunet(bundled_weights()), device)
        self.average = PowerAverage(self.network, AVERAGE_STD)
        self.optimiser = torch.optim.Adam(self.network.parameters(), lr=settings.learning_rate, betas=BETAS)
        self.settings = settings
        self.step, self.spent = 0, 0.0
        if start is not None:
            self.step, self.spent = start.step, float(start.tensors["seconds"])
            unpack_module("network", self.network, start.tensors)
            unpack_values("average", self.average.values, start.tensors)
            unpack_adam("adam", self.optimiser, start.tensors)

    @property
    def share_done(self) -> float:
        """Share of the budget that is spent, by steps where the settings count steps, else by the clock."""
        steps = self.settings.steps
        return self.step / steps if steps is not None else self.spent / (60 * self.settings.minutes)

    def learn(self, inputs: Tensor, sharp: Tensor) -> Tensor:
        """One step of the optimiser; returns the loss before it."""
        self.optimiser.param_groups[0]["lr"] = self.settings.learning_rate * rate_factor(self.step, self.share_done)
        loss = (self.network(inputs) - sharp).abs().mean()
        self.optimiser.zero_grad()
        torch.autograd.backward(loss)
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), LARGEST_GRADIENT)
        self.optimiser.step()
        self.step += 1
        self.average.update(self.network, self.step)
        before: Tensor = loss.detach()
        return before

    def snapshot(self) -> Snapshot:
        """A copy of the state after `step` steps."""
        network = pack_module("network", self.network) | pack_values("average", self.average.values)
        spent = {"seconds": torch.tensor(self.spent, dtype=torch.float64)}
        return Snapshot(self.step, network | spent | pack_adam("adam", self.optimiser))


def rate_factor(step: int, share_done: float) -> float:
    """What the learning rate is multiplied by: it rises over the first steps, stays, and falls to a hundredth."""
    falling = 0.5 * (1 + math.cos(math.pi * min(1.0, (share_done - FALLS_AFTER) / (1 - FALLS_AFTER)))) if share_done > FALLS_AFTER else 1.0
    return min(1.0, (step + 1) / WARM_UP_STEPS) * max(0.01, falling)


def train_restorer(
    windows: WindowSource,
    lens: Lens,
    settings: RestorerSettings,
    patch: int,
    resume_from: Snapshot | None,
    save: SaveSnapshot,
    report: Report,
    control: RunControl,
    clock: Callable[[], float] = time.monotonic,
) -> TrainedRestorer:
    """Train until the budget is spent: `settings.steps` steps, or else `settings.minutes` minutes, earlier runs included.

    The same steps give the same weights, resumed or not; minutes give as many steps as the machine manages.

    Args:
        windows: Tiles of the sharp photos, of `tile_side(lens.psf, patch)` px.
        lens: The learned grid and noise, on the device to compute on.
        settings: Budget, batch, learning rate and seed.
        patch: Side of the patches that the network sees.
        resume_from: State to go on from.
        save: Receives a snapshot every 30 s, when stopped, and at the end.
        report: Audience; progress counts steps, or seconds where the budget is in minutes.
        control: Pause and stop.
        clock: Seconds, injectable for tests.

    Raises:
        Cancelled: The person asked to stop; the state has been saved.
    """
    side, device = tile_side(lens.psf, patch), lens.psf.device
    state = _Training(settings, device, resume_from)
    total = settings.steps if settings.steps is not None else round(60 * settings.minutes)
    stage = StageReporter(STAGE, total, report, control, _progress(state, total))
    snapshot_due = Cadence(SECONDS_BETWEEN_SNAPSHOTS)
    snapshot_due.is_due()
    try:
        while state.share_done < 1:
            began = clock()
            generator = torch.Generator().manual_seed(seed_of(settings.seed, STAGE, state.step + 1))
            sharp = draw_sharp(windows, settings.batch, side, generator)
            loss = state.learn(*training_pair(photograph_patches(sharp, lens, generator), patch, lens.curve))
            state.spent += clock() - began
            if snapshot_due.is_due():
                save(state.snapshot())
            stage.checkpoint(_progress(state, total), loss)
    except Cancelled:
        save(state.snapshot())
        raise
    save(state.snapshot())
    state.average.copy_to(state.network)
    stage.finish()
    return TrainedRestorer(state.network.eval().requires_grad_(False), state.step, state.spent)


def _progress(state: _Training, total: int) -> int:
    return min(total, round(state.share_done * total))
