"""What restoring a tile takes, in memory and in work, by method and denoiser. No torch here: the window asks, too.

Measured by `python -m benchmarks.deblur_cost`. Work is counted in batches of the Fourier transforms that `gui.speed_probe` times.
"""

from __future__ import annotations

from dataclasses import dataclass

from ddm_studio.settings import DenoiserName, Method

LARGEST_TILE = 512
"""px, side of the largest tile."""


@dataclass(frozen=True, slots=True)
class TileCost:
    """Bytes per pixel of a tile that are needed at once, and batches of transforms for a million pixels of tiles."""

    bytes: int
    batches: int


# Bytes with a margin, as they differ with the kernels, the processor and the allocator.
_COSTS: dict[tuple[Method, DenoiserName], TileCost] = {
    (Method.DPIR, "bundled"): TileCost(2000, 2400),
    (Method.DPIR, "drunet"): TileCost(4000, 18_000),
    (Method.DPIR, "diffunet"): TileCost(8000, 115_000),
    (Method.DIFFPIR, "bundled"): TileCost(2000, 3200),
    # Not measured: more than DPIR by as much as with the bundled denoiser.
    (Method.DIFFPIR, "drunet"): TileCost(4000, 24_000),
    (Method.DIFFPIR, "diffunet"): TileCost(8000, 150_000),
}
_WITHOUT_DENOISER = {Method.WIENER: TileCost(600, 200), Method.NETWORK: TileCost(2000, 700)}


def tile_cost(method: Method, denoiser: DenoiserName) -> TileCost:
    """What a method takes; the denoiser is that of DPIR and DiffPIR."""
    return _WITHOUT_DENOISER.get(method) or _COSTS[method, denoiser]
