"""The EXIF block of a photo as bytes, kept as the camera wrote it, and the little that must change when its pixels do.

Maker notes hold places counted from the start of the block, which only their makers know: a note that is moved is broken.
So a sound block from a JPEG or PNG is never taken apart: a few numbers in it are overwritten and its thumbnail, which would
show the blurry photo lying on its side, is cut off. A block is built anew only where there is none to keep (from a TIFF or a
raw, whose tags lie scattered over the file) or where it is damaged; then the note stays at the place that it had, unless it
counts its places from itself.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

from ddm_studio.photos.tiff_directory import LONG, SHORT, Block, Directory, Entry, first_number, number_at, read_directory

ORIENTATION, MAKER_NOTE = 0x0112, 0x927C
SHOT_POINTER, GPS_POINTER, INTEROP_POINTER = 0x8769, 0x8825, 0xA005
POINTERS = frozenset((SHOT_POINTER, GPS_POINTER, INTEROP_POINTER))
_WIDTH, _HEIGHT, _X_RESOLUTION, _Y_RESOLUTION = 0x0100, 0x0101, 0x011A, 0x011B
_SHOT_WIDTH, _SHOT_HEIGHT = 0xA002, 0xA003
_THUMBNAIL_PLACE, _THUMBNAIL_SIZE = 0x0201, 0x0202
_ORDERS = {b"II": "<", b"MM": ">"}
# Beyond this a note is not held at its place: the block would be mostly empty.
_FARTHEST_NOTE = 1 << 20
# These notes count their places from themselves (ExifTool, MakerNotes.pm).
_SELF_CONTAINED = (b"Nikon\0\x02", b"FUJIFILM", b"OLYMPUS\0", b"OM SYSTEM\0", b"Apple iOS\0", b"PENTAX \0")
_BROKEN = (struct.error, ValueError, LookupError)


class ExifError(ValueError):
    """There is no main directory to be read."""


@dataclass(frozen=True, slots=True, eq=False)
class ExifTree:
    """The directories of a block; `whole` is False where one of them or a value is cut off."""

    order: str
    main: Directory
    shot: Directory = field(default_factory=lambda: Directory({}))
    gps: Directory = field(default_factory=lambda: Directory({}))
    interop: Directory = field(default_factory=lambda: Directory({}))
    whole: bool = True


def read_tree(block: Block) -> ExifTree:
    """The directories of a TIFF-structured block without its `Exif` prefix; those that cannot be read are empty.

    Raises:
        ExifError: The main one cannot be read.
    """
    try:
        order = _ORDERS[bytes(block[:2])]
        main = read_directory(block, number_at(block, 4, order), order)
    except _BROKEN as error:
        raise ExifError("the EXIF data have no directory") from error
    shot = _child(block, main, SHOT_POINTER, order)
    gps = _child(block, main, GPS_POINTER, order)
    interop = _child(block, shot, INTEROP_POINTER, order)
    return ExifTree(order, main, shot, gps, interop, all(part.whole for part in (main, shot, gps, interop)))


def _child(block: Block, parent: Directory, pointer: int, order: str) -> Directory:
    if pointer not in parent.entries:
        return Directory({})
    try:
        return read_directory(block, first_number(parent.entries[pointer], order), order)
    except _BROKEN:
        return Directory({}, whole=False)


def made_upright(block: bytes, width: int, height: int, sides_swapped: bool) -> bytes:
    """The block of the same shot for pixels that were turned upright: nothing moves in it.

    Args:
        block: A sound one.
        width: Of the upright photo.
        height: Alike.
        sides_swapped: Whether it was turned by a quarter.
    """
    tree = read_tree(block)
    turned = bytearray(block)
    main, shot = tree.main.entries, tree.shot.entries
    sizes = ((main, _WIDTH, width), (main, _HEIGHT, height), (shot, _SHOT_WIDTH, width), (shot, _SHOT_HEIGHT, height))
    for entries, tag, number in ((main, ORIENTATION, 1), *sizes):
        if tag in entries:
            struct.pack_into(f"{tree.order}HHI4s", turned, entries[tag].at, *_number_entry(tag, number, tree.order))
    across, down = main.get(_X_RESOLUTION), main.get(_Y_RESOLUTION)
    if sides_swapped and across and down and across.size == down.size:
        turned[across.place : across.place + across.size] = down.data
        turned[down.place : down.place + down.size] = across.data
    _cut_thumbnail(turned, tree)
    return bytes(turned)


def _number_entry(tag: int, number: int, order: str) -> tuple[int, int, int, bytes]:
    kind = SHORT if number < 1 << 16 else LONG
    return tag, kind, 1, struct.pack(f"{order}{'H' if kind == SHORT else 'I'}", number)


def _cut_thumbnail(block: bytearray, tree: ExifTree) -> None:
    """Unlink the second directory and blank its picture, or cut it off where it ends the block."""
    order, following = tree.order, tree.main.following
    if not following:
        return
    struct.pack_into(f"{order}I", block, tree.main.link, 0)
    try:
        second = read_directory(bytes(block), following, order).entries
        start, size = first_number(second[_THUMBNAIL_PLACE], order), first_number(second[_THUMBNAIL_SIZE], order)
    except _BROKEN:
        return
    directories = (tree.main, tree.shot, tree.gps, tree.interop)
    used = [span for part in directories for entry in part.entries.values() for span in ((entry.at, 12), (entry.place, entry.size))]
    if start < 8 or start + size > len(block) or any(at < start + size and start < at + length for at, length in used):
        return
    block[start : start + size] = bytes(size)
    if not block[start:].strip(b"\0"):
        del block[start:]


@dataclass(frozen=True, slots=True)
class Value:
    """A tag's value in the byte order of the block it goes to."""

    kind: int
    count: int
    data: bytes


