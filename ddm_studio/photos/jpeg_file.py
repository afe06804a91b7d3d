"""JPEG files: the header by our own reading of the markers, the pixels by Pillow."""

from __future__ import annotations

import io
import mmap
import struct
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PIL.JpegImagePlugin import JpegImageFile

from ddm_studio.photos.exif import orientation_of, read_block
from ddm_studio.photos.iptc import PHOTOSHOP_START, iptc_of_resources
from ddm_studio.photos.jpeg_coding import JpegCoding
from ddm_studio.photos.stored import StoredPicture, check_pixel_count, unusable

# Pillow would warn of large photos and refuse larger ones by its own bound; `check_pixel_count` comes first.
Image.MAX_IMAGE_PIXELS = None

_FRAME_MARKERS = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_STANDALONE = frozenset((0x01, *range(0xD0, 0xD8)))
_SCAN = 0xDA
_END = b"\xff\xd9"
_EXIF_START = b"Exif\0\0"
_ICC_START = b"ICC_PROFILE\0"
_XMP_START = b"http://ns.adobe.com/xap/1.0/\0"
_XMP_EXTENSION_START = b"http://ns.adobe.com/xmp/extension/\0"
# Units of a JFIF density in inches.
_INCHES = {1: 1.0, 2: 2.54}


@dataclass
class _Markers:
    """What stands before the first scan; `rest` is where it begins, `kept` the segments that the decoder needs."""

    frame: tuple[int, int, int, int] = (0, 0, 0, 0)
    exif: bytes = b""
    xmp: bytes = b""
    icc: dict[int, bytes] = field(default_factory=dict)
    kept: list[bytes] = field(default_factory=list)
    rest: int = 0
    resources: bytes = b""
    resolution: tuple[float, float] | None = None
    comments: list[bytes] = field(default_factory=list)
    has_extended_xmp: bool = False


def read_header(path: Path) -> StoredPicture:
    """Size, orientation, profile and EXIF of a JPEG.

    Raises:
        PhotoError: It is a kind of JPEG that cannot be used.
        ValueError: It is damaged or cut short.
    """
    # Mapped, not read: a listing of hundreds of photos touches only their first pages.
    with path.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as content:
        markers = _read_markers(content)
        # Nothing but the mark of the end reads so after the first scan; sought from the end, where all sound files have one.
        has_end = content.rfind(_END, markers.rest) >= 0
    if not has_end:
        raise ValueError("its end is missing")
    bits, height, width, channels = markers.frame
    check_pixel_count(path, width, height)
    if channels not in (1, 3):
        raise unusable(path, "it is a CMYK picture, made for printing")
    if bits != 8:
        raise unusable(path, f"it is a JPEG with {bits} bits")
    tags = read_block(markers.exif)
    icc = b"".join(part for _, part in sorted(markers.icc.items())) or None
    return StoredPicture(
        width,
        height,
        8,
        channels == 1,
        orientation_of(tags),
        icc,
        255,
        tags,
        markers.exif,
        markers.xmp,
        iptc_of_resources(markers.resources),
        markers.resolution,
        tuple((b"tEXt", b"Comment\0" + comment) for comment in markers.comments),
        ("the second part of its XMP (depth maps and the like) is left out",) if markers.has_extended_xmp else (),
    )


def read_codes(path: Path) -> NDArray[np.uint8]:
    """Pixels (height, width, 3), or (height, width) when grey, as stored: never turned.

    Raises:
        OSError: The data end early.
    """
    return np.asarray(open_bare(path.read_bytes()))


def read_reduced_codes(path: Path, max_side: int) -> NDArray[np.uint8]:
    """Like `read_codes`, but decoded at 1/2, 1/4 or 1/8 as long as the longer side stays at least `max_side`."""
    picture = open_bare(path.read_bytes())
    picture.draft(picture.mode, (max_side, max_side))
    return np.asarray(picture)


