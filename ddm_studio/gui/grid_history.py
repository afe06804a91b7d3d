"""How a grid came to be: the pictures of a calibration, thinned so that they never take more memory than a bound. NumPy only."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ddm_studio.events import KernelsLearned

FRAMES = 120
BYTES = 24_000_000


@dataclass(frozen=True, slots=True, eq=False)
class GridFrame:
    """A grid (rows, columns, 3, k, k) as it was, the `number`-th that was told. Half precision: it is only looked at."""

    number: int
    stage: str
    step: int
    kernels: NDArray[np.float16]


class GridHistory:
    """Keeps every n-th grid and the newest; n doubles whenever the bound is reached, so that frames stay evenly spread."""

    def __init__(self) -> None:
        self._kept: list[GridFrame] = []
        self._newest: GridFrame | None = None
        self._told = 0
        self._every = 1

    @property
    def frames(self) -> list[GridFrame]:
        """All that are kept, oldest first, the newest last."""
        if self._newest is None or (self._kept and self._kept[-1] is self._newest):
            return list(self._kept)
        return [*self._kept, self._newest]

    def add(self, event: KernelsLearned) -> None:
        """Take a grid."""
        self._newest = GridFrame(self._told, event.stage, event.step, event.kernels.astype(np.float16))
        if self._told % self._every == 0:
            self._kept.append(self._newest)
        self._told += 1
        if len(self._kept) > max(2, min(FRAMES, BYTES // max(self._newest.kernels.nbytes, 1))):
            self._kept = self._kept[::2]
            self._every *= 2

    def clear(self) -> None:
        """Forget all."""
        self._kept, self._newest, self._told, self._every = [], None, 0, 1
