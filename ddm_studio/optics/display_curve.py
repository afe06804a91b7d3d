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
    return _joined(linear > _KNEE_LINEAR, 1.055 * _power(linear.clip(_KNEE_LINEAR), 1 / 2.4) - 0.055, 12.92 * linear)


@overload
def decode(encoded: NDArray[Real]) -> NDArray[Real]: ...
@overload
def decode(encoded: Tensor) -> Tensor: ...
def decode(encoded: Any) -> Any:
    """Display-encoded values to linear light, element by element."""
    return _joined(encoded > _KNEE_ENCODED, _power((encoded.clip(_KNEE_ENCODED) + 0.055) / 1.055, 2.4), encoded / 12.92)


@overload
def decode_slope(encoded: NDArray[Real]) -> NDArray[Real]: ...
@overload
def decode_slope(encoded: Tensor) -> Tensor: ...
def decode_slope(encoded: Any) -> Any:
    """Derivative of `decode`: how much noise in encoded values weighs in linear light."""
    curved = 2.4 / 1.055 * _power((encoded.clip(_KNEE_ENCODED) + 0.055) / 1.055, 1.4)
    low = encoded <= _KNEE_ENCODED
    return low * (1 / 12.92) + ~low * curved


def slope_at(linear: Tensor) -> Tensor:
    """`decode_slope(encode(linear))`, element by element, with one power instead of two."""
    curved: Tensor = _power(linear.clip(_KNEE_LINEAR), 1.4 / 2.4).mul_(2.4 / 1.055)
    return curved.masked_fill_(linear <= _KNEE_LINEAR, 1 / 12.92)


def _power(values: Any, exponent: float) -> Any:
    """Positive values to a power: torch takes a logarithm and an exponential in a fifth of the time of its own power."""
    if isinstance(values, np.ndarray | np.generic):
        return np.power(values, exponent)
    return values.log().mul_(exponent).exp_()


def _joined(is_curved: Any, curved: Any, straight: Any) -> Any:
    return np.where(is_curved, curved, straight) if isinstance(curved, np.ndarray | np.generic) else curved.where(is_curved, straight)
