"""Whether two sets can be matched at all: what differs between them besides the blur, and whether the blur differs."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from ddm_studio.events import HealthFound, Severity
from ddm_studio.photos.photo_measures import SetMeasures

# Two sets of natural scenes (199 and 100) differ by 0.00 in detail; a Gaussian PSF of 1 px standard deviation makes it -0.84.
_SOFTER_SHARP_SET = 0.25
# Softer by less than that, as a whole and in each third of the frame, is hardly softer. Between the two sets of natural scenes, and halves
# of them with 40 photos each: -0.06 to 0.09 as a whole, down to -0.39 in the softest zone, for the scenes' sake. A Gaussian PSF of 0.5 px
# standard deviation makes them -0.23 and -0.53, one that grows from nothing in the middle to 1 px in the corners -0.20 and -0.65; nine
# tuning lenses -0.89 and -1.10 or less.
_HARDLY_SOFTER, _HARDLY_SOFTER_IN_A_ZONE = 0.2, 0.45
_ERRORS = 3.0
# Between the same sets the ratio of contrasts is 1.04.
_CONTRAST = 1.5
# Luma noise of the sharp set, in encoded units: it passes for the scene's texture and makes the lens look softer than it is.
_NOISY, _TIMES_NOISIER = 0.01, 2.0
_FEWEST_PHOTOS = 3


def pair_findings(blurry: SetMeasures, sharp: SetMeasures, one_lens: bool) -> Iterator[HealthFound]:
    """What both sets say together.

    Args:
        blurry: The blurry set.
        sharp: The sharp set.
        one_lens: Both come from one folder, where the same photo may serve as both.
    """
    if not one_lens:
        yield from _shared_files(blurry, sharp)
    yield from _sharpness(blurry, sharp, one_lens)
    yield from _contrast(blurry, sharp)
    yield from _noise(blurry, sharp)


def _shared_files(blurry: SetMeasures, sharp: SetMeasures) -> Iterator[HealthFound]:
    of_blurry, of_sharp = blurry.sampled.pool.hashes, sharp.sampled.pool.hashes
    shared = set(of_blurry) & set(of_sharp)
    if not shared:
        return
    if shared == set(of_blurry) or shared == set(of_sharp):
        what = "Both sets are the same photos" if set(of_blurry) == set(of_sharp) else "Every photo of one set is in the other one, too"
        why = "A lens can only be learned from the difference between the two sets"
        yield HealthFound(
            "shared photos", Severity.REFUSAL, "drop", what, why, "Choose sharp photos taken with another lens, or stopped down"
        )
        return
    for info, digest in zip(sharp.sampled.photos, of_sharp, strict=True):
        if digest in shared:
            what = f"{info.path.name} of the sharp set is among the blurry photos, too"
            why = "It says that the lens does not blur"
            yield HealthFound(
                "shared photos", Severity.WARNING, "drop", what, why, "Take it out of the set it does not belong to", "sharp", info.path
            )


def _sharpness(blurry: SetMeasures, sharp: SetMeasures, one_lens: bool) -> Iterator[HealthFound]:
    """Detail of the blurry set zone by zone against that of the sharp one, whose photos may lie anywhere under their own lens."""
    of_blurry, of_sharp = blurry.over_photos("detail"), sharp.over_photos("detail")
    if min(len(of_blurry), len(of_sharp)) < _FEWEST_PHOTOS:
        return
    reference = float(np.median(of_sharp))
    zones = np.array([blurry.detail_in(zone) for zone in range(9)]) - reference
    zones = zones[np.isfinite(zones)]
    whole = float(np.median(of_blurry)) - reference
    error = _error_of_medians(of_blurry, of_sharp)
    if len(zones) and zones.min() > 0 and whole > _SOFTER_SHARP_SET + _ERRORS * error:
        what = f"The sharp photos are softer than the blurry ones everywhere ({np.exp(-whole / 2):.0%} of their fine detail)"
        why = "The blur is learned as what turns the sharp set into the blurry one"
        advice = "Swap the folders if they were mixed up; else use sharper photos, such as smaller exports"
        yield HealthFound("sharpness", Severity.REFUSAL, "keep", what, why, advice)
    elif len(zones) and zones.min() > -_HARDLY_SOFTER_IN_A_ZONE and whole > -_HARDLY_SOFTER:
        what = f"The blurry photos are hardly blurrier than the sharp ones ({min(np.exp(whole / 2), 1):.0%} of their fine detail)"
        why = "There is little to correct: the kernels will be near points, and what else they show may be chance"
        advice = "If the lens is soft after all, check the folders, or use sharper photos as the sharp set, such as smaller exports"
        if one_lens:
            advice = "If the lens is soft after all, calibrate it with a folder of sharp photos taken with another one"
        yield HealthFound("sharpness", Severity.WARNING, "keep", what, why, advice)


def _contrast(blurry: SetMeasures, sharp: SetMeasures) -> Iterator[HealthFound]:
    of_blurry, of_sharp = blurry.over_photos("contrast"), sharp.over_photos("contrast")
    if min(len(of_blurry), len(of_sharp)) < _FEWEST_PHOTOS:
        return
    # Half, since power is the square of contrast.
    difference = (float(np.median(of_blurry)) - float(np.median(of_sharp))) / 2
    if abs(difference) <= np.log(_CONTRAST) + _ERRORS * _error_of_medians(of_blurry, of_sharp) / 2:
        return
    higher, lower = ("blurry", "sharp") if difference > 0 else ("sharp", "blurry")
    ratio = np.exp(abs(difference))
    what = f"The {higher} photos have {ratio:.1f} times the contrast of the {lower} ones in broad detail, which no lens changes"
    why = "The sets were developed differently or show other kinds of scenes, and the difference would be learned as blur or haze"
    yield HealthFound("contrast", Severity.WARNING, "keep", what, why, "Use the same picture style and similar scenes for both sets")


def _noise(blurry: SetMeasures, sharp: SetMeasures) -> Iterator[HealthFound]:
    of_blurry, of_sharp = blurry.over_photos("noise"), sharp.over_photos("noise")
    if len(of_sharp) < _FEWEST_PHOTOS:
        return
    level, other = float(np.median(of_sharp)), float(np.median(of_blurry)) if len(of_blurry) else 0.0
    if level > max(_NOISY, _TIMES_NOISIER * other):
        what = f"The sharp photos are noisy: {level:.3f} of full scale, against {other:.3f} in the blurry ones"
        why = "Their noise passes for detail that the lens took away"
        yield HealthFound("noise", Severity.WARNING, "keep", what, why, "Use sharp photos of low ISO, or smaller exports of them")


def _error_of_medians(*samples: NDArray[np.float64]) -> float:
    """Standard error of the difference of two medians, from robust deviations (a median's error is 1.25 times a mean's)."""
    variances = [(1.25 * 1.4826 * np.median(np.abs(sample - np.median(sample)))) ** 2 / len(sample) for sample in samples]
    return float(np.sqrt(sum(variances)))
