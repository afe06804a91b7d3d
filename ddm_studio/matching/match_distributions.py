"""Stage 3: distribution matching of the kernels (paper, step 2; method.md section 5).

The teacher `v*`, frozen, knows the blurry patches; an auxiliary flow, started as its copy, follows the re-blurred sharp
patches. Steps of the auxiliary flow alternate with steps of the kernels along the difference of the two.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from ddm_studio.control import Cadence, Cancelled, RunControl
from ddm_studio.events import KernelsLearned, Note, Report
from ddm_studio.flow.flow_matching import BETAS, SECONDS_BETWEEN_SNAPSHOTS, Flow, TrainedFlow, flow_step, noisy_patches
from ddm_studio.flow.gaussian_velocity import GaussianField
from ddm_studio.flow.loop_state import pack_adam, pack_module, pack_values, unpack_adam, unpack_module, unpack_values
from ddm_studio.flow.unet import VelocityNetwork
from ddm_studio.flow.windows import WindowSource
from ddm_studio.matching.best_so_far import BestSoFar
from ddm_studio.matching.distribution_loss import distribution_loss, flow_difference
from ddm_studio.matching.kernel_models import KernelModel
from ddm_studio.matching.reblur import LensEstimate, reblurred_field
from ddm_studio.matching.reblurred_patches import ReblurredPatches
from ddm_studio.optics.priors import centring, gaussian, sparsity, sum_to_one
from ddm_studio.optics.psf_grid import normalise, read_only_copy
from ddm_studio.settings import MatchingSettings
from ddm_studio.snapshot import SaveSnapshot, Snapshot, seed_of
from ddm_studio.stage import StageReporter

STAGE = "matching distributions"
SIGMA_LEARNING_RATE = 0.002
# While the kernels rest the auxiliary flow may learn faster: it need not follow a moving target.
WARM_UP_FACTOR = 5.0
SETTLED = "Held-out photos have liked no grid better for {looks} looks: the best so far is that of step {step}. {then}"
GOES_ON = "It is kept whatever comes; more steps are not likely to help."
ENDS = "The stage ends here, as the settings ask."


@dataclass(frozen=True, eq=False)
class MatchedGrid:
    """What stage 3 learned: psf (rows, columns, 3, k, k) and noise sigma (3,) in encoded units."""

    psf: Tensor
    sigma: Tensor


@dataclass(frozen=True, eq=False)
class MatchingTask:
    """What does not change during the loop.

    Attributes:
        blurry: Tiles of the blurry photos; the positions of their windows are drawn from here.
        sharp: Tiles of the sharp photos.
        kernels: The kernels as they are before the first step; what learns is a copy.
        start: Noise, gain and stride to begin with.
        teacher: The flow of the blurry patches.
        settings: Of stage 3.
        noise_fixed: Leave the noise alone.
        seed: Of everything random.
        device: Where to compute.
        measure: Says how far a lens is from held-out photos; without it the last grid is taken for the best.
    """

    blurry: WindowSource
    sharp: WindowSource
    kernels: KernelModel
    start: LensEstimate
    teacher: TrainedFlow
    settings: MatchingSettings
    noise_fixed: bool
    seed: int
    device: torch.device
    measure: Callable[[LensEstimate], float] | None = None


class _Matching:
    """Everything that changes during the loop."""

    def __init__(self, task: MatchingTask, resume_from: Snapshot | None, checkpoint: Callable[[], None]) -> None:
        self._task = task
        self._checkpoint = checkpoint
        settings, device = task.settings, task.device
        self.teacher = Flow(task.teacher.flow.network, task.teacher.flow.field)
        self.network: VelocityNetwork = copy.deepcopy(self.teacher.network).train().requires_grad_(True)
        self.kernels = copy.deepcopy(task.kernels).to(device)
        self.log_sigma = task.start.sigma.to(device).clamp_min(1e-5).log().clone().requires_grad_(not task.noise_fixed)
        self.gain = task.start.gain.to(device)
        self.values = dict(self.kernels.named_parameters()) | {"log_sigma": self.log_sigma}
        self.average = {name: value.detach().clone() for name, value in self.values.items()}
        self.flow_adam = torch.optim.Adam(self.network.parameters(), lr=settings.flow_learning_rate, betas=BETAS)
        groups: list[dict[str, Any]] = [{"params": list(self.kernels.parameters())}, {"params": [self.log_sigma]}]
        self.kernel_adam = torch.optim.Adam(groups, lr=settings.kernel_learning_rate, betas=BETAS)
        self.best = BestSoFar(settings.patience)
        self.step = 0
        if resume_from is None:
            self.field = self.measure_field()
            return
        tensors = resume_from.tensors
        self.step = resume_from.step
        self.field = GaussianField(tensors["field.mean"], tensors["field.spectra"]).to(device)
        unpack_module("network", self.network, tensors)
        unpack_values("values", self.values, tensors)
        unpack_values("average", self.average, tensors)
        unpack_adam("flow_adam", self.flow_adam, tensors)
        unpack_adam("kernel_adam", self.kernel_adam, tensors)
        self.best.unpack(tensors, device)

    def snapshot(self) -> Snapshot:
        """A copy of the state after `step` steps; with it the averaged grid, for whoever only looks at it."""
        field = pack_values("field", {"mean": self.field.mean, "spectra": self.field.spectra})
        values = pack_values("values", self.values) | pack_values("average", self.average)
        adams = pack_adam("flow_adam", self.flow_adam) | pack_adam("kernel_adam", self.kernel_adam)
        shown = {"psf": self.averaged().psf}
        return Snapshot(self.step, field | values | adams | pack_module("network", self.network) | self.best.pack() | shown)

    @torch.no_grad()
    def lens(self) -> LensEstimate:
        """The current parameters, not averaged."""
        return self._lens(self.kernels.grid())

    def _lens(self, psf: Tensor) -> LensEstimate:
        return LensEstimate(psf, self.log_sigma.exp(), self.gain, self._task.start.stride)

    def measure_field(self) -> GaussianField:
        """The spectra of the current re-blurred patches, always of the same sharp ones."""
        generator = torch.Generator().manual_seed(seed_of(self._task.seed, "reblurred field"))
        return reblurred_field(self.lens(), self._task.sharp, self._task.teacher.patch, generator, self._checkpoint)

    def auxiliary_step(self, generator: torch.Generator) -> Tensor:
        """One flow-matching step of the auxiliary flow on freshly re-blurred patches."""
        with torch.no_grad():
            clean, noise, positions = self._reblurred(generator)
        y1 = 2 * (clean + noise) - 1
        return flow_step(Flow(self.network, self.field), self.flow_adam, y1, positions, self._task.settings.random_positions, generator)

    def kernel_step(self, generator: torch.Generator) -> None:
        """One step of kernels and noise along the difference of the flows."""
        clean, noise, positions = self._reblurred(generator)
        noisy = noisy_patches(2 * (clean + noise).detach() - 1, generator)
        difference = flow_difference(Flow(self.network, self.field), self.teacher, noisy, positions)
        total = difference.gaussian + difference.learned
        of_kernels = total if self.kernels.sees_second_order else difference.learned
        loss = distribution_loss(of_kernels, 2 * clean) + distribution_loss(total, 2 * noise) + self._priors()
        self.kernel_adam.zero_grad()
        torch.autograd.backward(loss)
        self.kernel_adam.step()

    @torch.no_grad()
    def update_average(self, share: float) -> None:
        """Polyak average of the kernels' parameters."""
        for name, value in self.values.items():
            self.average[name].lerp_(value, share)

    def averaged(self) -> MatchedGrid:
        """The grid and noise of the averaged parameters."""
        return self._grid_of(self.average)

    def averaged_lens(self) -> LensEstimate:
        """The same with all that belongs to it, where it is computed."""
        grid = self.averaged()
        return LensEstimate(grid.psf, grid.sigma, self.gain, self._task.start.stride).to(self._task.device)

    def chosen(self) -> MatchedGrid:
        """Those of the best look; of the averaged parameters where nobody looked."""
        return self._grid_of(self.best.parameters or self.average)

    def look(self) -> bool:
        """Measure the averaged parameters, if it is time to and they have not been; whether there was a look."""
        settings = self._task.settings
        kernel_step = self.step - settings.warm_up
        is_due = kernel_step >= 0 and (kernel_step % settings.look_steps == 0 or kernel_step == settings.steps)
        if self._task.measure is None or not is_due or self.best.has_seen(self.step):
            return False
        self.best.see(self.step, self._task.measure(self.averaged_lens()), self.average)
        return True

    @property
    def is_done(self) -> bool:
        """Whether all steps are made, or no more are worth it and the settings say so."""
        settings = self._task.settings
        return self.step >= settings.warm_up + settings.steps or (settings.until_settled and self.best.has_settled)

    @torch.no_grad()
    def _grid_of(self, values: Mapping[str, Tensor]) -> MatchedGrid:
        current = {name: value.detach().clone() for name, value in self.values.items()}
        self._write(values)
        matched = MatchedGrid(normalise(self.kernels.grid()).cpu(), self.log_sigma.exp().cpu())
        self._write(current)
        return matched

    @torch.no_grad()
    def _write(self, values: Mapping[str, Tensor]) -> None:
        for name, value in self.values.items():
            value.copy_(values[name])

    def _reblurred(self, generator: torch.Generator) -> tuple[Tensor, Tensor, Tensor]:
        """Clean patches, noise to be added, and positions distributed like those of the blurry windows."""
        task, patch = self._task, self._task.teacher.patch
        lens = self._lens(self.kernels.grid())
        sharp, _ = task.sharp.draw(task.settings.batch, lens.window(patch), generator)
        positions = task.blurry.draw_positions(task.settings.batch, patch, generator).to(task.device)
        noise = torch.randn(len(sharp), 3, patch, patch, generator=generator).to(task.device)
        return lens.see(sharp.to(task.device), positions), lens.sigma.view(1, 3, 1, 1) * noise, positions

    def _priors(self) -> Tensor:
        settings, psf = self._task.settings, self.kernels.grid()
        penalty = settings.centring * centring(psf) + settings.gaussian * gaussian(psf)
        if self.kernels.has_raw_taps:
            penalty = penalty + settings.sparsity * sparsity(psf) + settings.sum_to_one * sum_to_one(psf)
        return penalty


