"""Gathers the metadata of a photo. Nothing here can lose the photo: a part that is damaged is left out, and `told` says so."""

from __future__ import annotations

import mmap
from collections.abc import Callable
from pathlib import Path

from ddm_studio.photos import raw_file
from ddm_studio.photos.exif import Tags, clean_block, resolution_of
from ddm_studio.photos.exif_block import ExifError, read_tree
from ddm_studio.photos.exif_collected import collected_block, salvaged_block
from ddm_studio.photos.iptc import iptc_of_resources, sound_iptc
from ddm_studio.photos.jpeg_file import exif_of_preview
from ddm_studio.photos.metadata import Metadata
from ddm_studio.photos.stored import StoredPicture
from ddm_studio.photos.xmp import XmpError, checked_xmp, without_development

_EXIF_START = b"Exif\0\0"
_XMP, _IPTC, _RESOURCES = 700, 33723, 34377


def metadata_of_picture(header: StoredPicture) -> Metadata:
    """The metadata of a JPEG or PNG."""
    told = list(header.told)
    exif = header.exif.removeprefix(_EXIF_START)
    if exif:
        exif = _sound_exif(lambda: _kept_or_salvaged(exif), header.tags, told)
    resolution = header.resolution or resolution_of(header.tags)
    return Metadata(exif, _sound_xmp(header.xmp, told), header.iptc, resolution, header.texts, tuple(told))


def metadata_of_tiff(path: Path, tags: Tags, xmp: bytes) -> Metadata:
    """The metadata of a TIFF."""
    told: list[str] = []
    with path.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as content:
        exif = _sound_exif(lambda: collected_block(content, turned_to_srgb=False), tags, told)
        iptc = _iptc_of_tiff(content)
    return Metadata(exif, _sound_xmp(xmp, told), iptc, resolution_of(tags), (), tuple(told))


def metadata_of_raw(path: Path, tags: Tags) -> Metadata:
    """The metadata of a raw: its own tags where it is built like a TIFF, else those of the preview that the camera put into it."""
    told: list[str] = []
    with path.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as content:
        try:
            packet = read_tree(content).main.entries.get(_XMP)
            xmp = without_development(_sound_xmp(packet.data, told)) if packet else b""
            exif, lost = collected_block(content, turned_to_srgb=True)
        except ExifError:
            xmp, (exif, lost) = b"", _block_of_preview(path, tags)
    return Metadata(exif, xmp, b"", None, (), (*told, *lost))


def _block_of_preview(path: Path, tags: Tags) -> tuple[bytes, tuple[str, ...]]:
    preview = raw_file.read_embedded(path)
    block = exif_of_preview(preview).removeprefix(_EXIF_START) if isinstance(preview, bytes) else b""
    try:
        return collected_block(block, turned_to_srgb=True)
    except ExifError:
        # Neither is there: no harm is done, and ExifRead may know the format.
        return clean_block(tags).removeprefix(_EXIF_START), ()


def _sound_exif(read: Callable[[], tuple[bytes, tuple[str, ...]]], tags: Tags, told: list[str]) -> bytes:
    """The block that `read` gives; what ExifRead understood of it where it gives none."""
    try:
        block, lost = read()
    except ExifError:
        block, lost = clean_block(tags).removeprefix(_EXIF_START), ("its EXIF data are damaged",)
    told.extend(lost)
    return block


def _kept_or_salvaged(block: bytes) -> tuple[bytes, tuple[str, ...]]:
    # A TIFF will begin with these very bytes.
    begins_well = block[:4] in (b"II*\0", b"MM\0*")
    return (block, ()) if begins_well and read_tree(block).whole else salvaged_block(block)


def _sound_xmp(packet: bytes, told: list[str]) -> bytes:
    if not packet:
        return b""
    try:
        return checked_xmp(packet)
    except XmpError as error:
        told.append(f"its XMP data are damaged and left out ({error})")
        return b""


def _iptc_of_tiff(content: mmap.mmap) -> bytes:
    try:
        main = read_tree(content).main.entries
    except ExifError:
        return b""
    records = sound_iptc(main[_IPTC].data.rstrip(b"\0")) if _IPTC in main else b""
    return records or (iptc_of_resources(main[_RESOURCES].data) if _RESOURCES in main else b"")
