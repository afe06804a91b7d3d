"""The red over a rectangle of a photo that shows where a mask lets it be sharpened."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage

from ddm_studio.deblur.mask import Mask, MaskSampler

Rectangle: TypeAlias = tuple[int, int, int, int]
"""Left, top, width, height in px of the upright photo."""

_LONGEST = 1024  # px; no crop is longer
_RED, _OPACITY = (255, 45, 60), 0.45


def _shades() -> NDArray[np.uint32]:
    """(256,) the red for each share of sharpening, 0xAARRGGBB with the colour multiplied by its opacity."""
    channels = [np.arange(256) * (_OPACITY * full / 255) for full in (255, *_RED)]
    opacity, red, green, blue = (np.round(channel).astype(np.uint32) for channel in channels)
    return np.array(opacity << 24 | red << 16 | green << 8 | blue, np.uint32)


_SHADES = _shades()


class MaskTint:
    """Of masks that change while they are drawn: what is asked for again is at hand, and a mask that went on costs what is new."""

    def __init__(self, place: Rectangle) -> None:
        left, top, width, height = place
        share = min(1.0, _LONGEST / max(width, height))
        self._shape = max(1, round(height * share)), max(1, round(width * share))
        self._sampler = MaskSampler.over(left, top, width, height, self._shape)
        self._made: tuple[Mask, QImage] | None = None

    def image(self, mask: Mask) -> QImage:
        """The tint, translucent, at most 1024 px long; it stands for the whole rectangle."""
        if self._made is None or self._made[0] != mask:
            height, width = self._shape
            shades = _SHADES[np.round(self._sampler.values(mask) * 255).astype(np.uint8)]
            picture = QImage(shades.data, width, height, 4 * width, QImage.Format.Format_ARGB32_Premultiplied)
            self._made = mask, picture.copy()  # else it would die with the array
        return self._made[1]
