"""The sRGB curve between linear light and display-encoded values, for NumPy arrays and torch tensors alike.

IEC 61966-2-1. Both directions continue below 0 (straight) and above 1 (power), so they are inverse to each
other everywhere and differentiable: noise may push values out of 0-1 and back.
"""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Array = TypeVar("Array", bound="NDArray[np.floating]")

_KNEE_LINEAR = 0.0031308
_KNEE_ENCODED = 0.04045


def encode(linear: Array) -> Array:
    """Linear light to display-encoded values, element by element."""
    curved = 1.055 * linear.clip(_KNEE_LINEAR) ** (1 / 2.4) - 0.055
    low = linear <= _KNEE_LINEAR
    return low * (12.92 * linear) + ~low * curved


def decode(encoded: Array) -> Array:
    """Display-encoded values to linear light, element by element."""
    curved = ((encoded.clip(_KNEE_ENCODED) + 0.055) / 1.055) ** 2.4
    low = encoded <= _KNEE_ENCODED
    return low * (encoded / 12.92) + ~low * curved


def decode_slope(encoded: Array) -> Array:
    """Derivative of `decode`: how much noise in encoded values weighs in linear light."""
    curved = 2.4 / 1.055 * ((encoded.clip(_KNEE_ENCODED) + 0.055) / 1.055) ** 1.4
    low = encoded <= _KNEE_ENCODED
    return low * (1 / 12.92) + ~low * curved
