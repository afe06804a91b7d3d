"""In which values a lens's kernels act: linear light, or (profiles learned where the curve was unknown) encoded values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import torch
from torch import Tensor

from ddm_studio.optics.display_curve import decode, encode, slope_at

Curve: TypeAlias = Callable[[Tensor], Tensor]


@dataclass(frozen=True, slots=True)
class DisplayCurve:
    """The way from the values in which the blur is linear to the display-encoded ones that networks see.

    Attributes:
        encode: Blur's values to display-encoded ones.
        decode: Back.
        slope: Derivative of `decode`, as a function of the blur's values.
    """

    encode: Curve
    decode: Curve
    slope: Curve


LINEAR_LIGHT = DisplayCurve(encode, decode, slope_at)
ENCODED_VALUES = DisplayCurve(lambda values: values, lambda values: values, torch.ones_like)
