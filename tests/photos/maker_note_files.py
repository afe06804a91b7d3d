"""Writes JPEGs whose EXIF holds a maker note as the cameras of several makers lay it out."""

from __future__ import annotations

import io
import struct
from pathlib import Path

import numpy as np
from PIL import Image

# Type of a tag, and the letter by which struct packs one of its numbers.
BYTES, SHORT, LONG, SIGNED_LONG, ANYTHING, DIRECTORY = (1, "B"), (3, "H"), (4, "I"), (9, "i"), (7, "B"), (13, "I")


def directory(tags: dict[int, tuple[tuple[int, str], list[int]]], place: int, order: str) -> bytes:
    """A directory that will lie at `place` counted from where its long values' places are counted from, with these values behind it."""
    table, values = b"", b""
    after = place + 2 + 12 * len(tags) + 4
    for tag, ((kind, letter), numbers) in sorted(tags.items()):
        packed = struct.pack(f"{order}{len(numbers)}{letter}", *numbers)
        if len(packed) > 4:
            packed, values = struct.pack(f"{order}I", after + len(values)), values + packed
        table += struct.pack(f"{order}HHI", tag, kind, len(numbers)) + packed.ljust(4, b"\0")
    return struct.pack(f"{order}H", len(tags)) + table + b"\0\0\0\0" + values


NOTE_PLACE = 8 + (2 + 12 * 2 + 4) + 12 + (2 + 12 + 4)


def exif_block(make: str, note: bytes, order: str = "<") -> bytes:
    """Main directory with the make (12 bytes), EXIF directory with the note, which lies at `NOTE_PLACE`."""
    name = list(make.encode().ljust(12, b"\0"))
    shot_place = 8 + 2 + 12 * 2 + 4 + 12
    main = directory({0x010F: ((2, "B"), name), 0x8769: (LONG, [shot_place])}, 8, order)
    shot = directory({0x927C: (ANYTHING, list(note))}, shot_place, order)
    start = b"II*\0" if order == "<" else b"MM\0*"
    return b"Exif\0\0" + start + struct.pack(f"{order}I", 8) + main + shot


def canon(fringes: int, distortion: int, optimiser: int, order: str = "<") -> bytes:
    settings = [40, 0, 0, 0, 0, 1, fringes, distortion, 0, optimiser]
    return exif_block("Canon", directory({0x4016: (SIGNED_LONG, settings)}, NOTE_PLACE, order), order)


def sony(fringes: int, distortion: int, named: bool = True) -> bytes:
    name = b"SONY DSC \0\0\0" if named else b""
    tags = {0x2011: (LONG, [2]), 0x2012: (LONG, [fringes]), 0x2013: (LONG, [distortion])}
    return exif_block("SONY", name + directory(tags, NOTE_PLACE + len(name), "<"))


def nikon(distortion: int, order: str = ">") -> bytes:
    start = b"MM\0*" if order == ">" else b"II*\0"
    tags = {0x002B: (ANYTHING, [*b"0100", distortion, *bytes(11)])}
    return exif_block("NIKON CORP", b"Nikon\0\x02\x11\0\0" + start + struct.pack(f"{order}I", 8) + directory(tags, 8, order))


def fujifilm(optimiser: int) -> bytes:
    tags = {0x1045: (LONG, [optimiser])}
    return exif_block("FUJIFILM", b"FUJIFILM" + struct.pack("<I", 12) + directory(tags, 12, "<"))


def olympus(distortion: int, header: bytes = b"OLYMPUS\0II\x03\0") -> bytes:
    inner_place = len(header) + 2 + 12 + 4
    outer = directory({0x2040: (DIRECTORY, [inner_place])}, len(header), "<")
    return exif_block("OLYMPUS", header + outer + directory({0x1011: (SHORT, [distortion])}, inner_place, "<"))


def save_jpeg(path: Path, exif: bytes, xmp: bytes = b"") -> Path:
    content = io.BytesIO()
    Image.fromarray(np.full((16, 16, 3), 99, np.uint8)).save(content, "JPEG", exif=exif, xmp=xmp)
    path.write_bytes(content.getvalue())
    return path
