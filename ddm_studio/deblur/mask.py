"""Where in a photo the restored result replaces it: strokes of a brush and linear gradients, painted one over the other.

A mask is kept as what the person drew, in pixels of the upright photo, so that it is small, can be written into a sidecar, and has the
same value at a place whichever part of the photo is looked at, at whichever size.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from ddm_studio.photos.colour import Floats

Place: TypeAlias = tuple[float, float]
Axis: TypeAlias = NDArray[np.float64]

# px over which even a hard edge fades, so that it has no steps.
_EDGE = 1.5


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    erases: bool = Field(False, description="Takes away from what was painted before.")


class Stroke(_Part):
    """One stroke of the brush: all within `radius` of a line through `points`."""

    kind: Literal["brush"] = "brush"
    points: tuple[Place, ...] = Field(min_length=1, description="Column and row in px, the first pixel's centre at 0.5.")
    radius: float = Field(gt=0, description="px from the line to where nothing is left.")
    softness: float = Field(0.5, ge=0, le=1, description="Share of the radius over which the stroke fades.")


class Gradient(_Part):
    """Everything on the near side of `start`, fading to nothing at `end`, alike along lines across."""

    kind: Literal["gradient"] = "gradient"
    start: Place = Field(description="Where it begins to fade: column and row in px.")
    end: Place = Field(description="Where nothing is left.")


Part: TypeAlias = Annotated[Stroke | Gradient, Field(discriminator="kind")]


class Mask(BaseModel):
    """Parts in the order in which they were drawn, over a photo that is restored nowhere; or, inverted, everywhere else."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    parts: tuple[Part, ...] = ()
    inverted: bool = False


class MaskSampler:
    """The values of masks at the pixels of one rectangle; a mask that goes on from the last one costs only what is new.

    Args:
        columns: (w,) places of the pixels' centres in px of the photo, rising.
        rows: (h,) alike.
    """

    def __init__(self, columns: Axis, rows: Axis) -> None:
        self._columns, self._rows = columns, rows
        self._done: tuple[Part, ...] = ()
        self._values = np.zeros((len(rows), len(columns)), np.float32)

    @classmethod
    def over(cls, left: int, top: int, width: int, height: int, shape: tuple[int, int] | None = None) -> MaskSampler:
        """For a rectangle of the upright photo: at its pixels, or in the middles of `shape` (h, w) equal cells."""
        rows, columns = shape or (height, width)
        across, down = np.arange(columns, dtype=np.float64) + 0.5, np.arange(rows, dtype=np.float64) + 0.5
        return cls(left + across * (width / columns), top + down * (height / rows))

    def values(self, mask: Mask) -> Floats:
        """(h, w) share of the restored result, 0-1: a new array."""
        # The last part is still being drawn: what lies under it is kept.
        finished = mask.parts[:-1]
        if finished[: len(self._done)] != self._done:
            self._done = ()
            self._values[:] = 0
        for part in finished[len(self._done) :]:
            self._values = self._over(self._values, part)
        self._done = finished
        values = self._over(self._values, mask.parts[-1]) if mask.parts else self._values.copy()
        return 1 - values if mask.inverted else values

    def _over(self, values: Floats, part: Part) -> Floats:
        values = values.copy()
        if isinstance(part, Stroke):
            rows, columns = self._reach(part.points, part.radius)
            share = self._stroke(part, rows, columns)
        else:
            rows, columns = slice(None), slice(None)
            share = self._gradient(part)
        before = values[rows, columns]
        values[rows, columns] = before * (1 - share) if part.erases else before + (1 - before) * share
        return values

    def _reach(self, places: Sequence[Place], radius: float) -> tuple[slice, slice]:
        """Rows and columns that are no farther than `radius` from the rectangle round some places."""
        x, y = zip(*places, strict=True)
        rows = np.searchsorted(self._rows, (min(y) - radius, max(y) + radius))
        columns = np.searchsorted(self._columns, (min(x) - radius, max(x) + radius))
        return slice(*rows), slice(*columns)

    def _stroke(self, stroke: Stroke, rows: slice, columns: slice) -> Floats:
        """Its share within its reach."""
        squares = np.full((rows.stop - rows.start, columns.stop - columns.start), np.inf, np.float32)
        for start, end in zip(stroke.points, stroke.points[1:] or stroke.points, strict=False):
            near = self._reach((start, end), stroke.radius)
            own = squares[
                near[0].start - rows.start : near[0].stop - rows.start, near[1].start - columns.start : near[1].stop - columns.start
            ]
            if own.size:
                np.minimum(own, _squared_distances(self._columns[near[1]], self._rows[near[0]], start, end), out=own)
        fade = min(max(stroke.softness * stroke.radius, _EDGE), stroke.radius)
        return _smooth((np.float32(stroke.radius) - np.sqrt(squares)) / np.float32(fade))

    def _gradient(self, gradient: Gradient) -> Floats:
        (x0, y0), (x1, y1) = gradient.start, gradient.end
        dx, dy = x1 - x0, y1 - y0
        length = dx * dx + dy * dy
        if length < _EDGE**2:  # too short to have a direction
            return np.zeros_like(self._values)
        across = ((x1 - self._columns) * (dx / length)).astype(np.float32)
        down = ((y1 - self._rows) * (dy / length)).astype(np.float32)
        return _smooth(down[:, None] + across)


def _squared_distances(columns: Axis, rows: Axis, start: Place, end: Place) -> Floats:
    """(h, w) of every pixel from the line between two places."""
    dx, dy = np.float32(end[0] - start[0]), np.float32(end[1] - start[1])
    across, down = (columns - start[0]).astype(np.float32)[None], (rows - start[1]).astype(np.float32)[:, None]
    length = dx * dx + dy * dy
    along = np.clip((across * dx + down * dy) / length, 0, 1) if length > 0 else np.float32(0)
    squares: Floats = (across - along * dx) ** 2 + (down - along * dy) ** 2
    return squares


def mask_values(mask: Mask, left: int, top: int, width: int, height: int) -> Floats:
    """(height, width) values of a mask at the pixels of a rectangle of the upright photo."""
    return MaskSampler.over(left, top, width, height).values(mask)


def _smooth(share: Floats) -> Floats:
    """0 below 0, 1 above 1, between without a kink that the eye would see as an edge."""
    share = np.clip(share, 0, 1)
    smooth: Floats = share * share * (3 - 2 * share)
    return smooth
