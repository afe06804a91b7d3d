"""Writes restored photos: upright, by the photo's own curves, with its profile and metadata, all or nothing.

Pixels are turned upright and the orientation is written as 1, in EXIF and XMP alike: a program that ignores the tag shows the
photo right, and so does one that obeys it. A turned tag beside unturned pixels is right in the second kind only.
"""

from __future__ import annotations

import errno
import glob
import os
import shutil
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

import numpy as np

from ddm_studio.errors import DiskFullError, InputError, PhotoError
from ddm_studio.photos.colour import SRGB_CURVES, Floats, Rendering
from ddm_studio.photos.jpeg_writing import jpeg_losses, write_jpeg
from ddm_studio.photos.layout import Canvas, Pixels
from ddm_studio.photos.photo import Photo, PhotoInfo
from ddm_studio.photos.png_writing import write_png
from ddm_studio.photos.rendering import screen_light, turn_upright, upright_size
from ddm_studio.photos.tiff_writing import write_tiff
from ddm_studio.settings import FileSettings, PhotoFormat

SUFFIXES = {PhotoFormat.TIFF16: ".tif", PhotoFormat.PNG16: ".png", PhotoFormat.JPEG: ".jpg"}
_FORSAKEN_SECONDS = 3600
# Few enough to stay in a core's cache.
_PIXELS_AT_ONCE = 1 << 15
# Where no file of this size can be written, none of the next photo's can.
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def write_bands(
    path: Path, bands: Iterable[Floats], like: Photo, settings: FileSettings, between_bands: Callable[[], None] = lambda: None
) -> tuple[str, ...]:
    """Write a restored photo beside nothing half-finished: a temporary file takes its place when it is complete.

    Args:
        path: Where to; a file there is replaced, the source photo never.
        bands: (h, width, 3) linear light each, of the *upright* photo from its top, of any height.
        like: The photo it was made from: orientation, curves, colour profile, metadata and alpha.
        settings: Kind of file.
        between_bands: Called before each band; may raise `Cancelled`, and nothing is left behind.

    Returns:
        What of the photo's metadata could not be kept, in phrases for a person.

    Raises:
        PhotoError: It cannot be written, or would replace the source.
    """
    _refuse_source(path, like.info.path)
    is_jpeg = settings.photo_format is PhotoFormat.JPEG
    width, height = upright_size(like.info)
    canvas = Canvas(width, height, like.rendering.is_grey, like.alpha is not None and not is_jpeg, like.rendering.icc)
    metadata = like.metadata.upright(width, height, like.info.orientation, like.info.has_orientation)
    codes = _coded_bands(bands, like, canvas, 255 if is_jpeg else 65535, between_bands)
    with _whole_file(path) as stream:
        match settings.photo_format:
            case PhotoFormat.TIFF16:
                write_tiff(stream, codes, canvas, metadata)
            case PhotoFormat.PNG16:
                write_png(stream, codes, canvas, metadata)
            case PhotoFormat.JPEG:
                write_jpeg(stream, codes, canvas, metadata, settings)
    losses = jpeg_losses(like.alpha is not None, metadata) if is_jpeg else ()
    if settings.photo_format is PhotoFormat.TIFF16 and metadata.texts:
        losses = ("comments are left out: a TIFF has no place for them",)
    return (*like.info.told, *metadata.told, *losses)


