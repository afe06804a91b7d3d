"""From Fisher information to misfit, for the two ways in which stage 1 describes a grid.

* A wavefront field: the polynomials that stage 1 fits, all over the frame at once. Lenses that are made otherwise have no true
  field: the limit is taken at the one nearest to their kernels.
* Free taps: every node by itself, with the information of its own share of the frame; kernels are taken to change slowly from node
  to node, so that the information matrix of the grid is that of the interpolation times that of a kernel. Noise and gain are
  known there (all bins tell of them), and the sharp set is.

The phase that the channels share is all but invisible to spectra. For a wavefront it follows from what is visible. For free taps
it does not, and the bound would be of no use: a tap is therefore taken to be known to its own size beforehand (taps are not
negative), and the limit is given twice, with the shared phase told as well and without.
"""

from __future__ import annotations

import itertools
from functools import partial

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from benchmarks.fisher_information import ModelSpectra, marginal, transfer_at_bins, whitened
from ddm_studio.optics.field_modes import node_positions
from ddm_studio.optics.psf_grid import interpolation_weights, node_centres
from ddm_studio.optics.psf_metrics import grid_ncc
from ddm_studio.optics.pupil import Pupil
from ddm_studio.optics.wavefront_field import PolynomialField
from ddm_studio.settings import CalibrationSettings
from ddm_studio.spectra.descent import descend
from ddm_studio.spectra.likelihood import frequency_weights
from ddm_studio.spectra.power_spectrum import Spectra
from ddm_studio.spectra.pupil_matching import FIELD_DEGREE, HOLD_TO_SEIDEL, PupilMatching

POWER_SIDE = 24
NEAREST_STEPS = 60
SMALLEST_TAP = 1e-5
# Of a shared phase that is told, in radians at every frequency.
TOLD_PHASE = 1e-3
TOLD_SUM = 1e-4


