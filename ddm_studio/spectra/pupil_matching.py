"""Stage 1 with a pupil: the wavefront field whose kernels explain the spectra.

Second-order statistics do not see the phase that the channels share. Physics does: a kernel is the squared magnitude of a
pupil's transform, and one wavefront, scaled by wavelength, makes the kernels of all three channels. Fitted are a few numbers
for the whole frame, so the noise of the spectra averages out as well. The way there:

1. Seidel fields of every combination of signs, fitted to the transfer functions of the free taps up to their common phase
   (a few ms a step, on few nodes): the likelihood itself has a minimum for each.
2. The best few of them, fitted to the likelihood. The wrong signs of coma lose here: channels see them at other wavelengths. Those that
   fall too slowly to catch up are given up.
3. Polynomials over the frame, held to the best Seidel field.

All steps are L-BFGS, which this smooth problem with few parameters suits. Independent fits run in threads of their own.
"""

from __future__ import annotations

import copy
import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

import torch
from torch import Tensor

from ddm_studio.optics.field_modes import node_positions
from ddm_studio.optics.psf_grid import node_centres
from ddm_studio.optics.pupil import Pupil
from ddm_studio.optics.wavefront_field import PolynomialField, SeidelField, WavefrontField
from ddm_studio.settings import CalibrationSettings
from ddm_studio.spectra.descent import Descent, descend
from ddm_studio.spectra.fit_display import Contest, ShowGrid
from ddm_studio.spectra.hermitian import power
from ddm_studio.spectra.likelihood import SpectralLikelihood, frequencies
from ddm_studio.workers import in_order

Item = TypeVar("Item")
Result = TypeVar("Result")

NODES_OF_STARTS = 4
START_STEPS = 40
# At most so many rounds of so many steps, until a round brings each fit that is still in the race less than that, in nats per frequency.
SEIDEL_ROUNDS, STEPS_OF_A_ROUND, SETTLED = 24, 5, 3e-5
# A fit that is farther behind than so many times what its last round has brought is given up: on four tuning lenses the rounds to come
# brought 0.2-7.3 times as much, mostly 1-3. With 1, the mirror image of comet 7 was given up, and that was the right one.
ROUNDS_LEFT = 8
POLYNOMIAL_STEPS = 40
REFIT_STEPS = 8
# But every one where compression has taken something: free taps are poor then (NCC 0.88 instead of 0.95-0.99) and do not tell the right
# start. On JPEGs of decentred 192 and 193 it was the fourth and the sixth: the best three ended at NCC 0.964 and 0.967, all of them at
# 0.989 and 0.988 after as long a race.
STARTS_KEPT = 3
# Starts whose misfits differ by less ended in the same place.
SAME_MISFIT = 2e-5
FIELD_DEGREE = 3
# On tuning lenses those that a wavefront made gain the more the harder they are held (NCC 0.996 to 0.998 on decentred 2 from 0.4 to 6), and
# comets, which none made, lose (0.9917 to 0.9874 on comet 7): table in benchmarks/README.md.
HOLD_TO_SEIDEL = 1.5
# Rounds that bring kernels to their centre taps; the first leaves little to be seen, and starts are only looked at.
CENTRING_ROUNDS, ROUNDS_TO_BE_SEEN = 3, 1


@dataclass(frozen=True, slots=True, eq=False)
class PupilFit:
    """A fitted field with its centred grid.

    Attributes:
        field: The wavefronts.
        psf: (rows, columns, 3, k, k).
        likelihood: The likelihood with its other parameters as fitted along.
        loss: Negative log-likelihood with all priors.
    """

    field: WavefrontField
    psf: Tensor
    likelihood: SpectralLikelihood
    loss: float


@dataclass(frozen=True, slots=True, eq=False)
class SeidelFit(PupilFit):
    """A fit whose field is a Seidel field."""

    field: SeidelField


@dataclass(frozen=True, slots=True, eq=False)
class PolynomialFit(PupilFit):
    """A fit whose field is made of polynomials."""

    field: PolynomialField


