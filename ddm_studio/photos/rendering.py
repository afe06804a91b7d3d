"""From the sensor frame to what a person sees: upright, encoded, in the colours of the screen."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from ddm_studio.optics.display_curve import encode
from ddm_studio.photos.colour import Floats, Matrix, Rendering
from ddm_studio.photos.photo import Photo, PhotoInfo

Array = TypeVar("Array", bound="NDArray[np.generic]")

_PIXELS_AT_ONCE = 1 << 20
_FINE = 65535
# 8-bit sRGB code of linear light in steps of 1/65535: the steepest part of the curve rises 0.05 codes a step.
_CODE_OF_LIGHT = np.round(encode(np.linspace(0, 1, _FINE + 1)) * 255).astype(np.uint8)


def render_for_display(linear: Floats, like: Photo | Rendering, orientation: int) -> NDArray[np.uint8]:
    """An upright 8-bit sRGB picture.

    Args:
        linear: (height, width, 3) linear light in the sensor frame; a crop will do.
        like: Where the pixels come from.
        orientation: EXIF orientation of the photo, 1-8.

    Returns:
        (height, width, 3), sides swapped where the orientation says so.
    """
    check_picture(linear)
    rendering = like.rendering if isinstance(like, Photo) else like
    return np.ascontiguousarray(turn_upright(screen_codes(linear, rendering.to_srgb), orientation))


def screen_codes(linear: Floats, to_srgb: Matrix) -> NDArray[np.uint8]:
    """8-bit sRGB of linear RGB (height, width, 3) whose (3, 3) matrix to linear sRGB is given."""
    picture = np.empty(linear.shape, np.uint8)
    for rows in row_bands(linear):
        picture[rows] = _CODE_OF_LIGHT.take((screen_light(linear[rows], to_srgb) * _FINE + 0.5).astype(np.uint16))
    return picture


def screen_light(linear: Floats, to_srgb: Matrix) -> Floats:
    """Linear sRGB in 0-1 of the photo's own linear RGB; what the screen cannot show is clipped."""
    light = linear @ to_srgb.T.astype(np.float32)
    return np.fmin(np.fmax(light, 0, out=light), 1, out=light)


def check_picture(linear: Floats) -> None:
    """Refuse anything that is not (height, width, 3).

    Raises:
        ValueError: Naming the given shape.
    """
    if linear.ndim != 3 or linear.shape[2] != 3:
        raise ValueError(f"a picture must be (height, width, 3), got {linear.shape}")


def row_bands(linear: Floats) -> list[slice]:
    """Slices of rows, each about a million pixels: enough to be quick, little enough to need no memory."""
    height, width = linear.shape[:2]
    rows = max(1, _PIXELS_AT_ONCE // max(1, width))
    return [slice(top, min(top + rows, height)) for top in range(0, height, rows)]


def turn_upright(array: Array, orientation: int) -> Array:
    """A view of an array (height, width, ...) in the sensor frame as a person should see it.

    EXIF 2.3, tag 274: 1 as it is, 2 mirrored, 3 upside down, 4 flipped, 5 transposed, 6 to be turned clockwise,
    7 transposed across the other diagonal, 8 to be turned counter-clockwise.

    Raises:
        ValueError: The orientation is not 1-8.
    """
    if orientation not in range(1, 9):
        raise ValueError(f"an EXIF orientation is 1 to 8, got {orientation}")
    turned: Any = array
    if orientation in (3, 4, 6, 7):
        turned = turned[::-1]
    if orientation in (2, 3, 7, 8):
        turned = turned[:, ::-1]
    if orientation >= 5:
        turned = turned.swapaxes(0, 1)
    return cast(Array, turned)


def upright_bands(bands: Iterable[Floats], info: PhotoInfo) -> Iterator[Floats]:
    """Bands of rows of the upright photo, from those of the sensor frame; unless both begin with the same row, all are waited for."""
    if info.orientation in (1, 2):
        yield from (turn_upright(band, info.orientation) for band in bands)
        return
    frame, top = np.empty((info.height, info.width, 3), np.float32), 0
    for band in bands:
        frame[top : top + len(band)] = band
        top += len(band)
    upright = turn_upright(frame, info.orientation)
    for rows in row_bands(upright):
        yield upright[rows]


def turn_to_sensor(array: Array, orientation: int) -> Array:
    """A view of an upright array (height, width, ...) in the sensor frame: the way back from `turn_upright`."""
    turned: Any = array
    if orientation >= 5:
        turned = turned.swapaxes(0, 1)
    if orientation in (3, 4, 6, 7):
        turned = turned[::-1]
    if orientation in (2, 3, 7, 8):
        turned = turned[:, ::-1]
    return cast(Array, turned)


def upright_size(info: PhotoInfo) -> tuple[int, int]:
    """Width and height of the photo as a person sees it."""
    return (info.height, info.width) if info.orientation >= 5 else (info.width, info.height)


def crop_to_upright(left: int, top: int, width: int, height: int, info: PhotoInfo) -> tuple[int, int, int, int]:
    """The same crop (left, top, width, height) of the sensor frame in the upright photo."""
    if info.orientation in (3, 4, 6, 7):
        top = info.height - top - height
    if info.orientation in (2, 3, 7, 8):
        left = info.width - left - width
    return (top, left, height, width) if info.orientation >= 5 else (left, top, width, height)


def crop_to_sensor(left: int, top: int, width: int, height: int, info: PhotoInfo) -> tuple[int, int, int, int]:
    """The same crop (left, top, width, height) of the upright photo in its sensor frame."""
    if info.orientation >= 5:
        left, top, width, height = top, left, height, width
    if info.orientation in (3, 4, 6, 7):
        top = info.height - top - height
    if info.orientation in (2, 3, 7, 8):
        left = info.width - left - width
    return left, top, width, height
