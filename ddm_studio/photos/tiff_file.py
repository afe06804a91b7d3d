"""TIFF files through tifffile, which neither turns pixels nor reduces their bits as Pillow does."""

from __future__ import annotations

from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import tifffile
from numpy.typing import NDArray

from ddm_studio.photos.exif import orientation_of, read_tags
from ddm_studio.photos.file_kind import RAW_SUFFIXES
from ddm_studio.photos.stored import Codes, StoredPicture, check_pixel_count, unusable

_CFA, _LINEAR_RAW = 32803, 34892
_DNG_VERSION = 50706
_PREMULTIPLIED, _STRAIGHT = 1, 2
_USABLE = {0: "white is zero", 1: "grey", 2: "RGB", 3: "palette", 6: "YCbCr"}
# The decoder of a JPEG inside a TIFF gives RGB; nothing else turns YCbCr back.
_JPEG_INSIDE = (6, 7)
# LZW, deflate in both numbers, PackBits, Zstandard: each strip is decoded by itself.
_LOSSLESS = (5, 8, 32946, 32773, 50000)
_UNUSABLE = {4: "a transparency mask", 5: "a CMYK picture, made for printing", 8: "a Lab picture", 9: "a Lab picture", 10: "a Lab picture"}


def holds_raw(path: Path) -> bool:
    """Whether a file that begins as a TIFF is a camera raw: by its tags, else by its suffix."""
    with tifffile.TiffFile(path) as tiff:
        first: Any = tiff.pages[0]
        pages = [first, *(first.pages or ())]
        if _DNG_VERSION in first.tags or any(_number(page, 262) in (_CFA, _LINEAR_RAW) for page in pages):
            return True
    return path.suffix.lower() in RAW_SUFFIXES


def read_header(path: Path) -> StoredPicture:
    """Size, orientation, profile and EXIF of a TIFF.

    Raises:
        PhotoError: It is a kind of TIFF that cannot be used.
        tifffile.TiffFileError: It is damaged or cut short.
    """
    with tifffile.TiffFile(path) as tiff:
        page = _the_picture(path, tiff)
        check_pixel_count(path, page.imagewidth, page.imagelength)
        _check_kind(path, page)
        _check_extent(page, path.stat().st_size)
        orientation = _number(page, 274)
        icc, xmp = page.tags.get(34675), page.tags.get(700)
        bits = int(page.bitspersample)
        is_float = page.dtype.kind == "f"
        is_palette = page.photometric == 3
        with path.open("rb") as stream:
            tags = read_tags(stream)
        return StoredPicture(
            page.imagewidth,
            page.imagelength,
            bits,
            page.photometric in (0, 1),
            (orientation if orientation in range(1, 9) else None) if orientation is not None else orientation_of(tags),
            bytes(icc.value) if icc is not None else None,
            1.0 if is_float else 65535 if is_palette else 2**bits - 1,
            tags,
            xmp=bytes(xmp.value) if xmp is not None else b"",
        )


def read_codes(path: Path) -> Codes:
    """Pixels (height, width, 3), or (height, width) when grey; alpha is dropped, a palette resolved.

    Raises:
        PhotoError: Floating point values leave 0-1.
        tifffile.TiffFileError: The data are damaged or end early.
    """
    return read_codes_and_alpha(path)[0]


def read_codes_and_alpha(path: Path) -> tuple[Codes, NDArray[np.uint8] | NDArray[np.uint16] | None]:
    """Pixels as by `read_codes`, and how opaque each is, (height, width) straight alpha; None where the file does not say.

    Raises:
        PhotoError: Floating point values leave 0-1.
        tifffile.TiffFileError: The data are damaged or end early.
    """
    alpha = None
    with tifffile.TiffFile(path) as tiff:
        page = _the_picture(path, tiff)
        _check_extent(page, path.stat().st_size)
        pixels = page.asarray()
        if page.axes == "SYX":
            pixels = np.moveaxis(pixels, 0, 2)
        if page.photometric == 3:
            return np.ascontiguousarray(_full_range(page.colormap)[:, pixels].transpose(1, 2, 0)), None
        if pixels.ndim == 3:
            pixels, alpha = _split_alpha(page, pixels)
        if page.photometric == 0:
            pixels = (1.0 if pixels.dtype.kind == "f" else 2 ** int(page.bitspersample) - 1) - pixels
    return (_checked_floats(path, pixels) if pixels.dtype.kind == "f" else pixels), alpha


