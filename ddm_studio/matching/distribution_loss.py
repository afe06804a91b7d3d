"""The gradient that makes re-blurred sharp patches look like blurry ones (paper, step 2; method.md section 5).

    grad_w  mean( stopgrad( v_aux(y_t) - v*(y_t) ) y1(w) )

with the same noise, time and position for both flows. It is zero in the mean when the two flows agree.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from ddm_studio.flow.flow_matching import Flow, NoisyPatches


@dataclass(frozen=True, slots=True, eq=False)
class Difference:
    """How the velocity of the auxiliary flow differs from the teacher's, each (n, 3, p, p).

    Attributes:
        gaussian: Between the closed-form parts: second-order statistics.
        learned: Between the networks: all that Gaussians cannot see.
    """

    gaussian: Tensor
    learned: Tensor


@torch.no_grad()
def flow_difference(auxiliary: Flow, teacher: Flow, noisy: NoisyPatches, positions: Tensor) -> Difference:
    """`v_aux(y_t) - v*(y_t)` at relative positions (n, 2), in its two parts."""
    point = noisy.y_t, noisy.t, positions
    gaussian = auxiliary.field.velocity(*point) - teacher.field.velocity(*point)
    return Difference(gaussian, auxiliary.network(*point) - teacher.network(*point))


def distribution_loss(difference: Tensor, y1: Tensor) -> Tensor:
    """A scalar whose gradient by what `y1` (n, 3, p, p) was made from is the matching gradient; its value means nothing."""
    return (difference.detach() * y1).mean()