def number_value(number: int, order: str) -> Value:
    """One whole number."""
    _, kind, count, data = _number_entry(0, number, order)
    return Value(kind, count, data)


def value_of(entry: Entry) -> Value:
    """A copy of an entry's value."""
    return Value(entry.kind, entry.count, entry.data)


@dataclass(frozen=True, slots=True, eq=False)
class ExifParts:
    """What a new block is built from: the values of each directory, without pointers.

    `note_place` is where the maker note must lie, or None where it may lie anywhere.
    """

    order: str
    main: dict[int, Value] = field(default_factory=dict)
    shot: dict[int, Value] = field(default_factory=dict)
    gps: dict[int, Value] = field(default_factory=dict)
    interop: dict[int, Value] = field(default_factory=dict)
    note_place: int | None = None


def build_block(parts: ExifParts) -> bytes:
    """A block of these parts; empty where there are none."""
    if not (parts.main or parts.shot or parts.gps):
        return b""
    block = _NewBlock(parts)
    shot, main = dict(parts.shot), dict(parts.main)
    if parts.interop:
        shot[INTEROP_POINTER] = block.directory(parts.interop)
    if parts.gps:
        main[GPS_POINTER] = block.directory(parts.gps)
    if shot:
        main[SHOT_POINTER] = block.directory(shot)
    return block.finished(block.directory(main))


class _NewBlock:
    """Bytes put one after another at even places, round the maker note where that must keep its place."""

    def __init__(self, parts: ExifParts) -> None:
        self._order = parts.order
        self._end = 8
        self._pieces: list[tuple[int, bytes]] = []
        self._note = parts.shot.get(MAKER_NOTE) if parts.note_place is not None else None
        self._note_span = (0, 0)
        if self._note is not None and parts.note_place is not None:
            self._note_span = (parts.note_place, parts.note_place + len(self._note.data))
            self._pieces.append((parts.note_place, self._note.data))

    def directory(self, values: dict[int, Value]) -> Value:
        """Put the values and then the directory, and return the pointer to it."""
        rows = []
        for tag, value in sorted(values.items()):
            held = value.data.ljust(4, b"\0")
            if len(value.data) > 4:
                place = self._note_span[0] if value is self._note else self._put(value.data)
                held = struct.pack(f"{self._order}I", place)
            rows.append(struct.pack(f"{self._order}HHI4s", tag, value.kind, value.count, held))
        table = struct.pack(f"{self._order}H", len(rows)) + b"".join(rows) + bytes(4)
        return Value(LONG, 1, struct.pack(f"{self._order}I", self._put(table)))

    def finished(self, main: Value) -> bytes:
        """The whole block."""
        block = bytearray(max(place + len(piece) for place, piece in self._pieces))
        block[:4] = b"II*\0" if self._order == "<" else b"MM\0*"
        block[4:8] = main.data
        for place, piece in self._pieces:
            block[place : place + len(piece)] = piece
        return bytes(block)

    def _put(self, piece: bytes) -> int:
        first, last = self._note_span
        place = self._end
        if place < last and place + len(piece) > first:
            place = last + last % 2
        self._pieces.append((place, piece))
        self._end = place + len(piece) + len(piece) % 2
        return place


def held_note_place(entry: Entry) -> int | None:
    """Where a maker note must lie in a block built anew.

    Raises:
        ExifError: It would have to lie too far from the start.
    """
    if entry.data.startswith(_SELF_CONTAINED):
        return None
    if not 8 <= entry.place <= _FARTHEST_NOTE:
        raise ExifError("the maker note cannot be moved")
    return entry.place
