"""Sets of photos of a known lens, made from a folder of natural scenes: real files in a real folder.

Tuning uses the seeds 0-99. Of those from 100 on, 100-105, 110 and 112 were looked at while an earlier stage 1 was tuned, so
they are no longer held out; figures that are reported come from others.
"""

from __future__ import annotations

import argparse
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from benchmarks.developing import Developing
from benchmarks.lens_families import FAMILIES
from ddm_studio.optics.forward_model import photograph

NOISE = 0.01
AS_THE_SHARP_ONES = Developing()
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
    developing: Developing = AS_THE_SHARP_ONES,
) -> KnownLens:
    """Write `frames` blurry frames, each a 2x2 mosaic of scenes of natural_b, and `sharp` scenes of natural_a, as 8-bit PNG.

    The blurry frames and the scenes behind them are developed as told, and only the frames may be JPEGs.
    """
    truth = FAMILIES[family](seed)
    random = np.random.default_rng(seed + 1_000_000)
    places = {name: folder / name for name in ("blurry", "sharp", "scenes")}
    for place in places.values():
        place.mkdir(parents=True, exist_ok=True)
    scenes_b, scenes_a = (sorted((data / name).glob("*.jpg")) for name in ("natural_b", "natural_a"))
    written = []
    for number in range(frames):
        scene = _mosaic([scenes_b[i] for i in random.choice(len(scenes_b), 4, replace=False)])
        written.append(places["scenes"] / f"{number:03}.png")
        _save(developing.frame(scene), written[-1])
        generator = torch.Generator().manual_seed(seed * 1000 + number)
        photo = photograph(torch.from_numpy(scene).permute(2, 0, 1), torch.from_numpy(truth), NOISE, generator)
        developing.save(developing.frame(photo.permute(1, 2, 0).numpy()), places["blurry"] / f"{number:03}{developing.suffix}")
    for number, i in enumerate(random.choice(len(scenes_a), sharp, replace=False)):
        _save(_load(scenes_a[i]), places["sharp"] / f"{number:03}.png")
    return KnownLens(places["blurry"], places["sharp"], truth, tuple(written))


def _load(path: Path) -> NDArray[np.float32]:
    return np.asarray(Image.open(path).convert("RGB"), np.float32) / 255


def _mosaic(paths: list[Path]) -> NDArray[np.float32]:
    pictures = [picture if picture.shape[0] < picture.shape[1] else picture.transpose(1, 0, 2) for picture in map(_load, paths)]
    rows = [np.concatenate(pictures[i : i + 2], axis=1) for i in (0, 2)]
    return np.concatenate(rows, axis=0)


def _save(encoded: NDArray[np.float32], path: Path) -> None:
    AS_THE_SHARP_ONES.save(encoded, path)
