"""How close a restored photo is to a known truth."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def psnr(estimate: NDArray[np.floating], truth: NDArray[np.floating], border: int) -> float:
    """Peak signal-to-noise ratio in dB of display-encoded values (height, width, 3), peak 1, `border` px cropped at each side.

    Raises:
        ValueError: The shapes differ.
    """
    if estimate.shape != truth.shape:
        raise ValueError(f"expected pictures of one size, got {estimate.shape} and {truth.shape}")
    inside = slice(border, -border or None)
    error = np.mean((estimate[inside, inside].astype(np.float64) - truth[inside, inside]) ** 2)
    return float(-10 * np.log10(max(error, 1e-12)))
