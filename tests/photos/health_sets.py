"""Small sets of real photo files of generated scenes: a healthy blurry and sharp pair, and what can be done to single photos."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from ddm_studio.control import RunControl
from ddm_studio.events import HealthFound
from ddm_studio.optics.dead_leaves import dead_leaves
from ddm_studio.photos.health import check_sets
from ddm_studio.photos.library import choose_blurry, choose_sharp, list_photos
from ddm_studio.photos.patches import collect_tiles
from ddm_studio.photos.photo_measures import SampledSet

Picture = NDArray[np.float32]
Change = Callable[[Picture], Picture]

HEIGHT, WIDTH = 240, 360
PHOTOS, TILE, TILES = 8, 48, 8 * 30
GRID = (4, 6)


@cache
def four_scenes(seed: int) -> Picture:
    """Twice as high and as wide as a photo."""
    return dead_leaves(2 * HEIGHT, 2 * WIDTH, seed)


def scene(number: int) -> Picture:
    """A display-encoded scene (height, width, 3): a quarter of a generated one, which is quicker than as many whole ones."""
    down, across = divmod(number % 4, 2)
    return four_scenes(number // 4)[down * HEIGHT : (down + 1) * HEIGHT, across * WIDTH : (across + 1) * WIDTH]


def blurred(picture: Picture, sigma: float) -> Picture:
    return np.asarray(ndimage.gaussian_filter(picture, (sigma, sigma, 0)))


def moved(picture: Picture, length: int) -> Picture:
    """Smeared along the rows."""
    return np.asarray(ndimage.uniform_filter1d(picture, length, axis=1))


def noisy(picture: Picture, sigma: float, seed: int = 0) -> Picture:
    return np.asarray(picture + np.random.default_rng(seed).normal(0, sigma, picture.shape), np.float32)


def with_sky(picture: Picture, share: float) -> Picture:
    """The upper part replaced by a smooth bluish gradient."""
    rows = int(share * len(picture))
    sky = np.linspace(0.55, 0.75, rows, dtype=np.float32)[:, None, None] * np.array([0.9, 1.0, 1.2], np.float32)
    return np.concatenate([np.broadcast_to(sky, (rows, *picture.shape[1:])), picture[rows:]])


def save(path: Path, picture: Picture, **options: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".jpg":
        options = {"quality": 97, "subsampling": 0, **options}
    Image.fromarray((picture.clip(0, 1) * 255 + 0.5).astype(np.uint8)).save(path, **options)
    return path


@cache
def through_lens(number: int) -> Picture:
    """A photo of the blurry set: a scene through a soft lens with a little noise."""
    return noisy(blurred(scene(number), 1.0), 0.006, number)


def sharp_scene(number: int) -> Picture:
    return scene(100 + number)


def make_sets(folder: Path) -> Path:
    """`blurry` and `sharp` below a folder."""
    for number in range(PHOTOS):
        save(folder / "blurry" / f"{number}.png", through_lens(number))
        save(folder / "sharp" / f"s{number}.png", sharp_scene(number))
    return folder


def copy_sets(healthy: Path, folder: Path) -> Path:
    for name in ("blurry", "sharp"):
        shutil.copytree(healthy / name, folder / name)
    return folder


def change_all(folder: Path, change: Change) -> None:
    """Do something to every photo of a folder."""
    for path in sorted(folder.iterdir()):
        picture = np.asarray(Image.open(path), np.float32) / np.float32(255)
        save(path, change(picture))


def findings(folder: Path, blurry: str = "blurry", sharp: str = "sharp") -> list[HealthFound]:
    """What the health check says of two folders."""
    of_blurry = choose_blurry(list_photos(folder / blurry)).photos
    of_sharp = choose_sharp(list_photos(folder / sharp), of_blurry[0].colour).photos
    sets = []
    for name, photos in (("blurry", of_blurry), ("sharp", of_sharp)):
        pool = collect_tiles(photos, folder / f"pool of {blurry} and {sharp}", name, TILE, TILES, 0, None, lambda event: None, RunControl())
        used = tuple(info for info in photos if info.path.name in pool.names)
        sets.append(SampledSet(name, used, pool))
    reported: list[object] = []
    found = check_sets(sets[0], sets[1], GRID, False, reported.append, RunControl())
    assert [event for event in reported if isinstance(event, HealthFound)] == list(found)
    return list(found)
