"""The few tags of camera makers' private EXIF notes that say whether the lens's faults were taken out of a JPEG.

ExifRead names some of them, but reads none of Sony's, Canon's arrays of four-byte numbers or Olympus's inner directories
in full, so the directories are walked here: twelve bytes an entry, in one of five wrappings. Tag numbers and values are
those that ExifTool documents.
"""

from __future__ import annotations

import struct
from typing import TypeAlias

from ddm_studio.photos.tiff_directory import Entry, first_number, number_at, read_directory

DISTORTION, FRINGES, BLUR = "distortion", "colour fringes", "blur"

_MAKE, _EXIF_IFD, _MAKER_NOTE = 0x010F, 0x8769, 0x927C

_Directory: TypeAlias = dict[int, Entry]


def corrections_of_camera(exif: bytes) -> tuple[str, ...]:
    """What the camera says it corrected, of `DISTORTION`, `FRINGES` and `BLUR`; empty when it says nothing or the note is broken.

    Args:
        exif: EXIF block as the camera wrote it, with or without its `Exif` prefix.
    """
    block = exif.removeprefix(b"Exif\0\0")
    try:
        return _corrections(block)
    except (struct.error, LookupError, ValueError):
        return ()


def _corrections(block: bytes) -> tuple[str, ...]:
    order = {b"II": "<", b"MM": ">"}[block[:2]]
    main = _directory(block, number_at(block, 4, order), order)
    make = main[_MAKE].data.split(b"\0")[0].decode("ascii", errors="replace").upper()
    shot = _directory(block, first_number(main[_EXIF_IFD], order), order)
    note = shot[_MAKER_NOTE]
    if make.startswith("CANON"):
        return _canon(_directory(block, note.place, order), order)
    if make.startswith("SONY"):
        # The same directory stands behind a name of 12 bytes, or without one.
        return _sony(_directory(block, note.place + (12 if note.data.startswith(b"SONY ") else 0), order), order)
    if note.data.startswith(b"Nikon\0\x02"):
        return _nikon(block[note.place + 10 :])
    if note.data.startswith(b"FUJIFILM"):
        return _fujifilm(block[note.place :])
    for name, length in ((b"OLYMPUS\0", 12), (b"OM SYSTEM\0", 16)):
        if note.data.startswith(name):
            return _olympus(block[note.place :], length)
    return ()


def _canon(tags: _Directory, order: str) -> tuple[str, ...]:
    """Array 0x4016 of signed 32-bit numbers: fringes at 6, distortion at 7, the lens optimiser at 9; 1 is on."""
    settings = tags[0x4016]
    numbers = struct.unpack(f"{order}{len(settings.data) // 4}i", settings.data)
    named = ((6, FRINGES), (7, DISTORTION), (9, BLUR))
    return tuple(words for place, words in named if place < len(numbers) and numbers[place] == 1)


def _sony(tags: _Directory, order: str) -> tuple[str, ...]:
    """0x2012 fringes, 0x2013 distortion: 2 is "auto", 0 is off."""
    return tuple(words for tag, words in ((0x2012, FRINGES), (0x2013, DISTORTION)) if tag in tags and first_number(tags[tag], order) == 2)


def _nikon(note: bytes) -> tuple[str, ...]:
    """A TIFF of its own; the fifth byte of 0x002b is 1 (or 2, under water) when distortion control is on."""
    order = {b"II": "<", b"MM": ">"}[note[:2]]
    tags = _directory(note, number_at(note, 4, order), order)
    return (DISTORTION,) if tags[0x002B].data[4] in (1, 2) else ()


def _fujifilm(note: bytes) -> tuple[str, ...]:
    """Always little-endian, places counted from the note; 0x1045 is 1 when the lens modulation optimiser is on."""
    tags = _directory(note, number_at(note, 8, "<"), "<")
    return (BLUR,) if first_number(tags[0x1045], "<") == 1 else ()


def _olympus(note: bytes, header: int) -> tuple[str, ...]:
    """Places counted from the note; tag 0x1011 of the inner directory 0x2040 is 1 when distortion correction is on."""
    order = {b"II": "<", b"MM": ">"}[note[header - 4 : header - 2]]
    inner = _directory(note, header, order)[0x2040]
    place = number_at(inner.data, 0, order) if len(inner.data) == 4 else inner.place
    processing = _directory(note, place, order)
    return (DISTORTION,) if first_number(processing[0x1011], order) == 1 else ()


def _directory(block: bytes, place: int, order: str) -> _Directory:
    """The entries at `place`, those that are cut off left out."""
    return read_directory(block, place, order).entries
