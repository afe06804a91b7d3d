"""Reads photos of every kind into linear light: the one door through which pixels enter.

Stored pixels are the sensor frame. EXIF orientation is noted, never applied: a lens does not turn with the picture.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ddm_studio.errors import PhotoError
from ddm_studio.photos import jpeg_file, png_file, raw_file, tiff_file
from ddm_studio.photos.colour import (
    DISPLAY_RECIPE,
    GREY_TO_SRGB,
    SRGB,
    SRGB_COLORANTS,
    SRGB_CURVES,
    SRGB_RENDERING,
    ColourSpace,
    Floats,
    Rendering,
    ToneCurve,
)
from ddm_studio.photos.corrections import told_corrections
from ddm_studio.photos.exif import shot_facts
from ddm_studio.photos.file_kind import FileKind, NotAPhotoError, kind_of_file
from ddm_studio.photos.icc import DamagedIccError, IccError, parse_icc
from ddm_studio.photos.metadata_reading import metadata_of_picture, metadata_of_raw, metadata_of_tiff
from ddm_studio.photos.photo import Photo, PhotoInfo
from ddm_studio.photos.stored import Codes, StoredPicture, damaged_files_told, unusable

__all__ = ["ColourSpace", "OpenedPhoto", "Photo", "PhotoInfo", "Rendering", "open_photo", "read_photo", "read_photo_info"]

# Few enough to stay in a core's cache.
_PIXELS_AT_ONCE = 1 << 15


@dataclass(frozen=True)
class _Format:
    read_header: Callable[[Path], StoredPicture]
    read_codes: Callable[[Path], tuple[Codes, NDArray[np.uint8] | NDArray[np.uint16] | None]]


_FORMATS = {
    FileKind.JPEG: _Format(jpeg_file.read_header, lambda path: (jpeg_file.read_codes(path), None)),
    FileKind.PNG: _Format(png_file.read_header, png_file.read_codes_and_alpha),
    FileKind.TIFF: _Format(tiff_file.read_header, tiff_file.read_codes_and_alpha),
}


def read_photo_info(path: Path) -> PhotoInfo:
    """What the header of a photo says; the pixels may still turn out damaged.

    Raises:
        PhotoError: It is no photo, or one that cannot be used.
    """
    with damaged_files_told(path):
        kind = file_kind(path)
        if kind is FileKind.RAW:
            return raw_file.read_info(path)[0]
        return describe(path, _FORMATS[kind].read_header(path))[0]


def read_photo(path: Path) -> Photo:
    """The pixels in linear light, in the sensor frame and the photo's own primaries.

    Raises:
        PhotoError: It is no photo, or damaged, or one that cannot be used.
    """
    opened = open_photo(path)
    return replace(opened.photo, pixels=opened.rows(0, opened.photo.info.height))


@dataclass(frozen=True, eq=False)
class OpenedPhoto:
    """A photo whose pixels are not all in memory as linear light.

    TIFFs in strips are read band by band. JPEG, PNG, and other TIFFs are decoded whole by their libraries, and kept as the
    file's own codes, a quarter to half the size; raws are developed whole.

    Attributes:
        photo: All but the pixels: of these it holds no row.
    """

    photo: Photo
    _rows: Callable[[int, int], Floats]

    def rows(self, top: int, bottom: int) -> Floats:
        """Rows `top` to `bottom` as `Photo.pixels` has them.

        Raises:
            PhotoError: The file is damaged there.
        """
        with damaged_files_told(self.photo.info.path):
            return self._rows(top, bottom)


def open_photo(path: Path) -> OpenedPhoto:
    """A photo ready to be read band by band.

    Raises:
        PhotoError: It is no photo, or damaged, or one that cannot be used.
    """
    with damaged_files_told(path):
        kind = file_kind(path)
        if kind is FileKind.RAW:
            info, pixels, rendering, tags = raw_file.read_pixels(path)
            return OpenedPhoto(Photo(info, pixels[:0], rendering, metadata_of_raw(path, tags)), lambda top, bottom: pixels[top:bottom])
        header = _FORMATS[kind].read_header(path)
        info, rendering, curves = describe(path, header)
        read, alpha = _codes(path, kind, info)
        coding = jpeg_file.read_coding(path) if kind is FileKind.JPEG else None
        metadata = metadata_of_tiff(path, header.tags, header.xmp) if kind is FileKind.TIFF else metadata_of_picture(header)
        photo = Photo(info, np.empty((0, info.width, 3), np.float32), rendering, metadata, coding, alpha)
        return OpenedPhoto(photo, lambda top, bottom: linear_light(read(top, bottom), curves, header.top_code))


def _codes(
    path: Path, kind: FileKind, info: PhotoInfo
) -> tuple[Callable[[int, int], Codes], NDArray[np.uint8] | NDArray[np.uint16] | None]:
    """Reads codes of a band of rows; and alpha."""
    bands = tiff_file.open_bands(path) if kind is FileKind.TIFF else None
    if bands is not None:
        return bands, None
    codes, alpha = _FORMATS[kind].read_codes(path)
    if codes.shape[:2] != (info.height, info.width):
        raise PhotoError(f"{path.name} cannot be read", f"its header promises {info.width} × {info.height} pixels, its data differ")
    return lambda top, bottom: codes[top:bottom], alpha


def file_kind(path: Path) -> FileKind:
    """What `path` is, by content first.

    Raises:
        PhotoError: It is no photo that can be read.
    """
    try:
        kind = kind_of_file(path)
    except NotAPhotoError as reason:
        raise PhotoError(f"{path.name} cannot be read", str(reason)) from reason
    return FileKind.RAW if kind is FileKind.TIFF and tiff_file.holds_raw(path) else kind


def describe(path: Path, header: StoredPicture) -> tuple[PhotoInfo, Rendering, tuple[ToneCurve, ToneCurve, ToneCurve]]:
    """What is known of a photo from its header, how to show it, and the curves its codes are decoded by.

    Raises:
        PhotoError: Its colour profile cannot be used.
    """
    header, told = _without_damaged_profile(header)
    space, rendering, curves = _colour(path, header)
    facts = shot_facts(header.tags)
    info = PhotoInfo(
        path=path,
        width=header.width,
        height=header.height,
        orientation=header.orientation or 1,
        has_orientation=header.orientation is not None,
        colour=ColourSpace(DISPLAY_RECIPE, space),
        bit_depth=header.bit_depth,
        camera=facts.camera,
        lens=facts.lens,
        focal_length=facts.focal_length,
        aperture=facts.aperture,
        iso=facts.iso,
        focus_distance=facts.focus_distance,
        corrections=told_corrections(header.exif, header.xmp),
        taken=facts.taken,
        told=told,
        recorded=facts.recorded,
        pixel_pitch=facts.pixel_pitch,
        focal_length_35mm=facts.focal_length_35mm,
    )
    return info, rendering, curves


def _without_damaged_profile(header: StoredPicture) -> tuple[StoredPicture, tuple[str, ...]]:
    try:
        if header.icc is not None:
            parse_icc(header.icc)
    except DamagedIccError as problem:
        return replace(header, icc=None), (f"{problem}: its colours are taken to be sRGB, as other programs do",)
    except IccError:
        pass
    return header, ()


def _colour(path: Path, header: StoredPicture) -> tuple[str, Rendering, tuple[ToneCurve, ToneCurve, ToneCurve]]:
    if header.icc is None:
        rendering = Rendering(SRGB_CURVES, GREY_TO_SRGB, False, None, is_grey=True) if header.is_grey else SRGB_RENDERING
        return SRGB, rendering, SRGB_CURVES
    try:
        profile = parse_icc(header.icc)
    except IccError as problem:
        # A sound one that is a look-up table: without its curves nothing is known of the light.
        raise unusable(path, str(problem), "Export it with the profile sRGB or Adobe RGB") from problem
    if profile.is_grey:
        if not header.is_grey:
            raise unusable(path, f'its colour profile "{profile.name}" is for grey photos', "Export it with the profile sRGB or Adobe RGB")
        return SRGB, Rendering(profile.curves, GREY_TO_SRGB, False, header.icc, is_grey=True), profile.curves
    if profile.is_srgb:
        return SRGB, Rendering(SRGB_RENDERING.curves, np.eye(3), False, header.icc), profile.curves
    to_srgb = np.linalg.inv(SRGB_COLORANTS) @ profile.colorants
    space = f"icc {profile.name} {profile.fingerprint}"
    return space, Rendering(profile.curves, to_srgb, False, header.icc), profile.curves


def linear_light(codes: Codes, curves: tuple[ToneCurve, ToneCurve, ToneCurve], top_code: float) -> Floats:
    """Stored codes (h, w, 3) or grey (h, w) as linear light (h, w, 3)."""
    height, width = codes.shape[:2]
    pixels = np.empty((height, width, 3), np.float32)
    lookups = [_lookup(curve, codes.dtype, top_code) for curve in curves]
    rows = max(1, _PIXELS_AT_ONCE // max(width, 1))
    for top in range(0, height, rows):
        band, light = codes[top : top + rows], pixels[top : top + rows]
        if curves[0] is curves[1] is curves[2]:
            light[:] = lookups[0](band if band.ndim == 3 else band[:, :, None])
            continue
        for channel, lookup in enumerate(lookups):
            light[:, :, channel] = lookup(band if band.ndim == 2 else band[:, :, channel])
    return pixels


def _lookup(curve: ToneCurve, kind: np.dtype[Any], top_code: float) -> Callable[[NDArray[Any]], NDArray[np.floating]]:
    """A function from codes to linear light: exact and quick for integers by a table of all codes."""
    if kind.kind == "f":
        return lambda codes: curve.decode(codes.astype(np.float64))
    table = _table(curve, int(top_code))
    # Codes above the top are possible where a file says fewer bits than it uses.
    return lambda codes: table.take(codes, mode="clip")


@lru_cache(maxsize=8)
def _table(curve: ToneCurve, top_code: int) -> Floats:
    return curve.decode_codes(top_code)
