"""A photo, and what is known of it before its pixels are read."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ddm_studio.photos.colour import ColourSpace, Floats, Rendering
from ddm_studio.photos.jpeg_coding import JpegCoding
from ddm_studio.photos.metadata import NO_METADATA, Metadata


@dataclass(frozen=True, slots=True)
class PhotoInfo:
    """What the header of a file says.

    `width` and `height` are those of the stored pixels, which are the sensor frame: EXIF orientation is never applied to
    them. `orientation` is EXIF's 1-8, and 1 when the tag is absent. Lengths: `focal_length` in mm, `focal_length_35mm` the one
    that shows as much on a frame of 36 x 24 mm, `focus_distance` in m.
    `recorded` is the size in pixels that the camera noted (None: not noted, or a raw), `pixel_pitch` the distance of its pixels
    on the sensor in µm: both may be older than the file's pixels.
    `corrections` names what of the lens's faults was taken out of the pixels before we got them, as far as the file tells.
    `taken` is the day of the shot, "2026-01-31", or empty. `told` says what in the file is damaged without harming the pixels.
    """

    path: Path
    width: int
    height: int
    orientation: int
    has_orientation: bool
    colour: ColourSpace
    bit_depth: int
    camera: str = ""
    lens: str = ""
    focal_length: float | None = None
    aperture: float | None = None
    iso: float | None = None
    focus_distance: float | None = None
    corrections: tuple[str, ...] = ()
    taken: str = ""
    told: tuple[str, ...] = ()
    recorded: tuple[int, int] | None = None
    pixel_pitch: float | None = None
    focal_length_35mm: float | None = None

    @property
    def frame(self) -> tuple[int, int]:
        """Width and height of the sensor frame."""
        return self.width, self.height


@dataclass(frozen=True, slots=True, eq=False)
class Photo:
    """A photo in memory.

    `pixels` is (height, width, 3) float32 in linear light 0-1, in the sensor frame and the photo's own primaries (raw:
    camera RGB, white-balanced, no colour matrix). `jpeg` is how coarsely the file keeps detail, None where it is no JPEG.
    `alpha` is (height, width) how opaque each pixel is, straight, in the file's own 8- or 16-bit codes; None where nothing says.
    """

    info: PhotoInfo
    pixels: Floats
    rendering: Rendering
    metadata: Metadata = NO_METADATA
    jpeg: JpegCoding | None = None
    alpha: NDArray[np.uint8] | NDArray[np.uint16] | None = None
