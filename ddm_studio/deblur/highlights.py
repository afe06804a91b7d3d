"""Clipped highlights are no data: of a saturated pixel the photo tells only that it was at least so bright.

Deconvolved as if they were light, the flat tops of lamps and of the sun ring, and in colours, since channels clip at different places.
What was there cannot be known: estimates of it that leave clipped pixels out of the data (expectation and maximisation, conjugate
gradients) rang nearly as much, for the light of a lamp is not in the photo. So round clipped pixels no channel of a
result may leave what the photo itself shows of it within a kernel's reach: no darker ring, no brighter one. Each channel is bounded by
itself, so a rim of colour may stay there, or grow, within these bounds. Elsewhere nothing is changed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from ddm_studio.deblur.light import LINEAR_LIGHT, DisplayCurve

# A code of 8 bits: rounding and JPEG may leave a clipped pixel so far below white.
CODE = 1 / 255
# Kernel radii round a clipped pixel within which results ring, and pixels over which the bound ends.
REACHES = 2
FADE = 8
# Rows that are looked at at a time: few enough to stay in a core's cache, and clipped pixels are rarely everywhere.
ROWS = 64


@dataclass(frozen=True, slots=True, eq=False)
class _Bounds:
    """Bounds of some rows near clipped pixels: (n, 3, rows, w), `share` (n, 1, rows, w) how far they count."""

    rows: slice
    lowest: Tensor
    highest: Tensor
    share: Tensor


class Highlights:
    """The bounds of some tiles round their clipped pixels.

    Args:
        windows: (n, 3, h, w) blurry tiles.
        kernel_size: Side of the kernels, odd.
        sigma: (3,) noise level per channel, display-encoded.
        curve: From the windows' values to display-encoded ones.
    """

    def __init__(self, windows: Tensor, kernel_size: int, sigma: Tensor, curve: DisplayCurve = LINEAR_LIGHT) -> None:
        self._bounds: list[_Bounds] = []
        clipped = clipped_pixels(windows, sigma, curve)
        in_any = clipped[:, :1] | clipped[:, 1:2] | clipped[:, 2:]
        if not bool(in_any.any()):
            return
        reach, height = kernel_size // 2, windows.shape[-2]
        near = highest_around(in_any.to(torch.uint8), REACHES * reach + FADE // 2)
        rows, margin = ROWS if windows.device.type == "cpu" else height, max(reach, FADE // 2)
        for top in range(0, height, rows):
            band, seen = slice(top, min(top + rows, height)), slice(max(0, top - margin), top + rows + margin)
            if not bool(near[..., seen, :].any()):
                continue
            inside = slice(top - seen.start, band.stop - seen.start)
            highest, lowest = (around(windows[..., seen, :], reach)[..., inside, :] for around in (highest_around, lowest_around))
            # A clipped pixel is no darker than it looks.
            lowest = torch.where(clipped[..., band, :], windows[..., band, :], lowest)
            share = mean_around(near[..., seen, :].to(windows), FADE // 2)[..., inside, :]
            self._bounds.append(_Bounds(band, lowest, highest, share))

    def bound(self, estimate: Tensor) -> Tensor:
        """A result (n, 3, h, w) within its bounds; the same where no clipped pixel is near."""
        if not self._bounds:
            return estimate
        bounded = estimate.clone()
        for part in self._bounds:
            loud = estimate[..., part.rows, :]
            bounded[..., part.rows, :] = torch.lerp(loud, torch.clamp(loud, part.lowest, part.highest), part.share)
        return bounded


def clipped_pixels(windows: Tensor, sigma: Tensor, curve: DisplayCurve = LINEAR_LIGHT) -> Tensor:
    """Where tiles (n, 3, h, w) are saturated, channel by channel: at the top code, or nearer to it than the noise."""
    top = 1 - sigma.clamp_min(CODE).view(1, 3, 1, 1)
    return windows >= curve.decode(top.to(windows))


def highest_around(values: Tensor, reach: int) -> Tensor:
    """The highest of (n, c, h, w) within `reach` px down and across."""
    lowest_of_all = 0 if values.dtype == torch.uint8 else -torch.inf
    return _joined_around(values, reach, torch.maximum, lowest_of_all)


def lowest_around(values: Tensor, reach: int) -> Tensor:
    """The lowest of (n, c, h, w) within `reach` px down and across."""
    return _joined_around(values, reach, torch.minimum, torch.inf)


def mean_around(values: Tensor, reach: int) -> Tensor:
    """The mean of those pixels of (n, c, h, w) that lie within `reach` px down and across."""
    ones = values.new_ones(1, 1, *values.shape[-2:])
    counts = _sum_along(ones[..., :1], reach, -2) * _sum_along(ones[..., :1, :], reach, -1)
    return _sum_along(_sum_along(values, reach, -2), reach, -1) / counts


def _sum_along(values: Tensor, reach: int, axis: int) -> Tensor:
    """Sums of the pixels within `reach` px along an axis, nothing beyond the ends; by doubling, as below."""
    side, extent, stretch, place = 2 * reach + 1, values.shape[axis], 1, 0
    sums = F.pad(values, (0, 0, reach, reach) if axis == -2 else (reach, reach, 0, 0))
    total = torch.zeros_like(values)
    while True:
        if side & stretch:
            total += sums.narrow(axis, place, extent)
            place += stretch
        if 2 * stretch > side:
            return total
        count = sums.shape[axis] - stretch
        sums = sums.narrow(axis, 0, count) + sums.narrow(axis, stretch, count)
        stretch *= 2


def _joined_around(values: Tensor, reach: int, join: Callable[[Tensor, Tensor], Tensor], neutral: float) -> Tensor:
    """By doubling the stretch that is joined, which takes a tenth of the time of torch's pooling."""
    joined = values
    for axis, padding in ((-2, (0, 0, reach, reach)), (-1, (reach, reach, 0, 0))):
        extent, stretch = values.shape[axis], 1
        joined = F.pad(joined, padding, value=neutral)
        while 2 * stretch <= 2 * reach + 1:
            count = joined.shape[axis] - stretch
            joined = join(joined.narrow(axis, 0, count), joined.narrow(axis, stretch, count))
            stretch *= 2
        joined = join(joined.narrow(axis, 0, extent), joined.narrow(axis, 2 * reach + 1 - stretch, extent))
    return joined
