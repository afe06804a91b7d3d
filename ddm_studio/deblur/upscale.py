"""A photo at twice its size, tile by tile: by DPIR with the small picture's data step, or by a network that learned from the photo itself.

Tiles are planned on the small photo and doubled, so that every tile begins at an even row and column of the result.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TypeAlias

import torch
import torch.nn.functional as F
from torch import Tensor

from ddm_studio.deblur.canvas import Canvas
from ddm_studio.deblur.dpir import Denoise, DpirSchedule, dpir_steps
from ddm_studio.deblur.light import LINEAR_LIGHT, DisplayCurve
from ddm_studio.deblur.memory import memory_of
from ddm_studio.deblur.subsampled_model import FACTOR, SubsampledModel
from ddm_studio.deblur.tile_model import taper_edges
from ddm_studio.deblur.tile_runs import TilesAtOnce, restore_in_batches
from ddm_studio.deblur.tiles import Layout, Span, Tile, cut_windows, plan_tiles, tiles_touching, whole
from ddm_studio.deblur.zero_shot import ZeroShotNetwork
from ddm_studio.errors import StudioError

# Small pixels along a tile: a step ends within a second of being asked to stop.
LARGEST_SMALL_TILE = 256
TILES_ON_CARD = 16
# A network is nearly right where it has learned; the photo mends what it got wrong.
ZERO_SHOT_RHO = 0.05

UPSCALE_SCHEDULE = DpirSchedule(steps=8, first_sigma=0.2, prior_weight=0.23)

# From small windows (n, 3, h, w) to estimates (n, 3, 2 h, 2 w), one after each step; all in linear light.
Upscaling: TypeAlias = Callable[[Tensor], Iterator[Tensor]]


@dataclass(frozen=True, slots=True)
class UpscaleMethod:
    """How windows are upscaled, and in how many steps."""

    steps: Upscaling
    count: int


def by_dpir(kernel: Tensor, sigma: Tensor, denoise: Denoise, schedule: DpirSchedule, curve: DisplayCurve = LINEAR_LIGHT) -> UpscaleMethod:
    """DPIR with a kernel (3, k, k) on the result's pixels and the photo's noise (3,), display-encoded."""

    def steps(windows: Tensor) -> Iterator[Tensor]:
        model = _model(windows, kernel)
        return dpir_steps(model, model.windows, sigma, denoise, schedule, curve)

    return UpscaleMethod(steps, schedule.steps)


def by_network(kernel: Tensor, network: ZeroShotNetwork, curve: DisplayCurve = LINEAR_LIGHT) -> UpscaleMethod:
    """A network that has learned from the photo, its result then held to the photo."""

    def steps(windows: Tensor) -> Iterator[Tensor]:
        with torch.no_grad():
            large = curve.decode(network(curve.encode(windows)))
        yield _model(windows, kernel).data_step(large, torch.tensor(ZERO_SHOT_RHO, device=windows.device))

    return UpscaleMethod(steps, 1)


def upscaled_rows(
    linear: Tensor, kernel: Tensor, method: UpscaleMethod, on_step: Callable[[int, int], None] = lambda done, total: None
) -> Iterator[Tensor]:
    """A photo at twice its size, rows as they are finished, so that the result need not fit into memory.

    Args:
        linear: (3, H, W) in linear light, on the CPU.
        kernel: (3, k, k) on the result's pixels, on the device to compute on.
        method: See `by_dpir` and `by_network`.
        on_step: Told steps done and steps altogether; may raise `Cancelled`.

    Yields:
        Bands (3, h, 2 W) from the top, 2 H rows together, in linear light, not negative, on the CPU. Pixels of even row and
        column lie where the photo's lie.

    Raises:
        StudioError: The numbers overflowed, or not even one tile fits into memory.
    """
    small = plan_tiles(linear.shape[1], linear.shape[2], as_seen_small(kernel)[None, None], LARGEST_SMALL_TILE)
    large = doubled(small)
    tiles = tiles_touching(small, whole(small.height, small.width))
    canvas = Canvas(large, whole(large.height, large.width))
    done = 0

    def windows(batch: list[Tile]) -> Tensor:
        return cut_windows(linear, batch, 0, small.height).to(kernel.device)

    def after_step(batch: list[Tile], estimate: Tensor, number: int) -> None:
        on_step(done + number * len(batch), len(tiles) * method.count)

    at_once = TilesAtOnce(memory_of(kernel.device), 1 if kernel.device.type == "cpu" else TILES_ON_CARD)
    for batch, estimate in restore_in_batches(tiles, windows, lambda batch, cut: method.steps(cut), at_once, after_step):
        done += len(batch) * method.count
        if not bool(torch.isfinite(estimate).all()):
            raise StudioError("The photo could not be upscaled", "the numbers overflowed", "Check the kernel, or use another method")
        for tile, window in zip(batch, estimate.cpu(), strict=True):
            canvas.lay(Tile(_doubled(tile.rows), _doubled(tile.columns)), window)
            if (rows := canvas.take_finished()) is not None:
                yield rows


def doubled(layout: Layout) -> Layout:
    """The same tiles on a frame of twice the size."""
    down, across = (tuple(_doubled(span) for span in spans) for spans in (layout.down, layout.across))
    return replace(
        layout, height=FACTOR * layout.height, width=FACTOR * layout.width, down=down, across=across, blend=FACTOR * layout.blend
    )


def as_seen_small(kernel: Tensor) -> Tensor:
    """About the blur (3, m, m) that the kernel (3, k, k) makes on the small photo's pixels."""
    return F.avg_pool2d(F.pad(kernel, (0, 1, 0, 1)), FACTOR) * FACTOR**2


def _model(windows: Tensor, kernel: Tensor) -> SubsampledModel:
    count = len(windows)
    tapered = taper_edges(windows, as_seen_small(kernel).expand(count, -1, -1, -1))
    return SubsampledModel(tapered, kernel.expand(count, -1, -1, -1))


def _doubled(span: Span) -> Span:
    return Span(FACTOR * span.start, FACTOR * span.size, FACTOR * span.keep_from, FACTOR * span.keep_to)
