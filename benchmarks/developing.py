"""How a camera or a raw developer may have developed the blurry frames, the sharp ones, or both.

A contrast curve, a white balance and JPEG compression come after the lens and after the noise, in this order: gains for each
channel in linear light, an S curve on encoded values, 8 bits, the file. None of them is in the forward model.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ddm_studio.optics.display_curve import decode, encode

Floats = NDArray[np.float32]
CHROMA_HALVED = 2
"""Pillow's word for 4:2:0, which most cameras write: colour differences at half the resolution in both directions."""


@dataclass(frozen=True, slots=True)
class Developing:
    """What is done to a noisy frame.

    Attributes:
        contrast: Strength of the S curve `(1 - c) x + c (3 x^2 - 2 x^3)`; its slope is `1 + c / 2` in the middle, `1 - c` at both ends.
        gains: Of red, green and blue in linear light; what they push above white is clipped.
        jpeg: Quality of the JPEG that is written, with 4:2:0 chroma; None writes a PNG.
    """

    contrast: float = 0.0
    gains: tuple[float, float, float] = (1.0, 1.0, 1.0)
    jpeg: int | None = None

    @property
    def suffix(self) -> str:
        """Of the files."""
        return ".png" if self.jpeg is None else ".jpg"

    def frame(self, encoded: Floats) -> Floats:
        """A developed frame (height, width, 3), display-encoded, but for what its file does to it."""
        if self == Developing(jpeg=self.jpeg):
            return encoded
        balanced = encode((decode(encoded) * np.array(self.gains, np.float32)).clip(0, 1))
        return np.asarray((1 - self.contrast) * balanced + self.contrast * (3 - 2 * balanced) * balanced**2, np.float32)

    def save(self, encoded: Floats, path: Path) -> None:
        """Write a developed frame."""
        picture = Image.fromarray((encoded * 255 + 0.5).astype(np.uint8))
        if self.jpeg is None:
            picture.save(path, compress_level=1)
        else:
            picture.save(path, quality=self.jpeg, subsampling=CHROMA_HALVED)


DEVELOPINGS: dict[str, Developing] = {
    "alike": Developing(),
    "contrast": Developing(contrast=0.2),
    "strong-contrast": Developing(contrast=0.6),
    "white-balance": Developing(gains=(1.15, 1.0, 0.87)),
    "strong-white-balance": Developing(gains=(1.5, 1.0, 0.67)),
    "fine-jpeg": Developing(jpeg=95),
    "jpeg": Developing(jpeg=85),
    "all": Developing(contrast=0.2, gains=(1.15, 1.0, 0.87), jpeg=85),
    "strong-all": Developing(contrast=0.6, gains=(1.5, 1.0, 0.67), jpeg=85),
}
