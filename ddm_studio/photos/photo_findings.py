"""What a single photo's measures are worth telling. Thresholds lie beyond what 299 natural scenes (BSDS500) show.

Each sentence names the figure, so that a person can judge; nothing is dropped but by the person.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ddm_studio.events import HealthFound, SetName, Severity
from ddm_studio.photos.photo_measures import PhotoMeasures, SetMeasures

# Natural scenes: at least 0.17 of the tiles have texture.
_LITTLE_TEXTURE = 0.1
# Natural scenes: at most 0.56.
_MUCH_SKY = 0.7
# Natural scenes: at most 0.88 of the places gave no tile.
_MUCH_UNUSABLE = 0.92
# Natural scenes: at most 0.004 of the pixels.
_MUCH_BLACK = 0.25
# How far a photo's softest direction may lie below its set. Natural scenes: the worst of 299 by 1.94, a bird before a background out
# of focus, which is told rightly, the next by 1.58; robust deviation 0.35. Frames of one lens: 0.55 and 0.11. A further
# Gaussian blur of 2 px on such a frame gives 2.35 and more in 9 of 10 cases, one of 1.5 px 1.5.
_SOFT_AT_LEAST, _SOFT_DEVIATIONS = 1.9, 5.0
# How much more it may lie below in one direction than in another. Natural scenes: the worst of 299 by 1.8, median 0.4, 0.9 in 99 of
# 100; frames of one lens by 0.6. Motion over 5 or 9 px on such a frame gives 1.6, and 1.5 of softness.
_UNEVEN_AT_LEAST, _UNEVEN_DEVIATIONS = 1.2, 8.0
_MOVED_AT_LEAST = 1.2
# Motion spares the direction across it: of its softness, what may be left in the direction that is spared most.
_SPARED = 0.5
# Below so many photos a set has no middle to differ from.
_FEWEST_PHOTOS = 5
_NOISY, _TIMES_NOISIER = 0.02, 3.0


@dataclass(frozen=True, slots=True)
class _Limits:
    """From where on a photo differs too much from its set."""

    softness: float
    unevenness: float
    noise: float


def photo_findings(measures: SetMeasures) -> Iterator[HealthFound]:
    """What is wrong with single photos, photo by photo."""
    softest = np.array([photo.softness.max() for photo in measures.photos])
    uneven = np.array([np.ptp(photo.softness) for photo in measures.photos])
    limits = _Limits(
        max(_SOFT_AT_LEAST, _beyond(softest, _SOFT_DEVIATIONS)),
        max(_UNEVEN_AT_LEAST, _beyond(uneven, _UNEVEN_DEVIATIONS)),
        max(_NOISY, _TIMES_NOISIER * _beyond(measures.over_photos("noise"), 0)),
    )
    for photo in measures.photos:
        yield from _findings_of(photo, measures.sampled.name, limits)


def _beyond(values: NDArray[np.floating], deviations: float) -> float:
    """The median and some robust deviations more; infinite in a set too small to have a middle."""
    known = values[np.isfinite(values)]
    if len(known) < _FEWEST_PHOTOS:
        return float("inf")
    middle = np.median(known)
    return float(middle + deviations * 1.4826 * np.median(np.abs(known - middle)))


def _findings_of(photo: PhotoMeasures, set_name: SetName, limits: _Limits) -> Iterator[HealthFound]:
    name = photo.path.name

    def finding(topic: str, what: str, why: str, advice: str) -> HealthFound:
        return HealthFound(topic, Severity.WARNING, "drop", what, why, advice, set_name, photo.path)

    if photo.unusable > _MUCH_UNUSABLE:
        what = f"{name} is overexposed or empty at {photo.unusable:.0%} of the places looked at"
        yield finding("clipping", what, "White areas have lost what blur would have left", "Expose for the bright parts, or leave it out")
    if photo.crushed > _MUCH_BLACK:
        what = f"{name} is pure black over {photo.crushed:.0%} of what is used"
        yield finding("clipping", what, "Black areas show no blur", "Lift the shadows when you develop it, or leave it out")
    if photo.sky > _MUCH_SKY:
        what = f"{name} is sky over {photo.sky:.0%} of the frame"
        yield finding(
            "sky", what, "A smooth sky looks the same through every lens", "Leave it out, or replace it by one with detail all over"
        )
    elif photo.textured < _LITTLE_TEXTURE:
        what = f"{name} has texture in only {photo.textured:.0%} of its parts"
        yield finding(
            "texture", what, "Smooth areas look the same through every lens", "Leave it out, or replace it by one with detail all over"
        )
    blur = f"far more than other {set_name} photos at the same places"
    why = "Its own blur would be taken for the lens's"
    softest, sharpest = photo.softness.max(), photo.softness.min()
    if softest > _MOVED_AT_LEAST and softest - sharpest > limits.unevenness and sharpest < _SPARED * softest:
        yield finding("motion blur", f"{name} is smeared in one direction, as by motion, {blur}", why, "Leave it out")
    elif softest > limits.softness:
        yield finding("defocus", f"{name} is softer in all directions, as out of focus, {blur}", why, "Leave it out")
    if photo.noise > limits.noise:
        what = f"{name} is much noisier than most of its set: {photo.noise:.3f} of full scale"
        yield finding("noise", what, "One noise level is learned for all photos of a set", "Leave it out, or use photos of similar ISO")
