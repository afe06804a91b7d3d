"""What a lens profile's kernels say about the lens: widths, contrast, colour shifts, symmetry; for maps and for a few lines."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ddm_studio.optics.field_balance import CERTAIN_PX, FieldBalance, SideDifference, field_balance
from ddm_studio.optics.mtf import NYQUIST, image_heights, line_pairs_per_mm, meridional, mtf50, sagittal
from ddm_studio.optics.psf_metrics import fwhm, lateral_shift
from ddm_studio.profiles.lens_profile import LensProfile

Floats = NDArray[np.floating]

GREEN = 1


@dataclass(frozen=True, slots=True, eq=False)
class LensMeasures:
    """Numbers of every node.

    Args:
        fwhm: (rows, columns, 3) full width at half maximum in px.
        mtf50_sagittal: (rows, columns, 3) in cycles per pixel.
        mtf50_meridional: Likewise, along the radius.
        shift: (rows, columns, 2, 2) red minus green, then blue minus green, row and column in px.
        heights: (rows, columns) distance from the middle of the frame in px.
        balance: How symmetric the field is.
        pixel_pitch: In µm, None where unknown.
    """

    fwhm: Floats
    mtf50_sagittal: Floats
    mtf50_meridional: Floats
    shift: Floats
    heights: Floats
    balance: FieldBalance
    pixel_pitch: float | None

    @property
    def mtf50(self) -> Floats:
        """(rows, columns, 3) the mean of both directions in cycles per pixel."""
        return (self.mtf50_sagittal + self.mtf50_meridional) / 2

    @property
    def largest_shift(self) -> float:
        """The longest way in px from green to red or blue."""
        return float(np.hypot(self.shift[..., 0], self.shift[..., 1]).max())


@dataclass(frozen=True, slots=True)
class FieldSummary:
    """A lens in a few numbers: widths, lengths in px, MTF50 in cycles per pixel, both of green; the pitch in µm or None.

    "Middle" is the mean of the one, two or four nodes nearest the middle of the frame, "corners" that of the four corner nodes.
    """

    fwhm_middle: float
    fwhm_corners: float
    mtf50_middle: float
    mtf50_corners: float
    largest_shift: float
    left_right: SideDifference
    top_bottom: SideDifference
    coma_in_the_middle: float
    colour_in_the_middle: float
    pixel_pitch: float | None


def measure_lens(profile: LensProfile) -> LensMeasures:
    """Measure every node of a profile."""
    rows, columns = profile.psf.shape[:2]
    psf = profile.psf.astype(np.float64)
    along, across = (make(rows, columns, profile.frame)[:, :, None] for make in (meridional, sagittal))
    # Row by row: oversampled kernels are large.
    widths = np.stack([fwhm(row) for row in psf])
    return LensMeasures(
        fwhm=widths,
        mtf50_sagittal=mtf50(psf, across),
        mtf50_meridional=mtf50(psf, along),
        shift=lateral_shift(psf),
        heights=image_heights(rows, columns, profile.frame),
        balance=field_balance(psf, widths.mean(-1), profile.confidence.mean(-1)),
        pixel_pitch=profile.facts.pixel_pitch,
    )


def field_summary(measures: LensMeasures) -> FieldSummary:
    """The few numbers that are worth reading before any map."""
    width, contrast = measures.fwhm[..., GREEN], measures.mtf50[..., GREEN]
    return FieldSummary(
        fwhm_middle=_middle(width),
        fwhm_corners=_corners(width),
        mtf50_middle=_middle(contrast),
        mtf50_corners=_corners(contrast),
        largest_shift=measures.largest_shift,
        left_right=measures.balance.left_right,
        top_bottom=measures.balance.top_bottom,
        coma_in_the_middle=float(np.hypot(*measures.balance.coma)),
        colour_in_the_middle=float(np.hypot(measures.balance.colour[:, 0], measures.balance.colour[:, 1]).max()),
        pixel_pitch=measures.pixel_pitch,
    )


def summary_of_field_lines(field: FieldSummary) -> list[tuple[str, str]]:
    """Name and value of each number, in sentences where it needs judging; widths and contrasts are those of green."""
    pitch = field.pixel_pitch
    return [
        ("Width of green (FWHM)", f"{field.fwhm_middle:.2f} px in the middle, {field.fwhm_corners:.2f} px in the corners"),
        ("MTF50", f"{_frequency(field.mtf50_middle, pitch)} in the middle, {_frequency(field.mtf50_corners, pitch)} in the corners"),
        ("Colour shift", f"at most {length_words(field.largest_shift, pitch)} between red or blue and green"),
        ("Left and right", side_words(field.left_right, "left", "right")),
        ("Top and bottom", side_words(field.top_bottom, "upper", "lower")),
        ("Middle", middle_words(field)),
    ]


def side_words(difference: SideDifference, first: str, second: str) -> str:
    """Which half is softer and whether that is certain, in a sentence."""
    if not np.isfinite(difference.value):
        return "not told by a grid of one row or column"
    softer = second if difference.value > 0 else first
    words = f"the {softer} half is {abs(difference.value):.0%} softer"
    if not np.isfinite(difference.error):
        return f"{words}; how certain that is, is unknown"
    if difference.is_certain:
        return f"{words} (± {difference.error:.0%}), as by a tilted element, adapter or sensor"
    return f"{words}, within the error of {difference.error:.0%}: no sign of tilt"


def middle_words(field: FieldSummary) -> str:
    """Whether the middle of the frame looks centred, in a sentence."""
    coma, colour = field.coma_in_the_middle, field.colour_in_the_middle
    numbers = f"coma {coma:.2f} px, colour shift {colour:.2f} px"
    if max(coma, colour) <= CERTAIN_PX:
        return f"{numbers}: centred, as far as can be told"
    return f"{numbers}, where a centred lens has none: an element is decentred, or the frame is cropped off the middle"


def length_words(pixels: float, pixel_pitch: float | None) -> str:
    """A length on the sensor in px, and in µm where the pitch is known."""
    return f"{pixels:.2f} px" + (f" ({pixels * pixel_pitch:.1f} µm)" if pixel_pitch else "")


def _frequency(cycles: float, pixel_pitch: float | None) -> str:
    least = "at least " if cycles >= NYQUIST else ""
    return f"{least}{cycles:.2f} cycles/px" + (f" ({line_pairs_per_mm(cycles, pixel_pitch):.0f} lp/mm)" if pixel_pitch else "")


def _middle(values: Floats) -> float:
    rows, columns = values.shape
    return float(values[(rows - 1) // 2 : rows // 2 + 1, (columns - 1) // 2 : columns // 2 + 1].mean())


def _corners(values: Floats) -> float:
    return float(values[[0, 0, -1, -1], [0, -1, 0, -1]].mean())
