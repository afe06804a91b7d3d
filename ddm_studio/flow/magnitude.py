"""Layers that keep the magnitude of activations at one, written from the equations of Karras et al. 2023 (arXiv 2312.02696).

Every layer turns inputs of unit variance into outputs of about unit variance, so nothing drifts during training and no
normalisation of activations is needed. Equation numbers below are the paper's.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

# Root mean square of silu(x) for x ~ N(0, 1): dividing by it restores unit magnitude (eq. 81).
SILU_MAGNITUDE = 0.596
EPSILON = 1e-4


def unit_rows(weight: Tensor) -> Tensor:
    """Scale the weights of each output so that their root mean square is 1 (eq. 66)."""
    rows = weight.flatten(1)
    norm = rows.square().mean(1).sqrt().clamp_min(EPSILON)
    return weight / norm.view(-1, *([1] * (weight.ndim - 1)))


def mp_silu(x: Tensor) -> Tensor:
    """Silu of unit magnitude (eq. 81)."""
    return F.silu(x) / SILU_MAGNITUDE


def mp_sum(a: Tensor, b: Tensor, share: float) -> Tensor:
    """Blend of two uncorrelated inputs, `share` of it from `b`, at unit magnitude (eq. 88)."""
    return torch.lerp(a, b, share) / math.hypot(1 - share, share)


def mp_concat(a: Tensor, b: Tensor) -> Tensor:
    """Concatenate channels so that both inputs weigh alike in the next layer, whatever their channel counts (eq. 103)."""
    channels_a, channels_b = a.shape[1], b.shape[1]
    scale = math.sqrt((channels_a + channels_b) / 2)
    return torch.cat([a * (scale / math.sqrt(channels_a)), b * (scale / math.sqrt(channels_b))], 1)


def pixel_norm(x: Tensor) -> Tensor:
    """Scale the channel vector of each pixel to root mean square 1 (eq. 30)."""
    return x * torch.rsqrt(x.square().mean(1, keepdim=True) + EPSILON**2)


def halve(x: Tensor) -> Tensor:
    """Half the resolution by box filtering."""
    return F.avg_pool2d(x, 2)


def double(x: Tensor) -> Tensor:
    """Twice the resolution by repeating pixels."""
    return F.interpolate(x, scale_factor=2.0, mode="nearest")


class MagnitudeConv(nn.Module):
    """Convolution, or linear layer when `kernel` is 0, with forced weight normalisation (eq. 47, 66) and no bias."""

    def __init__(self, inputs: int, outputs: int, kernel: int, generator: torch.Generator) -> None:
        super().__init__()
        shape = (outputs, inputs, kernel, kernel) if kernel else (outputs, inputs)
        self.weight = nn.Parameter(unit_rows(torch.randn(shape, generator=generator)))

    def forward(self, x: Tensor, gain: Tensor | float = 1.0) -> Tensor:
        """Apply the layer, its output scaled by `gain`."""
        # Normalising again here takes the gradient's radial part away; the scale makes the output magnitude one.
        scaled = unit_rows(self.weight) * (gain / math.sqrt(self.weight[0].numel()))
        if scaled.ndim == 2:
            return F.linear(x, scaled)
        return F.conv2d(x, scaled, padding=scaled.shape[-1] // 2)

    @torch.no_grad()
    def normalise_weights(self) -> None:
        """Put the stored weights back on the sphere; to be called after every optimiser step."""
        self.weight.copy_(unit_rows(self.weight))


class FourierFeatures(nn.Module):
    """Cosines of a scalar with random frequencies and phases, of unit magnitude (eq. 75)."""

    frequencies: Tensor
    phases: Tensor

    def __init__(self, count: int, generator: torch.Generator) -> None:
        super().__init__()
        self.register_buffer("frequencies", 2 * math.pi * torch.randn(count, generator=generator))
        self.register_buffer("phases", 2 * math.pi * torch.rand(count, generator=generator))

    def forward(self, scalar: Tensor) -> Tensor:
        """Features (n, count) of scalars (n,)."""
        return math.sqrt(2) * torch.cos(scalar[:, None] * self.frequencies + self.phases)
