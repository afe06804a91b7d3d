"""Decides what a file is: by its content first, by its suffix only where content cannot tell."""

from __future__ import annotations

from enum import Enum, auto
from pathlib import Path

RAW_SUFFIXES = frozenset(
    f".{name}"
    for name in (
        *("3fr", "arw", "bay", "cr2", "cr3", "crw", "dcr", "dng", "erf", "fff", "iiq", "k25", "kdc", "mef", "mos", "mrw"),
        *("nef", "nrw", "orf", "pef", "raf", "raw", "rw2", "rwl", "sr2", "srf", "srw", "x3f"),
    )
)
PICTURE_SUFFIXES = frozenset((".jpg", ".jpeg", ".jpe", ".tif", ".tiff", ".png"))

_RAW_BEGINNINGS = (b"FUJIFILMCCD-RAW", b"IIU\0", b"IIRO", b"IIRS", b"MMOR", b"FOVb", b"\0MRM", b"II\x1a\0\0\0HEAPCCDR")
_TIFF_BEGINNINGS = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_OTHER_PICTURES = {b"GIF8": "GIF", b"BM": "BMP", b"8BPS": "Photoshop", b"v/1\x01": "OpenEXR", b"gimp xcf": "GIMP", b"\xff\x0a": "JPEG XL"}


class FileKind(Enum):
    """What a file is to us."""

    JPEG = auto()
    PNG = auto()
    TIFF = auto()
    RAW = auto()


class NotAPhotoError(ValueError):
    """The message is the reason in words for a person."""


def kind_of_file(path: Path) -> FileKind:
    """What `path` is.

    A file that begins as a TIFF is TIFF or RAW by its suffix here; `tiff_file.holds_raw` looks at its tags.

    Raises:
        NotAPhotoError: It is no photo that can be read.
        OSError: It cannot be opened.
    """
    with path.open("rb") as stream:
        start = stream.read(32)
    suffix = path.suffix.lower()
    if start[:3] == b"\xff\xd8\xff":
        return FileKind.JPEG
    if start[:8] == b"\x89PNG\r\n\x1a\n":
        return FileKind.PNG
    if start.startswith(_TIFF_BEGINNINGS):
        return FileKind.RAW if start[8:10] == b"CR" else FileKind.TIFF
    if start.startswith(_RAW_BEGINNINGS) or start[4:11] == b"ftypcrx":
        return FileKind.RAW
    _refuse(start, suffix)
    return FileKind.RAW


def _refuse(start: bytes, suffix: str) -> None:
    """Raise the fitting sentence, unless libraw may know what a file with this suffix is."""
    if not start:
        raise NotAPhotoError("the file is empty")
    if start[4:8] == b"ftyp" and start[8:12] in (b"heic", b"heix", b"mif1", b"avif", b"msf1"):
        raise NotAPhotoError("HEIC and AVIF pictures cannot be read; export it as TIFF")
    if start[:4] == b"RIFF" and start[8:12] == b"WEBP":
        raise NotAPhotoError("WebP pictures cannot be read; export it as TIFF")
    for beginning, name in _OTHER_PICTURES.items():
        if start.startswith(beginning):
            raise NotAPhotoError(f"{name} pictures cannot be read; export it as TIFF")
    if suffix in RAW_SUFFIXES:
        return
    if suffix in PICTURE_SUFFIXES:
        raise NotAPhotoError(f"its name ends in {suffix}, but its content is not a picture")
    raise NotAPhotoError("it is not a photo")
