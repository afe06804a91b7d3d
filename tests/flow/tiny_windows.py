"""A made-up pool of tiles, and an audience that remembers snapshots."""

import numpy as np
import torch

from ddm_studio.control import RunControl
from ddm_studio.flow.windows import WindowSource, windows_of
from ddm_studio.photos.tile_pool import TilePool

CPU = torch.device("cpu")


def pool_of(tiles, photos=4, frame=(200, 300), seed=0):
    """A pool of encoded tiles (n, 3, T, T) in 0-1 at random places of frames, dealt out to some photos."""
    draw = np.random.default_rng(seed)
    count, side = len(tiles), tiles.shape[-1]
    corners = np.stack([draw.integers(0, frame[0] - side + 1, count), draw.integers(0, frame[1] - side + 1, count)], 1)
    return TilePool(
        (np.clip(tiles, 0, 1) * 65535).round().astype(np.uint16),
        corners.astype(np.int32),
        np.tile(np.array([frame], np.int32), (count, 1)),
        (np.arange(count) % photos).astype(np.int32),
        tuple(f"photo {number}" for number in range(photos)),
        tuple("0" * 64 for _ in range(photos)),
    )


def smooth_tiles(count, side, seed=0):
    """Grey waves with a little noise (count, 3, side, side) in 0-1."""
    draw = np.random.default_rng(seed)
    places = np.arange(side)
    angle, phase = draw.uniform(0, 0.5, (count, 2, 1)), draw.uniform(0, 6.28, (count, 3, 1, 1))
    waves = np.sin(phase + (angle[:, 0] * places)[:, None, :, None] + (angle[:, 1] * places)[:, None, None, :])
    return 0.5 + 0.3 * waves + 0.05 * draw.standard_normal((count, 3, side, side))


def tiny_source(count=24, side=40, seed=0) -> WindowSource:
    return windows_of(pool_of(smooth_tiles(count, side, seed), seed=seed))


class Saved(list):
    """Snapshots in the order they were saved."""

    def __call__(self, snapshot):
        self.append(snapshot)

    @property
    def last(self):
        return self[-1]


class StopsAfter(RunControl):
    """Asks to stop at a certain checkpoint, those of measuring the spectra before the first step included."""

    def __init__(self, checkpoints):
        super().__init__()
        self._left = checkpoints

    def checkpoint(self, report):
        self._left -= 1
        if self._left == 0:
            self.stop()
        super().checkpoint(report)


def same_tensors(one, other):
    """Whether two snapshots hold the very same numbers."""
    return (
        one.step == other.step
        and one.tensors.keys() == other.tensors.keys()
        and all(torch.equal(one.tensors[name], other.tensors[name]) for name in one.tensors)
    )
