"""Sets of square photos through one kernel: real files in real folders, blurred in linear light, noise on encoded values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.known_lenses import Picture, load_picture, save_picture, seen_through


@dataclass(frozen=True)
class PhotoSets:
    """Folders of a blurry and a sharp set, the true grid (1, 1, 3, k, k), and scenes that neither set shows.

    `held_out` are display-encoded (height, width, 3), larger by k - 1 than the photos to be made of them.
    """

    blurry: Path
    sharp: Path
    truth: NDArray[np.float32]
    held_out: tuple[Picture, ...]


@dataclass(frozen=True)
class SetSizes:
    """Numbers of photos, and sides in px: those held out are larger, because the borders of a deblurred photo do not count."""

    side: int
    blurry: int
    sharp: int
    held_out: int
    held_out_side: int = 256


def photograph_squares(kernel: NDArray[np.float32], noise: float, sizes: SetSizes, data: Path, folder: Path, seed: int) -> PhotoSets:
    """Write crops of natural_b seen through one kernel (k, k) in all channels, and sharp crops of natural_a."""
    truth = grid_of(kernel)
    larger = sizes.side + truth.shape[-1] - 1
    draw = np.random.default_rng(seed + 1_000_000)
    scenes_b, scenes_a = (sorted((data / name).glob("*.jpg")) for name in ("natural_b", "natural_a"))
    places = folder / "blurry", folder / "sharp"
    for place in places:
        place.mkdir(parents=True)
    held_out, used = scenes_b[: sizes.held_out], scenes_b[sizes.held_out :]
    for number, scene in enumerate(_crops(used, sizes.blurry, larger, draw)):
        save_picture(cut_photo(scene, truth, noise, seed * 100_000 + number), places[0] / f"{number:04}.png")
    for number, scene in enumerate(_crops(scenes_a, sizes.sharp, sizes.side, draw)):
        save_picture(scene, places[1] / f"{number:04}.png")
    return PhotoSets(*places, truth, tuple(_crops(held_out, sizes.held_out, sizes.held_out_side + truth.shape[-1] - 1, draw)))


def grid_of(kernel: NDArray[np.float32]) -> NDArray[np.float32]:
    """A grid of one node (1, 1, 3, k, k) from a kernel (k, k); one of even side gets an empty last row and column."""
    odd = np.pad(kernel, (0, 1 - kernel.shape[-1] % 2))
    return np.broadcast_to(odd, (1, 1, 3, *odd.shape)).astype(np.float32)


def cut_photo(scene: Picture, psf: NDArray[np.float32], noise: float, seed: int) -> Picture:
    """The photo of a scene without the border that depends on what lies beyond the scene."""
    reach = psf.shape[-1] // 2
    return seen_through(scene, psf, noise, seed)[reach:-reach, reach:-reach]


def _crops(scenes: Sequence[Path], count: int, side: int, draw: np.random.Generator) -> list[Picture]:
    """Random crops, evenly from the scenes."""
    crops = []
    for number in range(count):
        picture = load_picture(scenes[number % len(scenes)])
        top, left = (int(draw.integers(extent - side + 1)) for extent in picture.shape[:2])
        crops.append(picture[top : top + side, left : left + side])
    return crops
