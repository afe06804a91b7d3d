"""Camera, lens and exposure from EXIF, tolerant of anything broken; and a clean block of them where the original cannot be kept."""

from __future__ import annotations

import datetime
import io
import logging
import math
import re
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO, TypeAlias

import exifread
from PIL import Image, TiffImagePlugin

Tags: TypeAlias = Mapping[str, Any]

# Without a handler of its own, the library's complaints about broken EXIF would go to the person's terminal.
logging.getLogger("exifread").addHandler(logging.NullHandler())

_BROKEN = (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError, OSError, struct.error)

# Name in ExifRead: (tag number, is a text).
_MAIN_TAGS = {
    "Make": (0x010F, True),
    "Model": (0x0110, True),
    "DateTime": (0x0132, True),
    "Artist": (0x013B, True),
    "Copyright": (0x8298, True),
}
_SHOT_TAGS = {
    "ExposureTime": (0x829A, False),
    "FNumber": (0x829D, False),
    "ExposureProgram": (0x8822, False),
    "ISOSpeedRatings": (0x8827, False),
    "DateTimeOriginal": (0x9003, True),
    "DateTimeDigitized": (0x9004, True),
    "OffsetTimeOriginal": (0x9011, True),
    "ExposureBiasValue": (0x9204, False),
    "SubjectDistance": (0x9206, False),
    "MeteringMode": (0x9207, False),
    "FocalLength": (0x920A, False),
    "SubSecTimeOriginal": (0x9291, True),
    "FocalLengthIn35mmFilm": (0xA405, False),
    "BodySerialNumber": (0xA431, True),
    "LensSpecification": (0xA432, False),
    "LensMake": (0xA433, True),
    "LensModel": (0xA434, True),
}
_EXIF_IFD = 0x8769
# Of the units of the focal plane resolution: inch, cm, mm, µm.
_MICROMETRES = {2: 25400.0, 3: 10000.0, 4: 1000.0, 5: 1.0}


@dataclass(frozen=True, slots=True)
class ShotFacts:
    """What EXIF says of a shot; empty or None where it says nothing sensible. `taken` is its day, "2026-01-31"."""

    camera: str = ""
    lens: str = ""
    focal_length: float | None = None
    aperture: float | None = None
    iso: float | None = None
    focus_distance: float | None = None
    taken: str = ""
    recorded: tuple[int, int] | None = None
    pixel_pitch: float | None = None
    focal_length_35mm: float | None = None


def read_tags(stream: BinaryIO) -> Tags:
    """Tags of a TIFF-structured stream (a TIFF, a raw, or a bare EXIF block); empty when it is broken."""
    try:
        tags: Tags = exifread.process_file(stream, details=False)
    except _BROKEN:
        return {}
    return tags


def read_block(block: bytes | None) -> Tags:
    """Tags of an EXIF block as JPEG and PNG store it, with or without its `Exif` prefix."""
    return read_tags(io.BytesIO(block.removeprefix(b"Exif\0\0"))) if block else {}


def orientation_of(tags: Tags) -> int | None:
    """EXIF orientation 1-8, or None when the tag is absent or nonsense."""
    value = _number(tags, "Orientation")
    return int(value) if value is not None and value in range(1, 9) else None


def shot_facts(tags: Tags) -> ShotFacts:
    """The facts that identify a lens and how it was set."""
    make, model = _text(tags, "Make"), _text(tags, "Model")
    return ShotFacts(
        camera=_joined(make, model),
        lens=_joined(_text(tags, "LensMake"), _text(tags, "LensModel")),
        focal_length=_positive(tags, "FocalLength"),
        aperture=_positive(tags, "FNumber"),
        iso=_positive(tags, "ISOSpeedRatings"),
        focus_distance=_positive(tags, "SubjectDistance"),
        taken=_day(_text(tags, "DateTimeOriginal") or _text(tags, "DateTime")),
        recorded=_recorded_size(tags),
        pixel_pitch=_pixel_pitch(tags),
        focal_length_35mm=_equivalent(tags),
    )


