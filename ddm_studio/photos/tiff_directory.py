"""Directories of TIFF-structured blocks (EXIF, maker notes, TIFFs and most raws), walked without believing anything in them.

A directory is a count, twelve bytes an entry (tag, type, length, value or where it lies), and the place of the next directory.
"""

from __future__ import annotations

import mmap
import struct
from dataclasses import dataclass
from typing import TypeAlias

Block: TypeAlias = bytes | mmap.mmap

# Bytes of one value of each type; 13 is a place of a directory.
SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}
SHORT, LONG = 3, 4
_MOST_ENTRIES = 1000
# Longer values are no facts about a photo, and a thousand of them would fill the memory.
_LONGEST_VALUE = 1 << 24


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """A tag's value: `size` bytes at `place` of the block; the entry itself lies `at`. Nothing is copied until `data` is asked for."""

    block: Block
    kind: int
    count: int
    size: int
    place: int
    at: int

    @property
    def data(self) -> bytes:
        """The bytes of the value."""
        return bytes(self.block[self.place : self.place + self.size])


@dataclass(frozen=True, slots=True, eq=False)
class Directory:
    """Entries by tag, and where the next directory lies, which is noted at `link`.

    `whole` is False where a value is cut off, which is then left out.
    """

    entries: dict[int, Entry]
    following: int = 0
    link: int = 0
    whole: bool = True


def read_directory(block: Block, place: int, order: str) -> Directory:
    """The directory at `place`; long values lie at places counted from the block's start.

    Args:
        block: Where it lies.
        place: Of its count.
        order: "<" or ">", as in `struct`.

    Raises:
        struct.error: It begins or ends beyond the block.
        ValueError: It is none.
    """
    (count,) = struct.unpack_from(f"{order}H", block, place)
    if count > _MOST_ENTRIES:
        raise ValueError("no directory")
    found: dict[int, Entry] = {}
    whole = True
    for start in range(place + 2, place + 2 + 12 * count, 12):
        tag, kind, length = struct.unpack_from(f"{order}HHI", block, start)
        size = SIZES.get(kind, 0) * length
        at = start + 8 if size <= 4 else number_at(block, start + 8, order)
        if at + size > len(block):
            whole = False
        elif 0 < size <= _LONGEST_VALUE:
            found[tag] = Entry(block, kind, length, size, at, start)
    link = place + 2 + 12 * count
    if link + 4 > len(block):
        return Directory(found, whole=whole)
    return Directory(found, number_at(block, link, order), link, whole)


def first_number(entry: Entry, order: str) -> int:
    """The first number of an entry of two- or four-byte numbers."""
    if len(entry.data) == 2:
        return int(struct.unpack(f"{order}H", entry.data)[0])
    return number_at(entry.data, 0, order)


def number_at(block: Block, place: int, order: str) -> int:
    """The four-byte number at `place`."""
    return int(struct.unpack_from(f"{order}I", block, place)[0])
