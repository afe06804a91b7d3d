"""What the tiles of each photo say together, and how the photo differs from its set at the same places of the frame."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ddm_studio.events import SetName
from ddm_studio.photos.photo import PhotoInfo
from ddm_studio.photos.tile_measures import DIRECTIONS, Floats, TileMeasures, measure_tiles
from ddm_studio.photos.tile_pool import TilePool

# Standard deviation of luma from which on a tile has texture. Noise of 0.01 alone leaves 0.002 after it is taken away.
LEAST_TEXTURE = 0.015
# Fewer textured tiles tell nothing of a photo's sharpness; fewer sure ones nothing of its noise.
FEWEST_TILES = 4
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
    """A set: its tiles, which of them have texture, where they lie, and its photos.

    `zones` numbers thirds of the frame, row by row; `positions` is (n, 2) rows and columns in 0-1.
    """

    sampled: SampledSet
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


def measure_set(sampled: SampledSet, progress: Callable[[int], None] = lambda done: None) -> SetMeasures:
    """Measure a set, each tile once; `progress` is told how many tiles are done."""
    pool = sampled.pool
    tiles = measure_tiles(pool, progress)
    textured = tiles.texture > LEAST_TEXTURE
    positions = pool.positions(np.arange(len(pool)), 0, 0, pool.tiles.shape[-1])
    zones = np.minimum(positions * _ZONES, _ZONES - 1).astype(np.int64) @ np.array([_ZONES, 1])
    softness = _softness(tiles, textured, zones)
    is_sky = ~textured & (tiles.level > _SKY_LEVEL) & (tiles.blueness > _SKY_BLUENESS)
    is_sky &= ~_is_ground(sampled, is_sky, positions)
    photos = tuple(_measure_photo(sampled, number, tiles, textured, is_sky, softness) for number in range(len(sampled.photos)))
    return SetMeasures(sampled, tiles, textured, positions, zones, photos)


def _measure_photo(
    sampled: SampledSet, number: int, tiles: TileMeasures, textured: NDArray[np.bool_], is_sky: NDArray[np.bool_], softness: Floats
) -> PhotoMeasures:
    own = sampled.pool.photo == number
    seen, sure = own & textured, own & tiles.noise_is_sure
    tells = seen.sum() >= FEWEST_TILES
    asked = sampled.pool.asked[number] if sampled.pool.asked else own.sum()
    return PhotoMeasures(
        path=sampled.photos[number].path,
        textured=float(textured[own].mean()),
        sky=float(is_sky[own].mean()),
        unusable=float(1 - own.sum() / max(asked, 1)),
        crushed=float(tiles.crushed[own].mean()),
        noise=float(np.median(tiles.noise[sure])) if sure.sum() >= FEWEST_TILES else float("nan"),
        detail=float(np.median(tiles.detail[seen])) if tells else float("nan"),
        contrast=float(np.median(np.log(tiles.coarse[seen]))) if tells else float("nan"),
        softness=np.asarray(np.median(softness[seen], axis=0) if tells else np.full(DIRECTIONS, np.nan), np.float32),
    )


def _softness(tiles: TileMeasures, textured: NDArray[np.bool_], zones: NDArray[np.int64]) -> Floats:
    """(n, 4) how far the detail of each tile lies below the median of its zone: a lens is softer in the corners, a photo is not."""
    below = -tiles.detail_along
    for zone in range(_ZONES**2):
        here = zones == zone
        if (here & textured).any():
            below[here] -= np.median(below[here & textured], axis=0)
    return below


def _is_ground(sampled: SampledSet, is_smooth: NDArray[np.bool_], positions: Floats) -> NDArray[np.bool_]:
    """(n,) whether a tile is of a photo that is smoother in its lower half, when upright: that is water, snow or a wall, no sky."""
    photo = sampled.pool.photo
    ups = np.array([_UP[info.orientation] for info in sampled.photos])[photo]
    along = positions[np.arange(len(photo)), ups[:, 0]]
    is_upper = np.where(ups[:, 1] == 1, 1 - along, along) < 0.5
    count = len(sampled.photos)

    def share(half: NDArray[np.bool_]) -> NDArray[np.float64]:
        return np.bincount(photo[half & is_smooth], minlength=count) / np.maximum(np.bincount(photo[half], minlength=count), 1)

    return np.asarray((share(~is_upper) > share(is_upper))[photo])
