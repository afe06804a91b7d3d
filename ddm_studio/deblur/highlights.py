"""Clipped highlights are no data: of a saturated pixel the photo tells only that it was at least so bright.

Deconvolved as if they were light, the flat tops of lamps and of the sun ring, and in colours, since channels clip at different places.
What was there cannot be known: estimates of it that leave clipped pixels out of the data (expectation and maximisation, conjugate
gradients) rang nearly as much, for the light of a lamp is not in the photo. So round clipped pixels no channel of a
result may leave what the photo itself shows of it within a kernel's reach: no darker ring, no brighter one. Each channel is bounded by
itself, so a rim of colour may stay there, or grow, within these bounds. Elsewhere nothing is changed.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from ddm_studio.deblur.light import LINEAR_LIGHT, DisplayCurve

# A code of 8 bits: rounding and JPEG may leave a clipped pixel so far below white.
CODE = 1 / 255
# Kernel radii round a clipped pixel within which results ring, and pixels over which the bound ends.
REACHES = 2
FADE = 8


class Highlights:
    """The bounds of some tiles round their clipped pixels.

    Args:
        windows: (n, 3, h, w) blurry tiles.
        kernel_size: Side of the kernels, odd.
        sigma: (3,) noise level per channel, display-encoded.
        curve: From the windows' values to display-encoded ones.
    """

    def __init__(self, windows: Tensor, kernel_size: int, sigma: Tensor, curve: DisplayCurve = LINEAR_LIGHT) -> None:
        self._clipped = clipped_pixels(windows, sigma, curve)
        self._any = bool(self._clipped.any())
        if not self._any:
            return
        reach = kernel_size // 2
        self._windows = windows
        self._highest, self._lowest = highest_around(windows, reach), -highest_around(-windows, reach)
        near = highest_around(self._clipped.any(1, keepdim=True).to(windows), REACHES * reach + FADE // 2)
        self._share = mean_around(near, FADE // 2)

    def bound(self, estimate: Tensor) -> Tensor:
        """A result (n, 3, h, w) within its bounds; the same where no clipped pixel is near."""
        if not self._any:
            return estimate
        quiet = torch.minimum(torch.maximum(estimate, self._lowest), self._highest)
        quiet = torch.where(self._clipped, torch.maximum(quiet, self._windows), quiet)
        return torch.lerp(estimate, quiet, self._share)


def clipped_pixels(windows: Tensor, sigma: Tensor, curve: DisplayCurve = LINEAR_LIGHT) -> Tensor:
    """Where tiles (n, 3, h, w) are saturated, channel by channel: at the top code, or nearer to it than the noise."""
    top = 1 - sigma.clamp_min(CODE).view(1, 3, 1, 1)
    return windows >= curve.decode(top.to(windows))


def highest_around(values: Tensor, reach: int) -> Tensor:
    """The highest of (n, c, h, w) within `reach` px down and across.

    By doubling the stretch of which the highest is known, which takes a tenth of the time of torch's pooling.
    """
    highest = values
    for axis, padding in ((-2, (0, 0, reach, reach)), (-1, (reach, reach, 0, 0))):
        extent, stretch = values.shape[axis], 1
        highest = F.pad(highest, padding, value=-torch.inf)
        while 2 * stretch <= 2 * reach + 1:
            count = highest.shape[axis] - stretch
            highest = torch.maximum(highest.narrow(axis, 0, count), highest.narrow(axis, stretch, count))
            stretch *= 2
        highest = torch.maximum(highest.narrow(axis, 0, extent), highest.narrow(axis, 2 * reach + 1 - stretch, extent))
    return highest


def mean_around(values: Tensor, reach: int) -> Tensor:
    """The mean of those pixels of (n, c, h, w) that lie within `reach` px down and across."""
    down = F.avg_pool2d(values, (2 * reach + 1, 1), 1, (reach, 0), count_include_pad=False)
    return F.avg_pool2d(down, (1, 2 * reach + 1), 1, (0, reach), count_include_pad=False)
