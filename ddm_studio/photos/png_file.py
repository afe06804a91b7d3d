"""PNG files: the header by our own reading of the chunks, the pixels by imagecodecs (Pillow makes 16 bits 8)."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TypeAlias

import imagecodecs
import numpy as np
from numpy.typing import NDArray

from ddm_studio.photos.exif import orientation_of, read_block
from ddm_studio.photos.iptc import iptc_of_resources, sound_iptc
from ddm_studio.photos.stored import StoredPicture, check_pixel_count

_SIGNATURE_LENGTH = 8
_LARGEST_PROFILE = 16_000_000
_XMP_KEYWORD = b"XML:com.adobe.xmp\0"
_IPTC_KEYWORD = b"Raw profile type iptc\0"
_TEXTS = (b"tEXt", b"zTXt", b"iTXt")
_INCHES_PER_METRE = 1 / 0.0254

Whole: TypeAlias = NDArray[np.uint8] | NDArray[np.uint16]


def read_header(path: Path) -> StoredPicture:
    """Size, orientation, profile and EXIF of a PNG.

    `gAMA` and `cHRM` are ignored, as browsers do: many programs write nonsense there.

    Raises:
        ValueError: It is damaged.
    """
    chunks, texts = _read_chunks(path)
    width, height, bits, colour = struct.unpack_from(">IIBB", chunks[b"IHDR"])
    check_pixel_count(path, width, height)
    exif = chunks.get(b"eXIf", b"")
    tags = read_block(exif)
    top_code = 65535 if bits == 16 else 255
    icc = _unpack_profile(chunks[b"iCCP"]) if b"iCCP" in chunks else None
    xmp, iptc, plain = _sorted_texts(texts)
    return StoredPicture(
        width,
        height,
        bits,
        colour in (0, 4),
        orientation_of(tags),
        icc,
        top_code,
        tags,
        exif,
        xmp,
        iptc,
        _resolution(chunks.get(b"pHYs", b"")),
        plain,
    )


def read_codes(path: Path) -> Whole:
    """Pixels (height, width, 3), or (height, width) when grey; alpha is dropped, a palette resolved.

    Raises:
        RuntimeError: The data are damaged or end early.
    """
    return read_codes_and_alpha(path)[0]


def read_codes_and_alpha(path: Path) -> tuple[Whole, Whole | None]:
    """Pixels as by `read_codes`, and how opaque each is, (height, width) straight alpha; None where the file does not say.

    Raises:
        RuntimeError: The data are damaged or end early.
    """
    codes: Whole = imagecodecs.png_decode(path.read_bytes())
    if codes.ndim == 2:
        return codes, None
    channels = codes.shape[2]
    alpha = codes[:, :, -1] if channels in (2, 4) else None
    return codes[:, :, 0] if channels < 3 else codes[:, :, :3], alpha


def _read_chunks(path: Path) -> tuple[dict[bytes, bytes], list[tuple[bytes, bytes]]]:
    """The small chunks by name, and those of text, of which there may be many; picture data are stepped over."""
    chunks: dict[bytes, bytes] = {}
    texts: list[tuple[bytes, bytes]] = []
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
            if name in _TEXTS:
                texts.append((name, body[:-4]))
            else:
                chunks.setdefault(name, body[:-4])
    if len(chunks.get(b"IHDR", b"")) < 13:
        raise ValueError("the PNG has no header")
    return chunks, texts


def _unpack_profile(body: bytes) -> bytes:
    """The profile of an `iCCP` chunk: name, 0, method 0, then deflated data; what is no profile where it is damaged."""
    _, _, packed = body.partition(b"\0")
    with suppress(zlib.error):
        return _inflated(packed[1:])
    return b""


def _inflated(packed: bytes) -> bytes:
    return zlib.decompressobj().decompress(packed, _LARGEST_PROFILE)


def _sorted_texts(texts: Sequence[tuple[bytes, bytes]]) -> tuple[bytes, bytes, tuple[tuple[bytes, bytes], ...]]:
    """XMP packet, IPTC records, and all other texts as they are."""
    xmp, iptc, plain = b"", b"", []
    for name, body in texts:
        if name == b"iTXt" and body.startswith(_XMP_KEYWORD):
            xmp = xmp or _international_text(body[len(_XMP_KEYWORD) :])
        elif name == b"zTXt" and body.startswith(_IPTC_KEYWORD):
            iptc = iptc or _raw_iptc(body[len(_IPTC_KEYWORD) + 1 :])
        else:
            plain.append((name, body))
    return xmp, iptc, tuple(plain)


def _international_text(body: bytes) -> bytes:
    """The text of an `iTXt` chunk after its keyword: whether deflated, method, language, 0, translated keyword, 0, text."""
    *_, text = body[2:].split(b"\0", 2) if len(body) > 2 else (b"",)
    with suppress(zlib.error):
        return _inflated(text) if body[:1] == b"\1" else text
    return b""


def _raw_iptc(packed: bytes) -> bytes:
    """IPTC records as ImageMagick and ExifTool put them into PNG: a name, a length and hexadecimal digits on lines of their own."""
    with suppress(zlib.error, ValueError):
        _, _, digits = _inflated(packed).split(b"\n", 1)[1].partition(b"\n")
        content = bytes.fromhex(digits.decode("ascii").partition("\n")[2])
        return sound_iptc(content) or iptc_of_resources(content)
    return b""


def _resolution(body: bytes) -> tuple[float, float] | None:
    """Pixels per inch of a `pHYs` chunk; None where it tells the shape of pixels only."""
    if len(body) != 9 or body[8] != 1:
        return None
    across, down = struct.unpack_from(">II", body)
    return (across / _INCHES_PER_METRE, down / _INCHES_PER_METRE) if across and down else None
