"""Fitting a profile to a photo of another size than its frame, where sizes and EXIF tell how the two lie on each other.

Three things happen to frames: they are made smaller (by the camera, or afterwards), a part in the middle is kept (another
aspect, the crop mode of a sensor), and a few pixels at the edges are kept or not (a raw against its JPEG). Each is undone
in the profile: kernels are scaled, nodes are moved. What was assumed is told in a sentence; anything else is refused.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ddm_studio.errors import ProfileError
from ddm_studio.photos.photo import PhotoInfo
from ddm_studio.profiles.lens_profile import LensProfile
from ddm_studio.profiles.resampling import scaled_kernels, scaled_spectrum

# Frames of one sensor that differ by less are the same with other edges: raw converters keep up to 1 % more than the camera.
FEW_PIXELS = 0.015
# Rounding to whole pixels; 3:2 and 4:3 differ by 12 %.
SAME_ASPECT = 0.005
# Below, nothing is left of a blur of a few pixels.
SMALLEST_SCALE = 0.2
# Factors by which cameras cut their frame down (APS-H, APS-C of all makers, 4:3 in 35 mm).
CROP_FACTORS = (1.2, 1.25, 1.3, 1.5, 1.53, 1.6, 2.0)
_USE_ORIGINAL = "Use the file as the camera wrote it"


@dataclass(frozen=True, slots=True)
class FrameMatch:
    """Where a photo lies in the frame of a profile.

    Attributes:
        scale: Pixels of the photo per pixel of the profile.
        left: Column of the profile's frame where the photo's first pixel begins, in pixels of the profile; may be negative.
        top: Row, alike.
        assumption: What was assumed, in a sentence; empty where sizes are equal.
    """

    scale: float = 1.0
    left: float = 0.0
    top: float = 0.0
    assumption: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class FittedProfile:
    """A profile of the photo's own frame, and what was assumed to get it, in a sentence or empty."""

    profile: LensProfile
    assumption: str


def fit_profile(profile: LensProfile, info: PhotoInfo) -> FittedProfile:
    """The profile as it is for a photo.

    Raises:
        ProfileError: The photo is of another colour recipe, or its frame cannot be placed in the profile's; with the reason.
    """
    match = check_photo(profile, info)
    return FittedProfile(_placed(profile, match, info) if match.assumption else profile, match.assumption)


def check_photo(profile: LensProfile, info: PhotoInfo) -> FrameMatch:
    """Where the photo lies in the profile's frame, if the profile is for photos of its colours.

    Raises:
        ProfileError: As `fit_profile`.
    """
    if fault := _colour_fault(profile, info):
        raise _misfit(info, *fault)
    return match_frame(profile, info)


def match_frame(profile: LensProfile, info: PhotoInfo) -> FrameMatch:
    """Where the photo lies in the profile's frame.

    Raises:
        ProfileError: Nothing tells.
    """
    (width, height), (full_width, full_height) = info.frame, profile.frame
    if (width, height) == (full_width, full_height):
        return FrameMatch()
    sizes = f"the photo has {width} x {height} pixels, the profile {full_width} x {full_height}"
    if _is_turned(profile, info):
        if info.has_orientation:
            raise _misfit(info, f"Its pixels have been turned, {sizes}", _USE_ORIGINAL)
        why = f"Its sides are swapped and it has no orientation tag, so which side was up on the sensor is unknown: {sizes}"
        raise _misfit(info, why, f"{_USE_ORIGINAL}, with its EXIF data")
    # First what was done after the camera had recorded it, then what the camera did.
    recorded = _size_before_resizing(info)
    resized = width / recorded[0]
    lies = _in_frame(profile, info, recorded)
    if isinstance(lies, str):
        raise _misfit(info, f"{lies}: {sizes}", "Use photos as the camera wrote them, or calibrate with photos of this frame")
    scale, words = lies
    scale *= resized
    if resized != 1 and "smaller" not in words:
        words = ", ".join(part for part in (f"made smaller to {100 * scale:.3g} %", words) if part)
    if scale < SMALLEST_SCALE:
        why = f"It is made smaller to {100 * scale:.2g} %, at which hardly anything is left of the blur: {sizes}"
        raise _misfit(info, why, "Use a larger version of it")
    left, top = (full_width - width / scale) / 2, (full_height - height / scale) / 2
    return FrameMatch(scale, left, top, f"{info.path.name} is taken as the profile's frame {words} ({sizes})")


