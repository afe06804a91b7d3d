"""What the writers of all formats need to know of a picture before its rows come."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Pixels: TypeAlias = NDArray[np.uint8] | NDArray[np.uint16]


@dataclass(frozen=True, slots=True)
class Canvas:
    """Size in pixels, kind of channels, and the colour profile's bytes."""

    width: int
    height: int
    is_grey: bool
    has_alpha: bool
    icc: bytes | None

    @property
    def channels(self) -> int:
        """Numbers per pixel."""
        return (1 if self.is_grey else 3) + self.has_alpha
