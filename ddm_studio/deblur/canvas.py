"""Where restored tiles are put together: strip by strip from the top, each row given out when no tile can change it any more."""

from __future__ import annotations

import torch
from torch import Tensor

from ddm_studio.deblur.tiles import Box, Layout, Span, Tile, blend_weights, tiles_touching


class Canvas:
    """A region of the frame of which only the rows of one strip of tiles are in memory.

    Args:
        layout: The frame's tiles.
        box: The region.
    """

    def __init__(self, layout: Layout, box: Box) -> None:
        self._layout, self._box = layout, box
        tiles = tiles_touching(layout, box)
        self._strips: list[Span] = list(dict.fromkeys(tile.rows for tile in tiles))
        self._per_strip = len(tiles) // len(self._strips)
        self._laid = 0
        self._top = box.top
        self._rows = torch.zeros(3, 0, box.width)

    def lay(self, tile: Tile, window: Tensor) -> None:
        """Lay a restored window (3, h, w) at its place; tiles come in the order of `tiles_touching`."""
        if self._laid % self._per_strip == 0:
            bottom = min(tile.rows.keep_to, self._box.top + self._box.height)
            blank = torch.zeros(3, bottom - self._top - self._rows.shape[1], self._box.width)
            self._rows = torch.cat([self._rows, blank], 1)
        self._laid += 1
        add_tile(self._rows, Box(self._box.left, self._top, self._box.width, self._rows.shape[1]), tile, window, self._layout)

    def take_finished(self) -> Tensor | None:
        """The rows (3, h, width) that were finished with the last tile of a strip, not negative; None before."""
        if self._laid == 0 or self._laid % self._per_strip:
            return None
        strip = self._laid // self._per_strip
        bottom = self._strips[strip].keep_from if strip < len(self._strips) else self._box.top + self._box.height
        count = max(0, bottom - self._top)
        finished, self._rows = self._rows[:, :count].clamp_min(0), self._rows[:, count:].clone()
        self._top += count
        return finished


class Unfinished:
    """The whole region as a person sees it while it is being restored: blurry where no tile is done.

    Args:
        blurry: (3, height, width) of the region.
        layout: The frame's tiles.
        box: The region.
    """

    def __init__(self, blurry: Tensor, layout: Layout, box: Box) -> None:
        self._shown, self._layout, self._box = blurry, layout, box

    def with_tiles(self, batch: list[Tile], estimate: Tensor) -> Tensor:
        """A copy with some tiles (n, 3, h, w) laid over it."""
        picture = self._shown.clone()
        for tile, window in zip(batch, estimate.cpu(), strict=True):
            rows, columns, weights = _kept(tile, self._box, self._layout)
            picture[:, rows[0], columns[0]] *= 1 - weights[rows[1], columns[1]]
            add_tile(picture, self._box, tile, window, self._layout)
        return picture

    def keep(self, batch: list[Tile], estimate: Tensor) -> None:
        """Tiles that are done."""
        self._shown = self.with_tiles(batch, estimate)


def add_tile(canvas: Tensor, box: Box, tile: Tile, window: Tensor, layout: Layout) -> None:
    """Add the kept part of a window (3, h, w), weighted, to a canvas that shows a part of the frame."""
    rows, columns, weights = _kept(tile, box, layout)
    part = window[:, tile.rows.kept, tile.columns.kept][:, rows[1], columns[1]]
    canvas[:, rows[0], columns[0]] += weights[rows[1], columns[1]] * part


def _kept(tile: Tile, box: Box, layout: Layout) -> tuple[tuple[slice, slice], tuple[slice, slice], Tensor]:
    """Where the tile's kept pixels go in the box, which of them go there, and the weights of all of them."""
    rows = _overlap(tile.rows.keep_from, tile.rows.keep_to, box.top, box.height)
    columns = _overlap(tile.columns.keep_from, tile.columns.keep_to, box.left, box.width)
    vertical = blend_weights(tile.rows, layout.height, layout.blend)
    horizontal = blend_weights(tile.columns, layout.width, layout.blend)
    return rows, columns, vertical[:, None] * horizontal


def _overlap(keep_from: int, keep_to: int, box_from: int, box_size: int) -> tuple[slice, slice]:
    first, last = max(keep_from, box_from), min(keep_to, box_from + box_size)
    return slice(first - box_from, last - box_from), slice(first - keep_from, last - keep_from)
