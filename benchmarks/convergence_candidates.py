"""Measures of a grid that need no truth, the lower the better, through photos that it was not learned from."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ddm_studio.control import RunControl
from ddm_studio.flow.windows import WindowSource
from ddm_studio.matching.acceptance import FIELD_PATCH, window_likelihood
from ddm_studio.matching.convergence import PHASE_WEIGHT, Convergence
from ddm_studio.matching.reblur import LensEstimate, reblurred_field
from ddm_studio.matching.restored_sparsity import restored_luminance, slope_sparsity
from ddm_studio.settings import CalibrationSettings

Candidate = Callable[[LensEstimate], float]

CPU = torch.device("cpu")
RESTORED = 256
WINDOWS = 1000
FIELD_NODES, FIELD_WINDOWS = 4, 250


def candidates(held_out: WindowSource, sharp: WindowSource, settings: CalibrationSettings) -> dict[str, Candidate]:
    """All measures by name, but for their combination.

    Args:
        held_out: Blurry photos that no grid was learned from.
        sharp: The sharp set.
        settings: Of the calibration.
    """
    convergence = Convergence(held_out, sharp, settings, CPU, lambda event: None, RunControl())
    restoring = _Restoring(held_out, sharp, settings.kernel_size)
    return {
        "spectra": convergence.second_order,
        "windows": _Windows(held_out, sharp),
        "edges": convergence.phase,
        "restored": restoring.sparsity,
        "restored pair": restoring.distance,
    }


def values_of(measures: dict[str, Candidate], grids: Sequence[LensEstimate]) -> dict[str, NDArray[np.float64]]:
    """What every measure says of every grid, and `convergence`, which the program follows: `Convergence.__call__` without asking again."""
    values = {name: np.array([measure(grid) for grid in grids]) for name, measure in measures.items()}
    return {**values, "convergence": values["spectra"] + PHASE_WEIGHT * values["edges"]}


class _Windows:
    """The likelihood of the acceptance rule: windows under spectra of sharp ones seen through the lens, which fits nothing to scenes."""

    def __init__(self, blurry: WindowSource, sharp: WindowSource) -> None:
        encoded, self._positions = blurry.draw(WINDOWS, FIELD_PATCH, torch.Generator().manual_seed(0))
        self._y1, self._sharp = 2 * encoded - 1, sharp

    def __call__(self, lens: LensEstimate) -> float:
        field = reblurred_field(
            lens, self._sharp, FIELD_PATCH, torch.Generator().manual_seed(0), most_nodes=FIELD_NODES, windows=FIELD_WINDOWS
        )
        return float(window_likelihood(field, self._y1, self._positions).mean())


class _Restoring:
    """Held-out photos restored with a lens: how sparse their slopes are, alone and beside sharp photos that went through the same lens."""

    def __init__(self, blurry: WindowSource, sharp: WindowSource, kernel_size: int) -> None:
        generator = torch.Generator().manual_seed(0)
        self._blurry, self._positions = blurry.draw(RESTORED, blurry.tile, generator)
        self._sharp, _ = sharp.draw(RESTORED, sharp.tile, generator)
        side = sharp.tile - kernel_size + 1
        self._noise = torch.randn(RESTORED, 3, side, side, generator=generator)
        self._border = kernel_size // 2 + 1

    @torch.no_grad()
    def sparsity(self, lens: LensEstimate) -> float:
        return self._of(self._blurry, lens)

    @torch.no_grad()
    def distance(self, lens: LensEstimate) -> float:
        again = lens.see(self._sharp, self._positions) + lens.sigma.view(1, 3, 1, 1) * self._noise
        return abs(self._of(self._blurry, lens) - self._of(again, lens))

    def _of(self, encoded: Tensor, lens: LensEstimate) -> float:
        return float(slope_sparsity(restored_luminance(encoded, self._positions, lens), self._border).mean())
