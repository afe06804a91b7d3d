"""EXIF gathered from where its tags lie scattered, among others, in a TIFF or a raw; or from what is sound of a damaged block."""

from __future__ import annotations

from ddm_studio.photos.exif_block import (
    MAKER_NOTE,
    ORIENTATION,
    POINTERS,
    ExifError,
    ExifParts,
    ExifTree,
    Value,
    build_block,
    held_note_place,
    number_value,
    read_tree,
    value_of,
)
from ddm_studio.photos.tiff_directory import Block, Directory

# Of a TIFF's main directory only what describes the shot: the others describe how its pixels are stored.
_DESCRIPTIVE = frozenset(
    (
        *(0x010D, 0x010E, 0x010F, 0x0110, ORIENTATION, 0x011A, 0x011B, 0x011D, 0x0128, 0x0131, 0x0132, 0x013B, 0x013C),
        *(0x4746, 0x4749, 0x8298, *range(0x9C9B, 0x9CA0), 0xC4A5),
    )
)
# Tags of the shot that some put into the main directory, as TIFF/EP does.
_OF_THE_SHOT = frozenset((0x829A, 0x829D, *range(0x8822, 0x8836), *range(0x9000, 0x9216), *range(0x9290, 0x9293), *range(0xA20B, 0xA500)))
_COLOUR_SPACE = 0xA001
_SRGB = 1
# What JPEG holds in one segment, less its length and `Exif\0\0`.
MOST_IN_JPEG = 65533 - 6
_LONG_VALUE = 1024


def collected_block(content: Block, turned_to_srgb: bool) -> tuple[bytes, tuple[str, ...]]:
    """The EXIF of a TIFF or a TIFF-structured raw as one block, and what was lost, in words.

    Args:
        content: The file.
        turned_to_srgb: Whether its pixels will be written as sRGB whatever the camera was set to.

    Raises:
        ExifError: It has no directory that can be read.
    """
    tree = read_tree(content)
    parts, told = _parts(tree, _DESCRIPTIVE | _OF_THE_SHOT)
    for tag in _OF_THE_SHOT & set(parts.main):
        parts.shot.setdefault(tag, parts.main.pop(tag))
    if turned_to_srgb:
        parts.interop.clear()
        if parts.shot:
            parts.shot[_COLOUR_SPACE] = number_value(_SRGB, tree.order)
    return build_block(parts), told


def salvaged_block(block: bytes) -> tuple[bytes, tuple[str, ...]]:
    """What is sound of a damaged block from a JPEG or PNG, and what was lost, in words.

    Raises:
        ExifError: Nothing is.
    """
    parts, told = _parts(read_tree(block))
    return build_block(parts), told


def block_for_jpeg(block: bytes) -> tuple[bytes, tuple[str, ...]]:
    """A sound block, without its largest parts where it does not fit into a JPEG; and what was left out, in words."""
    if len(block) <= MOST_IN_JPEG:
        return block, ()
    why = "a JPEG holds no more than 64 KB of EXIF data"
    parts, _ = _parts(read_tree(block), with_note=False)
    smaller = build_block(parts)
    if len(smaller) <= MOST_IN_JPEG:
        return smaller, (f"the maker note is left out: {why}",)
    for values in (parts.main, parts.shot, parts.gps, parts.interop):
        for tag in [tag for tag, value in values.items() if len(value.data) > _LONG_VALUE]:
            del values[tag]
    smaller = build_block(parts)
    return smaller if len(smaller) <= MOST_IN_JPEG else b"", (f"the maker note and long texts are left out: {why}",)


def _parts(tree: ExifTree, of_main: frozenset[int] | None = None, with_note: bool = True) -> tuple[ExifParts, tuple[str, ...]]:
    """Copies of all values, of the main directory perhaps only those wanted."""
    told = [] if tree.whole else ["a part of its EXIF data is damaged and left out"]
    main, shot, gps, interop = _values(tree.main, of_main), *(_values(part) for part in (tree.shot, tree.gps, tree.interop))
    place = None
    if note := tree.shot.entries.get(MAKER_NOTE):
        try:
            place = held_note_place(note)
        except ExifError as error:
            told.append(f"{error} and is left out")
            with_note = False
        if not with_note:
            del shot[MAKER_NOTE]
    return ExifParts(tree.order, main, shot, gps, interop, place if with_note else None), tuple(told)


def _values(directory: Directory, wanted: frozenset[int] | None = None) -> dict[int, Value]:
    tags = set(directory.entries) - POINTERS
    return {tag: value_of(directory.entries[tag]) for tag in sorted(tags if wanted is None else tags & wanted)}
