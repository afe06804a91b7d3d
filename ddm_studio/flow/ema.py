"""The power-function average of weights (Karras et al. 2023, arXiv 2312.02696, section 3).

The weight of step `i` in the average after `t` steps grows like `i ** gamma`; the profile is named by its standard deviation
relative to the length of training.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn


def gamma_of(relative_std: float) -> float:
    """The exponent whose profile has the relative standard deviation `relative_std`.

    Solves `relative_std**2 = (gamma + 1) / ((gamma + 2)**2 (gamma + 3))`, a cubic equation in gamma.

    Raises:
        ValueError: The standard deviation is not in (0, 0.25].
    """
    if not 0 < relative_std <= 0.25:
        raise ValueError(f"the relative standard deviation must be in (0, 0.25], got {relative_std}")
    precision = relative_std**-2
    roots = np.roots([1.0, 7.0, 16.0 - precision, 12.0 - precision])
    return float(roots.real.max())


def beta_at(step: int, gamma: float) -> float:
    """How much of the average is kept at `step`, counted from 1: `(1 - 1/t) ** (gamma + 1)`; nothing at the first."""
    return float((1 - 1 / step) ** (gamma + 1))


class PowerAverage:
    """The running average of a module's parameters.

    Args:
        module: Whose parameters are averaged; must keep its parameter names.
        relative_std: Width of the profile, relative to the length of training.
    """

    def __init__(self, module: nn.Module, relative_std: float) -> None:
        self._gamma = gamma_of(relative_std)
        self.values: dict[str, Tensor] = {name: value.detach().clone() for name, value in module.named_parameters()}

    @torch.no_grad()
    def update(self, module: nn.Module, step: int) -> None:
        """Take in the parameters after `step` steps, counted from 1."""
        share = 1 - beta_at(step, self._gamma)
        for name, value in module.named_parameters():
            self.values[name].lerp_(value, share)

    @torch.no_grad()
    def copy_to(self, module: nn.Module) -> None:
        """Overwrite the parameters of `module` by their averages."""
        for name, value in module.named_parameters():
            value.copy_(self.values[name])
