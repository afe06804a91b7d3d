"""Drawing patches from a flow by integrating its velocity from noise, for previews and tests."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from typing import TypeAlias

import torch
from torch import Tensor

from ddm_studio.flow.gaussian_velocity import LAST_TIME

Velocity: TypeAlias = Callable[[Tensor, Tensor, Tensor], Tensor]


@torch.no_grad()
def sample(velocity: Velocity, y0: Tensor, positions: Tensor, steps: int, heun: bool = True) -> Tensor:
    """Integrate `dy/dt = v(y, t, position)` from t = 0 to 1.

    The last step, from 0.98, is a single Euler step: there the flow's own velocity is not defined any more. Before it steps become
    shorter, for noise that is fainter than the patches' own grain is taken away last: of Gaussian patches with a contrast of 0.02,
    0.1 and 0.5, eight Heun steps drew 1.00, 1.02 and 1.01 of the contrast, eight of one length 1.45, 1.03 and 1.01.

    Args:
        velocity: Such as `Flow.velocity`.
        y0: (n, 3, p, p) standard normal noise.
        positions: (n, 2) relative positions.
        steps: Steps until t = 0.98.
        heun: Second order, two evaluations per step, instead of Euler's first order.

    Returns:
        (n, 3, p, p) patches in the flow's units; `(y + 1) / 2` is display-encoded.
    """
    y = y0
    times = (1 - torch.linspace(1, math.sqrt(1 - LAST_TIME), steps + 1).square()).tolist()
    for now, then in itertools.pairwise(times):
        slope = velocity(y, y.new_full((len(y),), now), positions)
        if heun:
            ahead = velocity(y + (then - now) * slope, y.new_full((len(y),), then), positions)
            slope = (slope + ahead) / 2
        y = y + (then - now) * slope
    return y + (1 - LAST_TIME) * velocity(y, y.new_full((len(y),), LAST_TIME), positions)
