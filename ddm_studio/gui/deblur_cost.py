"""About how long a method takes for a whole photo on this machine, and how much memory: before it is run."""

from __future__ import annotations

import math
from dataclasses import dataclass

from ddm_studio.deblur.tile_costs import LARGEST_TILE, tile_cost
from ddm_studio.gui.measured_times import MeasuredTimes
from ddm_studio.gui.speed_probe import MachineSpeed
from ddm_studio.settings import DenoiserName, Method

# Tiles overlap: 24 megapixels are cut into 140 tiles of 480 x 512 px.
_OVERLAP = 1.43
# The program with torch, and what a photo takes while it is read, mixed and written.
_PROGRAM_BYTES = 0.65e9
_PHOTO_BYTES = 12
# Loading torch; reading, checking and writing a megapixel. Batches of the probe, all on one core.
_START = 2000
_AROUND = 170


@dataclass(frozen=True, slots=True)
class DeblurCost:
    """Seconds, None where a graphics card does the work and was not timed yet; and bytes at most, of the program as a whole."""

    seconds: float | None
    bytes: float


def deblur_cost(
    method: Method,
    denoiser: DenoiserName,
    size: tuple[int, int],
    speed: MachineSpeed | None,
    measured: MeasuredTimes | None = None,
    is_warm: bool = False,
) -> DeblurCost:
    """What a photo of `size` (width, height) takes.

    Args:
        method: How it is deblurred.
        denoiser: That of DPIR and DiffPIR.
        size: Of the photo.
        speed: Of the machine, None for a graphics card.
        measured: What it really took here: photos like it tell most, crops what restoring takes, else the machine's speed alone.
        is_warm: Whether the engine is loaded already.
    """
    cost, pixels = tile_cost(method, denoiser), size[0] * size[1]
    tile = min(LARGEST_TILE**2, _OVERLAP * pixels)
    memory = _PROGRAM_BYTES + _at_once(pixels, speed) * tile * cost.bytes + _PHOTO_BYTES * pixels
    return DeblurCost(_seconds(method, denoiser, pixels, speed, measured or MeasuredTimes(), is_warm), memory)


def _seconds(
    method: Method, denoiser: DenoiserName, pixels: int, speed: MachineSpeed | None, measured: MeasuredTimes, is_warm: bool
) -> float | None:
    batch = 0.0 if speed is None else speed.batch
    start = 0.0 if is_warm else _START * batch
    whole = measured.of_whole(method, denoiser, pixels)
    if whole is not None:
        return start + whole
    crops = measured.of_crops(method, denoiser, pixels)
    if crops is not None:
        rate, of_crop = crops
        restoring = rate * pixels / 1e6 * _at_once(of_crop, speed) / _at_once(pixels, speed)
    elif speed is None:
        return None
    else:
        restoring = tile_cost(method, denoiser).batches * batch * _OVERLAP * pixels / 1e6 / _at_once(pixels, speed)
    return start + _AROUND * batch * pixels / 1e6 + restoring


def _at_once(pixels: int, speed: MachineSpeed | None) -> int:
    """Tiles that are worked on side by side."""
    tile = min(LARGEST_TILE**2, _OVERLAP * pixels)
    return min(1 if speed is None else speed.cores, math.ceil(_OVERLAP * pixels / tile))
