"""Kernels and spectra of a photo that was made smaller.

Making a photo smaller by s maps the light of a point, spread as k(u), to k(u / s) / s^2: the pixel of the small photo gathers
the light of 1 / s^2 pixels in the blurry and in the sharp photo alike. So every tap is laid down at s times its place.
The power spectrum per pixel becomes s^2 S(s f), as white noise of variance v does that of variance s^2 v.
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


def scaled_spectrum(planes: Taps, scale: float) -> Taps:
    """Power spectra (c, p, p // 2 + 1) of windows of p x p px, at `scale` times the size: of windows of about scale * p px.

    These show the same part of a scene, so that hardly anything has to be interpolated; what has, as f^2 S, which is nearly flat.

    Args:
        planes: Frequencies as of a real-input transform, p even; at zero only what the windows' means left.
        scale: At most 1.
    """
    size = planes.shape[1]
    own = max(8, 2 * round(scale * size / 2))
    # Rows from the most negative frequency to the most positive, which is the same as the first.
    sorted_rows = np.roll(planes, size // 2, 1)
    flat = np.concatenate([sorted_rows, sorted_rows[:, :1]], 1) * _squares(np.arange(size + 1.0) - size // 2, np.arange(size // 2 + 1.0))
    ratio = scale * size / own
    down, across = ratio * np.fft.fftfreq(own, 1 / own), ratio * np.arange(own // 2 + 1)
    weights_down = _linear(np.clip(down + size // 2, 0, size), size + 1)
    weights_across = _linear(np.clip(across, 0, size // 2), size // 2 + 1)
    scaled: Taps = scale**2 * np.einsum("ar,bs,crs->cab", weights_down, weights_across, flat)
    squares = _squares(down, across)
    squares[0, 0] = 1.0
    scaled /= squares
    scaled[:, 0, 0] = scale**2 * planes[:, 0, 0]
    return scaled


def _squares(down: Taps, across: Taps) -> Taps:
    squares: Taps = down[:, None] ** 2 + across**2
    return squares


def _linear(places: Taps, count: int) -> Taps:
    """Linear interpolation between `count` values at 0, 1, ...: (n, count) for places (n,)."""
    weights: Taps = np.maximum(1 - np.abs(places[:, None] - np.arange(count)), 0)
    return weights


def _cubic(distance: Taps) -> Taps:
    """Keys's cubic convolution (1981), a = -1/2: laid down with it, a tap keeps its place and adds no width of its own."""
    x = np.abs(distance)
    near = (1.5 * x - 2.5) * x**2 + 1
    far = ((-0.5 * x + 2.5) * x - 4) * x + 2
    return np.where(x < 1, near, np.where(x < 2, far, 0))
