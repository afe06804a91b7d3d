"""Restoring a frame, or a part of it, with a PSF grid: tile by tile, the same tiles and results for every part.

All methods share the tiling and the model of the blur; they differ in the steps taken with a batch of tiles.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import torch
from torch import Tensor

from ddm_studio.deblur.canvas import Canvas, Unfinished
from ddm_studio.deblur.diffpir import DiffpirSchedule, diffpir_steps
from ddm_studio.deblur.dpir import DpirSchedule, dpir_steps
from ddm_studio.deblur.highlights import Highlights
from ddm_studio.deblur.light import LINEAR_LIGHT, DisplayCurve
from ddm_studio.deblur.memory import Memory, memory_of
from ddm_studio.deblur.noise_field import noise_window
from ddm_studio.deblur.scene_prior import ScenePrior
from ddm_studio.deblur.tile_costs import LARGEST_TILE, tile_cost
from ddm_studio.deblur.tile_model import TileModel, taper_edges
from ddm_studio.deblur.tile_runs import Done, OnStep, TilesAtOnce, restore_in_batches, restore_in_threads
from ddm_studio.deblur.tiles import (
    BLEND,
    Box,
    Layout,
    Tile,
    cut_windows,
    kept_by_any,
    lattice,
    lattice_weights,
    place_maps,
    plan_tiles,
    rows_shown,
    tiles_touching,
    whole,
)
from ddm_studio.deblur.wiener import wiener_steps
from ddm_studio.errors import StudioError
from ddm_studio.optics.psf_grid import check_grid, kernels_at
from ddm_studio.settings import DeblurSettings, Method

if TYPE_CHECKING:
    # They load deepinv, which takes two seconds that Wiener need not wait for.
    from ddm_studio.deblur.denoisers import Denoiser
    from ddm_studio.deblur.restorer import Restorer

SMALLEST_SIGMA = 1e-3
# On a graphics card, too, a step must end within a second of being asked to stop.
PIXELS_ON_CARD = 16 * 512 * 512


@dataclass(frozen=True, slots=True)
class Watch:
    """Who looks on while a frame is restored.

    Attributes:
        step: Told steps done and steps altogether after each step; may raise `Cancelled`.
        picture_due: Whether a picture is wanted now.
        picture: Receives the part being restored as it is now, (3, h, w) in linear light.
    """

    step: Callable[[int, int], None] = lambda done, total: None
    picture_due: Callable[[], bool] = lambda: False
    picture: Callable[[Tensor], None] = lambda linear: None


@dataclass(frozen=True, slots=True)
class TileBounds:
    """What tiles are cut for.

    Attributes:
        largest: Side of the largest tile in pixels, the same for all methods; the result depends on it a little.
        blend: Pixels over which neighbouring tiles are mixed.
        memory: Decides how many tiles are restored at once, which the result does not depend on; that of the device by default.
    """

    largest: int = LARGEST_TILE
    blend: int = BLEND
    memory: Memory | None = None


class FrameRows(Protocol):
    """A blurry frame that need not be in memory as a whole."""

    height: int
    width: int

    def rows(self, top: int, bottom: int) -> Tensor:
        """Rows `top` to `bottom`: (3, bottom - top, width) in the values in which the blur is linear, on the CPU."""


class WholeFrame:
    """A frame (3, H, W) in memory."""

    def __init__(self, linear: Tensor) -> None:
        if linear.ndim != 3 or linear.shape[0] != 3:
            raise ValueError(f"a frame must be (3, height, width), got {tuple(linear.shape)}")
        self._linear = linear
        self.height, self.width = int(linear.shape[1]), int(linear.shape[2])

    def rows(self, top: int, bottom: int) -> Tensor:
        """A view."""
        return self._linear[:, top:bottom]


def restore_frame(
    linear: Tensor,
    psf: Tensor,
    sigma: Tensor,
    settings: DeblurSettings,
    denoiser: Denoiser | None = None,
    watch: Watch | None = None,
    region: Box | None = None,
    curve: DisplayCurve = LINEAR_LIGHT,
    bounds: TileBounds | None = None,
    restorer: Restorer | None = None,
    prior: ScenePrior | None = None,
) -> Tensor:
    """Deblur a frame (3, H, W) in memory, or a region of it: the rows of `restore_rows` in one (3, h, w)."""
    frame = WholeFrame(linear)
    box = region or whole(frame.height, frame.width)
    restored = torch.empty(3, box.height, box.width)
    top = 0
    for rows in restore_rows(frame, psf, sigma, settings, denoiser, watch, box, curve, bounds, restorer, prior):
        restored[:, top : top + rows.shape[1]] = rows
        top += rows.shape[1]
    return restored


def restore_rows(
    frame: FrameRows,
    psf: Tensor,
    sigma: Tensor,
    settings: DeblurSettings,
    denoiser: Denoiser | None = None,
    watch: Watch | None = None,
    region: Box | None = None,
    curve: DisplayCurve = LINEAR_LIGHT,
    bounds: TileBounds | None = None,
    restorer: Restorer | None = None,
    prior: ScenePrior | None = None,
) -> Iterator[Tensor]:
    """Deblur a frame by `settings.method`, strip by strip: of frame and result only a strip of tiles need be in memory.

    Args:
        frame: The blurry frame, sensor frame.
        psf: (R, C, 3, k, k) grid of that frame, on the device to compute on.
        sigma: (3,) noise level per channel, display-encoded.
        settings: Method, strength and seed.
        denoiser: The learned prior of DPIR and DiffPIR.
        watch: Progress, pictures and stopping.
        region: The part to restore; the whole frame by default. The rest of the frame serves as its surroundings.
        curve: From the frame's values to display-encoded ones; another where the kernels act on other values than linear light.
        bounds: How large a tile may be, which the result depends on a little, and how many are restored at once, which it does not.
        restorer: The lens's own network, for the method of that name.
        prior: What sharp photos are like, for Wiener; a law of natural photos by default.

    Yields:
        The next rows (3, h, width) of the region from the top, in the frame's values, not negative, on the CPU.

    Raises:
        ValueError: Wrong shapes, or no denoiser or network for a method that needs one.
        StudioError: The numbers overflowed, or not even one tile fits into memory.
    """
    check_grid(psf)
    if settings.method in (Method.DPIR, Method.DIFFPIR) and denoiser is None:
        raise ValueError(f"{settings.method} needs a denoiser")
    if settings.method is Method.NETWORK and restorer is None:
        raise ValueError(f"{settings.method} needs the network of the lens")
    bounds = bounds or TileBounds()
    layout = plan_tiles(frame.height, frame.width, psf, bounds.largest, bounds.blend)
    box = region or whole(layout.height, layout.width)
    noise = sigma.to(psf).clamp_min(SMALLEST_SIGMA)
    restoration = _Restoration(frame, psf, noise, settings, denoiser, restorer, layout, box, curve, prior)
    return restoration.run(watch or Watch(), bounds)


@dataclass(eq=False)
class _Restoration:
    frame: FrameRows
    psf: Tensor
    sigma: Tensor
    settings: DeblurSettings
    denoiser: Denoiser | None
    restorer: Restorer | None
    layout: Layout
    box: Box
    curve: DisplayCurve
    prior: ScenePrior | None
    _strip: tuple[int, Tensor] | None = None

    @torch.no_grad()
    def run(self, watch: Watch, bounds: TileBounds) -> Iterator[Tensor]:
        tiles = tiles_touching(self.layout, self.box)
        canvas = Canvas(self.layout, self.box)
        total = len(tiles) * steps_of(self.settings.method)
        taken: dict[Tile, int] = {}
        shown: Unfinished | None = None
        # Tiles that a picture has to show before they are done.
        under_way: dict[Tile, Tensor] = {}

        def on_step(batch: list[Tile], estimate: Tensor, number: int) -> None:
            nonlocal shown
            taken.update(dict.fromkeys(batch, number))
            watch.step(sum(taken.values()), total)
            due = watch.picture_due()
            if due:
                shown = shown or Unfinished(self._blurry(), self.layout, self.box)
            if shown is not None:
                under_way.update(zip(batch, estimate.cpu(), strict=True))
            if due and shown is not None:
                watch.picture(shown.with_tiles(list(under_way), torch.stack(list(under_way.values()))))

        for batch, estimate in self._estimates(tiles, bounds, on_step):
            self._check(batch, estimate)
            for tile, window in zip(batch, estimate.cpu(), strict=True):
                canvas.lay(tile, window)
            if shown is not None:
                shown.keep(batch, estimate)
                for tile in batch:
                    under_way.pop(tile, None)
            if (rows := canvas.take_finished()) is not None:
                yield rows

    def _estimates(self, tiles: list[Tile], bounds: TileBounds, on_step: OnStep) -> Done:
        memory = bounds.memory or memory_of(self.psf.device)
        pixels = tiles[0].rows.size * tiles[0].columns.size
        if self.psf.device.type != "cpu":
            return restore_in_batches(tiles, self._windows, self._steps, TilesAtOnce(memory, max(1, PIXELS_ON_CARD // pixels)), on_step)
        needed = pixels * tile_cost(self.settings.method, self.settings.denoiser).bytes
        at_once = TilesAtOnce(memory, torch.get_num_threads(), needed)
        return restore_in_threads(tiles, self._windows, self._steps, at_once, on_step)

    def _windows(self, batch: list[Tile]) -> Tensor:
        """The windows (n, 3, h, w) of tiles of one strip; of its rows those are read that the strip before does not show, too."""
        first, last = rows_shown(batch[0].rows, self.layout.height)
        start, rows = self._strip or (first, torch.empty(3, 0, self.layout.width))
        known = rows[:, first - start : last - start] if start <= first else rows[:, :0]
        if known.shape[1] < last - first:
            rows = torch.cat([known, self.frame.rows(first + known.shape[1], last)], 1)
            start = first
            self._strip = start, rows
        return cut_windows(rows[:, first - start :], batch, first, self.layout.height)

    def _blurry(self) -> Tensor:
        rows = self.frame.rows(self.box.top, self.box.top + self.box.height)
        return rows[:, :, self.box.left : self.box.left + self.box.width].clone()

    def _steps(self, batch: list[Tile], windows: Tensor) -> Iterator[Tensor]:
        highlights = Highlights(windows.to(self.psf.device), self.psf.shape[-1], self.sigma, self.curve)
        yield from map(highlights.bound, self._estimates_of(batch, windows))

    def _estimates_of(self, batch: list[Tile], windows: Tensor) -> Iterator[Tensor]:
        model = self._model(batch, windows)
        if self.settings.method is Method.WIENER:
            yield from wiener_steps(model, self.sigma, self.settings.strength, self.curve, self.prior)
            return
        if self.settings.method is Method.NETWORK:
            assert self.restorer is not None
            places = torch.stack([place_maps(tile, self.layout) for tile in batch]).to(self.psf)
            yield from self.restorer.steps(model, self.sigma, places, kept_by_any(self.layout), self.settings.strength, self.curve)
            return
        assert self.denoiser is not None
        start = next(wiener_steps(model, self.sigma, curve=self.curve, prior=self.prior))
        if self.settings.method is Method.DPIR:
            schedule = DpirSchedule(prior_weight=DpirSchedule().prior_weight / self.settings.strength)
            yield from dpir_steps(model, start, self.sigma, self.denoiser, schedule, self.curve)
            return

        def noise_at(step: int) -> Tensor:
            seed = self.settings.seed
            windows = [noise_window(seed, step, t.rows.start, t.columns.start, t.rows.size, t.columns.size) for t in batch]
            return torch.stack(windows).to(self.psf)

        sampling = DiffpirSchedule(prior_weight=DiffpirSchedule().prior_weight / self.settings.strength)
        yield from diffpir_steps(model, start, self.sigma, self.denoiser, noise_at, sampling, self.curve)

    def _model(self, batch: list[Tile], windows: Tensor) -> TileModel:
        down, across = self.layout.nodes
        device = self.psf.device
        positions, shares, centres = [], [], []
        for tile in batch:
            rows, columns = lattice(tile.rows, down, self.layout.height), lattice(tile.columns, across, self.layout.width)
            positions.append(torch.cartesian_prod(rows, columns))
            centres.append(torch.stack([rows.mean(), columns.mean()]))
            vertical, horizontal = lattice_weights(tile.rows, down, device), lattice_weights(tile.columns, across, device)
            shares.append((vertical.repeat_interleave(across, 0), horizontal.repeat(down, 1)))
        kernels = kernels_at(self.psf, torch.cat(positions).to(device))
        kernels = kernels.reshape(len(batch), down * across, *kernels.shape[1:])
        tapered = taper_edges(windows.to(device), kernels_at(self.psf, torch.stack(centres).to(device)))
        return TileModel(tapered, kernels, *(torch.stack(side) for side in zip(*shares, strict=True)))

    def _check(self, batch: list[Tile], estimate: Tensor) -> None:
        for tile, window in zip(batch, estimate, strict=True):
            # A sum is finite if all numbers are, and takes a tenth of the time of looking at each.
            if not bool(torch.isfinite(window.sum())):
                raise StudioError(
                    "The photo could not be restored",
                    f"the numbers overflowed near row {tile.rows.keep_from}, column {tile.columns.keep_from}",
                    "Try a smaller strength, or Wiener",
                )


def steps_of(method: Method) -> int:
    """Steps that a batch of tiles takes."""
    return {Method.DPIR: DpirSchedule().steps, Method.DIFFPIR: DiffpirSchedule().steps}.get(method, 1)
