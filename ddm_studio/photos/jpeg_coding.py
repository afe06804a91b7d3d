"""How coarsely a JPEG keeps detail: the steps its header names and the resolution of its colour differences.

A JPEG (ITU-T T.81) divides luma and the two colour differences into blocks of 8 x 8, transforms each by a cosine transform and rounds
every coefficient to a multiple of its step. Cameras keep colour differences at half the resolution and with larger steps.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

BLOCK = 8
TO_LUMA = (0.299, 0.587, 0.114)
TO_LUMA_AND_DIFFERENCES = (TO_LUMA, (-0.168736, -0.331264, 0.5), (0.5, -0.418688, -0.081312))
# Power over that of the rounding error from which on a frequency is worth matching; 1 gave NCC 0.984 instead of 0.991 on tuning lens
# seidel 1. Colour differences that halving has weakened by more than the second are left out.
KEPT_POWER, KEPT_AMPLITUDE = 0.3, 0.4
_CODES = 255
# The sum of that encoder's steps of luma at quality 50.
_STEPS_AT_50 = 3688
Plane = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class JpegCoding:
    """The steps (64, row by row, in codes of 255) of luma and of colour differences; by how much the latter are smaller: down, across."""

    luma: tuple[int, ...]
    chroma: tuple[int, ...]
    reduced: tuple[int, int]

    def luma_error(self, patch: int) -> NDArray[np.float64]:
        """Power (patch, patch // 2 + 1) of the rounding error of luma at each frequency, in encoded units 0-1, as white noise counts 1."""
        return _error(self.luma, patch, (1, 1))

    def chroma_error(self, patch: int) -> NDArray[np.float64]:
        """The same of colour differences; infinite where their resolution does not reach."""
        return _error(self.chroma, patch, self.reduced)

    def chroma_kept(self, patch: int) -> NDArray[np.float64]:
        """(patch, patch // 2 + 1) what of the amplitude of colour differences is left after halving them and interpolating them again.

        Two neighbours are averaged, `cos(pi f)`, and the decoder interpolates linearly, with 3/4 and 1/4: `cos(pi f)^3`.
        """
        frequencies = np.fft.fftfreq(patch)[:, None], np.fft.rfftfreq(patch)[None]
        sides = [
            np.cos(np.pi * axis) ** 4 if factor > 1 else np.ones_like(axis) for axis, factor in zip(frequencies, self.reduced, strict=True)
        ]
        return np.asarray(sides[0] * sides[1])

    @property
    def quality(self) -> int:
        """The quality 1-100 that the Independent JPEG Group's encoder would call such steps of luma, about."""
        scale = 100 * sum(self.luma) / _STEPS_AT_50
        return round(min(100.0, max(1.0, 100 - scale / 2 if scale < 100 else 5000 / scale)))


def mean_errors(codings: Sequence[JpegCoding | None], patch: int) -> tuple[Plane, Plane, Plane] | None:
    """Of photos of which some are JPEGs: mean errors of luma and of colour differences, and mean of what halving leaves of the latter.

    Each is (patch, patch // 2 + 1), as the methods have them. None where no photo is a JPEG; the others round too finely to matter.
    """
    known = [coding for coding in codings if coding is not None]
    if not known:
        return None
    luma = np.sum([coding.luma_error(patch) for coding in known], axis=0) / len(codings)
    chroma = np.sum([coding.chroma_error(patch) for coding in known], axis=0) / len(codings)
    halving = 1 - np.sum([1 - coding.chroma_kept(patch) for coding in known], axis=0) / len(codings)
    return luma, chroma, halving


def _error(steps: tuple[int, ...], patch: int, reduced: tuple[int, int]) -> NDArray[np.float64]:
    """The variance of a rounding error, a twelfth of the squared step; a coefficient of index i has i / 16 cycles/px of its plane."""
    table = np.array(steps, np.float64).reshape(BLOCK, BLOCK) / _CODES
    down = np.abs(np.fft.fftfreq(patch))[:, None] * 2 * BLOCK * reduced[0]
    across = np.fft.rfftfreq(patch)[None] * 2 * BLOCK * reduced[1]
    down, across = np.broadcast_arrays(down, across)
    low = [np.minimum(axis.astype(int), BLOCK - 2) for axis in (down, across)]
    part = [np.minimum(axis, BLOCK - 1) - floor for axis, floor in zip((down, across), low, strict=True)]
    step = sum(
        (part[0] if i else 1 - part[0]) * (part[1] if j else 1 - part[1]) * table[low[0] + i, low[1] + j] for i in (0, 1) for j in (0, 1)
    )
    # A plane of fewer pixels holds the same power in as many fewer coefficients.
    power = np.square(step) / 12 * (reduced[0] * reduced[1])
    return np.asarray(np.where((down <= BLOCK) & (across <= BLOCK), power, np.inf))
