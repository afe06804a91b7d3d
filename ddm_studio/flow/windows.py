"""Drawing random windows of a pool of tiles, with their positions in the frame."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ddm_studio.photos.tile_pool import TilePool

WHITE = 65535.0


@dataclass(frozen=True, eq=False)
class WindowSource:
    """Tiles of photos, to be read through random windows.

    Attributes:
        pool: All tiles; they may lie on disk and are never copied whole.
        members: (m,) indices of the tiles that are used.
    """

    pool: TilePool
    members: NDArray[np.int64]

    def __post_init__(self) -> None:
        if len(self.members) == 0:
            raise ValueError("expected at least one tile")

    @property
    def tile(self) -> int:
        """Side of the tiles in pixels."""
        return int(self.pool.tiles.shape[-1])

    def __len__(self) -> int:
        return len(self.members)

    def draw(self, count: int, size: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """`count` random windows (count, 3, size, size) in 0-1 and the relative positions (count, 2) of their centres."""
        which, offsets = self.draw_places(count, size, generator)
        return self.cut(which, offsets, size), self.positions(which, offsets, size)

    def draw_positions(self, count: int, size: int, generator: torch.Generator) -> Tensor:
        """Relative positions (count, 2) distributed like those of `draw`, without reading a pixel."""
        which, offsets = self.draw_places(count, size, generator)
        return self.positions(which, offsets, size)

    def draw_places(self, count: int, size: int, generator: torch.Generator) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Random tiles (count,), indices into the pool, and offsets (count, 2) of windows inside them."""
        if size > self.tile:
            raise ValueError(f"windows of {size} px do not fit into tiles of {self.tile} px")
        which = torch.randint(len(self), (count,), generator=generator).numpy()
        offsets = torch.randint(self.tile - size + 1, (count, 2), generator=generator).numpy()
        return self.members[which], offsets

    def cut(self, which: NDArray[np.int64], offsets: NDArray[np.int64], size: int) -> Tensor:
        """Windows (n, 3, size, size) of the tiles `which` (n,), indices into the pool, at `offsets` (n, 2) inside them."""
        views = np.lib.stride_tricks.sliding_window_view(self.pool.tiles, (size, size), axis=(2, 3))
        return torch.from_numpy(views[which, :, offsets[:, 0], offsets[:, 1]].astype(np.float32)).div_(WHITE)

    def positions(self, which: NDArray[np.int64], offsets: NDArray[np.int64], size: int) -> Tensor:
        """Relative row and column (n, 2) of the centres of windows in their sensor frames."""
        return torch.from_numpy(self.pool.positions(which, offsets[:, 0], offsets[:, 1], size))

    def split(self, share: float) -> tuple[WindowSource, WindowSource]:
        """Two sources without a common photo: every so many-th photo, about `share` of all, goes into the second.

        A single photo is split by its tiles, a single tile is given to both.
        """
        photos = self.pool.photo[self.members]
        groups = photos if len(np.unique(photos)) > 1 else np.arange(len(self))
        ranks = np.unique(groups, return_inverse=True)[1]
        every = min(round(1 / share), int(ranks.max()) + 1)
        if every < 2:
            return self, self
        second = ranks % every == every - 1
        return replace(self, members=self.members[~second]), replace(self, members=self.members[second])


def windows_of(pool: TilePool) -> WindowSource:
    """All tiles of a pool."""
    return WindowSource(pool, np.arange(len(pool)))