def _recorded_size(tags: Tags) -> tuple[int, int] | None:
    """EXIF 2.3, tags 0xA002 and 0xA003: width and height of the picture that the camera wrote."""
    width, height = _positive(tags, "ExifImageWidth"), _positive(tags, "ExifImageLength")
    return (int(width), int(height)) if width is not None and height is not None and min(width, height) >= 1 else None


def _pixel_pitch(tags: Tags) -> float | None:
    """µm, from EXIF 2.3, tags 0xA20E and 0xA210: pixels per unit on the sensor; cameras write inches unless they say otherwise."""
    resolution = _positive(tags, "FocalPlaneXResolution")
    unit = _MICROMETRES.get(int(_positive(tags, "FocalPlaneResolutionUnit") or 2))
    return unit / resolution if resolution is not None and unit is not None else None


def _equivalent(tags: Tags) -> float | None:
    """mm, EXIF 2.3, tag 0xA405; not where the picture was enlarged in the camera (0xA404): that may or may not be counted in."""
    zoom = _positive(tags, "DigitalZoomRatio")
    return None if zoom is not None and zoom > 1 else _positive(tags, "FocalLengthIn35mmFilm")


def clean_block(tags: Tags) -> bytes:
    """A new EXIF block (with its `Exif` prefix) of the shot, without orientation, thumbnail and maker notes."""
    block = Image.Exif()
    for name, (number, _) in _MAIN_TAGS.items():
        if text := _text(tags, name):
            block[number] = text
    shot = block.get_ifd(_EXIF_IFD)
    for name, (number, is_text) in _SHOT_TAGS.items():
        value = _text(tags, name) if is_text else _plain_values(tags, name)
        if value:
            shot[number] = value
    if not shot and not len(block):
        return b""
    return block.tobytes()


def resolution_of(tags: Tags) -> tuple[float, float] | None:
    """Pixels per inch across and down; None where it is not told."""
    across, down, unit = _positive(tags, "XResolution"), _positive(tags, "YResolution"), _number(tags, "ResolutionUnit")
    if across is None or down is None or unit not in (2, 3):
        return None
    scale = 2.54 if unit == 3 else 1.0
    return across * scale, down * scale


def _find(tags: Tags, name: str) -> Any:
    return tags.get(f"EXIF {name}") or tags.get(f"Image {name}")


def _text(tags: Tags, name: str) -> str:
    tag = _find(tags, name)
    values = getattr(tag, "values", "")
    if not isinstance(values, str):
        return ""
    readable = values.split("\0")[0].encode("ascii", errors="ignore").decode()
    return " ".join(readable.split())


def _values(tags: Tags, name: str) -> list[float]:
    values = getattr(_find(tags, name), "values", [])
    numbers = []
    for value in values if isinstance(values, list | tuple) else [values]:
        try:
            number = float(value)
        except _BROKEN:
            continue
        if math.isfinite(number):
            numbers.append(number)
    return numbers


def _plain_values(tags: Tags, name: str) -> Any:
    """Integers or ratios of a tag, ready to be written; None unless all are sound."""
    tag = _find(tags, name)
    values = getattr(tag, "values", None)
    if not isinstance(values, list) or not values or len(_values(tags, name)) != len(values):
        return None
    plain = [
        TiffImagePlugin.IFDRational(value.numerator, value.denominator) if tag.field_type in (5, 10) else int(value) for value in values
    ]
    return plain[0] if len(plain) == 1 else tuple(plain)


def _number(tags: Tags, name: str) -> float | None:
    numbers = _values(tags, name)
    return numbers[0] if numbers else None


def _positive(tags: Tags, name: str) -> float | None:
    number = _number(tags, name)
    return number if number is not None and 0 < number < 1e9 else None


def _day(moment: str) -> str:
    """The day of "2026:01:31 12:34:56" as "2026-01-31"; empty where it is none."""
    found = re.match(r"(\d{4})[:-](\d\d)[:-](\d\d)\b", moment)
    try:
        return datetime.date(*map(int, found.groups())).isoformat() if found else ""
    except ValueError:
        return ""


def _joined(make: str, model: str) -> str:
    """Make and model in one name, the make only once: "Canon" and "Canon EOS R5" are "Canon EOS R5"."""
    repeats = bool(make) and model.lower().startswith(make.split()[0].lower())
    return model if repeats else f"{make} {model}".strip()
