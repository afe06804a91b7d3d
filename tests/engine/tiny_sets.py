"""Tiny photo folders with a known lens, as real files, and the settings that learn it in a second."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import tifffile
import torch
from numpy.typing import NDArray
from PIL import Image

from ddm_studio.events import Event
from ddm_studio.optics.dead_leaves import dead_leaves
from ddm_studio.optics.forward_model import photograph
from ddm_studio.optics.synthetic_lens import psf_grid, random_lens
from ddm_studio.settings import (
    CalibrationSettings,
    Device,
    FlowSettings,
    GaussianMatchingSettings,
    MatchingSettings,
    Preset,
    TileSettings,
    preset_settings,
)

WIDTH, HEIGHT = 192, 128
ROWS, COLUMNS, KERNEL = 2, 3, 7
BLURRY, SHARP = 12, 10
NOISE = 0.01
ORIENTATION_TAG = 274

Codes = NDArray[np.uint8]
Lens = Callable[[], NDArray[np.float32]]


@cache
def known_lens() -> NDArray[np.float32]:
    """(2, 3, 3, 7, 7): streaks at another angle in every node, wider in red, so that no flip or transposition maps it to itself."""
    place = np.arange(KERNEL) - KERNEL // 2
    down, across = np.meshgrid(place, place, indexing="ij")
    lens = np.empty((ROWS, COLUMNS, 3, KERNEL, KERNEL), np.float32)
    for row in range(ROWS):
        for column in range(COLUMNS):
            angle = np.deg2rad((15, 70, 120, 160, 40, 95)[row * COLUMNS + column])
            along, aside = np.cos(angle) * across + np.sin(angle) * down, np.cos(angle) * down - np.sin(angle) * across
            for channel, width in enumerate((1.8, 1.5, 1.3)):
                taps = np.exp(-0.5 * (along / width) ** 2 - 0.5 * (aside / (0.5 * width)) ** 2)
                lens[row, column, channel] = taps / taps.sum()
    return lens


@cache
def optical_lens() -> NDArray[np.float32]:
    """(2, 3, 3, 7, 7): a lens that has a wavefront, which is found in a third of the time that other blur takes."""
    return psf_grid(random_lens(3), ROWS, COLUMNS, KERNEL, WIDTH / HEIGHT)


@cache
def _four_scenes(seed: int, width: int, height: int) -> NDArray[np.float32]:
    return dead_leaves(2 * height, 2 * width, seed)


def scene(seed: int, width: int = WIDTH, height: int = HEIGHT) -> NDArray[np.float32]:
    """A quarter of a generated scene, which is quicker than as many whole ones."""
    down, across = divmod(seed % 4, 2)
    return _four_scenes(seed // 4, width, height)[down * height : (down + 1) * height, across * width : (across + 1) * width]


@cache
def blurry_codes(number: int, width: int = WIDTH, height: int = HEIGHT, lens: Lens = known_lens) -> Codes:
    """A photo (height, width, 3) of a generated scene through a lens."""
    frame = torch.from_numpy(scene(100 + number, width, height)).permute(2, 0, 1)
    photo = photograph(frame, torch.from_numpy(lens()), NOISE, torch.Generator().manual_seed(number))
    return _eight_bits(photo.permute(1, 2, 0).numpy())


def sharp_codes(number: int) -> Codes:
    return _eight_bits(scene(500 + number))


def _eight_bits(encoded: NDArray[np.float32]) -> Codes:
    return np.round(encoded * 255).astype(np.uint8)


def save_codes(path: Path, codes: Codes, orientation: int | None = None) -> Path:
    """A PNG, JPEG or TIFF by the suffix of `path`, with an orientation tag when given; stored pixels are `codes` as they are."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".tif":
        tags = [] if orientation is None else [(ORIENTATION_TAG, 3, 1, orientation, True)]
        tifffile.imwrite(path, codes, photometric="rgb", metadata=None, extratags=tags)
        return path
    exif = Image.Exif()
    if orientation is not None:
        exif[ORIENTATION_TAG] = orientation
    options = {"quality": 97, "subsampling": 0} if path.suffix == ".jpg" else {"compress_level": 1}
    Image.fromarray(codes).save(path, exif=exif, **options)
    return path


def blurry_folder(folder: Path, suffix: str = ".png", tags: tuple[int | None, ...] = (None,), lens: Lens = known_lens) -> Path:
    """The blurry set; photo by photo the orientation tags take turns."""
    for number in range(BLURRY):
        save_codes(folder / f"blurry_{number:02}{suffix}", blurry_codes(number, lens=lens), tags[number % len(tags)])
    return folder


def sharp_folder(folder: Path) -> Path:
    for number in range(SHARP):
        save_codes(folder / f"sharp_{number:02}.png", sharp_codes(number))
    return folder


def tiny_settings(seed: int = 0, steps: int = 80, preset: Preset = Preset.INSTANT, wavefront: bool = False) -> CalibrationSettings:
    """Stage 1 in about a second (some more with a wavefront), stages 2 and 3 in a few steps."""
    return preset_settings(
        preset,
        grid_rows=ROWS,
        grid_columns=COLUMNS,
        kernel_size=KERNEL,
        device=Device.CPU,
        seed=seed,
        tiles=TileSettings(tile=48, blurry_tiles=360, sharp_tiles=200),
        gaussian=GaussianMatchingSettings(patch=32, bins=4, steps=steps, wavefront=wavefront, retrieval=wavefront),
        flow=FlowSettings(patch=16, channels=8, steps=8, batch=8),
        matching=MatchingSettings(warm_up=3, steps=5, batch=8, always=True),
    )


def hashes_below(folder: Path) -> dict[str, str]:
    """SHA-256 of every file below a folder, by relative path."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


class Listener:
    """Remembers every event with its time, and may do something about it."""

    def __init__(self, react: Callable[[Event], object] = lambda event: None) -> None:
        self.events: list[Event] = []
        self.times: list[float] = []
        self._react = react

    def __call__(self, event: Event) -> None:
        self.events.append(event)
        self.times.append(time.monotonic())
        self._react(event)
