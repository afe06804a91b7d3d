"""Statistics of photos that hear the phase of a blur, which second-order statistics cannot.

Across a blurred edge the first derivative `a` is the kernel's profile, up to the edge's polarity, and the second derivative
`b` its slope. `sign(a) b |b|` is the same for both polarities, averages to zero where the profile is symmetric and
changes its sign with the profile's direction: steep rise and slow fall against slow rise and steep fall. So it tells a
kernel from its mirror image, and from the symmetric kernel of the same spectrum. Each window votes with the same weight,
whatever its contrast.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

SCALES_PX = (0.8, 1.4, 2.4)
DIRECTIONS = 4
# Slopes below this, in encoded units per px at scale 1, are noise and have no polarity.
QUIET_SLOPE = 0.01
QUIET_ENERGY = 1e-4


def edge_asymmetry(encoded: Tensor) -> Tensor:
    """Asymmetry of edge profiles (n, scales * directions), between -1 and 1, of windows (n, 3, s, s) in 0-1."""
    luminance = encoded.clamp(0, 1).mean(1, keepdim=True)
    votes = []
    for scale in SCALES_PX:
        slopes, bends = _derivatives(luminance, scale)
        for turn in range(DIRECTIONS):
            across, down = math.cos(turn * math.pi / DIRECTIONS), math.sin(turn * math.pi / DIRECTIONS)
            slope = across * slopes[0] + down * slopes[1]
            bend = across**2 * bends[0] + down**2 * bends[1] + 2 * across * down * bends[2]
            polarity = slope * torch.rsqrt(slope.square() + (QUIET_SLOPE / scale) ** 2)
            asymmetry = (polarity * bend * bend.abs()).sum((1, 2, 3))
            votes.append(asymmetry / (bend.square().sum((1, 2, 3)) + QUIET_ENERGY))
    return torch.stack(votes, 1)


def _derivatives(luminance: Tensor, scale: float) -> tuple[tuple[Tensor, Tensor], tuple[Tensor, Tensor, Tensor]]:
    """Gaussian derivatives (d/dx, d/dy) and (d2/dx2, d2/dy2, d2/dxdy) of (n, 1, s, s), without the border that wraps around.

    By Fourier transforms: several times faster than convolutions of one channel.
    """
    height, width = luminance.shape[-2:]
    down = 2 * math.pi * torch.fft.fftfreq(height, device=luminance.device)[:, None]
    across = 2 * math.pi * torch.fft.rfftfreq(width, device=luminance.device)
    smooth = torch.fft.rfft2(luminance) * torch.exp(-0.5 * scale**2 * (down.square() + across.square()))
    reach = math.ceil(3 * scale)

    def back(spectrum: Tensor) -> Tensor:
        filtered: Tensor = torch.fft.irfft2(spectrum, s=(height, width))
        return filtered[..., reach:-reach, reach:-reach]

    slopes = back(1j * across * smooth), back(1j * down * smooth)
    return slopes, (back(-across.square() * smooth), back(-down.square() * smooth), back(-(down * across) * smooth))