class PupilMatching:
    """Fits wavefront fields for one grid.

    Args:
        settings: Grid, kernel size, colour.
        aspect: Width over height of the frame.
        device: Where to compute.
        watch: Called with every loss of a likelihood, and with None at the cheap steps of the starts; from several threads.
        show: Hears of every grid that is the best so far of its fit; likewise.
    """

    def __init__(
        self,
        settings: CalibrationSettings,
        aspect: float,
        device: torch.device,
        watch: Callable[[Tensor | None], None],
        show: ShowGrid = lambda grid, is_best: None,
    ) -> None:
        self._settings, self._aspect, self._device, self.watch = settings, aspect, device, watch
        # No two of these measure the same.
        self._starts, self._seidel, self._polynomials = Contest(show), Contest(show), Contest(show)
        self._pupil = Pupil(settings.kernel_size, device)
        self._nodes = node_positions(settings.grid_rows, settings.grid_columns).to(device)

    def starts(self, free: Tensor, scene_power: Tensor, noise_power: Tensor, every: bool = False) -> list[SeidelField]:
        """The best distinct Seidel fields for the free taps (rows, columns, 3, k, k), best first.

        Args:
            free: The grid to come near to.
            scene_power: (3, s, s // 2 + 1) power spectrum of the sharp scenes.
            noise_power: (3,) power of the noise, in the same units.
            every: Give up none but those that ended where another did; at most eight are left. Otherwise `STARTS_KEPT` are.
        """
        target = _TransferTarget(free, self._nodes, scene_power, noise_power)
        mono = self._settings.colour == "mono"

        def fitted(signs: tuple[int, int, int]) -> tuple[float, SeidelField]:
            field = self.seidel(signs)
            offer = self._starts.enter()

            def misfit() -> Tensor:
                value = self._misfit(target, field)
                offer(float(value.detach()), partial(self.centred, field, ROUNDS_TO_BE_SEEN))
                return value

            return descend(field.parameters(), misfit, START_STEPS, lambda value: self.watch(None)), field

        signs = list(itertools.product((-1, 1), (-1, 1), (1,) if mono else (-1, 1)))
        ended = sorted(in_threads(fitted, signs, self._device), key=lambda pair: pair[0])
        distinct = [ended[0]]
        for pair in ended[1:]:
            if pair[0] - distinct[-1][0] > SAME_MISFIT:
                distinct.append(pair)
        return [field for _, field in distinct[: None if every else STARTS_KEPT]]

    def fit_seidel(self, fields: Sequence[SeidelField], likelihoods: Sequence[SpectralLikelihood]) -> SeidelFit:
        """The best fit among Seidel fields; fields and likelihoods are changed."""
        return min(self._race(fields, likelihoods, math.inf), key=lambda fit: fit.loss)

    def fit_rival(self, field: SeidelField, likelihood: SpectralLikelihood, bound: float) -> SeidelFit | None:
        """The fit of one more Seidel field, None where it will not come below a loss; both are changed."""
        return next((fit for fit in self._race([field], [likelihood], bound) if fit.loss < bound), None)

    def _race(self, fields: Sequence[SeidelField], likelihoods: Sequence[SpectralLikelihood], bound: float) -> list[SeidelFit]:
        """After each round of steps fits are given up that are too far behind the best, or a bound: steps gain less and less."""
        runs = [_Run(self, field, likelihood) for field, likelihood in zip(fields, likelihoods, strict=True)]
        for _ in range(SEIDEL_ROUNDS):
            list(in_threads(_Run.go_on, runs, self._device))
            ahead = min(bound, *(run.loss for run in runs))
            runs = [run for run in runs if run.loss == ahead or run.loss - ahead <= ROUNDS_LEFT * run.fall]
            if all(run.fall < SETTLED for run in runs):
                break
        return [run.settled() for run in runs]

    def fit_polynomials(self, start: SeidelField, likelihood: SpectralLikelihood) -> PolynomialFit:
        """Fit polynomials held to a Seidel field; the likelihood's other parameters are changed."""
        field = self.polynomials(start)
        fit = self._fit(field, likelihood, POLYNOMIAL_STEPS, 2)
        return PolynomialFit(field, fit.psf, fit.likelihood, fit.loss)

    def polynomials(self, start: SeidelField) -> PolynomialField:
        """The polynomials that are nearest to a Seidel field, not fitted yet."""
        degree = min(FIELD_DEGREE, max(self._settings.grid_rows, self._settings.grid_columns) - 1)
        return PolynomialField(start, degree, self._nodes, HOLD_TO_SEIDEL)

    def seidel(self, signs: tuple[int, int, int] = (1, 1, 1)) -> SeidelField:
        """A Seidel field that is not fitted yet."""
        return SeidelField(signs, self._aspect, self._settings.colour == "mono", self._device)

    def refit(self, fit: PupilFit, likelihood: SpectralLikelihood) -> PupilFit:
        """Go on from a fit, left as it is, with another likelihood: a few steps for data that differ little."""
        likelihood.start_from(fit.likelihood)
        return self._fit(copy.deepcopy(fit.field), likelihood, REFIT_STEPS, 1)

    def _fit(self, field: WavefrontField, likelihood: SpectralLikelihood, steps: int, rounds: int) -> PupilFit:
        for _ in range(rounds):
            loss = descend([*field.parameters(), *likelihood.parameters()], self.loss(field, likelihood), steps, self.watch)
        return PupilFit(field, self.centred(field), likelihood, loss)

    def loss(self, field: WavefrontField, likelihood: SpectralLikelihood) -> Callable[[], Tensor]:
        """The negative log-likelihood of a field with all priors, which an optimiser may ask for again and again."""
        offer = (self._seidel if isinstance(field, SeidelField) else self._polynomials).enter()
        centring = self._centring(field)  # held while the field moves: it only has to keep kernels inside their squares

        def loss() -> Tensor:
            psf = self._grid(field, centring)
            value = likelihood.negative_log_likelihood(psf) + likelihood.prior() + field.prior()
            offer(float(value.detach()), psf.detach)
            return value

        return loss

    def _misfit(self, target: _TransferTarget, field: WavefrontField) -> Tensor:
        return target(self._pupil.kernels(field.at(target.nodes), field.aperture())) + field.prior()

    def _grid(self, field: WavefrontField, centring: Tensor) -> Tensor:
        settings = self._settings
        kernels = self._pupil.kernels(field.at(self._nodes).moved(centring), field.aperture())
        side = settings.kernel_size
        return kernels.expand(-1, 3, -1, -1).reshape(settings.grid_rows, settings.grid_columns, 3, side, side)

    @torch.no_grad()
    def centred(self, field: WavefrontField, rounds: int = CENTRING_ROUNDS) -> Tensor:
        """(rows, columns, 3, k, k): the kernels, each on its centre tap."""
        return self._grid(field, self._centring(field, rounds))

    @torch.no_grad()
    def _centring(self, field: WavefrontField, rounds: int = CENTRING_ROUNDS) -> Tensor:
        """(n, 2) px by which every node must be moved to lie on its centre tap."""
        centring = torch.zeros_like(self._nodes)
        for _ in range(rounds):
            centring = centring - node_centres(self._grid(field, centring)).flatten(0, 1)
        return centring


