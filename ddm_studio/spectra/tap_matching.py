"""Stage 1 with free taps: any kernel that explains the spectra, for lenses that no pupil describes, and a start for those it does."""

from __future__ import annotations

import torch
from torch import Tensor

from ddm_studio.optics.psf_grid import node_centres
from ddm_studio.settings import CalibrationSettings
from ddm_studio.snapshot import seed_of
from ddm_studio.spectra.likelihood import SpectralLikelihood

START_WIDTH_PX = 1.2
LEARNING_RATE, REFIT_LEARNING_RATE, OTHER_LEARNING_RATE = 0.15, 0.05, 0.03
# Share of the steps over which the rates rise. Not a twentieth sharp: of 20 steps that is one, and the scheduler divides by one less.
RISE = 0.0501
SMALLEST_TAP = 1e-6
ROUGHNESS_WEIGHT = 0.01
CENTRING_WEIGHT = 1.0
# A far tail and the scenes' own slope can stand for each other, and tails are sparse: softmax taps sum to 1, so the sum of their
# square roots is smaller the fewer they are.
SPARSITY_WEIGHT = 0.01


class TapFit:
    """Softmax taps of every node and the other parameters of a likelihood, fitted by Adam in a known number of steps.

    Args:
        likelihood: What to maximise; its other parameters move along.
        settings: Grid, kernel size, colour, seed.
        steps: How many steps there will be.
        start: (rows, columns, 3, k, k) a grid to go on from, by smaller steps; otherwise narrow Gaussians.
    """

    def __init__(self, likelihood: SpectralLikelihood, settings: CalibrationSettings, steps: int, start: Tensor | None = None) -> None:
        self._likelihood = likelihood
        self._size = settings.kernel_size
        self._grid = settings.grid_rows, settings.grid_columns
        self._channels = 3 if settings.colour == "rgb" else 1
        logits = self._narrow_gaussians(settings.seed) if start is None else start[:, :, : self._channels].clamp_min(SMALLEST_TAP).log()
        self._logits = logits.to(likelihood.log_gain.device).clone().requires_grad_()
        own = likelihood.scene
        others = [value for value in likelihood.parameters() if value is not own]
        rates = [LEARNING_RATE if start is None else REFIT_LEARNING_RATE, OTHER_LEARNING_RATE, OTHER_LEARNING_RATE / likelihood.scene_unit]
        groups = [{"params": params, "lr": rate} for params, rate in zip(([self._logits], others, [own]), rates, strict=True)]
        self._adam = torch.optim.Adam(groups, betas=(0.9, 0.99))
        self._schedule = torch.optim.lr_scheduler.OneCycleLR(self._adam, rates, total_steps=steps, pct_start=RISE, div_factor=5.0)

    def _narrow_gaussians(self, seed: int) -> Tensor:
        """A little noise tells the channels and sides of a kernel apart: without it the gradients would not."""
        generator = torch.Generator().manual_seed(seed_of(seed, "free taps"))
        noise = torch.randn(*self._grid, self._channels, self._size, self._size, generator=generator)
        places = torch.arange(self._size) - self._size // 2
        radius2 = (places[:, None] ** 2 + places**2).float()
        return (-radius2 / (2 * START_WIDTH_PX**2)).clamp_min(-8) + 0.05 * noise

    def step(self) -> Tensor:
        """One step; returns the negative log-likelihood before it."""
        psf = self.psf()
        loss = self._likelihood.negative_log_likelihood(psf)
        self._adam.zero_grad()
        torch.autograd.backward(loss + self._likelihood.prior() + _priors(psf))
        self._adam.step()
        self._schedule.step()
        return loss.detach()

    def psf(self) -> Tensor:
        """(rows, columns, 3, k, k); one kernel for all channels when mono."""
        taps = self._logits.flatten(3).softmax(-1)
        return taps.expand(*self._grid, 3, -1).reshape(*self._grid, 3, self._size, self._size)


def _priors(psf: Tensor) -> Tensor:
    """Neighbouring nodes are alike, nodes are centred, tails are sparse."""
    roughness = (psf[1:] - psf[:-1]).pow(2).sum() + (psf[:, 1:] - psf[:, :-1]).pow(2).sum()
    off_centre = node_centres(psf).square().sum(-1).mean()
    spread = (psf + 1e-6).sqrt().sum((-1, -2)).mean()
    return ROUGHNESS_WEIGHT * roughness + CENTRING_WEIGHT * off_centre + SPARSITY_WEIGHT * spread
