"""How far apart the pixels of photos lie on the sensor, as far as EXIF tells.

Cameras that write the focal-plane resolution tell it to a per mille. Others tell the focal length in 35 mm equivalents, in whole
millimetres: its ratio to the focal length is that of the diagonals of a 36 x 24 mm frame and of the sensor. Rounding, focal lengths
that are nominal, and makers who take the ratio of widths instead make that uncertain by some per cent, so it is told apart.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from ddm_studio.photos.photo import PhotoInfo

FULL_FRAME_DIAGONAL = math.hypot(36, 24)
# Rounded to a millimetre, a shorter one would be wrong by more than 2.5 %.
SHORTEST_EQUIVALENT = 20
# µm: from the smallest sensors of telephones to large ones of few pixels. What lies beyond is a broken tag.
SMALLEST, LARGEST = 0.4, 30.0
SAME_SHAPE = 0.01


class PitchSource(StrEnum):
    """How a pixel pitch is known."""

    FOCAL_PLANE = "focal plane"
    EQUIVALENT = "35 mm equivalent"
    TYPED = "typed"


@dataclass(frozen=True, slots=True)
class PixelPitch:
    """Distance of a photo's pixels on the sensor in µm, and how it is known."""

    micrometres: float
    source: PitchSource


def pitch_of_set(photos: Sequence[PhotoInfo]) -> PixelPitch | None:
    """The pitch of most photos; where only 35 mm equivalents tell, that of the longest focal length, which rounding harms least."""
    told = [(info, pitch) for info in photos if (pitch := pitch_of(info)) is not None]
    exact = [pitch for _, pitch in told if pitch.source is PitchSource.FOCAL_PLANE]
    if exact:
        return Counter(exact).most_common(1)[0][0]
    return max(told, key=lambda pair: pair[0].focal_length_35mm or 0)[1] if told else None


def pitch_of(info: PhotoInfo) -> PixelPitch | None:
    """That of the file's own pixels, also where they are fewer than the camera recorded; None where nothing sensible is told."""
    frame, shrunk = _frame_and_shrinking(info)
    if info.pixel_pitch is not None:
        return _sensible(info.pixel_pitch * shrunk, PitchSource.FOCAL_PLANE)
    if info.focal_length is None or info.focal_length_35mm is None or info.focal_length_35mm < SHORTEST_EQUIVALENT:
        return None
    diagonal = FULL_FRAME_DIAGONAL * info.focal_length / info.focal_length_35mm
    return _sensible(1000 * diagonal / math.hypot(*frame) * shrunk, PitchSource.EQUIVALENT)


def _frame_and_shrinking(info: PhotoInfo) -> tuple[tuple[int, int], float]:
    """The frame as the camera recorded it, and by how much the photo was made smaller since; not for one that was cropped."""
    recorded = info.recorded
    if recorded is None:
        return info.frame, 1.0
    across, down = recorded[0] / info.width, recorded[1] / info.height
    return recorded, across if across > 1 and abs(across / down - 1) <= SAME_SHAPE else 1.0


def _sensible(micrometres: float, source: PitchSource) -> PixelPitch | None:
    return PixelPitch(micrometres, source) if SMALLEST <= micrometres <= LARGEST else None
