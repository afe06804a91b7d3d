"""Small upright pictures for lists, fast: from the preview in a raw, from reduced JPEGs, from every n-th pixel."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ddm_studio.photos import jpeg_file, png_file, raw_file, tiff_file
from ddm_studio.photos.file_kind import FileKind
from ddm_studio.photos.reading import describe, file_kind, linear_light
from ddm_studio.photos.rendering import render_for_display, turn_upright
from ddm_studio.photos.stored import Codes, damaged_files_told


def read_thumbnail(path: Path, max_side: int) -> NDArray[np.uint8]:
    """An upright sRGB picture (height, width, 3) whose longer side is at most `max_side`.

    Raises:
        PhotoError: It is no photo, or one that cannot be used.
    """
    with damaged_files_told(path):
        kind = file_kind(path)
        picture = _from_raw(path, max_side) if kind is FileKind.RAW else _from_picture(path, kind, max_side)
    return _fitted(picture, max_side)


def _from_raw(path: Path, max_side: int) -> NDArray[np.uint8]:
    """The embedded preview when it is large enough (it is stored in the sensor frame, as the raw), else a quick look."""
    embedded = _decoded(raw_file.read_embedded(path))
    if embedded is not None and max(embedded.shape[:2]) >= max_side:
        return np.ascontiguousarray(turn_upright(embedded, raw_file.read_info(path)[0].orientation))
    info, pixels, rendering = raw_file.read_half_size(path)
    step = _step(pixels.shape, max_side)
    return render_for_display(np.ascontiguousarray(pixels[::step, ::step]), rendering, info.orientation)


def _decoded(preview: bytes | NDArray[np.uint8] | None) -> NDArray[np.uint8] | None:
    if isinstance(preview, bytes):
        try:
            return np.asarray(jpeg_file.open_bare(preview).convert("RGB"))
        except (OSError, ValueError, SyntaxError):
            return None
    return preview


def _from_picture(path: Path, kind: FileKind, max_side: int) -> NDArray[np.uint8]:
    codes: Codes
    match kind:
        case FileKind.JPEG:
            header, codes = jpeg_file.read_header(path), jpeg_file.read_reduced_codes(path, 2 * max_side)
        case FileKind.PNG:
            header, codes = png_file.read_header(path), png_file.read_codes(path)
        case _:
            header, codes = tiff_file.read_header(path), tiff_file.read_codes(path)
    info, rendering, curves = describe(path, header)
    step = _step(codes.shape, max_side)
    return render_for_display(linear_light(codes[::step, ::step], curves, header.top_code), rendering, info.orientation)


def _step(shape: tuple[int, ...], max_side: int) -> int:
    """Every so manieth pixel still leaves twice the pixels wanted, to be averaged."""
    return max(1, max(shape[:2]) // (2 * max_side))


def _fitted(picture: NDArray[np.uint8], max_side: int) -> NDArray[np.uint8]:
    image = Image.fromarray(picture)
    image.thumbnail((max_side, max_side))
    return np.asarray(image)