def _in_frame(profile: LensProfile, info: PhotoInfo, size: tuple[int, int]) -> tuple[float, str] | str:
    """Scale and words for a recorded size in the profile's frame; or the reason why there are none."""
    across, down = size[0] / profile.frame[0], size[1] / profile.frame[1]
    if max(abs(across - 1), abs(down - 1)) <= FEW_PIXELS:
        return 1.0, "" if across == down == 1 else "with a few pixels more or less at its edges"
    if abs(across / down - 1) <= SAME_ASPECT:
        if across > 1:
            return "It is larger than the photos the lens was calibrated with, and how the blur looks in more pixels is not known"
        if _has_same_pixels(profile, info) and any(abs(across * factor - 1) < 0.02 for factor in CROP_FACTORS):
            return 1.0, "cut to its middle, as the crop mode of a sensor does (its pixels are as large as the profile's)"
        return across, f"made smaller to {100 * across:.3g} %"
    if max(across, down) > 1 + FEW_PIXELS:
        return "It has another aspect and is larger than the photos the lens was calibrated with"
    if abs(across - 1) <= FEW_PIXELS:
        return 1.0, "cut equally at top and bottom"
    if abs(down - 1) <= FEW_PIXELS:
        return 1.0, "cut equally left and right"
    return "It has another size and aspect, and nothing tells where it was cut out of the frame"


def _size_before_resizing(info: PhotoInfo) -> tuple[int, int]:
    """The size that the camera recorded, where EXIF still tells it and the photo is that, made smaller."""
    if info.recorded is None:
        return info.frame
    across, down = info.width / info.recorded[0], info.height / info.recorded[1]
    return info.recorded if across < 1 and abs(across / down - 1) <= SAME_ASPECT else info.frame


def _has_same_pixels(profile: LensProfile, info: PhotoInfo) -> bool:
    pitch, own = profile.facts.pixel_pitch, info.pixel_pitch
    return pitch is not None and own is not None and abs(own / pitch - 1) < 0.03


def _is_turned(profile: LensProfile, info: PhotoInfo) -> bool:
    aspect, turned = info.width / info.height, profile.frame[1] / profile.frame[0]
    return abs(aspect / turned - 1) <= SAME_ASPECT and abs(turned - 1) > SAME_ASPECT


def _placed(profile: LensProfile, match: FrameMatch, info: PhotoInfo) -> LensProfile:
    """The profile on the photo's own frame: as many nodes, where the photo is, with kernels, noise and sharp photos' spectrum of its scale.

    Averaging pixels averages their noise; how much other ways of making photos smaller leave is not known.
    """
    rows, columns = profile.psf.shape[:2]
    down = _node_places(rows, info.height, profile.frame[1], match.top, match.scale)
    across = _node_places(columns, info.width, profile.frame[0], match.left, match.scale)
    weights_down, weights_across = _hat_weights(down, rows), _hat_weights(across, columns)
    psf = np.einsum("ar,bs,rscij->abcij", weights_down, weights_across, profile.psf.astype(np.float64))
    nearest = np.ix_(weights_down.argmax(1), weights_across.argmax(1))
    return replace(
        profile,
        psf=np.asarray(scaled_kernels(psf, match.scale) if match.scale != 1 else psf, np.float32),
        noise_sigma=profile.noise_sigma * np.float32(min(match.scale, 1)),
        scene_spectrum=_spectrum_at(profile.scene_spectrum, match.scale),
        frame=info.frame,
        confidence=profile.confidence[nearest],
        confidence_low=profile.confidence_low[nearest],
        confidence_high=profile.confidence_high[nearest],
    )


def _spectrum_at(planes: NDArray[np.float32], scale: float) -> NDArray[np.float32]:
    if planes.size == 0 or scale >= 1:
        return planes
    return np.asarray(scaled_spectrum(planes.astype(np.float64), scale), np.float32)


def _node_places(nodes: int, extent: int, full: int, begins: float, scale: float) -> NDArray[np.float64]:
    """Where the photo's nodes lie in the profile's frame, relative; beyond its edge the edge counts."""
    own = np.linspace(0, 1, nodes) if nodes > 1 else np.array([0.5])
    pixels = begins + (own * (extent - 1) + 0.5) / scale - 0.5
    return np.clip(pixels / max(full - 1, 1), 0, 1)


def _hat_weights(places: NDArray[np.float64], nodes: int) -> NDArray[np.float64]:
    """Linear interpolation between nodes: (n, nodes) for relative places (n,)."""
    if nodes == 1:
        return np.ones((len(places), 1))
    weights: NDArray[np.float64] = np.maximum(1 - np.abs(places[:, None] * (nodes - 1) - np.arange(nodes)), 0)
    return weights


def _colour_fault(profile: LensProfile, info: PhotoInfo) -> tuple[str, str] | None:
    learned, found = profile.colour, info.colour
    if learned is None or learned == found:
        return None
    advice = "Deblur photos of the kind that the lens was calibrated with, or calibrate with photos of this kind"
    if learned.recipe != found.recipe:
        return f"It is read by the recipe {found.recipe}, the lens was calibrated by {learned.recipe}", advice
    return f"Its colours are {found.space}, the lens was calibrated in {learned.space}", advice


def _misfit(info: PhotoInfo, why: str, advice: str) -> ProfileError:
    return ProfileError(f"{info.path.name} does not fit the lens profile", why, advice)
