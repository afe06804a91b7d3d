"""Camera raws and DNG through libraw: linear, 16 bit, in camera RGB, nothing improved.

White balance is applied as gains because the demosaicing needs balanced channels; a gain per channel does not change a
kernel. The colour matrix mixes channels and would: it is applied after restoring.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import rawpy
from numpy.typing import NDArray

from ddm_studio.photos.colour import RAW_RECIPE, SRGB_CURVES, ColourSpace, Floats, Matrix, Rendering
from ddm_studio.photos.exif import ShotFacts, Tags, orientation_of, read_tags, shot_facts
from ddm_studio.photos.icc_profiles import srgb_profile
from ddm_studio.photos.photo import PhotoInfo
from ddm_studio.photos.stored import check_pixel_count, unusable

# libraw's flip: 4 swaps the sides, 2 mirrors up and down, 1 mirrors left and right.
_ORIENTATION_OF_FLIP = {0: 1, 1: 2, 3: 3, 2: 4, 4: 5, 6: 6, 7: 7, 5: 8}

# Linear sRGB to XYZ with the D65 white, as dcraw has it.
_XYZ_OF_SRGB: Matrix = np.array([[0.412453, 0.357580, 0.180423], [0.212671, 0.715160, 0.072169], [0.019334, 0.119193, 0.950227]])


def read_info(path: Path) -> tuple[PhotoInfo, Tags]:
    """What the header of a raw says, without unpacking its pixels.

    Raises:
        PhotoError: A sensor that cannot be used.
        rawpy.LibRawError: Not a raw, or damaged.
    """
    with rawpy.RawPy() as raw:
        raw.open_file(str(path))
        return _info(path, raw)


def read_pixels(path: Path) -> tuple[PhotoInfo, Floats, Rendering, Tags]:
    """Camera RGB (height, width, 3) in linear light 0-1, white-balanced, in the sensor frame.

    Raises:
        PhotoError: A sensor that cannot be used.
        rawpy.LibRawError: Not a raw, or damaged.
    """
    with rawpy.imread(str(path)) as raw:
        info, tags = _info(path, raw)
        codes = develop(raw, rawpy.ColorSpace.raw)
        rendering = Rendering(SRGB_CURVES, _colour_matrix(raw), True, srgb_profile())
    if codes.shape[2] == 1:
        codes = np.repeat(codes, 3, axis=2)
    return info, np.multiply(codes, np.float32(1 / 65535), dtype=np.float32), rendering, tags


def read_half_size(path: Path) -> tuple[PhotoInfo, Floats, Rendering]:
    """A quick look at half the size: each 2 x 2 block of the sensor is one pixel."""
    with rawpy.imread(str(path)) as raw:
        info, _ = _info(path, raw)
        codes = develop(raw, rawpy.ColorSpace.raw, half_size=True)
        rendering = Rendering(SRGB_CURVES, _colour_matrix(raw), True, srgb_profile())
    if codes.shape[2] == 1:
        codes = np.repeat(codes, 3, axis=2)
    return info, np.multiply(codes, np.float32(1 / 65535), dtype=np.float32), rendering


def read_embedded(path: Path) -> bytes | NDArray[np.uint8] | None:
    """The preview that the camera put into the raw: JPEG bytes or pixels; None when there is none."""
    with rawpy.RawPy() as raw:
        raw.open_file(str(path))
        try:
            preview = raw.extract_thumb()
        except (rawpy.LibRawNoThumbnailError, rawpy.LibRawUnsupportedThumbnailError):
            return None
        data: bytes | NDArray[np.uint8] = preview.data
        return data


def develop(raw: Any, space: Any, half_size: bool = False) -> NDArray[np.uint16]:
    """The fixed recipe "libraw-linear-1" (height, width, 3), but for the output space and size.

    `adjust_maximum_thr=0`: otherwise libraw scales by each picture's own maximum. No camera balance in the file: daylight.
    """
    balance = raw.camera_whitebalance
    codes: NDArray[np.uint16] = raw.postprocess(
        demosaic_algorithm=rawpy.DemosaicAlgorithm.AHD,
        half_size=half_size,
        use_camera_wb=balance[0] > 0 and balance[2] > 0,
        output_color=space,
        output_bps=16,
        user_flip=0,
        gamma=(1, 1),
        no_auto_bright=True,
        adjust_maximum_thr=0.0,
        highlight_mode=rawpy.HighlightMode.Clip,
        fbdd_noise_reduction=rawpy.FBDDNoiseReductionMode.Off,
        median_filter_passes=0,
    )
    return codes


def _info(path: Path, raw: Any) -> tuple[PhotoInfo, Tags]:
    sizes = raw.sizes
    check_pixel_count(path, sizes.width, sizes.height)
    if raw.num_colors not in (1, 3):
        raise unusable(path, f"its sensor has {raw.num_colors} kinds of colour filters", "Develop it in another program and export a TIFF")
    with path.open("rb") as stream:
        tags = read_tags(stream)
    facts = shot_facts(tags)
    # libraw's numbers where ExifRead does not know the format; libraw turns an aperture tag of 0 into f/1.
    from_libraw = ShotFacts() if tags else _facts_of_libraw(raw)
    flip = _ORIENTATION_OF_FLIP.get(sizes.flip, 1)
    # libraw stretches non-square pixels on output.
    stretch = sizes.pixel_aspect or 1.0
    info = PhotoInfo(
        path=path,
        width=int(sizes.width * stretch + 0.5) if stretch > 1 else sizes.width,
        height=int(sizes.height / stretch + 0.5) if stretch < 1 else sizes.height,
        orientation=flip,
        has_orientation=flip != 1 or orientation_of(tags) is not None,
        colour=ColourSpace(RAW_RECIPE, f"camera RGB of {facts.camera or 'an unknown camera'}"),
        bit_depth=int(raw.white_level or 0).bit_length(),
        camera=facts.camera,
        lens=facts.lens or str(raw.lens.model).strip(),
        focal_length=facts.focal_length or from_libraw.focal_length or None,
        aperture=facts.aperture or from_libraw.aperture or None,
        iso=facts.iso or from_libraw.iso or None,
        focus_distance=facts.focus_distance,
        taken=facts.taken,
        pixel_pitch=facts.pixel_pitch,
        focal_length_35mm=facts.focal_length_35mm,
    )
    return info, tags


def _facts_of_libraw(raw: Any) -> ShotFacts:
    other = raw.other
    return ShotFacts(focal_length=other.focal_length, aperture=other.aperture, iso=other.iso_speed)


def _colour_matrix(raw: Any) -> Matrix:
    """(3, 3) from balanced camera RGB to linear sRGB; each row sums to 1, so that white stays white."""
    if raw.num_colors == 1:
        return np.eye(3)
    camera_of_xyz = np.asarray(raw.rgb_xyz_matrix, np.float64)[:3]
    if np.abs(camera_of_xyz).sum() > 0:
        return matrix_from_camera(camera_of_xyz)
    known = np.asarray(raw.color_matrix, np.float64)[:, :3]
    if np.abs(known).sum() > 0:
        balanced: Matrix = known / known.sum(1, keepdims=True)
        return balanced
    return _measured_matrix(raw)


def matrix_from_camera(camera_of_xyz: Matrix) -> Matrix:
    """As dcraw's `cam_xyz_coeff`: XYZ to camera (3, 3) becomes balanced camera RGB to linear sRGB."""
    camera_of_srgb = camera_of_xyz @ _XYZ_OF_SRGB
    inverse: Matrix = np.linalg.pinv(camera_of_srgb / camera_of_srgb.sum(1, keepdims=True))
    return inverse


def _measured_matrix(raw: Any) -> Matrix:
    """For old cameras libraw has a matrix that rawpy does not show: fit it to libraw's own output, else identity."""
    camera = develop(raw, rawpy.ColorSpace.raw, half_size=True).reshape(-1, 3) / 65535
    srgb = develop(raw, rawpy.ColorSpace.sRGB, half_size=True).reshape(-1, 3) / 65535
    inside = ((srgb > 0.001) & (srgb < 0.99) & (camera < 0.99)).all(1)
    if inside.sum() < 100:
        return np.eye(3)
    solution, _, rank, _ = np.linalg.lstsq(camera[inside], srgb[inside], rcond=1e-4)
    if rank < 3 or np.abs(camera[inside] @ solution - srgb[inside]).max() > 1e-3:
        return np.eye(3)
    return np.asarray(solution.T, np.float64)
