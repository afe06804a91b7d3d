"""Writes a 16-bit PNG band by band; colour profile and metadata come first, where the standard wants them."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable
from typing import BinaryIO

import numpy as np

from ddm_studio.photos.iptc import resources_with_iptc
from ddm_studio.photos.layout import Canvas, Pixels
from ddm_studio.photos.metadata import Metadata

# Level 1 with the filter that suits photos: a 24 MP photo takes seconds instead of a minute for 3 % more bytes.
_LEVEL = 1
_FILTER_LEFT = 1
_COLOUR_TYPES = {(True, False): 0, (False, False): 2, (True, True): 4, (False, True): 6}


def write_png(stream: BinaryIO, bands: Iterable[Pixels], canvas: Canvas, metadata: Metadata) -> None:
    """Write a PNG.

    Args:
        stream: Empty.
        bands: Rows from the top, each (rows, width, channels) of 16-bit codes.
        canvas: Size, channels and colour profile.
        metadata: Of the upright photo.
    """
    stream.write(b"\x89PNG\r\n\x1a\n")
    kind = _COLOUR_TYPES[canvas.is_grey, canvas.has_alpha]
    stream.write(_chunk(b"IHDR", struct.pack(">IIBBBBB", canvas.width, canvas.height, 16, kind, 0, 0, 0)))
    if canvas.icc:
        stream.write(_chunk(b"iCCP", b"ICC profile\0\0" + zlib.compress(canvas.icc)))
    if metadata.resolution:
        across, down = (round(value / 0.0254) for value in metadata.resolution)
        stream.write(_chunk(b"pHYs", struct.pack(">IIB", across, down, 1)))
    if metadata.exif:
        stream.write(_chunk(b"eXIf", metadata.exif))
    if metadata.xmp:
        stream.write(_chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + metadata.xmp))
    if metadata.iptc:
        stream.write(_chunk(b"zTXt", b"Raw profile type iptc\0\0" + zlib.compress(_hexadecimal(resources_with_iptc(metadata.iptc)))))
    for name, body in metadata.texts:
        stream.write(_chunk(name, body))
    packer = zlib.compressobj(_LEVEL)
    for band in bands:
        stream.write(_data(packer.compress(_filtered(band))))
    stream.write(_data(packer.flush()))
    stream.write(_chunk(b"IEND", b""))


def _filtered(band: Pixels) -> bytes:
    """Rows as the bytes of big-endian codes, each less the same byte of the pixel to its left, behind the filter's number."""
    rows = np.ascontiguousarray(band.astype(">u2", copy=False)).view(np.uint8).reshape(len(band), -1)
    pixel = 2 * band.shape[2]
    filtered = np.empty((len(rows), rows.shape[1] + 1), np.uint8)
    filtered[:, 0] = _FILTER_LEFT
    filtered[:, 1 : 1 + pixel] = rows[:, :pixel]
    np.subtract(rows[:, pixel:], rows[:, :-pixel], out=filtered[:, 1 + pixel :])
    return filtered.tobytes()


def _hexadecimal(content: bytes) -> bytes:
    """As ImageMagick and ExifTool put binary data into a text: kind, length, digits."""
    digits = content.hex()
    lines = [digits[at : at + 72] for at in range(0, len(digits), 72)]
    return f"\niptc\n{len(content):8d}\n".encode() + "\n".join(lines).encode() + b"\n"


def _data(packed: bytes) -> bytes:
    return _chunk(b"IDAT", packed) if packed else b""


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
