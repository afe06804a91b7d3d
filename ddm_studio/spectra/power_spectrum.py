"""Second-order statistics of the two sets of photos, gathered once: all that stage 1 needs to know of them.

Spectra are measured in linear light, where blur is exact. Noise is white in display-encoded values; in linear light it
is white still, but scaled by the slope of the curve, which is gathered along with each spectrum.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ddm_studio.control import RunControl
from ddm_studio.events import Report
from ddm_studio.optics.display_curve import decode, decode_slope
from ddm_studio.photos.tile_pool import TilePool
from ddm_studio.spectra.hermitian import PLANES, outer_planes
from ddm_studio.spectra.kept_frequencies import Rounding, SharpSpectrum, before_compression, rounding_of
from ddm_studio.stage import StageReporter
from ddm_studio.workers import in_order

# So few that their windows' spectra stay in a core's cache.
TILES_AT_ONCE = 8


@dataclass(frozen=True, slots=True, eq=False)
class Spectra:
    """Mean 3x3 cross-power spectra between colour channels in position bins of the frame.

    Attributes:
        planes: (bins, 9, p, p // 2 + 1) packed as in `hermitian`; normalised so that white noise of variance v gives v.
        slope2: (bins, 3) mean squared slope of the display curve: noise variance in linear light per encoded variance.
        positions: (bins, 2) mean relative position of the windows (row, column).
        counts: (bins,) windows averaged.
        photos: How many photos the windows are from; windows of one photo are not independent.
        rounding: What JPEG compression has lost; None where there was none.
    """

    planes: Tensor
    slope2: Tensor
    positions: Tensor
    counts: Tensor
    photos: int
    rounding: Rounding | None = None

    @property
    def patch(self) -> int:
        """Side of the windows in px."""
        return int(self.planes.shape[2])

    def pooled(self) -> Tensor:
        """(9, p, p // 2 + 1): the mean over all bins, every window counted once."""
        weights = self.counts.to(self.planes) / self.counts.sum()
        return torch.einsum("b,bphw->phw", weights, self.planes)

    def before_compression(self) -> SharpSpectrum:
        """`pooled`, with what JPEG compression has weakened given back, and where nothing can be given back."""
        weights = self.counts.to(self.slope2) / self.counts.sum()
        return before_compression(self.pooled(), weights @ self.slope2, self.rounding)


@dataclass(frozen=True, slots=True, eq=False)
class GroupedSpectra:
    """Sums over the windows of groups of photos, so that any group can be left out (jackknife) without another pass.

    Attributes:
        products: (groups, bins, 9, p, p // 2 + 1) sums of packed cross-power spectra.
        slope2: (groups, bins, 3) sums of squared curve slopes.
        positions: (groups, bins, 2) sums of relative positions.
        counts: (groups, bins) windows.
        photos: (groups,) photos.
        rounding: What JPEG compression has lost in the whole set; None where there was none.
    """

    products: Tensor
    slope2: Tensor
    positions: Tensor
    counts: Tensor
    photos: Tensor
    rounding: Rounding | None = None

    @property
    def groups(self) -> int:
        """How many groups have photos."""
        return int((self.photos > 0).sum())

    def of(self, groups: Sequence[int]) -> GroupedSpectra:
        """Some of the groups, as if there were no other photos."""
        chosen = torch.tensor(list(groups))
        sums = (self.products[chosen], self.slope2[chosen], self.positions[chosen], self.counts[chosen], self.photos[chosen])
        return GroupedSpectra(*sums, self.rounding)

    def whole(self) -> Spectra:
        """The means over all photos."""
        return self._means(torch.ones(len(self.photos)))

    def without(self, group: int) -> Spectra:
        """The means over the photos of all other groups."""
        kept = torch.ones(len(self.photos))
        kept[group] = 0
        return self._means(kept)

    def _means(self, kept: Tensor) -> Spectra:
        def total(sums: Tensor) -> Tensor:
            summed: Tensor = torch.tensordot(kept, sums, 1)
            return summed

        counts = total(self.counts)
        filled = counts > 0  # bins that no window fell into are left out
        n = counts[filled]
        means = total(self.products)[filled] / n.view(-1, 1, 1, 1), total(self.slope2)[filled] / n[:, None]
        return Spectra(*means, total(self.positions)[filled] / n[:, None], n.long(), int(kept @ self.photos), self.rounding)


def measure_spectra(
    pool: TilePool, patch: int, bins: int, groups: int = 1, watch: Callable[[int], None] = lambda done: None
) -> GroupedSpectra:
    """Average the cross-power spectra of half-overlapping windows of all tiles.

    Args:
        pool: Tiles of one set.
        patch: Side of the windows in px, at most a tile's.
        bins: Position bins along each side of the frame; 1 pools the whole frame.
        groups: Photos are dealt out to so many groups.
        watch: Called with the number of tiles done; may raise to stop.
    """
    window = hann(patch)
    cells = bins * bins
    group_of_tile = photo_groups(pool, groups)
    cut = _WindowCutter(pool, patch)
    products = torch.zeros(groups * cells, PLANES, patch, patch // 2 + 1)
    slope2, positions, counts = torch.zeros(groups * cells, 3), torch.zeros(groups * cells, 2), torch.zeros(groups * cells)

    def measured(tiles: NDArray[np.integer]) -> tuple[int, Tensor, Tensor, Tensor, Tensor]:
        windows = cut(tiles)
        which = group_of_tile[windows.tiles] * cells + _bin_of(windows.places, bins)
        return int(tiles[-1]) + 1, which, _products(windows.linear, window), windows.slope2, windows.places

    # Summed here, in the order of the tiles, so that sums do not depend on the number of threads.
    for done, which, of_windows, squared_slope, places in in_order(measured, _runs(len(pool)), torch.get_num_threads()):
        products.index_add_(0, which, of_windows)
        slope2.index_add_(0, which, squared_slope)
        positions.index_add_(0, which, places)
        counts.index_add_(0, which, torch.ones(len(which)))
        watch(done)
    shape = groups, cells
    return GroupedSpectra(
        products.reshape(*shape, *products.shape[1:]),
        slope2.reshape(*shape, 3),
        positions.reshape(*shape, 2),
        counts.reshape(shape),
        torch.bincount(_group_of_photo(pool, groups), minlength=groups).float(),
        rounding_of(pool, patch),
    )


def photo_groups(pool: TilePool, groups: int) -> Tensor:
    """(tiles,) the group of each tile: photos are dealt out by turns."""
    return _group_of_photo(pool, groups)[torch.from_numpy(pool.photo).long()]


def _group_of_photo(pool: TilePool, groups: int) -> Tensor:
    return torch.arange(len(pool.names)) % groups


def real_planes(spectra: Spectra) -> Tensor:
    """(6, p, p // 2 + 1) real parts of the spectra pooled over all bins: the three channels, then r-g, r-b and g-b.

    Scenes look alike from both sides, so the imaginary parts of their mean are nothing but chance (0.3 % of the real ones).
    """
    return spectra.pooled()[[0, 1, 2, 3, 5, 7]]


def hann(size: int) -> Tensor:
    """(size, size) Hann window of unit energy."""
    line = torch.hann_window(size, periodic=True)
    window = line[:, None] * line
    return window / window.pow(2).sum().sqrt()


@dataclass(frozen=True, slots=True, eq=False)
class Windows:
    """Windows of some tiles.

    Attributes:
        tiles: (n,) the tile of each.
        linear: (n, 3, patch, patch) in linear light.
        slope2: (n, 3) squared curve slopes: means over the window, weighted by the squared Hann window as its spectrum is.
        places: (n, 2) relative position of each.
    """

    tiles: Tensor
    linear: Tensor
    slope2: Tensor
    places: Tensor


class _WindowCutter:
    """Cuts the half-overlapping windows of tiles of a pool; from any thread."""

    def __init__(self, pool: TilePool, patch: int) -> None:
        tile = pool.tiles.shape[-1]
        count = round((tile - patch) / (patch / 2)) + 1
        offsets = np.linspace(0, tile - patch, count).round().astype(int).tolist()
        codes = np.arange(65536, dtype=np.float64) / 65535
        self._pool, self._patch = pool, patch
        self._tables = decode(codes).astype(np.float32), (decode_slope(codes) ** 2).astype(np.float32)
        self._corners = [(down, across) for down in offsets for across in offsets]
        self._weights = torch.zeros(len(self._corners), tile, tile)
        for weight, (down, across) in zip(self._weights, self._corners, strict=True):
            weight[down : down + patch, across : across + patch] = hann(patch).square()

    def __call__(self, tiles: NDArray[np.integer]) -> Windows:
        patch = self._patch
        encoded = np.asarray(self._pool.tiles[tiles])
        # All codes are in the tables; not to look whether they are takes half the time.
        linear, slope2 = (torch.from_numpy(table.take(encoded, mode="clip")) for table in self._tables)
        return Windows(
            torch.from_numpy(tiles).repeat(len(self._corners)),
            torch.cat([linear[:, :, down : down + patch, across : across + patch] for down, across in self._corners]),
            (slope2.flatten(2) @ self._weights.flatten(1).T).permute(2, 0, 1).flatten(0, 1),
            torch.cat([torch.from_numpy(self._pool.positions(tiles, down, across, patch)) for down, across in self._corners]),
        )


def windows_of_tiles(pool: TilePool, patch: int) -> Iterator[tuple[int, Windows]]:
    """The windows of all tiles, some tiles at a time, with the number of tiles done."""
    cut = _WindowCutter(pool, patch)
    for tiles in _runs(len(pool)):
        yield int(tiles[-1]) + 1, cut(tiles)


def _runs(total: int) -> Iterator[NDArray[np.integer]]:
    """The numbers from 0 to a total, some at a time."""
    for start in range(0, total, TILES_AT_ONCE):
        yield np.arange(start, min(start + TILES_AT_ONCE, total))


def _bin_of(places: Tensor, bins: int) -> Tensor:
    """(n,) index of the position bin of each relative position (n, 2)."""
    cell = (places * bins).long().clamp(0, bins - 1)
    return cell[:, 0] * bins + cell[:, 1]


def _products(linear: Tensor, window: Tensor) -> Tensor:
    """The packed cross-power spectrum (n, 9, p, p // 2 + 1) of each window, its mean removed."""
    mean = torch.einsum("nchw,hw->nc", linear, window.square())[..., None, None]
    return outer_planes(torch.fft.rfft2((linear - mean).mul_(window)))


def measure_both(
    blurry: TilePool, sharp: TilePool, patch: int, bins: int, groups: int, report: Report, control: RunControl
) -> tuple[GroupedSpectra, GroupedSpectra]:
    """Spectra of the blurry set by position bins and of the sharp set pooled, in groups of photos."""
    stage = StageReporter("measuring spectra", len(blurry) + len(sharp), report, control)
    of_blurry = measure_spectra(blurry, patch, bins, groups, stage.checkpoint)
    of_sharp = measure_spectra(sharp, patch, 1, groups, lambda done: stage.checkpoint(len(blurry) + done))
    stage.finish()
    return of_blurry, of_sharp