class KnownField:
    """A wavefront field and its kernels, moved so that every node is centred.

    Args:
        field: The field.
        settings: Grid and kernel size.
    """

    def __init__(self, field: PolynomialField, settings: CalibrationSettings) -> None:
        self.field = field
        self._grid = settings.grid_rows, settings.grid_columns
        self._pupil = Pupil(settings.kernel_size, torch.device("cpu"))
        self._nodes = node_positions(*self._grid)
        self._centring = torch.zeros_like(self._nodes)
        self.recentre()

    @torch.no_grad()
    def recentre(self) -> None:
        """Take the nodes' centres from the kernels as they are now."""
        for _ in range(3):
            self._centring = self._centring - node_centres(self.kernels()).flatten(0, 1)

    def kernels(self) -> Tensor:
        """(rows, columns, 3, k, k)."""
        return self._pupil.kernels(self.field.at(self._nodes).moved(self._centring), self.field.aperture()).unflatten(0, self._grid)

    @property
    def psf(self) -> Tensor:
        """(rows, columns, 3, k, k), detached."""
        return self.kernels().detach()

    @property
    def size(self) -> int:
        """How many parameters there are."""
        return sum(value.numel() for value in self.field.parameters())

    def changes(self) -> Tensor:
        """(n, rows, columns, 3, k, k) derivatives of the kernels by the parameters.

        The gradient of a weighted sum of taps is linear in the weights, and its own gradient by them is what is wanted. Differences
        of kernels in single precision would be too coarse: combinations of parameters that hardly change a kernel decide the limit.
        """
        kernels = self.kernels()
        weights = torch.zeros_like(kernels, requires_grad=True)
        gradients = torch.autograd.grad(kernels, self.field.parameters(), weights, create_graph=True)
        flat = torch.cat([gradient.flatten() for gradient in gradients])
        return torch.stack([torch.autograd.grad(one, weights, retain_graph=True)[0].double() for one in flat])

    def expected_misfit(self, field_information: Tensor, changes: Tensor, draws: int) -> float:
        """Mean misfit to this grid of grids drawn round it, with kernels taken to be linear in the parameters.

        Parameters that spectra hardly tell hardly change a kernel either; drawn that far, they would, which says nothing of photos.

        Args:
            field_information: (n, n).
            changes: Derivatives of the kernels.
            draws: How many.
        """
        noise = torch.randn(self.size, draws, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
        # The inverse of the information is the square of its root's inverse transposed.
        moved = torch.linalg.solve_triangular(torch.linalg.cholesky(field_information).T, noise, upper=True)
        grids = self.psf.double() + torch.tensordot(moved.T, changes, 1)
        return float(np.mean([misfit(grid, self.psf.numpy()) for grid in grids]))


def misfit(psf: Tensor, truth: NDArray[np.float32]) -> float:
    """1 - NCC, mean over the grid."""
    return float(1 - grid_ncc(psf.detach().numpy().astype(np.float64), truth.astype(np.float64)).mean())


def nearest_wavefront(truth: NDArray[np.float32], settings: CalibrationSettings, aspect: float) -> KnownField:
    """The field, of those that stage 1 can fit, whose kernels lie nearest to the true ones."""
    goal = torch.from_numpy(truth)
    pupil = PupilMatching(settings, aspect, torch.device("cpu"), lambda loss: None)
    flat = torch.ones(3, POWER_SIDE, POWER_SIDE // 2 + 1)
    seidels = pupil.starts(goal, flat, torch.full((3,), 0.01))
    degree = min(FIELD_DEGREE, max(settings.grid_rows, settings.grid_columns) - 1)
    nodes = node_positions(settings.grid_rows, settings.grid_columns)
    starts = [field for seidel in seidels for field in (seidel, seidel.mirrored())]
    candidates = [KnownField(PolynomialField(seidel, degree, nodes, HOLD_TO_SEIDEL), settings) for seidel in starts]
    best = min(candidates, key=lambda known: float(_distance(known, goal).detach()))
    for _ in range(2):
        descend(best.field.parameters(), partial(_distance, best, goal), NEAREST_STEPS, lambda value: None)
        best.recentre()
    return best


def _distance(known: KnownField, goal: Tensor) -> Tensor:
    """Relative to the energy of each kernel, mean over the grid."""
    distance = (known.kernels() - goal).square().sum((-1, -2)) / goal.square().sum((-1, -2))
    return distance.mean()


def changes_at_bins(changes: Tensor, blurry: Spectra) -> Tensor:
    """(n, bins, F, 3) derivatives of the transfer functions, from those of the kernels (n, rows, columns, 3, k, k)."""
    used = frequency_weights(blurry.patch) > 0
    parts = [transfer_at_bins(change.flatten(0, 1), blurry, *change.shape[:2])[..., used].to(torch.complex64) for change in changes]
    return torch.stack(parts).movedim(2, -1)


def tap_limit(truth: Tensor, model: ModelSpectra, blurry: Spectra, phase_told: bool, draws: int) -> float:
    """Expected misfit of free taps for a grid (rows, columns, 3, k, k), mean over every fourth node."""
    rows, columns = truth.shape[:2]
    weights = interpolation_weights(blurry.positions, rows, columns).double()
    # Of the taps of a node, in units of the variance that one px of area would leave.
    spread = torch.linalg.inv(torch.einsum("b,bn,bm->nm", model.area, weights, weights)).diagonal()
    random = torch.Generator().manual_seed(0)
    found = []
    for row, column in itertools.product(range(1, rows, 2), range(1, columns, 2)):
        node, kernel = row * columns + column, truth[row, column].double()
        precision = _tap_information(model, int(weights[:, node].argmax()), kernel, blurry.patch, spread[node], phase_told)
        found.append(misfit(_drawn_taps(kernel, precision, draws, random), kernel.expand(draws, 1, -1, -1, -1).numpy().astype(np.float32)))
    return float(np.mean(found))


def _drawn_taps(kernel: Tensor, precision: Tensor, draws: int, random: torch.Generator) -> Tensor:
    """(draws, 1, 3, k, k) kernels round the true one (3, k, k), whose taps are known to their own size beforehand."""
    scale = kernel.clamp_min(SMALLEST_TAP).flatten()
    posterior = scale[:, None] * precision * scale + torch.eye(len(scale), dtype=torch.float64)
    noise = torch.randn(len(scale), draws, generator=random, dtype=torch.float64)
    # The inverse of the precision is the square of its root's inverse transposed.
    moved = scale[:, None] * torch.linalg.solve_triangular(torch.linalg.cholesky(posterior).T, noise, upper=True)
    return kernel + moved.T.reshape(draws, 1, *kernel.shape)


def _tap_information(model: ModelSpectra, place: int, kernel: Tensor, patch: int, spread: Tensor, phase_told: bool) -> Tensor:
    """(3 k k, 3 k k) of a kernel (3, k, k) seen over 1 / spread px: a bin's own scenes are free, the sums of taps are told."""
    channels, size, _ = kernel.shape
    used = frequency_weights(patch) > 0
    impulses = torch.eye(size * size, dtype=torch.float64).reshape(-1, size, size)
    one = torch.fft.rfft2(torch.nn.functional.pad(impulses, (0, patch - size, 0, patch - size)).roll((-(size // 2),) * 2, (-2, -1)))[
        :, used
    ]
    changes = torch.einsum("tf,cd->ctfd", one, torch.eye(channels).to(one)).flatten(0, 1)  # (3 k k, F, 3)
    derivatives, _ = whitened(model, place, changes)
    n, shared = len(changes), len(changes) + 6
    free = torch.cat([derivatives[:, :n], derivatives[:, shared:]], 1)
    weight = (model.share / (2 * spread))[:, None, None]
    information = marginal(torch.tensordot(weight * free, free, ([0, 2], [0, 2])), n)
    sums = torch.block_diag(*[torch.ones(size * size, size * size, dtype=torch.float64)] * channels)
    information = information + sums / TOLD_SUM**2
    if phase_told:
        sides = model.transfer[place]
        power = model.sharp.diagonal(dim1=-2, dim2=-1).real
        turned = (power * (sides.conj() * changes).imag).sum(-1) / (power * sides.abs().square()).sum(-1)  # (3 k k, F)
        information = information + turned @ turned.T / TOLD_PHASE**2
    return information
