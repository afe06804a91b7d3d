"""One kernel for the whole frame from second-order statistics: for camera shake, and wherever no wavefront makes the kernel.

1. The kernel's autocorrelation, not negative, fitted to the spectra: nearly convex, and all that spectra can say.
2. Kernels of that power from many random starts (`phase_retrieval`): fitted to the likelihood straight away, free taps end in one
   of many bad minima (NCC 0.5 on strokes of 28 px).
3. The best few fitted to the likelihood, and their mean.

Kernel and mirror image score alike; which it is must be decided by other means.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import torch
import torch.nn.functional as F
from torch import Tensor

from ddm_studio.control import RunControl
from ddm_studio.events import KernelsLearned, Report
from ddm_studio.optics.psf_grid import node_centres, read_only_copy
from ddm_studio.optics.psf_metrics import grid_ncc
from ddm_studio.snapshot import seed_of
from ddm_studio.spectra.descent import descend
from ddm_studio.spectra.phase_retrieval import STEPS, consensus, retrieve
from ddm_studio.spectra.window_model import WindowModel
from ddm_studio.spectra.window_statistics import WindowStatistics
from ddm_studio.stage import StageReporter

STAGE = "retrieving the kernel"
POWER_STEPS = 1500
POWER_RATE, OTHER_RATE = 0.1, 0.03
NEGATIVE_WEIGHT = 10.0
# A flat pedestal of the autocorrelation shows only at DC, which is not used.
COMPACT_WEIGHT = 1e-5
FITTED = 24
FIT_STEPS, REFIT_STEPS = 80, 30
# What a fit takes in steps of the search, about; only the bar needs it.
STEPS_A_FIT, STEPS_A_REFIT = 60, 30
SMALLEST_POWER = 1e-6
SMALLEST_TAP = 1e-4
CENTRING_WEIGHT = 1e-5
# Losses within this, in nats per frequency, tell nothing: the true kernel's is higher than the best by 0.0002-0.002 on ten tuning
# kernels, and means of more kernels scored better than the best one.
AS_GOOD = 1e-3
ALIKE = 0.8
# How many independent windows a photo's spectra are worth; of half to three times as many, this found the best kernels.
WINDOWS_PER_PHOTO, FEWEST_WINDOWS = 1.3, 80.0


@dataclass(frozen=True, slots=True, eq=False)
class RetrievedKernel:
    """A kernel (k, k), centred, and the noise sigma in encoded units; either may be the mirror image of the true kernel.

    `replicates` (k, k) are fitted from it, each without one group of photos. `doubt` is by how much kernels that explain the
    statistics as well differ from it, as a mean of 1 - NCC: the phase that replicates, fitted from the same place, do not question.
    """

    kernel: Tensor
    sigma: float
    replicates: tuple[Tensor, ...]
    doubt: float
    loss_of: Callable[[Tensor], float]


def retrieve_kernel(
    statistics: WindowStatistics, size: int, sigma: float, grid: tuple[int, int], seed: int, report: Report, control: RunControl
) -> RetrievedKernel:
    """The kernel that explains the statistics.

    Args:
        statistics: Of both sets.
        size: Side of the kernel in px.
        sigma: Noise in encoded units, about; a level that is known for sure is better fitted, too: clipping changes it.
        grid: Rows and columns of the grid that the kernel is for: pictures show it at every node, as the other stages' do.
        seed: Of the random starts.
        report: Audience.
        control: Pause and stop.

    Raises:
        Cancelled: The person asked to stop.
    """
    groups = statistics.groups if statistics.groups > 1 else 0
    total = POWER_STEPS + STEPS + FITTED * STEPS_A_FIT + groups * STEPS_A_REFIT
    stage = StageReporter(STAGE, total, report, control)
    work = _Work(stage, control, report)
    model = WindowModel(*statistics.without(None), size, sigma)
    amplitude, tolerance = _amplitude(model, _fit_autocorrelation(model, work), statistics.photos)
    generator = torch.Generator().manual_seed(seed_of(seed, STAGE))
    candidates = retrieve(amplitude, tolerance, size, generator, work.advance)
    others = [value.detach().clone() for value in model.parameters]
    fits: list[tuple[Tensor, float]] = []
    for candidate in candidates[:FITTED]:
        fits.append(_fit(model, candidate, others, FIT_STEPS, work))
        work.advance(STEPS_A_FIT)
        if stage.picture_is_due():
            report(KernelsLearned(STAGE, len(fits), read_only_copy(_centred(min(fits, key=_loss)[0]).expand(*grid, 3, -1, -1))))
    best = min(map(_loss, fits))
    equals = torch.stack([kernel for kernel, loss in sorted(fits, key=_loss) if loss < best + AS_GOOD])
    kernel = _centred(consensus(equals, ALIKE))
    replicates = []
    for group in range(groups):
        part = WindowModel(*statistics.without(group), size, sigma)
        replicates.append(_centred(_fit(part, kernel, others, REFIT_STEPS, work)[0]))
        work.advance(STEPS_A_REFIT)
    stage.finish()
    return RetrievedKernel(kernel, model.noise_sigma(), tuple(replicates), _doubt(equals, kernel), partial(_loss_of, model, others, work))


@dataclass
class _Work:
    """Counts what is done."""

    stage: StageReporter
    control: RunControl
    report: Report
    done: int = 0

    def advance(self, steps: int = 1) -> None:
        self.done += steps
        self.stage.checkpoint(self.done)

    def watch(self, loss: Tensor) -> None:
        """Inside a fit, whose steps are not counted."""
        self.control.checkpoint(self.report)


def _loss(fit: tuple[Tensor, float]) -> float:
    return fit[1]


def _fit_autocorrelation(model: WindowModel, work: _Work) -> Tensor:
    """(2 k - 1, 2 k - 1), not negative, symmetric, summing to 1; the model's other parameters are fitted along."""
    lags = torch.arange(1 - model.size, model.size)
    radius2 = (lags[:, None].square() + lags.square()).float()
    triangle = 1 - lags.abs() / model.size
    logits = (2 * (triangle[:, None] * triangle).log() - radius2.sqrt() / 6).requires_grad_()
    groups = [{"params": [logits], "lr": POWER_RATE}, {"params": model.parameters, "lr": OTHER_RATE}]
    adam = torch.optim.Adam(groups, betas=(0.9, 0.99))
    schedule = torch.optim.lr_scheduler.OneCycleLR(adam, [POWER_RATE, OTHER_RATE], total_steps=POWER_STEPS, pct_start=0.05, div_factor=5.0)
    for _ in range(POWER_STEPS):
        autocorrelation = _symmetric(logits)
        power = _power(autocorrelation, model.side)
        loss = model.negative_log_likelihood(power.clamp_min(SMALLEST_POWER)) + model.prior()
        loss = loss + NEGATIVE_WEIGHT * (-power).clamp_min(0).mean() + COMPACT_WEIGHT * (autocorrelation * radius2).sum()
        adam.zero_grad()
        torch.autograd.backward(loss)
        adam.step()
        schedule.step()
        work.advance()
    return _symmetric(logits).detach()


