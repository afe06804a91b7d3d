"""A kernel as a chain of linear convolutions: the paper's kernel model for super-resolution (appendix B.4; Bell-Kligler et al. 2019).

    k = K_4 * K_3 * K_2 * K_1,   sides 7, 5, 5, 1,   64 channels in between, no bias,   receptive field 15

The chain is linear and has no bias, so running it over a picture is convolving the picture with one kernel: what the chain makes
of a single point of light. Only that kernel is ever used; its gradient by the weights is that of the chain, at the cost of one
tiny picture a step.
"""

from __future__ import annotations

import itertools
import math

import torch
import torch.nn.functional as F
from torch import Tensor

from ddm_studio.matching.kernel_models import KernelModel

SIDES = (7, 5, 5, 1)
CHANNELS = 64
RECEPTIVE_FIELD = sum(SIDES) - len(SIDES) + 1
FIT_STEPS = 300
FIT_LEARNING_RATE = 2e-3


class DeepLinearKernel(KernelModel):
    """One kernel for the whole frame and all channels, (1, 1, 3, 15, 15), made by layers of convolutions.

    Taps may turn negative, and nothing holds their sum.

    Args:
        generator: Source of the start weights.
        channels: Width between the layers.
    """

    sees_second_order = True
    has_raw_taps = True

    def __init__(self, generator: torch.Generator, channels: int = CHANNELS) -> None:
        super().__init__()
        widths = [1, *[channels] * (len(SIDES) - 1), 1]
        self.layers = torch.nn.ParameterList(
            # Variance 1 / fan-in keeps the size of a signal through the chain.
            torch.randn(outputs, inputs, side, side, generator=generator) / math.sqrt(inputs * side**2)
            for side, (inputs, outputs) in zip(SIDES, itertools.pairwise(widths), strict=True)
        )

    def forward(self, picture: Tensor) -> Tensor:
        """The chain run over pictures (n, 1, s, s), true convolutions without padding: (n, 1, s - 14, s - 14)."""
        for weight in self.layers:
            picture = F.conv2d(picture, weight.flip(-1, -2))
        return picture

    def grid(self) -> Tensor:
        """The image of a point of light."""
        reach = RECEPTIVE_FIELD - 1
        point = torch.zeros(1, 1, 2 * reach + 1, 2 * reach + 1, device=self.layers[0].device)
        point[..., reach, reach] = 1
        collapsed: Tensor = self(point)
        return collapsed.expand(1, 3, -1, -1)[None]

    def fit_to(self, kernel: Tensor, steps: int = FIT_STEPS) -> None:
        """Adjust the weights until the chain makes nearly `kernel` (15, 15), so that learning starts from there."""
        adam = torch.optim.Adam(self.parameters(), lr=FIT_LEARNING_RATE)
        for _ in range(steps):
            loss = (self.grid()[0, 0, 0] - kernel).square().sum()
            adam.zero_grad()
            torch.autograd.backward(loss)
            adam.step()
