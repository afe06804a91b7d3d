"""What a single photo's measures are worth telling. Thresholds lie beyond what 299 natural scenes (BSDS500) show.

Each sentence names the figure, so that a person can judge; nothing is dropped but by the person.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ddm_studio.events import HealthFound, Severity
from ddm_studio.photos.photo_measures import PhotoMeasures, SetMeasures

# Natural scenes: at least 0.17 of the tiles have texture.
_LITTLE_TEXTURE = 0.1
# Natural scenes: at most 0.60.
_MUCH_SKY = 0.75
# Natural scenes: at most 0.88 of the places gave no tile.
_MUCH_UNUSABLE = 0.92
# Natural scenes: at most 0.004 of the pixels.
_MUCH_BLACK = 0.25
# Natural scenes: the softest direction of the worst one lies 1.94 below its set, 5.6 times the robust deviation of 0.35; frames of
# one lens, by 0.55 and with a deviation of 0.11. A defocus of 2 px gives 2.8 on natural scenes.
_SOFT_DEVIATIONS, _SOFT_AT_LEAST = 6.0, 1.2
# Natural scenes: directions differ by 1.8 at most, by 0.9 in 99 of 100; motion over 9 px by 2 and more.
_ONE_DIRECTION = 1.2
# Below so many photos a set has no middle to differ from.
_FEWEST_PHOTOS = 5
_NOISY, _TIMES_NOISIER = 0.02, 3.0


def photo_findings(measures: SetMeasures) -> Iterator[HealthFound]:
    """What is wrong with single photos, photo by photo."""
    limit = softness_limit(measures)
    usual_noise = np.median(measures.over_photos("noise")) if len(measures.over_photos("noise")) >= _FEWEST_PHOTOS else np.inf
    for photo in measures.photos:
        yield from _findings_of(photo, measures, limit, float(usual_noise))


def softness_limit(measures: SetMeasures) -> float:
    """How far below its set a photo's softest direction may lie."""
    worst = np.array([photo.softness.max() for photo in measures.photos])
    worst = worst[np.isfinite(worst)]
    if len(worst) < _FEWEST_PHOTOS:
        return float("inf")
    return max(_SOFT_AT_LEAST, _SOFT_DEVIATIONS * 1.4826 * float(np.median(np.abs(worst - np.median(worst)))))


def _findings_of(photo: PhotoMeasures, measures: SetMeasures, limit: float, usual_noise: float) -> Iterator[HealthFound]:
    name = photo.path.name
    set_name = measures.sampled.name

    def finding(topic: str, what: str, why: str, advice: str) -> HealthFound:
        return HealthFound(topic, Severity.WARNING, "drop", what, why, advice, set_name, photo.path)

    if photo.unusable > _MUCH_UNUSABLE:
        what = f"{name} is overexposed or empty at {photo.unusable:.0%} of the places looked at"
        yield finding("clipping", what, "White areas have lost what blur would have left", "Expose for the bright parts, or drop it")
    if photo.crushed > _MUCH_BLACK:
        what = f"{name} is pure black over {photo.crushed:.0%} of what is used"
        yield finding("clipping", what, "Black areas show no blur", "Lift the shadows when you develop it, or drop it")
    if photo.sky > _MUCH_SKY:
        what = f"{name} is sky over {photo.sky:.0%} of the frame"
        yield finding("sky", what, "A smooth sky looks the same through every lens", "Drop it, or replace it by one with detail all over")
    elif photo.textured < _LITTLE_TEXTURE:
        what = f"{name} has texture in only {photo.textured:.0%} of its parts"
        yield finding(
            "texture", what, "Smooth areas look the same through every lens", "Drop it, or replace it by one with detail all over"
        )
    if photo.softness.max() > limit:
        yield finding(*_blur_words(photo, set_name))
    if photo.noise > max(_NOISY, _TIMES_NOISIER * usual_noise):
        what = f"{name} is {photo.noise / usual_noise:.0f} times as noisy as most of its set"
        why = "One noise level is learned for all photos of a set"
        yield finding("noise", what, why, "Drop it, or use photos of similar ISO")


def _blur_words(photo: PhotoMeasures, set_name: str) -> tuple[str, str, str, str]:
    """Motion spares the direction across it; defocus spares none."""
    moved = photo.softness.max() - photo.softness.min() > _ONE_DIRECTION
    kind = "smeared in one direction, as by motion" if moved else "softer in all directions, as out of focus"
    what = f"{photo.path.name} is {kind}: far more than other {set_name} photos at the same places"
    return "motion blur" if moved else "defocus", what, "Its own blur would be taken for the lens's", "Drop it"
