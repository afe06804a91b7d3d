"""Whether distortion, colour fringes or blur were corrected in a photo before we got it, as far as its file tells.

Read: the maker notes of Canon, Sony, Nikon, Fujifilm, Olympus and OM System in JPEGs (and PNGs) as the camera wrote them, and the
development settings that Adobe's converters leave in the XMP of what they export.

Not covered: Panasonic, Leica and phones, which correct without saying so; Nikon's fringe correction, which is always on
and not noted; maker notes in TIFFs, which converters move or drop; XMP of darktable, RawTherapee, Capture One and DxO.
Raws need no reading: libraw, as we call it, applies neither the corrections a camera suggests in them nor those of a
DNG's opcode lists (WarpRectilinear), so that their pixels are uncorrected. Linear DNGs that a converter has already
corrected do not say so.
"""

from __future__ import annotations

import re

from ddm_studio.photos.maker_notes import BLUR, DISTORTION, FRINGES, corrections_of_camera

_ADOBE_FLAGS = {"LensProfileEnable": (DISTORTION,), "AutoLateralCA": (FRINGES,)}
_ORDER = (DISTORTION, FRINGES, BLUR)


def told_corrections(exif: bytes, xmp: bytes) -> tuple[str, ...]:
    """What of "distortion", "colour fringes" and "blur" was corrected.

    Args:
        exif: EXIF block as the camera wrote it, or empty.
        xmp: XMP packet, or empty.
    """
    told = {*corrections_of_camera(exif), *_corrections_by_adobe(xmp)}
    return tuple(words for words in _ORDER if words in told)


def _corrections_by_adobe(xmp: bytes) -> set[str]:
    """Flags of `crs:`, as an attribute or an element; 1 or True is on."""
    found: set[str] = set()
    for flag, words in _ADOBE_FLAGS.items():
        match = re.search(rb"crs:%s(?:\s*=\s*[\"']|>)\s*(\w+)" % flag.encode(), xmp)
        if match and match[1] in (b"1", b"True", b"true"):
            found.update(words)
    return found