class _Run:
    """A Seidel field on its way."""

    def __init__(self, pupil: PupilMatching, field: SeidelField, likelihood: SpectralLikelihood) -> None:
        self._pupil, self._field, self._likelihood = pupil, field, likelihood
        self._descent = Descent([*field.parameters(), *likelihood.parameters()], pupil.loss(field, likelihood), pupil.watch)
        self.loss, self.fall = math.inf, math.inf

    def go_on(self) -> None:
        """A round of steps."""
        before = self.loss
        self.loss = self._descent.go_on(STEPS_OF_A_ROUND)
        self.fall = before - self.loss

    def settled(self) -> SeidelFit:
        """The best of all steps."""
        loss = self._descent.settle()
        return SeidelFit(self._field, self._pupil.centred(self._field), self._likelihood, loss)


def in_threads(work: Callable[[Item], Result], items: Sequence[Item], device: torch.device) -> Iterator[Result]:
    """What independent fits make of their items, as they are done; a graphics card does them one by one."""
    workers = 1 if device.type == "cuda" else min(len(items), torch.get_num_threads())
    return in_order(work, items, workers)


class _TransferTarget:
    """Squared distance to the transfer functions of a grid, each frequency turned by whatever phase the channels may share.

    Weights are those of the Fisher information of a transfer function under noise, `S / (S |D|^2 + sigma^2)`.
    """

    def __init__(self, free: Tensor, nodes: Tensor, scene_power: Tensor, noise_power: Tensor) -> None:
        rows, columns = free.shape[:2]
        chosen = [_spread(length) for length in (rows, columns)]
        index = (chosen[0][:, None] * columns + chosen[1]).flatten().to(free.device)
        self.nodes = nodes[index]
        self._side = 2 * (scene_power.shape[-2] // 2)
        self._goal = self._transfer(free.flatten(0, 1)[index])
        weight = scene_power / (scene_power * power(self._goal) + noise_power[:, None, None])
        weight[..., 1:-1] *= 2
        weight[..., 0, 0] = 0
        self._weight = weight / weight.mean()

    def __call__(self, kernels: Tensor) -> Tensor:
        """Mean over nodes and frequencies for kernels (n, c, k, k)."""
        ours = self._transfer(kernels).expand_as(self._goal)
        inner = (self._goal.conj() * self._weight * ours).sum(1)
        total = (self._weight * (power(self._goal) + power(ours))).sum(1)
        return (total - 2 * (power(inner) + 1e-10).sqrt()).mean()

    def _transfer(self, kernels: Tensor) -> Tensor:
        transfer: Tensor = torch.fft.rfft2(kernels, s=(self._side, self._side))
        return transfer


def scene_power_law(sharp: Tensor, side: int) -> Tensor:
    """(3, side, side // 2 + 1): power laws through the channels' spectra in (9, p, p // 2 + 1) packed planes."""
    radius = torch.hypot(*frequencies(sharp.shape[-2]))
    used = radius > 0.04
    lines = torch.stack([torch.ones_like(radius[used]), radius[used].log()], 1)
    logs = sharp[:3, used].clamp_min(1e-30).log().T
    offset, slope = torch.linalg.lstsq(lines, logs).solution
    wanted = torch.hypot(*frequencies(side)).clamp_min(0.02).log()
    law: Tensor = (offset[:, None, None] + slope[:, None, None] * wanted).exp()
    return law


def _spread(length: int) -> Tensor:
    """Indices of at most `NODES_OF_STARTS` nodes, evenly from first to last."""
    return torch.linspace(0, length - 1, min(length, NODES_OF_STARTS)).round().long()
