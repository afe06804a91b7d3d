"""Whether a learned grid blurs so little that there is nothing much to correct."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ddm_studio.optics.mtf import mtf

# Contrast left of lines 2 px wide (0.25 cycles/px), mean over the frame and in its softest ninth. Two sets of equally sharp photos gave a
# grid with 0.77 and 0.58; a Gaussian PSF of 0.5 px standard deviation has 0.79, one that grows to 1 px in the corners 0.65 and 0.53, the
# crispest of 36 tuning lenses 0.44 as a mean.
FREQUENCY = 0.25
_MUCH_CONTRAST, _MUCH_IN_A_NINTH = 0.7, 0.5
_DIRECTIONS = (np.array([0.0, 1.0]), np.array([1.0, 0.0]))


def little_blur(psf: NDArray[np.floating]) -> str:
    """What to tell of a grid (rows, columns, 3, k, k) that hardly blurs, in sentences; empty of one that does."""
    lines = [mtf(psf.astype(np.float64), direction, np.array([FREQUENCY]))[..., 0] for direction in _DIRECTIONS]
    contrast = np.mean(lines, axis=0).mean(-1)
    rows, columns = (min(count, 3) for count in contrast.shape)
    parts = [part.mean() for band in np.array_split(contrast, rows) for part in np.array_split(band, columns, axis=1)]
    if contrast.mean() < _MUCH_CONTRAST or min(parts) < _MUCH_IN_A_NINTH:
        return ""
    return (
        f"The blurry photos are hardly blurrier than the sharp ones: {contrast.mean():.0%} of the contrast of lines 2 px wide is left. "
        "There is little to correct. If the lens is soft after all, check the folders, or use sharper photos as the sharp set, such as "
        "smaller exports."
    )
