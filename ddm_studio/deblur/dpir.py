"""DPIR: half-quadratic splitting with a learned denoiser whose level falls step by step.

Zhang et al., "Plug-and-Play Image Restoration with Deep Denoiser Prior" (2021), equations 6-9. The data step is solved
in linear light, where the blur is linear; the denoiser sees display-encoded values, on which it was trained. With the
identity as display curve and one kernel per tile this is `deepinv.optim.DPIR`.

Deblurring starts from Wiener's estimate, where deepinv starts at the photo: levels and weight were chosen so on tuning lenses.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol, TypeAlias

import torch
from torch import Tensor

from ddm_studio.deblur.light import LINEAR_LIGHT, DisplayCurve

Denoise: TypeAlias = Callable[[Tensor, Tensor], Tensor]


@dataclass(frozen=True, slots=True)
class DpirSchedule:
    """How the denoiser's level falls and how much it weighs against the photo.

    Attributes:
        steps: Denoiser calls.
        first_sigma: Level of the first call, display-encoded.
        prior_weight: Lambda of the paper; smaller trusts the photo more.
        smallest_sigma: The noise level is never taken for less.
        turn: Turn and mirror the tiles differently in each step, which averages out the denoiser's directions.
    """

    steps: int = 4
    first_sigma: float = 0.06
    prior_weight: float = 0.3
    smallest_sigma: float = 0.001
    turn: bool = True


def noise_levels(schedule: DpirSchedule, sigma: Tensor) -> Tensor:
    """Levels (steps,) of the denoiser: log-spaced from the first down to the photo's own mean noise."""
    last = float(sigma.mean().clamp_min(schedule.smallest_sigma))
    first = max(schedule.first_sigma, last)
    return torch.logspace(torch.tensor(first).log10(), torch.tensor(last).log10(), schedule.steps)


class DataTerm(Protocol):
    """What a photo says about the picture behind it: `TileModel` when it is blurry, `SubsampledModel` when it is also small."""

    def data_step(self, anchor: Tensor, rho: Tensor) -> Tensor:
        """The picture (n, 3, h, w) that agrees with the photo and, weighted by rho, with the anchor."""


@torch.no_grad()
def dpir_steps(
    model: DataTerm,
    start: Tensor,
    sigma: Tensor,
    denoise: Denoise,
    schedule: DpirSchedule,
    curve: DisplayCurve = LINEAR_LIGHT,
) -> Iterator[Tensor]:
    """The estimate (n, 3, h, w) in linear light after each step; the last one is the result.

    Args:
        model: Blurry tiles and their kernels, linear light.
        start: (n, 3, h, w) first estimate, linear light.
        sigma: (3,) noise level per channel, display-encoded.
        denoise: Takes display-encoded (n, 3, h, w) and a level (0-d).
        schedule: Levels and weights.
        curve: From the model's values to display-encoded ones.
    """
    noise = sigma.clamp_min(schedule.smallest_sigma).view(1, 3, 1, 1)
    estimate = start
    for step, level in enumerate(noise_levels(schedule, sigma).to(start)):
        # Both levels are display-encoded: the curve's slope would scale both alike.
        rho = schedule.prior_weight * (noise / level).square()
        sharper = curve.encode(model.data_step(estimate, rho))
        cleaner = turned_back(denoise(turned(sharper, step), level), step) if schedule.turn else denoise(sharper, level)
        estimate = curve.decode(cleaner)
        yield estimate


def turned(images: Tensor, number: int) -> Tensor:
    """One of the eight turns and mirrors of (n, 3, h, w), by number."""
    quarter = images.rot90(number % 4, (-2, -1))
    return quarter.flip(-1) if number % 8 >= 4 else quarter


def turned_back(images: Tensor, number: int) -> Tensor:
    """Undo `turned` of the same number."""
    upright = images.flip(-1) if number % 8 >= 4 else images
    return upright.rot90(-(number % 4), (-2, -1))
