"""Kernels of a photo that was made smaller.

Making a photo smaller by s maps the light of a point, spread as k(u), to k(u / s) / s^2: the pixel of the small photo gathers
the light of 1 / s^2 pixels in the blurry and in the sharp photo alike. So every tap is laid down at s times its place.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Taps = NDArray[np.float64]


def scaled_kernels(kernels: Taps, scale: float) -> Taps:
    """Kernels (..., k, k) at `scale` times their size, (..., m, m): sums stay 1, taps not negative.

    Args:
        kernels: Sums are 1.
        scale: At most 1.

    Raises:
        ValueError: The scale is not in 0-1.
    """
    if not 0 < scale <= 1:
        raise ValueError(f"kernels are only scaled down, by a factor in 0-1, got {scale:g}")
    reach = kernels.shape[-1] // 2
    own_reach = max(1, math.ceil(scale * reach))
    places = scale * np.arange(-reach, reach + 1)
    share = _cubic(np.arange(-own_reach, own_reach + 1)[:, None] - places)
    # What would fall outside lands on the outermost tap.
    share /= share.sum(0)
    scaled: Taps = np.maximum(share @ kernels @ share.T, 0)
    scaled /= scaled.sum((-2, -1), keepdims=True)
    return scaled


def _cubic(distance: Taps) -> Taps:
    """Keys's cubic convolution (1981), a = -1/2: laid down with it, a tap keeps its place and adds no width of its own."""
    x = np.abs(distance)
    near = (1.5 * x - 2.5) * x**2 + 1
    far = ((-0.5 * x + 2.5) * x - 4) * x + 2
    return np.where(x < 1, near, np.where(x < 2, far, 0))
