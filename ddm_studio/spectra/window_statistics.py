"""Second-order statistics for one kernel over the whole frame, gathered so that the effect of windows can be modelled exactly.

Of the blurry set: power spectra of luminance windows in classes of contrast. Photos' contrasts differ by orders of magnitude, and
a plain mean is made by the few loudest windows; with a level for each class every window counts by its own signal-to-noise ratio.
Of the sharp set: the autocorrelation of the scenes, without a window, every tile brought to the same local contrast.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ddm_studio.control import RunControl
from ddm_studio.events import Report
from ddm_studio.optics.display_curve import decode
from ddm_studio.photos.tile_pool import TilePool
from ddm_studio.spectra.likelihood import frequencies
from ddm_studio.spectra.power_spectrum import hann, photo_groups, windows_of_tiles
from ddm_studio.stage import StageReporter

STAGE = "measuring windows"
CLASSES = 4
TILES_AT_ONCE = 64
# Contrast is judged where scenes stand out of the noise and of the window's own leakage, in cycles/px.
BAND = (0.03, 0.25)
# Tiles of sky would only add their noise, magnified.
FAINTEST = 0.02
TILES_JUDGED = 256
MOST_BYTES = 200_000_000
# Pairs of pixels further apart than a tile less this are too few.
FEWEST_PAIRS = 4


@dataclass(frozen=True, slots=True, eq=False)
class WindowStatistics:
    """Sums over groups of photos, so that any group can be left out.

    Attributes:
        power: (groups, classes, p, p // 2 + 1) sums of the blurry windows' luminance power spectra, each divided by the squared
            slope of the display curve, so that white noise of variance v in every channel's encoded values gives v.
        counts: (groups, classes) windows.
        autocorrelation: (groups, 2 L + 1, 2 L + 1) sums of the sharp tiles' luminance autocorrelations at lags of up to L px.
        tiles: (groups,) sharp tiles.
        photos: How many blurry photos.
    """

    power: Tensor
    counts: Tensor
    autocorrelation: Tensor
    tiles: Tensor
    photos: int

    @property
    def patch(self) -> int:
        """Side of the windows in px."""
        return int(self.power.shape[2])

    @property
    def groups(self) -> int:
        """How many groups have windows and tiles."""
        return int(((self.counts.sum(1) > 0) & (self.tiles > 0)).sum())

    def without(self, group: int | None) -> tuple[Tensor, Tensor, Tensor]:
        """Means over all groups but one (None: over all): power (classes, p, q), shares (classes,), autocorrelation."""
        kept = torch.ones(len(self.tiles))
        if group is not None:
            kept[group] = 0
        counts = kept @ self.counts
        filled = counts > 0
        power = torch.tensordot(kept, self.power, 1)[filled] / counts[filled, None, None]
        return power, counts[filled] / counts.sum(), torch.tensordot(kept, self.autocorrelation, 1) / (kept @ self.tiles)


def window_side(tile: int, kernel: int, most: int = 96) -> int:
    """Side of windows in px for which the autocorrelation of tiles is known at every lag that a kernel mixes in."""
    return max(16, min(most, (tile - kernel + 1) // 8 * 8))


def measure_windows(blurry: TilePool, sharp: TilePool, kernel: int, groups: int, report: Report, control: RunControl) -> WindowStatistics:
    """Gather the statistics of both sets.

    Args:
        blurry: Tiles of the blurry set.
        sharp: Of the sharp set, as large.
        kernel: Side of the kernel to be learned, in px.
        groups: Photos are dealt out to so many groups.
        report: Audience.
        control: Pause and stop.

    Raises:
        Cancelled: The person asked to stop.
    """
    tile = int(blurry.tiles.shape[-1])
    patch = window_side(tile, kernel)
    stage = StageReporter(STAGE, len(blurry) + len(sharp), report, control)
    power, counts = _blurry_power(blurry, patch, groups, stage.checkpoint)
    autocorrelation, tiles = _sharp_autocorrelation(sharp, groups, lambda done: stage.checkpoint(len(blurry) + done))
    stage.finish()
    return WindowStatistics(power, counts, autocorrelation, tiles, len(blurry.names))


def _blurry_power(pool: TilePool, patch: int, groups: int, watch: Callable[[int], None]) -> tuple[Tensor, Tensor]:
    window = hann(patch)
    radius = torch.hypot(*frequencies(patch))
    band = (radius > BAND[0]) & (radius < BAND[1])
    most = MOST_BYTES // (4 * patch * (patch // 2 + 1))
    group_of_tile = photo_groups(pool, groups)
    spectra, owners, held = [], [], 0
    for done, windows in windows_of_tiles(pool, patch):
        watch(done)
        # An even choice of the windows when there are more than are worth their memory.
        chosen = _spread(len(windows.tiles), most * (done / len(pool)) - held)
        held += len(chosen)
        luminance = windows.linear[chosen].mean(1)
        mean = (luminance * window.square()).sum((-1, -2), keepdim=True)
        transform = torch.fft.rfft2((luminance - mean) * window)
        noise = windows.slope2[chosen].sum(1) / 9  # that of a mean of three channels
        spectra.append((transform.real.square() + transform.imag.square()) / noise[:, None, None])
        owners.append(group_of_tile[windows.tiles[chosen]])
    power, owner = torch.cat(spectra), torch.cat(owners)
    rank = power[:, band].mean(1).argsort().argsort()
    cell = owner * CLASSES + rank * CLASSES // len(power)
    sums = torch.zeros(groups * CLASSES, *power.shape[1:]).index_add_(0, cell, power)
    counts = torch.bincount(cell, minlength=groups * CLASSES).float()
    return sums.reshape(groups, CLASSES, *power.shape[1:]), counts.reshape(groups, CLASSES)


def _spread(length: int, wanted: float) -> Tensor:
    """Indices of at most `wanted` of `length` things, evenly spaced."""
    return torch.linspace(0, length - 1, min(length, max(1, round(wanted)))).round().long()


def _sharp_autocorrelation(pool: TilePool, groups: int, watch: Callable[[int], None]) -> tuple[Tensor, Tensor]:
    """The mean product of all pairs of pixels of a tile at each lag, tiles of the same local contrast."""
    side = int(pool.tiles.shape[-1])
    reach = side - FEWEST_PAIRS
    full = 2 * side
    inside = torch.zeros(full, full)
    inside[:side, :side] = 1
    pairs = torch.fft.irfft2(torch.fft.rfft2(inside).abs().square(), s=(full, full)).clamp_min(0.5)
    owner = photo_groups(pool, groups)
    sums, counts = torch.zeros(groups, full, full // 2 + 1), torch.zeros(groups)
    faintest = FAINTEST * float(_with_contrast(pool, np.linspace(0, len(pool) - 1, TILES_JUDGED).astype(int))[1].median())
    for start in range(0, len(pool), TILES_AT_ONCE):
        index = np.arange(start, min(start + TILES_AT_ONCE, len(pool)))
        luminance, contrast = _with_contrast(pool, index)
        textured = contrast > faintest
        watch(int(index[-1]) + 1)
        if not textured.any():
            continue
        transform = torch.fft.rfft2(luminance[textured] / contrast[textured].sqrt()[:, None, None], s=(full, full))
        owners = owner[torch.from_numpy(index)][textured]
        sums.index_add_(0, owners, transform.real.square() + transform.imag.square())
        counts += torch.bincount(owners, minlength=groups)
    lags = torch.arange(-reach, reach + 1)
    return (torch.fft.irfft2(sums, s=(full, full)) / pairs)[:, lags][:, :, lags], counts


def _with_contrast(pool: TilePool, index: NDArray[np.integer]) -> tuple[Tensor, Tensor]:
    """Luminance (n, side, side) of some tiles less its mean, in linear light, and the mean square (n,) of its differences of neighbours."""
    luminance = torch.from_numpy(decode(pool.tiles[index].astype(np.float32) / 65535)).mean(1)
    luminance = luminance - luminance.mean((-1, -2), keepdim=True)
    return luminance, (luminance[:, 1:, 1:] - luminance[:, :-1, :-1]).square().mean((-1, -2))
