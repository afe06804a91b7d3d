"""Zero-shot super-resolution: a small network that learns from the photo alone how to double its size.

After Shocher et al., "Zero-shot super-resolution using deep internal learning" (2018), with a kernel that is known or learned: parts of
the photo, blurred by the kernel and subsampled, are the small pictures, and the parts themselves the large ones. Patterns recur in
a photo at several scales; what the network learns of the smaller ones it applies to the photo. It works on display-encoded
values, at the small picture's size, and learns what interpolation lacks.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ddm_studio.deblur.dpir import turned
from ddm_studio.deblur.light import LINEAR_LIGHT, DisplayCurve
from ddm_studio.deblur.subsampled_model import FACTOR, interpolated, subsampled
from ddm_studio.optics.forward_model import blur_patches

CHANNELS = 48
LAYERS = 6


@dataclass(frozen=True, slots=True)
class ZeroShotSchedule:
    """How long the network learns.

    Attributes:
        steps: Batches.
        batch: Parts of the photo in a batch.
        side: Of a part, in pixels, even.
        rate: Adam's learning rate at first; it falls to nothing along a cosine.
    """

    steps: int = 800
    batch: int = 8
    side: int = 64
    rate: float = 2e-3


class ZeroShotNetwork(nn.Module):
    """Display-encoded pictures (n, 3, h, w) to (n, 3, 2 h, 2 w).

    Args:
        generator: Source of the start weights.
    """

    def __init__(self, generator: torch.Generator) -> None:
        super().__init__()
        widths = [3, *[CHANNELS] * (LAYERS - 1), 3 * FACTOR**2]
        layers = [nn.Conv2d(a, b, 3, padding=1) for a, b in itertools.pairwise(widths)]
        for layer in layers:
            nn.init.kaiming_normal_(layer.weight, generator=generator)
            layer.bias = nn.Parameter(torch.zeros(layer.out_channels))
        # It begins as interpolation.
        nn.init.zeros_(layers[-1].weight)
        self.layers = nn.ModuleList(layers)

    def forward(self, small: Tensor) -> Tensor:
        """Interpolation and what it lacks."""
        features = small - 0.5
        for layer in self.layers[:-1]:
            features = F.relu(layer(features))
        return interpolated(small) + F.pixel_shuffle(self.layers[-1](features), FACTOR)


def learn_from_photo(
    network: ZeroShotNetwork,
    photo: Tensor,
    kernel: Tensor,
    sigma: Tensor,
    schedule: ZeroShotSchedule,
    generator: torch.Generator,
    curve: DisplayCurve = LINEAR_LIGHT,
) -> Iterator[float]:
    """Train the network on a photo; yields each step's loss.

    Args:
        network: On the device to compute on.
        photo: (3, h, w) in linear light, on the CPU.
        kernel: (3, k, k) between the photo and the picture of twice its size.
        sigma: (3,) noise level per channel, display-encoded: small parts get as much as the photo has.
        schedule: How long.
        generator: On the CPU, of the choice of parts and of the noise.
        curve: From the photo's values to display-encoded ones.

    Raises:
        ValueError: The photo is too small.
    """
    reach = kernel.shape[-1] // 2
    around = schedule.side + 2 * reach
    if min(photo.shape[-2:]) < around:
        raise ValueError(f"a photo must be at least {around} px high and wide, got {photo.shape[-1]} x {photo.shape[-2]}")
    device = next(network.parameters()).device
    adam = torch.optim.Adam(network.parameters(), lr=schedule.rate)
    kernels = kernel.expand(schedule.batch, *kernel.shape).to(device)
    inside = slice(reach, reach + schedule.side)
    # The blur has averaged most of the photo's noise away.
    left = kernel.square().sum((-1, -2)).to(device)
    noise = (sigma.to(device) * (1 - left).clamp_min(0).sqrt()).view(1, 3, 1, 1)
    for step in range(schedule.steps):
        for group in adam.param_groups:
            group["lr"] = schedule.rate * 0.5 * (1 + math.cos(math.pi * step / schedule.steps))
        parts = torch.stack([_part(photo, around, generator) for _ in range(schedule.batch)]).to(device)
        small = curve.encode(subsampled(blur_patches(parts, kernels)))
        small = small + noise * torch.randn(small.shape, generator=generator).to(device)
        with torch.enable_grad():
            loss = (network(small) - curve.encode(parts[..., inside, inside])).abs().mean()
            adam.zero_grad()
            torch.autograd.backward(loss)
        adam.step()
        yield float(loss.detach())


def _part(photo: Tensor, side: int, generator: torch.Generator) -> Tensor:
    """A square part, turned and mirrored at random: the kernel stays as it is, scenes may lie in any way."""
    top, left = (int(torch.randint(extent - side + 1, (), generator=generator)) for extent in photo.shape[-2:])
    number = int(torch.randint(8, (), generator=generator))
    return turned(photo[:, top : top + side, left : left + side], number)
