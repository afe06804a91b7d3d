"""What the files themselves say of the blurry set: one lens at one setting, and pixels that nobody has corrected."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from ddm_studio.events import HealthFound, Severity
from ddm_studio.photos.aperture import same_aperture
from ddm_studio.photos.photo import PhotoInfo

# Zooms report whole millimetres, and some lenses change a little with focus.
_SAME_FOCAL_LENGTH = 1.03
_NAMED = 4


def exif_findings(photos: Sequence[PhotoInfo]) -> Iterator[HealthFound]:
    """What is wrong with a blurry set by EXIF; photos that do not say are taken to be like the others."""
    why = "A grid of kernels describes one lens at one setting; a mixture fits none of them"
    yield from _mixed("lenses", [info.lens or None for info in photos], photos, why, str, lambda a, b: a == b)
    yield from _mixed("cameras", [info.camera or None for info in photos], photos, why, str, lambda a, b: a == b)
    yield from _mixed("focal lengths", [info.focal_length for info in photos], photos, why, "{:g} mm".format, _same_focal_length)
    yield from _mixed("apertures", [info.aperture for info in photos], photos, why, "f/{:g}".format, same_aperture)
    yield from _corrections(photos)


def _same_focal_length(a: float, b: float) -> bool:
    return max(a, b) <= _SAME_FOCAL_LENGTH * min(a, b)


def _mixed(
    topic: str,
    values: Sequence[object],
    photos: Sequence[PhotoInfo],
    why: str,
    word: Callable[..., str],
    same: Callable[..., bool],
) -> Iterator[HealthFound]:
    counts = Counter(value for value in values if value is not None)
    if not counts:
        return
    main = counts.most_common(1)[0][0]
    odd = [(value, info) for value, info in zip(values, photos, strict=True) if value is not None and not same(value, main)]
    if not odd:
        return
    others = ", ".join(sorted({word(value) for value, _ in odd})[:_NAMED])
    mixture = f"most have {word(main)}, but {len(odd)} of {len(photos)} have {others} ({_names([info for _, info in odd])})"
    what = f"The blurry photos mix {topic}: {mixture}"
    advice = "Move these photos into a folder of their own, and calibrate each setting by itself"
    yield HealthFound(topic, Severity.WARNING, "drop", what, why, advice, "blurry")


def _corrections(photos: Sequence[PhotoInfo]) -> Iterator[HealthFound]:
    counts = Counter(info.corrections for info in photos)
    corrected = [info for info in photos if info.corrections]
    if not corrected:
        return
    kinds = " and ".join(sorted({kind for info in corrected for kind in info.corrections}))
    number = "All" if len(corrected) == len(photos) else f"{len(corrected)} of {len(photos)}"
    what = f"{number} blurry photos say that {kinds} was corrected by the camera or the raw converter ({_names(corrected)})"
    if len(counts) > 1:
        why = "Photos corrected differently do not show the same lens"
        yield HealthFound("corrections", Severity.WARNING, "drop", what, why, "Use photos that are all alike, best of all raws", "blurry")
        return
    why = "The profile will describe what the correction left, and fit only photos corrected in the same way"
    advice = "Use raws, or switch the corrections off; else deblur only photos made like these"
    yield HealthFound("corrections", Severity.WARNING, "keep", what, why, advice, "blurry")


def _names(photos: Sequence[PhotoInfo]) -> str:
    names = [info.path.name for info in photos[:_NAMED]]
    return ", ".join(names) + (", …" if len(photos) > _NAMED else "")
