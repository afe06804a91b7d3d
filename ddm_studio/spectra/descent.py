"""L-BFGS on a smooth loss of a few parameters."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor

Watch = Callable[[Tensor], None]
"""Called with every loss; may raise to stop."""


class Descent:
    """L-BFGS steps with strong Wolfe line searches, some at a time; parameters are changed in place.

    The lowest loss seen counts: a line search may run where the loss is not a number, or interpolate to a place that is none. From there
    the next steps begin at the lowest loss again.

    Args:
        parameters: What may change.
        loss: To be made small.
        watch: Hears every loss.
    """

    def __init__(self, parameters: list[Tensor], loss: Callable[[], Tensor], watch: Watch) -> None:
        self._parameters, self._loss, self._watch = parameters, loss, watch
        self._best = [parameter.detach().clone() for parameter in parameters]
        self.lowest = math.inf
        self._begin()

    def _begin(self) -> None:
        self._optimiser = torch.optim.LBFGS(
            self._parameters, history_size=20, line_search_fn="strong_wolfe", tolerance_change=1e-7, tolerance_grad=1e-7
        )

    def go_on(self, steps: int) -> float:
        """At most so many steps more; returns the lowest loss so far."""
        self._optimiser.param_groups[0].update(max_iter=steps, max_eval=steps * 5 // 4)
        self._optimiser.step(self._closure)  # type: ignore[no-untyped-call]
        if not self._is_somewhere():
            self._return()
            self._begin()
        return self.lowest

    def settle(self) -> float:
        """Leave the parameters at the lowest loss, which is returned."""
        with torch.no_grad():
            self._remember(float(self._loss()))
        self._return()
        return self.lowest

    def _is_somewhere(self) -> bool:
        return all(bool(parameter.isfinite().all()) for parameter in self._parameters)

    @torch.no_grad()
    def _return(self) -> None:
        for kept, parameter in zip(self._best, self._parameters, strict=True):
            parameter.copy_(kept)

    def _closure(self) -> Tensor:
        self._optimiser.zero_grad()
        if not self._is_somewhere():
            return torch.tensor(math.nan)
        value = self._loss()
        torch.autograd.backward(value)
        self._watch(value.detach())
        self._remember(float(value.detach()))
        return value

    def _remember(self, value: float) -> None:
        if value < self.lowest:
            self.lowest = value
            for kept, parameter in zip(self._best, self._parameters, strict=True):
                kept.copy_(parameter.detach())


def descend(parameters: list[Tensor], loss: Callable[[], Tensor], steps: int, watch: Watch) -> float:
    """At most `steps` steps of a `Descent` to its end; returns the loss reached."""
    descent = Descent(parameters, loss, watch)
    descent.go_on(steps)
    return descent.settle()
