"""A measure without a unit as a photographer can read it: how much of the way was still ahead."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_OUTLIERS = 98
"""Percentile of the points up to which the axis reaches: the first steps must not flatten the rest."""


def still_ahead(values: NDArray[np.floating]) -> NDArray[np.float64]:
    """In percent: 100 where the first of the values is, 0 where the lowest is.

    Where nothing is lower than the first, the highest is at 100.

    Args:
        values: Finite, in their order, one at least.
    """
    given = values.astype(float)
    lowest = given.min()
    way = given[0] - lowest or given.max() - lowest
    shares: NDArray[np.float64] = 100 * (given - lowest) / (way or 1.0)
    return shares


def bulk(shares: NDArray[np.float64]) -> tuple[float, float]:
    """From where to where the axis goes."""
    high = max(float(np.percentile(shares, _OUTLIERS)), 1e-6)
    return -0.06 * high, 1.08 * high
