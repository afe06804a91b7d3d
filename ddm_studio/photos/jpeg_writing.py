"""Writes a JPEG: the pixels by Pillow, its application segments by us, since Pillow knows but a few of them."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterable, Iterator
from typing import BinaryIO

import numpy as np
from PIL import Image

from ddm_studio.photos.exif_collected import block_for_jpeg
from ddm_studio.photos.iptc import MOST_IN_JPEG as MOST_IPTC
from ddm_studio.photos.iptc import PHOTOSHOP_START, resources_with_iptc
from ddm_studio.photos.layout import Canvas, Pixels
from ddm_studio.photos.metadata import Metadata
from ddm_studio.settings import FileSettings

_XMP_START = b"http://ns.adobe.com/xap/1.0/\0"
_MOST_IN_SEGMENT = 65533
_ICC_PART = _MOST_IN_SEGMENT - 14
_COMMENT = b"Comment\0"


def write_jpeg(stream: BinaryIO, bands: Iterable[Pixels], canvas: Canvas, metadata: Metadata, settings: FileSettings) -> None:
    """Write a JPEG; what `jpeg_losses` names is left out.

    Args:
        stream: Empty.
        bands: Rows from the top, each (rows, width, channels) of 8-bit codes.
        canvas: Size, channels and colour profile.
        metadata: Of the upright photo.
        settings: Quality and resolution of colour.
    """
    picture = np.concatenate(list(bands))
    density = {"dpi": metadata.resolution} if metadata.resolution else {}
    # Into memory first: given a file, Pillow does not notice when a full disk takes only a part of it.
    content = io.BytesIO()
    image = Image.fromarray(picture[:, :, 0] if canvas.is_grey else picture)
    options = {} if canvas.is_grey else {"subsampling": settings.jpeg_colour.value}
    image.save(content, "JPEG", quality=settings.jpeg_quality, **options, **density)
    coded = content.getbuffer()
    # Pillow begins with the mark of a picture (2 bytes) and JFIF's segment (18).
    after_jfif = 20
    stream.write(coded[:after_jfif])
    for segment in _segments(canvas, metadata):
        stream.write(segment)
    stream.write(coded[after_jfif:])


def jpeg_losses(canvas_has_alpha: bool, metadata: Metadata) -> tuple[str, ...]:
    """What a JPEG cannot hold of this, in phrases for a person."""
    told = ["transparency is dropped, a JPEG has none"] if canvas_has_alpha else []
    told += block_for_jpeg(metadata.exif)[1] if metadata.exif else ()
    if len(_XMP_START) + len(metadata.xmp) > _MOST_IN_SEGMENT:
        told.append("XMP data are left out: a JPEG holds no more than 64 KB of them")
    if len(metadata.iptc) > MOST_IPTC:
        told.append("IPTC data are left out: a JPEG holds no more than 64 KB of them")
    if any(not body.startswith(_COMMENT) for _, body in metadata.texts):
        told.append("texts of the PNG are left out: a JPEG has no place for them")
    return tuple(told)


def _segments(canvas: Canvas, metadata: Metadata) -> Iterator[bytes]:
    exif = block_for_jpeg(metadata.exif)[0] if metadata.exif else b""
    if exif:
        yield _segment(0xE1, b"Exif\0\0" + exif)
    if metadata.xmp and len(_XMP_START) + len(metadata.xmp) <= _MOST_IN_SEGMENT:
        yield _segment(0xE1, _XMP_START + metadata.xmp)
    if metadata.iptc and len(metadata.iptc) <= MOST_IPTC:
        yield _segment(0xED, PHOTOSHOP_START + resources_with_iptc(metadata.iptc))
    parts = [canvas.icc[at : at + _ICC_PART] for at in range(0, len(canvas.icc), _ICC_PART)] if canvas.icc else []
    for number, part in enumerate(parts, 1):
        yield _segment(0xE2, b"ICC_PROFILE\0" + bytes((number, len(parts))) + part)
    for name, body in metadata.texts:
        if name == b"tEXt" and body.startswith(_COMMENT):
            yield _segment(0xFE, body[len(_COMMENT) :][: _MOST_IN_SEGMENT - 1])


def _segment(marker: int, body: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body
