"""Muon, an optimiser for hidden layers: momentum whose update is made orthogonal (Keller Jordan et al., 2024, "Muon").

Every layer's update then moves all its directions alike instead of the few that dominate the gradient. torch's own (from 2.9 on)
takes matrices only; here a convolution is the matrix of its outputs by all else.
"""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor

MOMENTUM = 0.95
NEWTON_SCHULZ_STEPS = 5
# Of the quintic that drives singular values of 0-1 to about 0.7-1.2 fastest (Jordan et al.).
LINEAR, CUBIC, QUINTIC = 3.4445, -4.7750, 2.0315


class Muon(torch.optim.Optimizer):
    """Nesterov momentum, orthogonalised.

    Args:
        parameters: Weights of two or more dimensions.
        lr: Spectral norm of a step.
    """

    def __init__(self, parameters: Iterable[Tensor], lr: float) -> None:
        super().__init__(parameters, {"lr": lr})

    @torch.no_grad()
    def step(self, closure: None = None) -> None:  # type: ignore[override]
        """Move every parameter along its orthogonalised momentum."""
        for group in self.param_groups:
            for parameter in group["params"]:
                momentum = self.state[parameter].setdefault("momentum", torch.zeros_like(parameter.grad))
                momentum.lerp_(parameter.grad, 1 - MOMENTUM)
                update = parameter.grad.lerp(momentum, MOMENTUM).flatten(1)
                tall = max(1.0, update.shape[0] / update.shape[1]) ** 0.5
                parameter.add_(orthogonalised(update).view_as(parameter), alpha=-group["lr"] * tall)


def orthogonalised(matrix: Tensor) -> Tensor:
    """A matrix (m, n) with the singular vectors of the given one and singular values of about 1, by Newton-Schulz in bfloat16."""
    flat = matrix.bfloat16()
    flat = flat.T if matrix.shape[0] > matrix.shape[1] else flat
    flat = flat / (flat.norm() + 1e-7)
    for _ in range(NEWTON_SCHULZ_STEPS):
        gram = flat @ flat.T
        flat = LINEAR * flat + (CUBIC * gram + QUINTIC * gram @ gram) @ flat
    return (flat.T if matrix.shape[0] > matrix.shape[1] else flat).to(matrix.dtype)
