"""Sets of photos of a known lens, made from a folder of natural scenes: real files in a real folder.

Tuning uses the seeds 0-99. Of those from 100 on, 100-105, 110 and 112 were looked at while an earlier stage 1 was tuned, so
they are no longer held out; figures that are reported come from others.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from benchmarks.developing import Developing
from benchmarks.lens_families import FAMILIES
from ddm_studio.optics.forward_model import photograph

Picture = NDArray[np.float32]

NOISE = 0.01
AS_THEY_ARE = Developing()
DATA_VARIABLE = "DDM_STUDIO_DATA"


@dataclass(frozen=True)
class KnownLens:
    """Folders of a blurry and a sharp set, the true grid, and the scenes behind the blurry frames, developed like them.

    A frame has the name of its scene, but for the suffix.
    """

    blurry: Path
    sharp: Path
    truth: NDArray[np.float32]
    scenes: tuple[Path, ...]


def add_data_option(parser: argparse.ArgumentParser) -> None:
    """`--data DIR`, by default the environment variable."""
    parser.add_argument("--data", type=Path, default=os.environ.get(DATA_VARIABLE), help="folder with natural_a/ and natural_b/")


def data_folder(arguments: argparse.Namespace) -> Path:
    """The folder of natural scenes.

    Raises:
        SystemExit: None was named.
    """
    if arguments.data is None:
        raise SystemExit(f"name a folder that holds natural_a/ and natural_b/ with --data or {DATA_VARIABLE}")
    return Path(arguments.data)


def seeds(text: str) -> range:
    """`100-109` or `100`."""
    first, _, last = text.partition("-")
    return range(int(first), int(last or first) + 1)


def make_known_lens(
    seed: int,
    data: Path,
    folder: Path,
    family: str = "seidel",
    frames: int = 40,
    sharp: int = 100,
    developing: Developing = AS_THEY_ARE,
    of_sharp: Developing = AS_THEY_ARE,
) -> KnownLens:
    """Write `frames` blurry frames, each a 2x2 mosaic of scenes of natural_b, and `sharp` scenes of natural_a, as 8-bit PNG or JPEG.

    The blurry frames and the scenes behind them are developed by `developing`, of which only the frames may be JPEGs, the sharp
    ones by `of_sharp`.
    """
    return photograph_sets(FAMILIES[family](seed), seed, data, folder, frames, sharp, developing=developing, of_sharp=of_sharp)


def photograph_sets(
    truth: NDArray[np.float32],
    seed: int,
    data: Path,
    folder: Path,
    frames: int,
    sharp: int,
    mosaic: int = 2,
    sharp_lens: NDArray[np.float32] | None = None,
    developing: Developing = AS_THEY_ARE,
    of_sharp: Developing = AS_THEY_ARE,
) -> KnownLens:
    """Write both sets of a lens, as 8-bit PNG where nothing else is told.

    Args:
        truth: (rows, columns, 3, k, k) the grid of the blurry set, noise `NOISE`.
        seed: Of the choice of scenes and of the noise.
        data: Holds natural_a and natural_b.
        folder: Receives the folders blurry, sharp and scenes.
        frames: Blurry frames, mosaics of natural_b.
        sharp: Sharp photos of natural_a: single scenes, or mosaics where they are seen through a lens.
        mosaic: Scenes along each side of a frame.
        sharp_lens: The grid, alike, through which sharp frames are seen, without noise; None leaves the scenes as they are.
        developing: Of the blurry frames and the scenes behind them; only the frames may be JPEGs.
        of_sharp: Of the sharp photos.
    """
    random = np.random.default_rng(seed + 1_000_000)
    places = {name: folder / name for name in ("blurry", "sharp", "scenes")}
    for place in places.values():
        place.mkdir(parents=True, exist_ok=True)
    scenes_b, scenes_a = (sorted((data / name).glob("*.jpg")) for name in ("natural_b", "natural_a"))
    written = []
    for number in range(frames):
        scene = mosaic_of(scenes_b, mosaic, random)
        written.append(places["scenes"] / f"{number:03}.png")
        save_picture(developing.frame(scene), written[-1])
        photo = seen_through(scene, truth, NOISE, seed * 1000 + number)
        developing.save(developing.frame(photo), places["blurry"] / f"{number:03}{developing.suffix}")
    if sharp_lens is None:
        pictures = (load_picture(scenes_a[i]) for i in random.choice(len(scenes_a), sharp, replace=False))
    else:
        pictures = (seen_through(mosaic_of(scenes_a, mosaic, random), sharp_lens, 0.0, number) for number in range(sharp))
    for number, picture in enumerate(pictures):
        of_sharp.save(of_sharp.frame(picture.clip(0, 1)), places["sharp"] / f"{number:03}{of_sharp.suffix}")
    return KnownLens(places["blurry"], places["sharp"], truth, tuple(written))


def seen_through(scene: Picture, psf: NDArray[np.float32], noise: float, seed: int) -> Picture:
    """The noisy photo (height, width, 3) of a scene, both display-encoded, through a grid (rows, columns, 3, k, k)."""
    photo = photograph(torch.from_numpy(scene).permute(2, 0, 1), torch.from_numpy(psf), noise, torch.Generator().manual_seed(seed))
    return photo.permute(1, 2, 0).numpy()


def mosaic_of(scenes: Sequence[Path], side: int, random: np.random.Generator) -> Picture:
    """`side` x `side` scenes of one size, all lying; each shown once where there are enough."""
    paths = [scenes[i] for i in random.choice(len(scenes), side**2, replace=side**2 > len(scenes))]
    pictures = [picture if picture.shape[0] < picture.shape[1] else picture.transpose(1, 0, 2) for picture in map(load_picture, paths)]
    rows = [np.concatenate(pictures[i : i + side], axis=1) for i in range(0, side**2, side)]
    return np.concatenate(rows, axis=0)


def load_picture(path: Path) -> Picture:
    """A photo as display-encoded (height, width, 3) in 0-1."""
    return np.asarray(Image.open(path).convert("RGB"), np.float32) / 255


def save_picture(encoded: Picture, path: Path) -> None:
    """Write display-encoded (height, width, 3) as 8-bit PNG, values beyond 0-1 clipped."""
    AS_THEY_ARE.save(encoded.clip(0, 1), path)
