"""DiffPIR: diffusion sampling guided by the photo, with a denoiser as the score.

Zhu et al., "Denoising Diffusion Models for Plug-and-Play Image Restoration" (2023), algorithm 1, with three changes: it
starts at a low noise level from Wiener's estimate, for what a higher level washes out a small denoiser does not bring back;
the noise is one field over the whole photo, so that neighbouring tiles invent the same detail; and the last estimate is
returned clean instead of noised once more. Nothing is clamped on the way. The state is kept as `x = clean + level * noise`.
All noise is drawn anew in each step: kept noise carries the errors of earlier estimates along.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from ddm_studio.deblur.dpir import Denoise
from ddm_studio.deblur.light import LINEAR_LIGHT, DisplayCurve
from ddm_studio.deblur.tile_model import TileModel


@dataclass(frozen=True, slots=True)
class DiffpirSchedule:
    """How the sampling proceeds.

    Attributes:
        steps: Denoiser calls.
        first_sigma: Noise level of the start, display-encoded.
        prior_weight: Lambda of the paper; smaller trusts the photo more.
        fresh_noise: Zeta of the paper: the share of the noise that is drawn anew in each step.
        smallest_sigma: The noise level is never taken for less.
    """

    steps: int = 6
    first_sigma: float = 0.05
    prior_weight: float = 1.2
    fresh_noise: float = 1.0
    smallest_sigma: float = 0.001


def sampling_levels(schedule: DiffpirSchedule, sigma: Tensor) -> Tensor:
    """Noise levels (steps,): log-spaced from the first down to the photo's own mean noise."""
    last = max(schedule.smallest_sigma, float(sigma.mean()))
    first = max(schedule.first_sigma, last)
    return torch.logspace(torch.tensor(first).log10(), torch.tensor(last).log10(), schedule.steps)


@torch.no_grad()
def diffpir_steps(
    model: TileModel,
    start: Tensor,
    sigma: Tensor,
    denoise: Denoise,
    noise_at: Callable[[int], Tensor],
    schedule: DiffpirSchedule,
    curve: DisplayCurve = LINEAR_LIGHT,
) -> Iterator[Tensor]:
    """The clean estimate (n, 3, h, w) in linear light after each step; the last one is the result.

    Args:
        model: Blurry tiles and their kernels, linear light.
        start: (n, 3, h, w) first estimate, linear light.
        sigma: (3,) noise level of the photo per channel, display-encoded.
        denoise: Takes display-encoded (n, 3, h, w) and a level (0-d).
        noise_at: The noise field (n, 3, h, w), unit variance, of a step.
        schedule: Levels and weights.
        curve: From the model's values to display-encoded ones.
    """
    noise = sigma.clamp_min(schedule.smallest_sigma).view(1, 3, 1, 1)
    levels = sampling_levels(schedule, sigma).to(start)
    state = curve.encode(start) + levels[0] * noise_at(0)
    for step, level in enumerate(levels):
        clean = denoise(state, level)
        if step == len(levels) - 1:
            yield curve.decode(clean)
            return
        rho = schedule.prior_weight * (noise / level).square()
        sharper = curve.encode(model.data_step(curve.decode(clean), rho))
        # The noise that would explain the state, mixed with fresh noise of the whole photo's field.
        explained = (state - sharper) / level
        zeta = schedule.fresh_noise
        state = sharper + levels[step + 1] * ((1 - zeta) ** 0.5 * explained + zeta**0.5 * noise_at(step + 1))
        yield curve.decode(clean)
