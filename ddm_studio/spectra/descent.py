"""L-BFGS on a smooth loss of a few parameters."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor

Watch = Callable[[Tensor], None]
"""Called with every loss; may raise to stop."""


def descend(parameters: list[Tensor], loss: Callable[[], Tensor], steps: int, watch: Watch) -> float:
    """Change the parameters in place; at most `steps` steps with strong Wolfe line searches. Returns the loss reached.

    That is the lowest loss seen: a line search may run where the loss is not a number, and would end there.
    """
    optimiser = torch.optim.LBFGS(
        parameters, max_iter=steps, history_size=20, line_search_fn="strong_wolfe", tolerance_change=1e-7, tolerance_grad=1e-7
    )

    lowest, best = math.inf, [parameter.detach().clone() for parameter in parameters]

    def remember(value: float) -> None:
        nonlocal lowest
        if value < lowest:
            lowest = value
            for kept, parameter in zip(best, parameters, strict=True):
                kept.copy_(parameter.detach())

    def closure() -> Tensor:
        optimiser.zero_grad()
        value = loss()
        torch.autograd.backward(value)
        watch(value.detach())
        remember(float(value.detach()))
        return value

    optimiser.step(closure)  # type: ignore[no-untyped-call]
    with torch.no_grad():
        remember(float(loss()))
        for kept, parameter in zip(best, parameters, strict=True):
            parameter.copy_(kept)
    return lowest