def _symmetric(logits: Tensor) -> Tensor:
    half = logits.flatten().softmax(0).view_as(logits)
    return (half + half.flip(0, 1)) / 2


def _power(autocorrelation: Tensor, side: int) -> Tensor:
    """(side, side // 2 + 1)."""
    reach = len(autocorrelation) // 2
    lags = torch.arange(-reach, reach + 1) % side
    placed = torch.zeros(side, side).index_put((lags[:, None], lags), autocorrelation)
    power: Tensor = torch.fft.rfft2(placed).real
    return power


def _amplitude(model: WindowModel, autocorrelation: Tensor, photos: int) -> tuple[Tensor, Tensor]:
    """The amplitude of the transfer function (n, n // 2 + 1), and its standard error."""
    side = 16 * math.ceil(2 * model.size / 16)
    amplitude = _power(autocorrelation, side).clamp_min(0).sqrt()
    windows = max(FEWEST_WINDOWS, WINDOWS_PER_PHOTO * photos)
    information = windows * model.information(_power(autocorrelation, model.side).clamp_min(SMALLEST_POWER))
    error = F.interpolate(information.clamp_min(1e-12).rsqrt()[None, None], size=amplitude.shape, mode="nearest")[0, 0]
    return amplitude, torch.minimum(error / (2 * amplitude.clamp_min(1e-3)), error.sqrt())


def _fit(model: WindowModel, start: Tensor, others: list[Tensor], steps: int, work: _Work) -> tuple[Tensor, float]:
    """The kernel (k, k) that a start leads to, and its loss."""
    model.start_from(others)
    logits = (start / start.max()).clamp_min(SMALLEST_TAP).log().requires_grad_()
    places = (torch.arange(model.size) - model.size // 2).float()

    def kernel() -> Tensor:
        return logits.flatten().softmax(0).view_as(logits)

    def loss() -> Tensor:
        taps = kernel()
        off_centre = (taps.sum(1) @ places).square() + (taps.sum(0) @ places).square()
        return model.negative_log_likelihood(model.kernel_power(taps)) + model.prior() + CENTRING_WEIGHT * off_centre

    reached = descend([logits, *model.parameters], loss, steps, work.watch)
    return kernel().detach(), reached


def _loss_of(model: WindowModel, others: list[Tensor], work: _Work, kernel: Tensor) -> float:
    model.start_from(others)
    power = model.kernel_power(kernel)
    return descend(model.parameters, lambda: model.negative_log_likelihood(power) + model.prior(), REFIT_STEPS, work.watch)


def _doubt(equals: Tensor, kernel: Tensor) -> float:
    truth = kernel.expand(1, 1, 3, -1, -1).numpy()
    differences = []
    for equal in map(_centred, equals):
        both = [float(grid_ncc(turned.expand(1, 1, 3, -1, -1).numpy(), truth).mean()) for turned in (equal, equal.flip(0, 1))]
        differences.append(1 - max(both))
    return sum(differences) / len(differences)


def _centred(kernel: Tensor) -> Tensor:
    """The same kernel moved by whole pixels so that its node centre lies on the middle tap: parts of pixels would blur a thin stroke."""
    size = len(kernel)
    padded = F.pad(kernel, (size, size, size, size))
    down, across = node_centres(kernel.expand(3, -1, -1)).round().long().tolist()
    square = padded[size + down : 2 * size + down, size + across : 2 * size + across]
    return square / square.sum()
