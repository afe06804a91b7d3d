"""What a set as a whole is worth telling: texture, sky, the places it shows, its sharpening, repeated photos."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from ddm_studio.events import HealthFound, SetMeasured, Severity
from ddm_studio.photos.look import ALIKE, likeness
from ddm_studio.photos.photo_measures import SampledSet, SetMeasures

FEWEST_TEXTURED = 16
"""Fewer textured tiles than that are a stray edge or two in a set that is blank; its spectra are those of noise."""

FEWEST_TRUSTED = 4
"""Of fewer photos no groups can be left out by turns, so that there is no confidence."""

# Natural scenes: 0.87 of the tiles have texture, 0.04 are sky, and 0.15 of the places looked at gave none.
_LITTLE_TEXTURE, _MUCH_SKY, _MUCH_UNUSABLE = 0.3, 0.4, 0.6
# Median detail of natural scenes is -0.15 with a deviation of 0.40 from photo to photo, so that the median of ten stays below 0.35
# with three standard errors; an unsharp mask of radius 1 px and amount 2 gives 0.56.
_SHARPENED = 0.4
_FEWEST_PHOTOS = 8
_NAMED = 4


def set_findings(measures: SetMeasures, grid: tuple[int, int]) -> Iterator[HealthFound]:
    """What is wrong with the whole set; `grid` is the rows and columns of the nodes that a blurry set must show."""
    name = measures.sampled.name
    textured = int(measures.textured.sum())
    if textured < FEWEST_TEXTURED:
        what = f"The {name} photos have texture in only {textured} of {len(measures.textured)} parts looked at"
        advice = "Add photos with detail all over: foliage, gravel, walls, streets"
        yield HealthFound("texture", Severity.REFUSAL, "keep", what, "Smooth areas look the same through every lens", advice, name)
        return
    yield from _light_findings(measures)
    details = measures.over_photos("detail")
    if len(details) >= _FEWEST_PHOTOS and np.median(details) > _SHARPENED:
        what = (
            f"The {name} photos are sharpened: their finest details are {np.exp(np.median(details) / 2):.1f} times as strong as in nature"
        )
        why = "The halos of sharpening would be learned as a part of the blur"
        yield HealthFound("sharpening", Severity.WARNING, "keep", what, why, "Export them with sharpening off, or use raws", name)
    if name == "blurry":
        yield from _coverage(measures, grid)


def repeated_photos(measures: SetMeasures) -> Iterator[HealthFound]:
    """Photos of a set that show the same as an earlier one, and equal files."""
    pool, photos = measures.sampled.pool, measures.sampled.photos
    alike = likeness(pool.looks) if pool.looks else np.zeros((len(photos), len(photos)))
    for number, info in enumerate(photos):
        equal = pool.hashes.index(pool.hashes[number])
        if equal < number:
            what = f"{info.path.name} is the same file as {photos[equal].path.name}"
        elif number and alike[number, :number].max() > ALIKE:
            what = f"{info.path.name} shows the same as {photos[int(alike[number, :number].argmax())].path.name}"
        else:
            continue
        why = "A repeated photo adds nothing, and its scene counts twice"
        advice = "Keep one of them"
        yield HealthFound("duplicate", Severity.NOTE, "drop", what, why, advice, measures.sampled.name, info.path)


def few_photos(sampled: SampledSet) -> Iterator[HealthFound]:
    """Sets that are too small to tell a lens from what is before it."""
    count, name = len(sampled.photos), sampled.name
    if count >= FEWEST_TRUSTED:
        return
    what = f"There are only {count} {name} photos" if count > 1 else f"There is only one {name} photo"
    why = "What they show passes for the lens, and how far the kernels can be trusted cannot be told"
    yield HealthFound("few photos", Severity.WARNING, "keep", what, why, "Add photos of other scenes: twenty or more are comfortable", name)


def unread_photos(sampled: SampledSet) -> Iterator[HealthFound]:
    """Photos that looked good by their headers, and of which nothing can be used after all."""
    for file in sampled.pool.skipped:
        what, advice = f"{file.path.name} is not used: {file.reason}", "Copy it again if it is damaged, or leave it out"
        yield HealthFound("unreadable", Severity.WARNING, "drop", what, "", advice, sampled.name, file.path)


def damaged_photos(sampled: SampledSet) -> Iterator[HealthFound]:
    """Photos that open, with a part that is not what was taken."""
    for info, is_damaged in zip(sampled.photos, sampled.pool.damaged, strict=False):  # a pool without files knows of none
        if is_damaged:
            what = f"{info.path.name} is damaged: a part of its picture cannot be read, and shows grey, shifted or wrong colours"
            advice = "Copy it again from the card or a backup, or leave it out"
            why = "What stands there would be taken for the lens's blur"
            yield HealthFound("damage", Severity.WARNING, "drop", what, why, advice, sampled.name, info.path)


def _light_findings(measures: SetMeasures) -> Iterator[HealthFound]:
    name = measures.sampled.name

    def finding(topic: str, what: str, why: str, advice: str) -> HealthFound:
        return HealthFound(topic, Severity.WARNING, "keep", what, why, advice, name)

    sky, unusable = (float(np.mean(measures.over_photos(share))) for share in ("sky", "unusable"))
    texture = float(measures.textured.mean())
    if unusable > _MUCH_UNUSABLE:
        what = f"The {name} photos are overexposed or empty at {unusable:.0%} of the places looked at"
        yield finding("clipping", what, "White areas have lost what blur would have left", "Expose for the bright parts")
    if sky > _MUCH_SKY:
        what = f"The {name} photos are sky over {sky:.0%} of the frame"
        yield finding("sky", what, "A smooth sky looks the same through every lens", "Add photos with detail up to the upper corners")
    elif texture < _LITTLE_TEXTURE:
        what = f"The {name} photos have texture in only {texture:.0%} of their parts"
        yield finding("texture", what, "Smooth areas look the same through every lens", "Add photos with detail all over")


def _coverage(measures: SetMeasures, grid: tuple[int, int]) -> Iterator[HealthFound]:
    unseen = unseen_nodes(measures, grid)
    if not unseen.any():
        return
    what = f"The blurry photos show texture nowhere near {unseen.sum()} of the {unseen.size} nodes of the grid: {_places(unseen)}"
    why = "The blur there can only be guessed from that beside it"
    yield HealthFound(
        "coverage", Severity.WARNING, "keep", what, why, "Add photos with detail at these places, up to the corners", "blurry"
    )


def summary_of_set(measures: SetMeasures, grid: tuple[int, int]) -> SetMeasured:
    """What the set offers in a few numbers and a map."""
    counts = Counter(info.aperture for info in measures.sampled.photos if info.aperture is not None)
    noise, sky = measures.over_photos("noise"), measures.over_photos("sky")
    return SetMeasured(
        set_name=measures.sampled.name,
        photos=len(measures.photos),
        texture=float(measures.textured.mean()) if measures.textured.size else 0.0,
        sky=float(sky.mean()) if sky.size else 0.0,
        noise=float(np.median(noise)) if noise.size else float("nan"),
        apertures=tuple(sorted(counts.items())),
        coverage=textured_tiles_at_nodes(measures, grid),
    )


def unseen_nodes(measures: SetMeasures, grid: tuple[int, int]) -> NDArray[np.bool_]:
    """(rows, columns) whether no textured tile lies at a node, as `textured_tiles_at_nodes` counts them."""
    return np.asarray(textured_tiles_at_nodes(measures, grid) == 0)


def textured_tiles_at_nodes(measures: SetMeasures, grid: tuple[int, int]) -> NDArray[np.int64]:
    """(rows, columns) how many textured tiles lie nearer to a node than to its neighbours, or cover it.

    Nodes at the border count as lying where the outermost tiles have their centres.
    """
    pool = measures.sampled.pool
    near = []
    for axis, count in enumerate(grid):
        half_tile = pool.tiles.shape[-1] / 2 / np.maximum(pool.frames[measures.index, axis, None] - 1, 1)
        nodes = np.linspace(0, 1, count) if count > 1 else np.array([0.5])
        reach = np.maximum(0.5 / max(count - 1, 1), half_tile)
        within = np.clip(nodes[None], np.minimum(half_tile, 0.5), np.maximum(1 - half_tile, 0.5))
        near.append(np.abs(measures.positions[:, axis, None] - within) <= reach)
    return np.asarray(np.einsum("nr,nc->rc", (near[0] & measures.textured[:, None]).astype(np.int64), near[1].astype(np.int64)))


def _places(unseen: NDArray[np.bool_]) -> str:
    """Where nodes are missing, in words, with how many."""
    names = ("top", "middle", "bottom"), ("left", "centre", "right")
    words = [
        " ".join(_third(int(at), length, name) for at, length, name in zip(node, unseen.shape, names, strict=True))
        for node in np.argwhere(unseen)
    ]
    counts = {word: words.count(word) for word in words}
    most = sorted(counts, key=lambda word: -counts[word])[:_NAMED]
    return ", ".join(f"{counts[word]} at the {word}" for word in most) + (" and elsewhere" if len(counts) > len(most) else "")


def _third(place: int, length: int, names: Sequence[str]) -> str:
    return names[min(place * 3 // length, 2)]
