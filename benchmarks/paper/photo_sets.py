"""Sets of photos for the experiments: real files in real folders, blurred in linear light, noise on encoded values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from ddm_studio.optics.forward_model import photograph

Picture = NDArray[np.float32]


@dataclass(frozen=True)
class PhotoSets:
    """Folders of a blurry and a sharp set, the true grid (rows, columns, 3, k, k), and scenes that neither set shows.

    `held_out` are display-encoded (height, width, 3), larger by the kernel than the photos made of them.
    """

    blurry: Path
    sharp: Path
    truth: NDArray[np.float32]
    noise: float
    held_out: tuple[Picture, ...]


@dataclass(frozen=True)
class SetSizes:
    """How many photos of which side in px."""

    side: int
    blurry: int
    sharp: int
    held_out: int


def single_kernel_sets(kernel: NDArray[np.float32], noise: float, sizes: SetSizes, data: Path, folder: Path, seed: int) -> PhotoSets:
    """Square photos: crops of natural_b seen through one kernel (k, k) in all channels, and sharp crops of natural_a.

    Scenes are blurred before they are cut, so that no photo has a border that a lens does not make.
    """
    truth = grid_of(kernel)
    margin = truth.shape[-1] - 1
    draw = np.random.default_rng(seed + 1_000_000)
    scenes_b, scenes_a = (sorted((data / name).glob("*.jpg")) for name in ("natural_b", "natural_a"))
    for name in ("blurry", "sharp"):
        (folder / name).mkdir(parents=True)
    kept_out, used = scenes_b[: sizes.held_out], scenes_b[sizes.held_out :]
    for number, scene in enumerate(_crops(used, sizes.blurry, sizes.side + margin, draw)):
        save_picture(seen_through(scene, truth, noise, seed * 100_000 + number), folder / "blurry" / f"{number:04}.png")
    for number, scene in enumerate(_crops(scenes_a, sizes.sharp, sizes.side, draw)):
        save_picture(scene, folder / "sharp" / f"{number:04}.png")
    return PhotoSets(folder / "blurry", folder / "sharp", truth, noise, tuple(_crops(kept_out, sizes.held_out, sizes.side + margin, draw)))


def grid_of(kernel: NDArray[np.float32]) -> NDArray[np.float32]:
    """A grid of one node (1, 1, 3, k, k) from a kernel (k, k); one of even side gets an empty last row and column."""
    odd = np.pad(kernel, (0, 1 - kernel.shape[-1] % 2))
    return np.broadcast_to(odd, (1, 1, 3, *odd.shape)).astype(np.float32)


def seen_through(scene: Picture, psf: NDArray[np.float32], noise: float, seed: int) -> Picture:
    """The noisy photo of a scene (height, width, 3), without the border that the kernel reaches beyond."""
    photo = photograph(torch.from_numpy(scene).permute(2, 0, 1), torch.from_numpy(psf), noise, torch.Generator().manual_seed(seed))
    reach = psf.shape[-1] // 2
    return photo[:, reach:-reach, reach:-reach].permute(1, 2, 0).numpy()


def load_picture(path: Path) -> Picture:
    """Display-encoded (height, width, 3) in 0-1."""
    return np.asarray(Image.open(path).convert("RGB"), np.float32) / 255


def save_picture(encoded: Picture, path: Path) -> None:
    """As 8-bit PNG."""
    Image.fromarray((encoded.clip(0, 1) * 255 + 0.5).astype(np.uint8)).save(path, compress_level=1)


def _crops(scenes: Sequence[Path], count: int, side: int, draw: np.random.Generator) -> list[Picture]:
    """Random crops, evenly from the scenes."""
    crops = []
    for number in range(count):
        picture = load_picture(scenes[number % len(scenes)])
        top, left = (int(draw.integers(extent - side + 1)) for extent in picture.shape[:2])
        crops.append(picture[top : top + side, left : left + side])
    return crops
