"""The sRGB curve between linear light and display-encoded values, for NumPy arrays and torch tensors alike.

IEC 61966-2-1. Both directions continue below 0 (straight) and above 1 (power), so they are inverse to each
other everywhere and differentiable: noise may push values out of 0-1 and back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar, overload

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from torch import Tensor

Real = TypeVar("Real", bound="np.floating[Any]")

_KNEE_LINEAR = 0.0031308
_KNEE_ENCODED = 0.04045


@overload
def encode(linear: NDArray[Real]) -> NDArray[Real]: ...
@overload
def encode(linear: Tensor) -> Tensor: ...
def encode(linear: Any) -> Any:
    """Linear light to display-encoded values, element by element."""
    curved = 1.055 * linear.clip(_KNEE_LINEAR) ** (1 / 2.4) - 0.055
    low = linear <= _KNEE_LINEAR
    return low * (12.92 * linear) + ~low * curved


@overload
def decode(encoded: NDArray[Real]) -> NDArray[Real]: ...
@overload
def decode(encoded: Tensor) -> Tensor: ...
def decode(encoded: Any) -> Any:
    """Display-encoded values to linear light, element by element."""
    curved = ((encoded.clip(_KNEE_ENCODED) + 0.055) / 1.055) ** 2.4
    low = encoded <= _KNEE_ENCODED
    return low * (encoded / 12.92) + ~low * curved


@overload
def decode_slope(encoded: NDArray[Real]) -> NDArray[Real]: ...
@overload
def decode_slope(encoded: Tensor) -> Tensor: ...
def decode_slope(encoded: Any) -> Any:
    """Derivative of `decode`: how much noise in encoded values weighs in linear light."""
    curved = 2.4 / 1.055 * ((encoded.clip(_KNEE_ENCODED) + 0.055) / 1.055) ** 1.4
    low = encoded <= _KNEE_ENCODED
    return low * (1 / 12.92) + ~low * curved


def slope_at(linear: Tensor) -> Tensor:
    """`decode_slope(encode(linear))`, element by element, with one power instead of two."""
    curved = 2.4 / 1.055 * linear.clip(_KNEE_LINEAR) ** (1.4 / 2.4)
    low = linear <= _KNEE_LINEAR
    return low * (1 / 12.92) + ~low * curved
