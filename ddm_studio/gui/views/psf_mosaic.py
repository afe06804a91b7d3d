"""The PSF grid as one picture. NumPy only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

Channel: TypeAlias = Literal["composite", "red", "green", "blue", "difference"]
CHANNELS: tuple[Channel, ...] = ("composite", "red", "green", "blue")

_TINTS = {"red": (1.0, 0.42, 0.40), "green": (0.45, 0.95, 0.52), "blue": (0.48, 0.68, 1.0)}
_GAP_GREY = 16
_NO_DIFFERENCE = 1e-3


@dataclass(frozen=True, slots=True)
class PsfLook:
    """How kernels become colours."""

    channel: Channel = "composite"
    square_root: bool = True
    shared: bool = True


def colours(psf: NDArray[np.float32], look: PsfLook) -> NDArray[np.uint8]:
    """Kernels (..., 3, k, k) as RGB pictures (..., k, k, 3).

    Each is divided by its node's peak, or all by the grid's when `shared`; the peak is that of the channels shown.
    """
    if look.channel == "difference":
        return _differences(psf, look)
    shown = slice(None) if look.channel == "composite" else slice(CHANNELS.index(look.channel) - 1, CHANNELS.index(look.channel))
    light = np.maximum(np.moveaxis(psf[..., shown, :, :], -3, -1), 0)
    peak = light.max() if look.shared else light.max((-1, -2, -3), keepdims=True)
    relative = light / np.maximum(peak, 1e-12)
    if look.square_root:
        relative = np.sqrt(relative)
    tint = np.array(_TINTS.get(look.channel, (1.0, 1.0, 1.0)), np.float32)
    return np.asarray(np.round(relative * tint * 255), np.uint8)


def _differences(psf: NDArray[np.float32], look: PsfLook) -> NDArray[np.uint8]:
    """What each channel has more (brighter) or less (darker) than the mean of all: grey is no difference."""
    light = np.moveaxis(psf, -3, -1)
    difference = light - light.mean(-1, keepdims=True)
    axes = None if look.shared else (-1, -2, -3)
    peak = np.abs(difference).max(axes, keepdims=True)
    # Channels that agree but for rounding are grey.
    relative = difference / np.maximum(np.maximum(peak, _NO_DIFFERENCE * light.max(axes, keepdims=True)), 1e-12)
    if look.square_root:
        relative = np.sign(relative) * np.sqrt(np.abs(relative))
    return np.asarray(np.round(127.5 + 127.5 * relative), np.uint8)


def gap_of(size: int) -> int:
    """Pixels between the kernels of a mosaic."""
    return max(1, round(size * 0.1))


def mosaic(psf: NDArray[np.float32], look: PsfLook) -> NDArray[np.uint8]:
    """The grid (rows, columns, 3, k, k) as one picture, rows from the top, kernels parted by `gap_of(k)` dark pixels."""
    rows, columns, _, size, _ = psf.shape
    pitch = size + gap_of(size)
    picture = np.full((rows * pitch - gap_of(size), columns * pitch - gap_of(size), 3), _GAP_GREY, np.uint8)
    cells = colours(psf, look)
    for row in range(rows):
        for column in range(columns):
            top, left = row * pitch, column * pitch
            picture[top : top + size, left : left + size] = cells[row, column]
    return picture