class TiffBands:
    """Bands of rows of a TIFF, read from the file when they are asked for.

    Args:
        path: A TIFF whose bands can be read one by one, see `open_bands`.
        page: The picture in it.
        byteorder: ">" or "<".
    """

    def __init__(self, path: Path, page: Any, byteorder: str) -> None:
        self._path, self._page = path, page
        self._dtype = np.dtype(byteorder + page.dtype.char)
        self._row = (page.imagewidth, page.samplesperpixel) if page.samplesperpixel > 1 else (page.imagewidth,)
        self._strip: tuple[int, NDArray[Any]] | None = None

    def __call__(self, top: int, bottom: int) -> Codes:
        """Codes (bottom - top, width, 3), or (bottom - top, width) when grey.

        Raises:
            tifffile.TiffFileError: The data are damaged or end early.
        """
        with self._path.open("rb") as stream:
            codes = self._stored_bytes(stream, top, bottom) if self._page.compression == 1 else self._decoded(stream, top, bottom)
        return codes.astype(codes.dtype.newbyteorder("="), copy=False)

    def _stored_bytes(self, stream: BinaryIO, top: int, bottom: int) -> NDArray[Any]:
        per_row = int(np.prod(self._row))
        stream.seek(self._page.dataoffsets[0] + top * per_row * self._dtype.itemsize)
        codes = np.fromfile(stream, self._dtype, (bottom - top) * per_row)
        if len(codes) < (bottom - top) * per_row:
            raise tifffile.TiffFileError("the pixels end early")
        return codes.reshape(bottom - top, *self._row)

    def _decoded(self, stream: BinaryIO, top: int, bottom: int) -> NDArray[Any]:
        height = self._page.rowsperstrip
        strips = [self._decoded_strip(stream, number) for number in range(top // height, (bottom - 1) // height + 1)]
        first = top // height * height
        return np.concatenate(strips)[top - first : bottom - first].reshape(bottom - top, *self._row)

    def _decoded_strip(self, stream: BinaryIO, number: int) -> NDArray[Any]:
        # Bands follow each other: only the last strip is wanted twice.
        if self._strip is None or self._strip[0] != number:
            stream.seek(self._page.dataoffsets[number])
            segment, _, _ = self._page.decode(stream.read(self._page.databytecounts[number]), number)
            if segment is None:
                raise tifffile.TiffFileError("the pixels end early")
            self._strip = number, segment[0]
        return self._strip[1]


def open_bands(path: Path) -> TiffBands | None:
    """Bands of a TIFF of whole-number grey or RGB in strips, stored as they are or by a lossless compression; None for others.

    Raises:
        PhotoError: It is a kind of TIFF that cannot be used.
        tifffile.TiffFileError: The data are damaged or end early.
    """
    with tifffile.TiffFile(path) as tiff:
        page = _the_picture(path, tiff)
        _check_kind(path, page)
        _check_extent(page, path.stat().st_size)
        plain = page.photometric in (1, 2) and page.dtype in (np.uint8, np.uint16) and page.bitspersample in (8, 16)
        interleaved = page.axes in ("YX", "YXS") and page.samplesperpixel in (1, 3) and not page.is_tiled
        in_strips = page.is_memmappable if page.compression == 1 else page.compression in _LOSSLESS and page.fillorder == 1
        return TiffBands(path, page, tiff.byteorder) if plain and interleaved and in_strips else None


def _split_alpha(page: Any, pixels: Any) -> tuple[Any, NDArray[np.uint8] | NDArray[np.uint16] | None]:
    """Colours and straight alpha. One further channel of no stated kind is alpha, too: many programs do not say."""
    colours = 1 if pixels.shape[2] < 3 else 3
    kinds = [int(kind) for kind in page.extrasamples][: pixels.shape[2] - colours]
    marked = [number for number, kind in enumerate(kinds) if kind in (_PREMULTIPLIED, _STRAIGHT)] or ([0] if len(kinds) == 1 else [])
    codes = pixels[:, :, :colours]
    whole = pixels.dtype in (np.uint8, np.uint16) and int(page.bitspersample) in (8, 16)
    alpha = pixels[:, :, colours + marked[0]] if marked and whole else None
    if alpha is not None and kinds[marked[0]] == _PREMULTIPLIED:
        codes = _divided(codes, alpha)
    return (codes[:, :, 0] if colours == 1 else codes), alpha


def _divided(codes: Any, alpha: Any) -> Any:
    """Colours that were multiplied by alpha as they were before; nothing is known of those under transparent pixels."""
    top = np.iinfo(codes.dtype).max
    divided = np.rint(codes * (np.float64(top) / np.maximum(alpha, 1))[:, :, None])
    return np.minimum(divided, top).astype(codes.dtype)


def _the_picture(path: Path, tiff: tifffile.TiffFile) -> Any:
    """The one full-size picture; previews beside it are passed over."""
    pages: list[Any] = [page if isinstance(page, tifffile.TiffPage) else page.aspage() for page in tiff.pages]
    full = [page for page in pages if not int(_number(page, 254) or 0) & 5]
    if not full:
        full = pages[:1]
    largest = max(full, key=lambda page: page.imagewidth * page.imagelength)
    rivals = [page for page in full if 2 * page.imagewidth > largest.imagewidth and 2 * page.imagelength > largest.imagelength]
    if len(rivals) > 1:
        raise unusable(path, f"it holds {len(rivals)} pictures", "Save each picture as a file of its own")
    return largest


def _check_kind(path: Path, page: Any) -> None:
    photometric = int(page.photometric)
    if photometric not in _USABLE:
        raise unusable(path, f"it is {_UNUSABLE.get(photometric, 'a kind of TIFF that is not known here')}")
    if page.axes not in ("YX", "YXS", "SYX") or (photometric in (2, 6) and page.samplesperpixel < 3):
        raise unusable(path, f"its pixels are arranged in an unusual way ({page.axes})")
    if photometric == 6 and int(page.compression) not in _JPEG_INSIDE:
        raise unusable(path, "its colours are stored as brightness and colour differences")
    if page.dtype is None or page.dtype.kind not in "uf" or (page.dtype.kind == "u" and page.bitspersample > 16):
        raise unusable(path, f"its numbers are of the type {page.dtype}")


def _check_extent(page: Any, file_size: int) -> None:
    """A strip beyond the end of the file could be read as black."""
    for offset, count in zip(page.dataoffsets, page.databytecounts, strict=True):
        if offset == 0 or count == 0 or offset + count > file_size:
            raise tifffile.TiffFileError("the pixels end early")


def _full_range(colormap: NDArray[np.uint16]) -> NDArray[np.uint16]:
    """A palette whose white is 65535: many programs put 8-bit values into the upper byte only."""
    return colormap // 256 * 257 if not (colormap & 255).any() else colormap


def _checked_floats(path: Path, pixels: Any) -> Codes:
    # Rounding of other programs leaves 0-1 by a hair; high dynamic range leaves it by far.
    low, high = float(pixels.min()), float(pixels.max())
    if not (low >= -1e-3 and high <= 1 + 1e-3):
        raise unusable(path, f"its floating point values run from {low:g} to {high:g} instead of from 0 to 1")
    floats: Codes = np.clip(pixels, 0, 1).astype(np.float32, copy=False)
    return floats


def _number(page: Any, tag: int) -> int | None:
    found = page.tags.get(tag)
    return int(found.value) if found is not None and isinstance(found.value, int) else None
