"""Restoring a frame, or a part of it, with a PSF grid: tile by tile, the same tiles and results for every part.

All methods share the tiling and the model of the blur; they differ in the steps taken with a batch of tiles.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import groupby

import torch
from torch import Tensor

from ddm_studio.deblur.denoisers import Denoiser
from ddm_studio.deblur.diffpir import DiffpirSchedule, diffpir_steps
from ddm_studio.deblur.dpir import DpirSchedule, dpir_steps
from ddm_studio.deblur.light import LINEAR_LIGHT, DisplayCurve
from ddm_studio.deblur.noise_field import noise_window
from ddm_studio.deblur.tile_model import TileModel, taper_edges
from ddm_studio.deblur.tiles import (
    Box,
    Layout,
    Tile,
    blend_weights,
    cut_windows,
    lattice,
    lattice_weights,
    plan_tiles,
    tiles_touching,
    whole,
)
from ddm_studio.deblur.wiener import wiener_steps
from ddm_studio.errors import StudioError
from ddm_studio.optics.psf_grid import check_grid, kernels_at
from ddm_studio.settings import DeblurSettings, Method

SMALLEST_SIGMA = 1e-3
LARGEST_TILE_WIENER = 512
# Pixels per batch: on a CPU a step must end within a second of being asked to stop.
BATCH_PIXELS = {"cpu": 512 * 512, "cuda": 16 * 512 * 512}


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


@torch.no_grad()
def restore_frame(
    linear: Tensor,
    psf: Tensor,
    sigma: Tensor,
    settings: DeblurSettings,
    denoiser: Denoiser | None = None,
    watch: Watch | None = None,
    region: Box | None = None,
    curve: DisplayCurve = LINEAR_LIGHT,
) -> Tensor:
    """Deblur a frame by `settings.method`.

    Args:
        linear: (3, H, W) blurry frame in linear light, sensor frame, on the CPU.
        psf: (R, C, 3, k, k) grid of that frame, on the device to compute on.
        sigma: (3,) noise level per channel, display-encoded.
        settings: Method, strength and seed.
        denoiser: The learned prior; Wiener needs none.
        watch: Progress, pictures and stopping.
        region: The part to restore; the whole frame by default. The rest of the frame serves as its surroundings.
        curve: From the frame's values to display-encoded ones; another where the kernels act on other values than linear light.

    Returns:
        (3, h, w) of the region in linear light, not negative, on the CPU.

    Raises:
        ValueError: Wrong shapes, or no denoiser for a method that needs one.
        StudioError: The numbers overflowed.
    """
    check_grid(psf)
    if linear.ndim != 3 or linear.shape[0] != 3:
        raise ValueError(f"a frame must be (3, height, width), got {tuple(linear.shape)}")
    if settings.method is not Method.WIENER and denoiser is None:
        raise ValueError(f"{settings.method} needs a denoiser")
    largest = denoiser.largest_tile if denoiser is not None and settings.method is not Method.WIENER else LARGEST_TILE_WIENER
    layout = plan_tiles(linear.shape[1], linear.shape[2], psf, largest)
    box = region or whole(layout.height, layout.width)
    restoration = _Restoration(linear, psf, sigma.to(psf).clamp_min(SMALLEST_SIGMA), settings, denoiser, layout, box, curve)
    return restoration.run(watch or Watch())


@dataclass(eq=False)
class _Restoration:
    linear: Tensor
    psf: Tensor
    sigma: Tensor
    settings: DeblurSettings
    denoiser: Denoiser | None
    layout: Layout
    box: Box
    curve: DisplayCurve

    def run(self, watch: Watch) -> Tensor:
        restored = torch.zeros(3, self.box.height, self.box.width)
        batches = self._batches()
        done, total = 0, len(batches) * steps_of(self.settings.method)
        shown: Tensor | None = None
        for batch in batches:
            estimate = None
            for estimate in self._steps(batch):
                done += 1
                watch.step(done, total)
                if watch.picture_due():
                    shown = self._unfinished(shown)
                    watch.picture(self._with(shown, batch, estimate))
            assert estimate is not None
            self._check(batch, estimate)
            self._add(restored, batch, estimate)
            if shown is not None:
                shown = self._with(shown, batch, estimate)
        return restored.clamp_min_(0)

    def _batches(self) -> list[list[Tile]]:
        """Neighbouring tiles of one strip, as many as a batch may hold."""
        tiles = tiles_touching(self.layout, self.box)
        pixels = tiles[0].rows.size * tiles[0].columns.size
        count = max(1, BATCH_PIXELS.get(self.psf.device.type, BATCH_PIXELS["cpu"]) // pixels)
        batches = []
        for _, strip in groupby(tiles, key=lambda tile: tile.rows.start):
            row = list(strip)
            batches += [row[first : first + count] for first in range(0, len(row), count)]
        return batches

    def _steps(self, batch: list[Tile]) -> Iterator[Tensor]:
        model = self._model(batch)
        if self.settings.method is Method.WIENER:
            yield from wiener_steps(model, self.sigma, self.settings.strength, self.curve)
            return
        assert self.denoiser is not None
        if self.settings.method is Method.DPIR:
            schedule = DpirSchedule(prior_weight=DpirSchedule().prior_weight / self.settings.strength)
            yield from dpir_steps(model, self.sigma, self.denoiser, schedule, self.curve)
            return
        start = next(wiener_steps(model, self.sigma, curve=self.curve))

        def noise_at(step: int) -> Tensor:
            seed = self.settings.seed
            windows = [noise_window(seed, step, t.rows.start, t.columns.start, t.rows.size, t.columns.size) for t in batch]
            return torch.stack(windows).to(self.psf)

        sampling = DiffpirSchedule(prior_weight=DiffpirSchedule().prior_weight / self.settings.strength)
        yield from diffpir_steps(model, start, self.sigma, self.denoiser, noise_at, sampling, self.curve)

    def _model(self, batch: list[Tile]) -> TileModel:
        down, across = self.layout.nodes
        device = self.psf.device
        positions, mixes, centres = [], [], []
        for tile in batch:
            rows, columns = lattice(tile.rows, down, self.layout.height), lattice(tile.columns, across, self.layout.width)
            positions.append(torch.cartesian_prod(rows, columns))
            centres.append(torch.stack([rows.mean(), columns.mean()]))
            vertical, horizontal = lattice_weights(tile.rows, down, device), lattice_weights(tile.columns, across, device)
            mixes.append((vertical[:, None, :, None] * horizontal[None, :, None, :]).flatten(0, 1))
        kernels = kernels_at(self.psf, torch.cat(positions).to(device))
        kernels = kernels.reshape(len(batch), down * across, *kernels.shape[1:])
        windows = cut_windows(self.linear, batch).to(device)
        tapered = taper_edges(windows, kernels_at(self.psf, torch.stack(centres).to(device)))
        return TileModel(tapered, kernels, torch.stack(mixes))

    def _add(self, canvas: Tensor, batch: list[Tile], estimate: Tensor) -> None:
        for tile, window in zip(batch, estimate.cpu(), strict=True):
            rows, columns, weights = self._kept(tile)
            part = window[:, tile.rows.kept, tile.columns.kept][:, rows[1], columns[1]]
            canvas[:, rows[0], columns[0]] += weights[rows[1], columns[1]] * part

    def _kept(self, tile: Tile) -> tuple[tuple[slice, slice], tuple[slice, slice], Tensor]:
        """Where the tile's kept pixels go in the region, which of them go there, and the weights of all of them."""
        rows = _overlap(tile.rows.keep_from, tile.rows.keep_to, self.box.top, self.box.height)
        columns = _overlap(tile.columns.keep_from, tile.columns.keep_to, self.box.left, self.box.width)
        cpu = torch.device("cpu")
        vertical = blend_weights(tile.rows, self.layout.height, cpu)
        horizontal = blend_weights(tile.columns, self.layout.width, cpu)
        return rows, columns, vertical[:, None] * horizontal

    def _unfinished(self, shown: Tensor | None) -> Tensor:
        """What a person sees before any tile is done: the blurry region."""
        if shown is not None:
            return shown
        return self.linear[:, self.box.top : self.box.top + self.box.height, self.box.left : self.box.left + self.box.width].clone()

    def _with(self, shown: Tensor, batch: list[Tile], estimate: Tensor) -> Tensor:
        """A copy of the picture with some tiles laid over it."""
        picture = shown.clone()
        for tile in batch:
            rows, columns, weights = self._kept(tile)
            picture[:, rows[0], columns[0]] *= 1 - weights[rows[1], columns[1]]
        self._add(picture, batch, estimate)
        return picture

    def _check(self, batch: list[Tile], estimate: Tensor) -> None:
        for tile, window in zip(batch, estimate, strict=True):
            if not bool(torch.isfinite(window).all()):
                raise StudioError(
                    "The photo could not be restored",
                    f"the numbers overflowed near row {tile.rows.keep_from}, column {tile.columns.keep_from}",
                    "Try a smaller strength, or Wiener",
                )


def steps_of(method: Method) -> int:
    """Steps that a batch of tiles takes."""
    return {Method.WIENER: 1, Method.DPIR: DpirSchedule().steps, Method.DIFFPIR: DiffpirSchedule().steps}[method]


def _overlap(keep_from: int, keep_to: int, box_from: int, box_size: int) -> tuple[slice, slice]:
    first, last = max(keep_from, box_from), min(keep_to, box_from + box_size)
    return slice(first - box_from, last - box_from), slice(first - keep_from, last - keep_from)
