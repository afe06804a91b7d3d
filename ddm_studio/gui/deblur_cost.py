"""About how long a method takes for a whole photo on this machine, and how much memory: before it is run."""

from __future__ import annotations

import math
from dataclasses import dataclass

from ddm_studio.deblur.tile_costs import LARGEST_TILE, tile_cost
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
    """Seconds, None where a graphics card does the work and was not timed; and bytes at most, of the program as a whole."""

    seconds: float | None
    bytes: float


def deblur_cost(method: Method, denoiser: DenoiserName, size: tuple[int, int], speed: MachineSpeed | None) -> DeblurCost:
    """What a photo of `size` (width, height) takes on a machine of this speed."""
    cost, megapixels = tile_cost(method, denoiser), size[0] * size[1] / 1e6
    tile = min(LARGEST_TILE**2 / 1e6, _OVERLAP * megapixels)
    at_once = min(1 if speed is None else speed.cores, math.ceil(_OVERLAP * megapixels / tile))
    memory = _PROGRAM_BYTES + 1e6 * (at_once * tile * cost.bytes + _PHOTO_BYTES * megapixels)
    if speed is None:
        return DeblurCost(None, memory)
    batches = _START + _AROUND * megapixels + cost.batches * _OVERLAP * megapixels / at_once
    return DeblurCost(batches * speed.batch, memory)
