"""What the tiles of each photo say together, and how the photo differs from its set at the same places of the frame."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ddm_studio.events import SetName
from ddm_studio.photos.photo import PhotoInfo
from ddm_studio.photos.tile_measures import DIRECTIONS, Floats, TileMeasures, measure_tiles
from ddm_studio.photos.tile_pool import TilePool

# Standard deviation of luma from which on a tile has texture. Noise of 0.02 in each channel alone leaves 0.002.
LEAST_TEXTURE = 0.015
# Fewer textured tiles tell nothing of a photo's sharpness; fewer sure ones nothing of its noise.
FEWEST_TILES = 4
# Of a set; evenly from all photos. More tell nothing new: 3000 take 1.1 s.
MOST_TILES = 3000
_ZONES = 3
# Skies: from a mid grey upwards, grey or bluish.
_SKY_LEVEL, _SKY_BLUENESS = 0.4, -0.03
# The side of the stored frame that is up, by EXIF orientation: axis, and whether it is that axis's far end.
_UP = {1: (0, False), 2: (0, False), 3: (0, True), 4: (0, True), 5: (1, False), 6: (1, False), 7: (1, True), 8: (1, True)}


@dataclass(frozen=True, slots=True, eq=False)
class SampledSet:
    """The photos of one set that are used, in the order of the pool's names, and the tiles cut from them."""

    name: SetName
    photos: tuple[PhotoInfo, ...]
    pool: TilePool


@dataclass(frozen=True, slots=True, eq=False)
class PhotoMeasures:
    """One photo; NaN where its tiles do not tell.

    Args:
        path: The file.
        textured: Share of tiles with texture.
        sky: Share of tiles that look like sky.
        unusable: Share of the places looked at that were overexposed or empty and gave no tile.
        crushed: Share of pixels that are black.
        noise: Standard deviation of luma noise, from tiles where noise is certain.
        detail: Median over textured tiles of the logarithm of fine over middle power.
        contrast: Likewise of the logarithm of coarse power.
        softness: (4,) by how much `detail` along each direction lies below the set's at the same places; positive is softer.
    """

    path: Path
    textured: float
    sky: float
    unusable: float
    crushed: float
    noise: float
    detail: float
    contrast: float
    softness: Floats


@dataclass(frozen=True, slots=True, eq=False)
class SetMeasures:
    """A set: its measured tiles, which of them have texture, where they lie, and its photos.

    `index` is each measured tile's place in the pool, `positions` its (n, 2) row and column in 0-1, and `zones` numbers
    thirds of the frame, row by row.
    """

    sampled: SampledSet
    index: NDArray[np.int64]
    tiles: TileMeasures
    textured: NDArray[np.bool_]
    positions: Floats
    zones: NDArray[np.int64]
    photos: tuple[PhotoMeasures, ...]

    def over_photos(self, name: str) -> NDArray[np.float64]:
        """One measure of every photo that has it."""
        values = np.array([getattr(photo, name) for photo in self.photos], np.float64)
        return values[np.isfinite(values)]

    def detail_in(self, zone: int) -> float:
        """Median detail of the textured tiles in a zone; NaN where there are too few."""
        here = self.textured & (self.zones == zone)
        return float(np.median(self.tiles.detail[here])) if here.sum() >= FEWEST_TILES else float("nan")


def tiles_to_measure(pool: TilePool) -> NDArray[np.int64]:
    """Indices of at most `MOST_TILES` tiles; a pool holds them photo by photo, so that every photo gives its share."""
    return np.linspace(0, len(pool) - 1, min(len(pool), MOST_TILES)).round().astype(np.int64)


def measure_set(sampled: SampledSet, progress: Callable[[int], None] = lambda done: None) -> SetMeasures:
    """Measure a set, each tile once; `progress` is told how many tiles are done."""
    pool = sampled.pool
    index = tiles_to_measure(pool)
    tiles = measure_tiles(pool, index, progress)
    textured = tiles.texture > LEAST_TEXTURE
    positions = pool.positions(index, 0, 0, pool.tiles.shape[-1])
    zones = np.minimum(positions * _ZONES, _ZONES - 1).astype(np.int64) @ np.array([_ZONES, 1])
    photo = pool.photo[index]
    softness = _softness(tiles, textured, zones)
    is_sky = ~textured & (tiles.level > _SKY_LEVEL) & (tiles.blueness > _SKY_BLUENESS)
    is_sky &= ~_is_ground(sampled.photos, photo, is_sky, positions)
    unusable = _unusable(pool)
    photos = tuple(
        _measure_photo(info.path, photo == number, tiles, textured, is_sky, softness, unusable[number])
        for number, info in enumerate(sampled.photos)
    )
    return SetMeasures(sampled, index, tiles, textured, positions, zones, photos)


def _measure_photo(
    path: Path,
    own: NDArray[np.bool_],
    tiles: TileMeasures,
    textured: NDArray[np.bool_],
    is_sky: NDArray[np.bool_],
    softness: Floats,
    unusable: float,
) -> PhotoMeasures:
    seen, sure = own & textured, own & tiles.noise_is_sure
    tells = seen.sum() >= FEWEST_TILES
    return PhotoMeasures(
        path=path,
        textured=_share(textured, own),
        sky=_share(is_sky, own),
        unusable=float(unusable),
        crushed=_share(tiles.crushed, own),
        noise=float(np.median(tiles.noise[sure])) if sure.sum() >= FEWEST_TILES else float("nan"),
        detail=float(np.median(tiles.detail[seen])) if tells else float("nan"),
        contrast=float(np.median(np.log(tiles.coarse[seen]))) if tells else float("nan"),
        softness=np.asarray(np.median(softness[seen], axis=0) if tells else np.full(DIRECTIONS, np.nan), np.float32),
    )


def _share(of: NDArray[np.generic], own: NDArray[np.bool_]) -> float:
    """Mean over a photo's own tiles; NaN where none of them was measured."""
    return float(of[own].astype(np.float64).mean()) if own.any() else float("nan")


def _unusable(pool: TilePool) -> NDArray[np.float64]:
    """Share of the places looked at in each photo that gave no tile."""
    found = np.bincount(pool.photo, minlength=len(pool.names))
    asked = np.array(pool.asked) if pool.asked else found
    return np.asarray(1 - found / np.maximum(asked, 1))


def _softness(tiles: TileMeasures, textured: NDArray[np.bool_], zones: NDArray[np.int64]) -> Floats:
    """(n, 4) how far the detail of each tile lies below the median of its zone: a lens is softer in the corners, a photo is not."""
    below = -tiles.detail_along
    for zone in range(_ZONES**2):
        here = zones == zone
        if (here & textured).any():
            below[here] -= np.median(below[here & textured], axis=0)
    return below


def _is_ground(photos: Sequence[PhotoInfo], photo: NDArray[np.int32], is_smooth: NDArray[np.bool_], positions: Floats) -> NDArray[np.bool_]:
    """(n,) whether a tile is of a photo that is smoother in its lower half, when upright: that is water, snow or a wall, no sky."""
    ups = np.array([_UP[info.orientation] for info in photos])[photo]
    along = positions[np.arange(len(photo)), ups[:, 0]]
    is_upper = np.where(ups[:, 1] == 1, 1 - along, along) < 0.5

    def share(half: NDArray[np.bool_]) -> NDArray[np.float64]:
        counts = np.bincount(photo[half], minlength=len(photos))
        return np.asarray(np.bincount(photo[half & is_smooth], minlength=len(photos)) / np.maximum(counts, 1))

    return np.asarray((share(~is_upper) > share(is_upper))[photo])
