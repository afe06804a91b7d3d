"""Cuts square tiles out of photos, once, and keeps them on disk: real sets of photos do not fit in memory.

Each photo is decoded once. Tiles are stratified: the frame is divided into cells, and each chosen cell gets a tile
whose centre is drawn inside it; near the border the tile is pushed inside, so that corners of the frame, where lenses
are worst, are seen as often as its middle.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from ddm_studio.control import RunControl
from ddm_studio.errors import InputError, PhotoError
from ddm_studio.events import PhotoSkipped, Report, SetName
from ddm_studio.host_memory import HostMemory
from ddm_studio.optics.display_curve import encode
from ddm_studio.ordered_work import results_in_order
from ddm_studio.photos.colour import Floats
from ddm_studio.photos.jpeg_damage import is_damaged
from ddm_studio.photos.look import look_of
from ddm_studio.photos.photo import Photo, PhotoInfo
from ddm_studio.photos.reading import read_photo
from ddm_studio.photos.tile_pool import PhotoTiles, PoolRecipe, PoolWriter, TilePool, reusable_pool
from ddm_studio.snapshot import seed_of
from ddm_studio.stage import StageReporter

Crop: TypeAlias = tuple[int, int] | None
Reader: TypeAlias = Callable[[Path], Photo]

MOST_COVERAGE = 4
MOST_CLIPPED = 0.02
ATTEMPTS_PER_CELL = 6
MOST_READERS = 4
# While a photo is read: its light as three floats, its codes, and what decoders take.
BYTES_OF_A_PIXEL = 32
_CLIPPED_AT = 0.998
# Some programs put white below 1: then many pixels share the very highest value.
_SHARE_OF_WHITE = 1e-3
_DIMMEST_WHITE = 0.5


@dataclass(frozen=True, slots=True)
class _Window:
    """The part of a sensor frame that is used."""

    top: int
    left: int
    height: int
    width: int


def collect_tiles(
    photos: Sequence[PhotoInfo],
    folder: Path,
    name: SetName,
    tile: int,
    count: int,
    seed: int,
    crop: Crop,
    report: Report,
    control: RunControl,
    threads: int = 1,
    read: Reader = read_photo,
) -> TilePool:
    """Cut about `count` tiles, evenly from all photos, or reopen the finished pool of the very same photos and settings.

    Args:
        photos: What to read; unreadable ones and those smaller than a tile are reported and left out.
        folder: Receives `<name>_tiles.npy` and `<name>_tiles.json`.
        name: Which set it is.
        tile: Side of a tile in pixels.
        count: Tiles wanted; small photos yield fewer (at most four times their area), every usable photo at least one.
        seed: With the file's name it decides where the tiles of a photo lie.
        crop: Only the central width x height pixels of each frame (smaller sides whole); None uses all.
        report: Audience.
        control: Asked while photos are read.
        threads: So many photos at most are read at once, four in any case; the pool does not depend on it.
        read: Reads one photo; called in threads.

    Raises:
        InputError: Not one tile could be cut.
        Cancelled: The person asked to stop; a half-made pool is removed.
    """
    recipe = PoolRecipe.of(photos, tile, count, seed, crop)
    stage = StageReporter(f"reading {name} photos", len(photos), report, control)
    readers = _readers(photos, threads)
    pool = reusable_pool(folder, name, recipe) or _new_pool(PoolWriter(folder, name, recipe), photos, read, readers, stage, report)
    _report_skipped(pool.skipped, report)
    stage.finish()
    return pool


def _new_pool(empty: PoolWriter, photos: Sequence[PhotoInfo], read: Reader, readers: int, stage: StageReporter, report: Report) -> TilePool:
    with empty as writer:
        _fill(writer, photos, read, readers, stage)
        if writer.count == 0:
            _report_skipped(writer.skipped, report)
            raise InputError(f"None of the {len(photos)} {writer.name} photos can be used", *_first_reason(writer.skipped))
        return writer.finish()


def _fill(writer: PoolWriter, photos: Sequence[PhotoInfo], read: Reader, readers: int, stage: StageReporter) -> None:
    recipe = writer.recipe
    asked: list[int] = []
    given: list[int] = []

    def orders() -> Iterator[tuple[PhotoInfo, int]]:
        """Each photo with the tiles wanted of it; what earlier ones lack is shared out."""
        for index, info in enumerate(photos):
            # Of the photos that may still be read it is not known what they give; which these are must not depend on the computer.
            known = max(0, index - MOST_READERS)
            missing = recipe.count - sum(given[:known]) - sum(asked[known:])
            asked.append(max(1, -(-missing // (len(photos) - index))))
            yield info, asked[-1]

    def tiles_of(order: tuple[PhotoInfo, int]) -> PhotoTiles | PhotoSkipped:
        info, wanted = order
        try:
            return _tiles_of(info, wanted, recipe, read)
        except PhotoError as error:
            return PhotoSkipped(info.path, error.why or error.what)

    def watch() -> None:
        stage.checkpoint(len(given))

    for tiles in results_in_order(tiles_of, orders(), readers, 1, watch):
        if isinstance(tiles, PhotoSkipped):
            writer.skip(tiles)
        else:
            writer.add(photos[len(given)].path, tiles)
        given.append(0 if isinstance(tiles, PhotoSkipped) else len(tiles.tiles))


def _readers(photos: Sequence[PhotoInfo], threads: int) -> int:
    """How many photos to read at once: no more than threads, and than half of the free memory holds."""
    largest = max((info.width * info.height for info in photos), default=0)
    room = HostMemory().free() // max(1, 2 * BYTES_OF_A_PIXEL * largest)
    return max(1, min(MOST_READERS, threads, len(photos), room))


def _report_skipped(skipped: Sequence[PhotoSkipped], report: Report) -> None:
    for file in skipped:
        report(file)


def _first_reason(skipped: Sequence[PhotoSkipped]) -> tuple[str, str]:
    why = f"{skipped[0].path.name}: {skipped[0].reason}" if skipped else "there are none"
    return why, "Choose a folder with more or larger photos"


def _tiles_of(info: PhotoInfo, wanted: int, recipe: PoolRecipe, read: Reader) -> PhotoTiles:
    _check_size(info, recipe.tile)
    photo = read(info.path)
    _check_size(photo.info, recipe.tile)
    window = _central_window(photo.info, recipe.crop)
    room = max(1, MOST_COVERAGE * window.height * window.width // recipe.tile**2)
    generator = np.random.default_rng(seed_of(recipe.seed, f"tiles of {info.path.name}"))
    white = _white_levels(photo.pixels)
    tiles, corners = [], []
    asked = min(wanted, room)
    for cell in _cells(window, recipe.tile, asked, generator):
        corner = _draw(photo.pixels, window, cell, recipe.tile, white, generator)
        if corner is not None:
            tiles.append(_encoded(photo.pixels, corner, recipe.tile))
            corners.append(corner)
    if not tiles:
        raise PhotoError(f"{info.path.name} is not used", "it is overexposed or empty nearly everywhere")
    frame = photo.info.height, photo.info.width
    damaged = photo.jpeg is not None and is_damaged(info.path.read_bytes())
    return PhotoTiles(np.stack(tiles), np.array(corners, np.int32), *frame, asked, look_of(photo.pixels), photo.jpeg, damaged)


def _check_size(info: PhotoInfo, tile: int) -> None:
    if min(info.width, info.height) < tile:
        raise PhotoError(
            f"{info.path.name} is not used", f"with {info.width} × {info.height} pixels it is smaller than a tile of {tile} × {tile}"
        )


def _central_window(info: PhotoInfo, crop: Crop) -> _Window:
    width, height = (min(info.width, crop[0]), min(info.height, crop[1])) if crop else (info.width, info.height)
    return _Window((info.height - height) // 2, (info.width - width) // 2, height, width)


Cell: TypeAlias = tuple[float, float, float, float]


def _cells(window: _Window, tile: int, wanted: int, generator: np.random.Generator) -> Iterator[Cell]:
    """`wanted` cells (top, left, height, width), relative to the window, of a grid with nearly square cells."""
    rows = max(1, round((wanted * window.height / window.width) ** 0.5))
    columns = -(-wanted // rows)
    height, width = window.height / rows, window.width / columns
    for cell in np.sort(generator.permutation(rows * columns)[:wanted]):
        row, column = divmod(int(cell), columns)
        yield row * height, column * width, height, width


def _draw(pixels: Floats, window: _Window, cell: Cell, tile: int, white: Floats, generator: np.random.Generator) -> tuple[int, int] | None:
    """Top and left corner in the sensor frame of a sound tile centred in a cell, or None when there seems to be none."""
    for _ in range(ATTEMPTS_PER_CELL):
        down, across = generator.random(2)
        top = window.top + _pushed_inside(cell[0] + down * cell[2], tile, window.height)
        left = window.left + _pushed_inside(cell[1] + across * cell[3], tile, window.width)
        if _is_sound(pixels[top : top + tile, left : left + tile], white):
            return top, left
    return None


def _pushed_inside(centre: float, tile: int, length: int) -> int:
    return min(max(round(centre - tile / 2), 0), length - tile)


def _white_levels(pixels: Floats) -> Floats:
    """(3,) the level of each channel from which on it counts as clipped."""
    levels = np.full(3, _CLIPPED_AT, np.float32)
    for channel in range(3):
        plane = pixels[::2, ::2, channel]
        highest = plane.max()
        if _DIMMEST_WHITE < highest < _CLIPPED_AT and np.count_nonzero(plane == highest) > _SHARE_OF_WHITE * plane.size:
            levels[channel] = highest
    return levels


def _is_sound(pixels: Floats, white: Floats) -> bool:
    """Neither clipped, which breaks the linear model, nor constant, which says nothing."""
    red, green, blue = (pixels[:, :, channel] >= white[channel] for channel in range(3))
    clipped = np.count_nonzero(red | green | blue)
    lowest, highest = pixels.min(), pixels.max()  # not numbers where any pixel is none
    return bool(clipped <= MOST_CLIPPED * red.size and highest > lowest and np.isfinite([lowest, highest]).all())


def _encoded(pixels: Floats, corner: tuple[int, int], tile: int) -> NDArray[np.uint16]:
    """(3, tile, tile) display-encoded codes."""
    top, left = corner
    linear = np.clip(pixels[top : top + tile, left : left + tile].transpose(2, 0, 1), 0, 1)
    return (encode(linear) * 65535 + 0.5).astype(np.uint16)
