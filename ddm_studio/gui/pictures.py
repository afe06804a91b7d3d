"""Arrays to Qt images."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage


def to_image(picture: NDArray[np.uint8]) -> QImage:
    """An image that owns a copy of the RGB array (height, width, 3)."""
    if picture.ndim != 3 or picture.shape[2] != 3:
        raise ValueError(f"expected (height, width, 3), got {picture.shape}")
    height, width = picture.shape[:2]
    data = np.ascontiguousarray(picture, np.uint8)
    return QImage(data.data, width, height, 3 * width, QImage.Format.Format_RGB888).convertToFormat(QImage.Format.Format_RGB32)


def pyramid(picture: NDArray[np.uint8], smallest: int = 512) -> list[QImage]:
    """The picture at full size, half, quarter … down to about `smallest` px, each averaged from the one before.

    Painting from the level just above the wanted size costs the same for 1 and for 60 megapixels.
    """
    levels = [to_image(picture)]
    while max(picture.shape[:2]) > 2 * smallest:
        even = picture[: picture.shape[0] // 2 * 2, : picture.shape[1] // 2 * 2]
        total = even[0::2, 0::2].astype(np.uint16)
        for part in (even[1::2, 0::2], even[0::2, 1::2], even[1::2, 1::2]):
            total += part
        picture = ((total + 2) >> 2).astype(np.uint8)
        levels.append(to_image(picture))
    return levels