def _step(state: _Matching, task: MatchingTask) -> Tensor:
    """One step of the auxiliary flow and, after its warm-up, one of the kernels; returns the flow's loss."""
    settings = task.settings
    step = state.step + 1
    kernel_step = step - settings.warm_up
    if kernel_step > 1 and (kernel_step - 1) % settings.field_steps == 0:
        # Before anything changes: being stopped in here must leave the state of the last step.
        state.field = state.measure_field()
    generator = torch.Generator().manual_seed(seed_of(task.seed, STAGE, step))
    state.flow_adam.param_groups[0]["lr"] = settings.flow_learning_rate * (WARM_UP_FACTOR if kernel_step <= 0 else 1.0)
    loss = state.auxiliary_step(generator)
    if kernel_step > 0:
        decay = 0.5 + 0.5 * math.cos(math.pi * kernel_step / settings.steps)
        state.kernel_adam.param_groups[0]["lr"] = settings.kernel_learning_rate * decay
        state.kernel_adam.param_groups[1]["lr"] = SIGMA_LEARNING_RATE * decay
        state.kernel_step(generator)
        state.update_average(1 / max(1, kernel_step - settings.steps // 2))
    state.step = step
    return loss


def match_distributions(
    task: MatchingTask, resume_from: Snapshot | None, save: SaveSnapshot, report: Report, control: RunControl
) -> MatchedGrid:
    """Move the kernels until re-blurred sharp patches have the distribution of the blurry ones.

    Args:
        task: Photos, start, teacher and settings.
        resume_from: State to go on from; one after the last step only rebuilds the result.
        save: Receives a snapshot every 30 s, when stopped, and at the end.
        report: Audience; hears `KernelsLearned` a few times a second, `PatchesCompared` now and then, and `ConvergenceCurve` where the
            task has a measure.
        control: Pause and stop.

    Returns:
        The grid of the best look, the last one's where the task has no measure.

    Raises:
        Cancelled: The person asked to stop; the state has been saved.
    """
    total = task.settings.warm_up + task.settings.steps
    stage = StageReporter(STAGE, total, report, control, resume_from.step if resume_from else 0)
    state = _Matching(task, resume_from, lambda: control.checkpoint(report))
    patches = ReblurredPatches(task.blurry, task.sharp, state.averaged_lens(), task.seed)
    snapshot_due = Cadence(SECONDS_BETWEEN_SNAPSHOTS)
    snapshot_due.is_due()
    try:
        while True:
            if state.look():
                _tell(state.best, task.settings, report)
            if state.is_done:
                break
            loss = _step(state, task)
            if snapshot_due.is_due():
                save(state.snapshot())
            stage.checkpoint(state.step, loss)
            if stage.picture_is_due():
                report(KernelsLearned(STAGE, state.step, read_only_copy(state.averaged().psf)))
            if patches.are_due():
                report(patches.look(state.averaged_lens(), STAGE, state.step))
    except Cancelled:
        save(state.snapshot())
        raise
    save(state.snapshot())
    matched = state.chosen()
    report(KernelsLearned(STAGE, state.step, read_only_copy(matched.psf)))
    chosen = LensEstimate(matched.psf, matched.sigma, state.gain, task.start.stride).to(task.device)
    report(patches.look(chosen, STAGE, state.step))
    stage.finish()
    return matched


def _tell(best: BestSoFar, settings: MatchingSettings, report: Report) -> None:
    """The curve, and once that no more is to be expected."""
    report(best.curve(STAGE))
    if best.looks_since == settings.patience:
        report(Note(SETTLED.format(looks=settings.patience, step=best.step, then=ENDS if settings.until_settled else GOES_ON)))
