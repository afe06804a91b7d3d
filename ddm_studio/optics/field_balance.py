"""Signs that an element of a lens sits askew: the two sides of the frame differ, or the middle is not symmetric.

A lens whose elements share one axis draws a field that is the same on both sides of the middle. A tilted element, adapter or
sensor makes one side softer than the other; a decentred one leaves coma and colour fringes in the very middle, where a centred
lens has none (Malacara and Malacara, Handbook of Optical Design, on tilt and decentring). A map is shown first and these
numbers second, because they are about the whole field and not about a place. NumPy only.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ddm_studio.optics.psf_metrics import centroid, lateral_shift

Floats = NDArray[np.floating]

# A side of an 8x8 grid is taken for four places whose errors are independent: neighbours share photos and the fitted wavefront.
_INDEPENDENT_PLACES = 4
CERTAIN_PX = 0.1
"""Less coma or colour shift in the middle than this is what a calibration of a centred lens may find as well.

Measured on four synthetic lenses whose axes lie off the middle (`ddm-studio demo`, seeds 0-3): the learned coma in the middle was
within 0.04 px of the true one, the colour shift within 0.02 px, and the differences between the sides within 0.02 (errors 0.05-0.06).
"""


@dataclass(frozen=True, slots=True)
class SideDifference:
    """By what share of their mean one half of the frame is softer than the other, and the error of that; NaN where unknown."""

    value: float
    error: float

    @property
    def is_certain(self) -> bool:
        """Whether it is larger than its error."""
        return abs(self.value) > self.error


@dataclass(frozen=True, slots=True, eq=False)
class FieldBalance:
    """How symmetric a field is.

    Args:
        left_right: Positive where the right half is softer.
        top_bottom: Positive where the lower half is softer.
        coma: (2,) row and column in px, from the bright core of the green kernel in the middle of the frame to its centre of mass.
        colour: (2, 2) row and column in px of red minus green, then blue minus green, in the middle of the frame.
    """

    left_right: SideDifference
    top_bottom: SideDifference
    coma: Floats
    colour: Floats


def field_balance(psf: Floats, widths: Floats, confidence: Floats) -> FieldBalance:
    """Compare the halves of a field and look at its middle.

    Args:
        psf: (rows, columns, 3, k, k).
        widths: (rows, columns) width of each node, such as its FWHM.
        confidence: (rows, columns) expected NCC of each node with the truth, NaN where unknown.
    """
    middle = middle_kernel(psf)
    error = width_error(confidence)
    return FieldBalance(
        left_right=_difference(widths, error),
        top_bottom=_difference(widths.T, error.T),
        coma=flare(middle[1]),
        colour=lateral_shift(middle[None, None])[0, 0],
    )


def width_error(confidence: Floats) -> Floats:
    """The largest relative error of a width that an NCC allows: all the unlikeness put down to it, sqrt(2 (1 - NCC)).

    Two centred Gaussians whose widths are as 1 : 1 + d have an NCC of (2 + 2 d) / (2 + 2 d + d^2), that is 1 - d^2 / 2 for small d.
    """
    error: Floats = np.sqrt(2 * np.clip(1 - confidence, 0, None))
    return error


def middle_kernel(psf: Floats) -> Floats:
    """(3, k, k): the kernels in the middle of the frame, interpolated between the nodes about it."""
    rows, columns = psf.shape[:2]
    around = psf[(rows - 1) // 2 : rows // 2 + 1, (columns - 1) // 2 : columns // 2 + 1]
    middle: Floats = around.mean((0, 1))
    return middle


def flare(kernel: Floats) -> Floats:
    """(..., 2) row and column in px from the bright core of (..., k, k) kernels, the centroid of the squared taps, to their centre of mass.

    Coma draws faint light to one side, so that the two part; they agree in a kernel that looks the same turned by 180 degrees.
    """
    offset: Floats = centroid(kernel) - centroid(kernel**2)
    return offset


def _difference(widths: Floats, error: Floats) -> SideDifference:
    """Of the halves along the second axis; a column in the middle belongs to none."""
    half = widths.shape[1] // 2
    if half == 0:
        return SideDifference(float("nan"), float("nan"))
    first, second = widths[:, :half].mean(), widths[:, -half:].mean()
    value = 2 * (second - first) / (second + first)
    spread = np.sqrt((error[:, :half] ** 2).mean() + (error[:, -half:] ** 2).mean())
    return SideDifference(float(value), float(spread / np.sqrt(_INDEPENDENT_PLACES)))
