"""Cutting a photo into overlapping tiles and putting restored ones together without seams.

Along each side a tile has a core, half a blend width on either side of it where neighbours are mixed by ramps that sum
to one, and context beyond that is used but not kept: every closed form is circular, so the wrap at the tile's edge has
to die away before the kept part begins. The layout depends on the whole frame only; restoring a part of the photo uses
the same tiles. Within a tile the kernel changes too: `lattice` holds the relative positions of a few kernels per side,
and `lattice_weights` how the solutions found with them are mixed.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

import torch
from torch import Tensor

from ddm_studio.deblur.tile_costs import LARGEST_TILE
from ddm_studio.optics.fast_sizes import friendly_size

LARGEST_CONTEXT = 64
BLEND = 16


@dataclass(frozen=True, slots=True)
class Span:
    """One tile along one side of the photo, in pixels of the frame.

    Attributes:
        start: First pixel of the window; may be negative, where the photo is continued by reflection.
        size: Pixels of the window.
        keep_from: First pixel kept.
        keep_to: One behind the last pixel kept.
    """

    start: int
    size: int
    keep_from: int
    keep_to: int

    @property
    def kept(self) -> slice:
        """The kept pixels, counted within the window."""
        return slice(self.keep_from - self.start, self.keep_to - self.start)


@dataclass(frozen=True, slots=True)
class Tile:
    """A window of the photo: one span down, one across."""

    rows: Span
    columns: Span


@dataclass(frozen=True, slots=True)
class Layout:
    """All tiles of a frame: every span down combined with every span across; `nodes` kernels per tile (down, across).

    Neighbours share `blend` pixels.
    """

    height: int
    width: int
    down: tuple[Span, ...]
    across: tuple[Span, ...]
    nodes: tuple[int, int]
    blend: int = BLEND


@dataclass(frozen=True, slots=True)
class Box:
    """A part of the frame: pixels `top` to `top + height`, `left` to `left + width`."""

    left: int
    top: int
    width: int
    height: int


def plan_tiles(height: int, width: int, psf: Tensor, largest: int = LARGEST_TILE, blend: int = BLEND) -> Layout:
    """The cheapest tiles no larger than about `largest` a side whose context covers the blur.

    Args:
        height: Rows of the whole frame.
        width: Columns of the whole frame.
        psf: (R, C, 3, k, k) grid: its spread decides the context, its nodes how many kernels a tile needs.
        largest: Upper bound of a tile's side; raised when the context alone needs more.
        blend: Pixels over which neighbours are mixed, even; 0 cuts them off side by side, to see what mixing is good for.
    """
    context = context_of(psf)
    largest = max(largest, friendly_size(2 * context + 4 * blend))
    down, across = (_cheapest_spans(extent, context, largest, blend) for extent in (height, width))
    rows, columns = psf.shape[:2]
    nodes = _nodes_needed(down, height, rows), _nodes_needed(across, width, columns)
    return Layout(height, width, down, across, nodes, blend)


def context_of(psf: Tensor) -> int:
    """Pixels round the kept part that keep the wrap-around below a grey level: 16 standard deviations of the blur.

    At least the kernel's radius and 8 more; at most `LARGEST_CONTEXT` or the kernel's size, if that is more.
    """
    size = psf.shape[-1]
    reach = torch.arange(size, device=psf.device, dtype=psf.dtype) - size // 2
    variance = (psf * (reach.square()[:, None] + reach.square())).sum((-1, -2)) / 2
    spread = float(variance.clamp_min(0).sqrt().max())
    wanted = max(size // 2 + 8, math.ceil(16 * spread))
    return 8 * math.ceil(min(wanted, max(LARGEST_CONTEXT, size)) / 8)


def _cheapest_spans(extent: int, context: int, largest: int, blend: int) -> tuple[Span, ...]:
    choices = []
    for count in range(1, max(1, extent // 32) + 1):
        core = math.ceil(extent / count)
        size = friendly_size(core + (blend if count > 1 else 0) + 2 * context)
        if size <= largest:
            choices.append((count * size, count, size))
    _, count, size = min(choices)
    edges = [number * extent // count for number in range(count + 1)]
    return tuple(_span(first, last, size, extent, blend) for first, last in itertools.pairwise(edges))


def _span(first: int, last: int, size: int, extent: int, blend: int) -> Span:
    keep_from = 0 if first == 0 else first - blend // 2
    keep_to = extent if last == extent else last + blend // 2
    return Span(first - (size - (last - first)) // 2, size, keep_from, keep_to)


def _nodes_needed(spans: tuple[Span, ...], extent: int, grid_nodes: int) -> int:
    """Kernels along a tile: about one per cell of the grid that its kept part crosses, and one more."""
    if grid_nodes == 1:
        return 1
    kept = max(span.keep_to - span.keep_from for span in spans)
    cells = kept / (extent / (grid_nodes - 1))
    return 1 if cells < 0.1 else 1 + math.ceil(cells)


def tiles_touching(layout: Layout, box: Box) -> list[Tile]:
    """The tiles that keep a pixel of the box, strip by strip from the top."""
    down = [span for span in layout.down if span.keep_from < box.top + box.height and span.keep_to > box.top]
    across = [span for span in layout.across if span.keep_from < box.left + box.width and span.keep_to > box.left]
    return [Tile(rows, columns) for rows in down for columns in across]


def cut_windows(rows: Tensor, tiles: list[Tile], top: int, height: int) -> Tensor:
    """The windows (n, 3, h, w) of tiles of equal size, the frame continued by reflection.

    Args:
        rows: (3, n, width) rows of the frame, all that the tiles show.
        tiles: Of one strip, or with all rows.
        top: Which row of the frame the first one is.
        height: Rows of the whole frame.
    """
    windows = rows.new_empty(len(tiles), rows.shape[0], tiles[0].rows.size, tiles[0].columns.size)
    for tile, window in zip(tiles, windows, strict=True):
        down, across = tile.rows, tile.columns
        if down.start >= 0 and down.start + down.size <= height and across.start >= 0 and across.start + across.size <= rows.shape[2]:
            window.copy_(rows[:, down.start - top : down.start - top + down.size, across.start : across.start + across.size])
            continue
        places = (
            reflected(down.start, down.size, height, rows.device) - top,
            reflected(across.start, across.size, rows.shape[2], rows.device),
        )
        window.copy_(rows[:, places[0][:, None], places[1]])
    return windows


def rows_shown(span: Span, height: int) -> tuple[int, int]:
    """First row that a span down shows, reflected ones included, and one behind the last."""
    rows = reflected(span.start, span.size, height, torch.device("cpu"))
    return int(rows.min()), int(rows.max()) + 1


def reflected(start: int, size: int, extent: int, device: torch.device) -> Tensor:
    """Pixel numbers `start` to `start + size` of an endless row of `extent` pixels, mirrored at its first and last."""
    if extent == 1:
        return torch.zeros(size, dtype=torch.long, device=device)
    period = 2 * (extent - 1)
    place = torch.arange(start, start + size, device=device) % period
    return torch.where(place < extent, place, period - place)


def blend_weights(span: Span, extent: int, blend: int = BLEND) -> Tensor:
    """Weights of a span's kept pixels: ramps over the pixels shared with a neighbour, 1 elsewhere; neighbours sum to 1."""
    weights = torch.ones(span.keep_to - span.keep_from)
    if blend == 0:
        return weights
    ramp = (torch.arange(blend) + 0.5) / blend
    if span.keep_from > 0:
        weights[:blend] = ramp[: len(weights)]
    if span.keep_to < extent:
        weights[-blend:] *= ramp.flip(0)[-len(weights) :]
    return weights