def read_coding(path: Path) -> JpegCoding:
    """How coarsely the JPEG keeps detail; a grey one as if its colour differences, all zero, were kept like its luma.

    Raises:
        OSError: It is damaged.
        ValueError: There is no picture in it.
    """
    picture = open_bare(path.read_bytes())
    if not isinstance(picture, JpegImageFile):
        raise ValueError(f"{path.name} holds no JPEG but {picture.format}")
    tables = picture.quantization
    luma, chroma = picture.layer[0], picture.layer[-1]  # number, across, down, table
    return JpegCoding(tuple(tables[luma[3]]), tuple(tables[chroma[3]]), (luma[2] // chroma[2], luma[1] // chroma[1]))


def open_bare(content: bytes) -> Image.Image:
    """The picture in a JPEG without its EXIF and other application segments, over which Pillow may stumble or warn.

    Raises:
        OSError: It is damaged.
        ValueError: There is no picture in it.
    """
    return open_parts(*bare_parts(content))


def bare_parts(content: bytes) -> tuple[bytes, bytes]:
    """What of a JPEG the decoder needs before the first scan, and all from there on.

    Raises:
        ValueError: There is no picture in it.
    """
    markers = _read_markers(content)
    return b"".join((b"\xff\xd8", *markers.kept)), content[markers.rest :]


def open_parts(head: bytes, scan: bytes) -> Image.Image:
    """The picture of the two parts.

    Raises:
        OSError: It is damaged.
    """
    return Image.open(io.BytesIO(head + scan), formats=("JPEG",))


def exif_of_preview(content: bytes) -> bytes:
    """The EXIF block of a JPEG inside another file; empty where there is none or it is damaged."""
    try:
        return _read_markers(content).exif
    except (ValueError, struct.error):
        return b""


def _read_markers(content: bytes | mmap.mmap) -> _Markers:
    found = _Markers()
    place = 2
    while True:
        while content[place : place + 2] == b"\xff\xff":
            place += 1
        if len(content) < place + 4 or content[place] != 0xFF:
            raise ValueError("no picture in the JPEG")
        marker = content[place + 1]
        if marker in _STANDALONE:
            place += 2
            continue
        if marker == _SCAN:
            found.rest = place
            break
        (length,) = struct.unpack_from(">H", content, place + 2)
        _note(found, marker, content[place + 4 : place + 2 + length], content[place : place + 2 + length])
        place += 2 + length
    if found.frame == (0, 0, 0, 0):
        raise ValueError("no frame in the JPEG")
    return found


def _note(found: _Markers, marker: int, body: bytes, segment: bytes) -> None:
    if marker == 0xE1 and body.startswith(_EXIF_START):
        found.exif = found.exif or body
    elif marker == 0xE1 and body.startswith(_XMP_START):
        found.xmp = found.xmp or body[len(_XMP_START) :]
    elif marker == 0xE1 and body.startswith(_XMP_EXTENSION_START):
        found.has_extended_xmp = True
    elif marker == 0xED and body.startswith(PHOTOSHOP_START):
        found.resources += body[len(PHOTOSHOP_START) :]
    elif marker == 0xE0:
        found.resolution = found.resolution or _density(body)
    elif marker == 0xFE:
        found.comments.append(body.rstrip(b"\0"))
    elif marker == 0xE2 and body.startswith(_ICC_START) and len(body) > 14:
        found.icc[body[12]] = body[14:]
    elif marker in _FRAME_MARKERS:
        found.frame = struct.unpack_from(">BHHB", body)
    # JFIF (0xE0) and Adobe (0xEE) tell how colours are stored; all other application segments and comments are left out.
    if marker in (0xE0, 0xEE) or not (0xE0 <= marker <= 0xEF or marker == 0xFE):
        found.kept.append(segment)


def _density(body: bytes) -> tuple[float, float] | None:
    """Pixels per inch of a JFIF segment; None where it tells the shape of pixels only."""
    if not body.startswith(b"JFIF\0") or len(body) < 12:
        return None
    unit, across, down = struct.unpack_from(">BHH", body, 7)
    return (across * _INCHES[unit], down * _INCHES[unit]) if unit in _INCHES and across and down else None
