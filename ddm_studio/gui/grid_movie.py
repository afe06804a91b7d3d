"""The evolution of a grid as an animated GIF."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ddm_studio.gui.grid_history import GridFrame
from ddm_studio.gui.views.psf_mosaic import PsfLook, mosaic

_SIDE = 560
_FRAME_MS, _LAST_MS = 80, 2000


@dataclass(frozen=True, slots=True, eq=False)
class GridMovie:
    """What is to be written where, and how kernels are coloured."""

    path: Path
    frames: Sequence[GridFrame]
    look: PsfLook


def write_movie(movie: GridMovie) -> Path:
    """Write a GIF all or nothing; it loops and rests on the newest grid. Raises InputError where the folder cannot be written to."""
    import imageio.v3 as iio

    from ddm_studio.project import write_atomically

    shape = movie.frames[-1].kernels.shape
    shown = [mosaic(frame.kernels.astype(np.float32), movie.look) for frame in movie.frames if frame.kernels.shape == shape]
    times = max(1, _SIDE // max(shown[-1].shape[:2]))
    stack = np.stack([picture.repeat(times, 0).repeat(times, 1) for picture in shown])
    durations = [_FRAME_MS] * (len(shown) - 1) + [_LAST_MS]
    write_atomically(movie.path, iio.imwrite("<bytes>", stack, extension=".gif", duration=durations, loop=0))
    return movie.path
