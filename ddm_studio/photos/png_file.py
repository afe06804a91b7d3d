"""PNG files: the header by our own reading of the chunks, the pixels by imagecodecs (Pillow makes 16 bits 8)."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import imagecodecs
import numpy as np
from numpy.typing import NDArray

from ddm_studio.photos.exif import orientation_of, read_block
from ddm_studio.photos.stored import StoredPicture, check_pixel_count

_SIGNATURE_LENGTH = 8
_LARGEST_PROFILE = 16_000_000
_XMP_KEYWORD = b"XML:com.adobe.xmp\0"


def read_header(path: Path) -> StoredPicture:
    """Size, orientation, profile and EXIF of a PNG.

    `gAMA` and `cHRM` are ignored, as browsers do: many programs write nonsense there.

    Raises:
        ValueError: It is damaged.
    """
    chunks = _read_chunks(path)
    width, height, bits, colour = struct.unpack_from(">IIBB", chunks[b"IHDR"])
    check_pixel_count(path, width, height)
    exif = chunks.get(b"eXIf", b"")
    tags = read_block(exif)
    top_code = 65535 if bits == 16 else 255
    icc = _unpack_profile(chunks[b"iCCP"]) if b"iCCP" in chunks else None
    return StoredPicture(width, height, bits, colour in (0, 4), orientation_of(tags), icc, top_code, tags, exif, chunks.get(b"iTXt", b""))


def read_codes(path: Path) -> NDArray[np.uint8] | NDArray[np.uint16]:
    """Pixels (height, width, 3), or (height, width) when grey; alpha is dropped, a palette resolved.

    Raises:
        RuntimeError: The data are damaged or end early.
    """
    codes: NDArray[np.uint8] | NDArray[np.uint16] = imagecodecs.png_decode(path.read_bytes())
    if codes.ndim == 2:
        return codes
    return codes[:, :, 0] if codes.shape[2] == 2 else codes[:, :, :3]


def _read_chunks(path: Path) -> dict[bytes, bytes]:
    """The small chunks by name; picture data are stepped over."""
    chunks: dict[bytes, bytes] = {}
    with path.open("rb") as stream:
        stream.seek(_SIGNATURE_LENGTH)
        while b"IEND" not in chunks:
            start = stream.read(8)
            if len(start) < 8:
                raise ValueError("the PNG ends before its last chunk")
            length, name = struct.unpack(">I4s", start)
            if name == b"IDAT" or length > _LARGEST_PROFILE:
                stream.seek(length + 4, 1)
                continue
            body = stream.read(length + 4)
            if len(body) < length + 4:
                raise ValueError("the PNG ends within a chunk")
            if name != b"iTXt" or body.startswith(_XMP_KEYWORD):
                chunks.setdefault(name, body[:-4])
    if len(chunks.get(b"IHDR", b"")) < 13:
        raise ValueError("the PNG has no header")
    return chunks


def _unpack_profile(body: bytes) -> bytes:
    """The profile of an `iCCP` chunk: name, 0, method 0, then deflated data."""
    _, _, packed = body.partition(b"\0")
    return zlib.decompressobj().decompress(packed[1:], _LARGEST_PROFILE)
