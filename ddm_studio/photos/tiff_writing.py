"""Writes a 16-bit TIFF strip by strip, with the EXIF directories and maker notes of its source left where they were.

The file begins with the source's EXIF block, which is itself built like a TIFF: so every place in it stays true, also those
inside maker notes. Behind it come the pixels and then a main directory of our own, which takes over the block's entries.
No library that we use can write a separate EXIF directory into a TIFF.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from typing import BinaryIO

from ddm_studio.photos.exif_block import ORIENTATION, read_tree
from ddm_studio.photos.layout import Canvas, Pixels
from ddm_studio.photos.metadata import Metadata
from ddm_studio.photos.tiff_directory import LONG, SHORT

_STRIP_BYTES = 1 << 20
_BYTE, _ASCII, _RATIO, _ANYTHING = 1, 2, 5, 7
_RESOLUTION = (0x011A, 0x011B, 0x0128)
_SOFTWARE = 0x0131


def write_tiff(stream: BinaryIO, bands: Iterable[Pixels], canvas: Canvas, metadata: Metadata) -> None:
    """Write an uncompressed TIFF.

    Args:
        stream: Empty, and can be read back to its start.
        bands: Rows from the top, each (rows, width, channels) of 16-bit codes.
        canvas: Size, channels and colour profile.
        metadata: Of the upright photo.
    """
    order = ">" if metadata.exif[:2] == b"MM" else "<"
    start = metadata.exif or b"II*\0\0\0\0\0"
    stream.write(start + bytes(-len(start) % 16))
    first = stream.tell()
    for band in bands:
        stream.write(band.astype(f"{order}u2", copy=False).data)
    directory = _Directory(order, stream.tell())
    if metadata.exif:
        for tag, entry in read_tree(metadata.exif).main.entries.items():
            directory.take(tag, metadata.exif[entry.at : entry.at + 12])
    _describe_pixels(directory, canvas, first)
    _describe_photo(directory, canvas, metadata)
    place, content = directory.finished()
    stream.write(content)
    stream.seek(4)
    stream.write(struct.pack(f"{order}I", place))
    stream.seek(0, 2)


def _describe_pixels(directory: _Directory, canvas: Canvas, first: int) -> None:
    row = 2 * canvas.width * canvas.channels
    rows = min(max(1, _STRIP_BYTES // row), canvas.height)
    tops = range(0, canvas.height, rows)
    directory.number(0x0100, canvas.width)
    directory.number(0x0101, canvas.height)
    directory.put(0x0102, SHORT, [16] * canvas.channels)
    directory.number(0x0103, 1)
    directory.number(0x0106, 1 if canvas.is_grey else 2)
    directory.put(0x0111, LONG, [first + top * row for top in tops])
    directory.number(ORIENTATION, 1)
    directory.number(0x0115, canvas.channels)
    directory.number(0x0116, rows)
    directory.put(0x0117, LONG, [min(rows, canvas.height - top) * row for top in tops])
    directory.number(0x011C, 1)
    if canvas.has_alpha:
        directory.number(0x0152, 2)  # straight


def _describe_photo(directory: _Directory, canvas: Canvas, metadata: Metadata) -> None:
    if _SOFTWARE not in directory:
        directory.add(_SOFTWARE, _ASCII, b"DDM Studio\0")
    if metadata.resolution and not any(tag in directory for tag in _RESOLUTION):
        for tag, value in zip(_RESOLUTION, metadata.resolution, strict=False):
            directory.put(tag, _RATIO, [round(value * 1000), 1000])
        directory.number(_RESOLUTION[2], 2)
    for tag, kind, content in ((700, _BYTE, metadata.xmp), (33723, _ANYTHING, metadata.iptc), (34675, _ANYTHING, canvas.icc or b"")):
        if content:
            directory.add(tag, kind, content)


class _Directory:
    """Entries of the main directory, and the long values that will lie before it."""

    def __init__(self, order: str, place: int) -> None:
        self._order = order
        self._place = place
        self._values = bytearray()
        self._entries: dict[int, bytes] = {}

    def __contains__(self, tag: int) -> bool:
        return tag in self._entries

    def take(self, tag: int, entry: bytes) -> None:
        """Use an entry of twelve bytes whose value lies in the file already."""
        self._entries[tag] = entry

    def number(self, tag: int, value: int) -> None:
        """One whole number."""
        self.put(tag, SHORT if value < 1 << 16 else LONG, [value])

    def put(self, tag: int, kind: int, numbers: list[int]) -> None:
        """Whole numbers, or ratios as two each."""
        count = len(numbers) // 2 if kind == _RATIO else len(numbers)
        self.add(tag, kind, struct.pack(f"{self._order}{len(numbers)}{'H' if kind == SHORT else 'I'}", *numbers), count)

    def add(self, tag: int, kind: int, content: bytes, count: int | None = None) -> None:
        """A value as bytes."""
        held = content.ljust(4, b"\0")
        if len(content) > 4:
            held = struct.pack(f"{self._order}I", self._place + len(self._values))
            self._values += content + bytes(len(content) % 2)
        self._entries[tag] = struct.pack(f"{self._order}HHI4s", tag, kind, len(content) if count is None else count, held)

    def finished(self) -> tuple[int, bytes]:
        """Where the directory will lie, and all bytes from the values to its end."""
        table = (
            struct.pack(f"{self._order}H", len(self._entries)) + b"".join(self._entries[tag] for tag in sorted(self._entries)) + bytes(4)
        )
        return self._place + len(self._values), bytes(self._values) + table
