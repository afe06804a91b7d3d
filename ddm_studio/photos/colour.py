"""How stored numbers become linear light: tone curves, colour spaces, and what display and output need."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from ddm_studio.optics import display_curve

Floats: TypeAlias = NDArray[np.float32]
Matrix: TypeAlias = NDArray[np.float64]

DISPLAY_RECIPE = "display-curves-1"
RAW_RECIPE = "libraw-linear-1"
SRGB = "sRGB"

# Columns are the XYZ of red, green and blue, adapted to the D50 white of ICC profiles (IEC 61966-2-1, Bradford).
SRGB_COLORANTS: Matrix = np.array([[0.43607, 0.38515, 0.14307], [0.22249, 0.71687, 0.06061], [0.01392, 0.09708, 0.71410]])

# Luminance of linear sRGB (IEC 61966-2-1).
LUMINANCE = (0.2126, 0.7152, 0.0722)
# A grey photo restored with a kernel per colour has three channels that differ a little: their luminance is the grey.
GREY_TO_SRGB: Matrix = np.array([LUMINANCE, LUMINANCE, LUMINANCE])

TABLE_SIZE = 65536


@dataclass(frozen=True, slots=True)
class ColourSpace:
    """What the linear numbers of a photo mean; photos of different spaces must not share a profile.

    `recipe` says how they were made from the file: "display-curves-1" (TIFF, PNG, JPEG: the photo's own curves, its own
    primaries) or "libraw-linear-1" (raw). `space` names the primaries: "sRGB", "icc NAME HASH" or "camera RGB of CAMERA".
    """

    recipe: str
    space: str

    def __str__(self) -> str:
        return self.space


@dataclass(frozen=True, slots=True, eq=False)
class ToneCurve:
    """Encoded value in 0-1 to linear light in 0-1: the sRGB curve, a power, or a table.

    Args:
        power: Exponent of a pure power curve.
        table: (65536,) linear light at evenly spaced encoded values, never falling.

    With neither it is the sRGB curve.
    """

    power: float | None = None
    table: NDArray[np.float64] | None = None

    def decode(self, encoded: NDArray[np.float64]) -> NDArray[np.float64]:
        """Linear light of encoded values in 0-1."""
        if self.table is not None:
            return np.interp(encoded, np.linspace(0, 1, len(self.table)), self.table)
        if self.power is not None:
            return np.asarray(encoded**self.power)
        return display_curve.decode(encoded)

    def encode(self, linear: Floats) -> Floats:
        """Encoded values of linear light in 0-1, the inverse of `decode`."""
        if self.table is not None:
            return np.interp(linear, self.table, np.linspace(0, 1, len(self.table))).astype(np.float32)
        if self.power is not None:
            return np.asarray(linear ** np.float32(1 / self.power), np.float32)
        return display_curve.encode(linear)

    def decode_codes(self, top_code: int) -> Floats:
        """Linear light of the integer codes 0 to `top_code`, as a table (top_code + 1,)."""
        return self.decode(np.linspace(0, 1, top_code + 1)).astype(np.float32)


SRGB_CURVE = ToneCurve()
SRGB_CURVES = (SRGB_CURVE, SRGB_CURVE, SRGB_CURVE)


@dataclass(frozen=True, slots=True, eq=False)
class Rendering:
    """How linear pixels are turned into a picture for the screen or a file.

    Args:
        curves: Curves of red, green and blue of the written file.
        to_srgb: (3, 3) matrix from the photo's linear RGB to linear sRGB, for the screen.
        is_raw: Camera RGB: `to_srgb` is applied on writing too, since no file format knows camera RGB.
        icc: Profile bytes for the written file; None is an untagged file, which everyone reads as sRGB.
        is_grey: The file has one channel, and so has what is written of it: the first row of `to_srgb` gives its light.
    """

    curves: tuple[ToneCurve, ToneCurve, ToneCurve]
    to_srgb: Matrix
    is_raw: bool
    icc: bytes | None
    is_grey: bool = False


SRGB_RENDERING = Rendering(SRGB_CURVES, np.eye(3), False, None)
