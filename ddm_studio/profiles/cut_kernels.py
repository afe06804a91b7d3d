"""Whether a learned grid's kernels are too small for the blur."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

# Share of the light in the outermost taps of a kernel of 13 x 13, less in larger ones, from which on the blur is taken to go on beyond
# them: a Gaussian of 3 px standard deviation has 0.07 there and has lost 0.06. Of 15 tuning lenses most nodes had 0.00-0.04.
_MUCH_AT_THE_EDGE, _OF_SIZE = 0.08, 13
_MANY_NODES = 1 / 16
_LARGER = 1.6


def cut_kernels(psf: NDArray[np.floating]) -> str:
    """What to tell of a grid (rows, columns, 3, k, k) whose kernels reach their edges, in sentences; empty where they do not."""
    size = psf.shape[-1]
    light = psf.astype(np.float64).mean(2)
    inside = light[..., 1:-1, 1:-1].sum((-1, -2)) / light.sum((-1, -2))
    is_cut = (1 - inside) * size / _OF_SIZE > _MUCH_AT_THE_EDGE
    if is_cut.mean() < _MANY_NODES:
        return ""
    larger = int(_LARGER * size) // 2 * 2 + 1
    return (
        f"At {is_cut.sum()} of {is_cut.size} nodes the blur reaches the edge of the kernel of {size} x {size} pixels; what lies beyond is "
        f"missing. Calibrate again with a larger kernel size, such as {larger}."
    )