def lattice(span: Span, nodes: int, extent: int) -> Tensor:
    """Relative positions (nodes,) in the frame where the tile's kernels are taken, spread over the kept pixels."""
    if nodes == 1:
        places = torch.tensor([(span.keep_from + span.keep_to - 1) / 2])
    else:
        places = torch.linspace(span.keep_from, span.keep_to - 1, nodes)
    return places / max(extent - 1, 1)


def lattice_weights(span: Span, nodes: int, device: torch.device) -> Tensor:
    """Linear interpolation between the tile's kernels: (nodes, size), each pixel's weights sum to 1."""
    if nodes == 1:
        return torch.ones(1, span.size, device=device)
    pixels = torch.arange(span.start, span.start + span.size, device=device, dtype=torch.float32)
    place = ((pixels - span.keep_from) / max(span.keep_to - 1 - span.keep_from, 1)).clamp(0, 1) * (nodes - 1)
    return (1 - (place - torch.arange(nodes, device=device)[:, None]).abs()).clamp_min(0)


def place_maps(tile: Tile, layout: Layout) -> Tensor:
    """Relative row and column in the frame of every pixel of a tile's window: (2, h, w), the nearest of the frame outside it."""
    rows, columns = (
        (torch.arange(span.start, span.start + span.size) / max(extent - 1, 1)).clamp(0, 1)
        for span, extent in ((tile.rows, layout.height), (tile.columns, layout.width))
    )
    return torch.stack([rows[:, None].expand(-1, len(columns)), columns.expand(len(rows), -1)])


def kept_by_any(layout: Layout) -> tuple[slice, slice]:
    """Rows and columns of a window outside which no tile of the layout keeps a pixel."""
    rows, columns = (
        slice(min(span.kept.start for span in spans), max(span.kept.stop for span in spans)) for spans in (layout.down, layout.across)
    )
    return rows, columns


def whole(height: int, width: int) -> Box:
    """The box that covers a frame."""
    return Box(0, 0, width, height)