def encoded_codes(linear: Floats, rendering: Rendering, top_code: int) -> Pixels:
    """Codes 0 to `top_code` (height, width, 3), or (height, width, 1) when grey, by the curves of the written file."""
    height, width = linear.shape[:2]
    curves = (SRGB_CURVES if rendering.is_raw else rendering.curves)[: 1 if rendering.is_grey else 3]
    shape = height, width, len(curves)
    codes: Pixels = np.empty(shape, np.uint8) if top_code == 255 else np.empty(shape, np.uint16)
    rows = max(1, _PIXELS_AT_ONCE // max(width, 1))
    for top in range(0, height, rows):
        light, written = written_light(linear[top : top + rows], rendering), codes[top : top + rows]
        if len(set(curves)) == 1:
            written[:] = _nearest(curves[0].encode(light), top_code)
            continue
        for channel, curve in enumerate(curves):
            written[:, :, channel] = _nearest(curve.encode(light[:, :, channel]), top_code)
    return codes


def _nearest(encoded: Floats, top_code: int) -> Floats:
    """Encoded values as whole codes: of the 65535 a float32 leaves a hundredth, which no rounding to the nearest needs."""
    codes = np.clip(encoded, 0, 1)
    codes *= top_code
    return np.rint(codes, out=codes)


def written_light(linear: Floats, rendering: Rendering) -> Floats:
    """Linear light 0-1 in the written file's own primaries: (height, width, 3), or (height, width, 1) when grey."""
    if rendering.is_raw:
        return screen_light(linear, rendering.to_srgb)
    # What is no number becomes 0.
    light: Floats = np.fmin(np.fmax(linear, 0), 1)
    return (light @ rendering.to_srgb[:1].T).astype(np.float32) if rendering.is_grey else light


def _remove_what_a_crash_left(path: Path) -> None:
    """Temporary files of the same photo that nobody has written to for an hour."""
    for part in path.parent.glob(f".{glob.escape(path.name)}.*.part"):
        with suppress(OSError):
            if time.time() - part.stat().st_mtime > _FORSAKEN_SECONDS:
                part.unlink()


def _coded_bands(bands: Iterable[Floats], like: Photo, canvas: Canvas, top_code: int, between: Callable[[], None]) -> Iterator[Pixels]:
    alpha = turn_upright(like.alpha, like.info.orientation) if like.alpha is not None and canvas.has_alpha else None
    top = 0
    for band in bands:
        between()
        codes = encoded_codes(band, like.rendering, top_code)
        if alpha is not None:
            opaque = alpha[top : top + len(band), :, None]
            # 255 x 257 is 65535: all 8-bit codes have an exact one in 16 bits.
            codes = np.concatenate([codes, opaque if opaque.dtype == np.uint16 else opaque.astype(np.uint16) * 257], axis=2)
        top += len(band)
        yield codes
    if top != canvas.height:
        raise ValueError(f"the bands hold {top} rows of {canvas.height}")


def make_folder(folder: Path) -> None:
    """Make the folder for photos where it is missing.

    Raises:
        InputError: It cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"The folder {folder} cannot be made", error.strerror or str(error), "Choose another folder") from error


def check_room(folder: Path, info: PhotoInfo, settings: FileSettings) -> None:
    """Refuse to begin where the disk cannot hold the result.

    Raises:
        DiskFullError: Naming what is needed and what is free.
    """
    codes = 3 if settings.photo_format is PhotoFormat.JPEG else 6
    needed = info.width * info.height * codes
    free = shutil.disk_usage(folder).free
    if free < needed:
        what = f"There is no room for the deblurred {info.path.name}"
        raise DiskFullError(what, f"{needed / 1e6:.0f} MB may be needed and {free / 1e6:.0f} MB are free in {folder}", "Make room")


def _refuse_source(path: Path, source: Path) -> None:
    with suppress(OSError):
        if path.samefile(source):
            raise PhotoError(
                f"{path.name} is not written", "it would replace the original photo", "Choose another folder for the deblurred photos"
            )


@contextmanager
def _whole_file(path: Path) -> Iterator[BinaryIO]:
    """A stream whose content appears at `path` only when all of it is safely on disk."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _remove_what_a_crash_left(path)
        try:
            with part.open("wb") as stream:
                yield stream
                stream.flush()
                os.fsync(stream.fileno())
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        kind = DiskFullError if error.errno in _FULL else PhotoError
        raise kind(f"{path.name} cannot be written", error.strerror or str(error), "Choose another folder or make room") from error
