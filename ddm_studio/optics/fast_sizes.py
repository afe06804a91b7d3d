"""Sizes at which Fourier transforms are fast."""

from __future__ import annotations

import math


def friendly_size(at_least: int) -> int:
    """The next multiple of 8 (the denoiser halves three times) without prime factors over 5 (fast transforms)."""
    size = 8 * max(1, math.ceil(at_least / 8))
    while _largest_factor(size) > 5:
        size += 8
    return size


def _largest_factor(number: int) -> int:
    for factor in (2, 3, 5):
        while number % factor == 0:
            number //= factor
    return number
