"""Stage 1: the PSF grid under which the sharp set has the second-order statistics of the blurry set.

If both sets are Gaussian random fields, equality of distributions is equality of spectra: at the position bin b and the
frequency f the blurry set's 3x3 cross-power spectrum should be

    M(f, b) = D(f, b) S_x(f) D(f, b)^H + diag(slope2(b) sigma^2)

with S_x of the sharp set and D the diagonal of the channels' transfer functions times a gain per channel (the scene
contrast of the two sets differs). The Whittle negative log-likelihood sum_b sum_f [log det M + tr(M^-1 S_y)] is
minimised over softmax logits of the taps, log sigma and log gain. This is the paper's distribution matching
(arXiv 2506.14605, appendix A) for Gaussian fields, where it has a closed form.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from ddm_studio.control import RunControl
from ddm_studio.events import KernelsLearned, Report
from ddm_studio.optics.psf_grid import interpolation_weights, node_centres, read_only_copy
from ddm_studio.settings import CalibrationSettings
from ddm_studio.snapshot import seed_of
from ddm_studio.spectra.hermitian import Hermitian, unpack
from ddm_studio.spectra.power_spectrum import Spectra
from ddm_studio.stage import StageReporter

STAGE = "matching spectra"
START_NOISE = 0.01
START_WIDTH_PX = 1.2
ROUGHNESS_WEIGHT = 0.01
CENTRING_WEIGHT = 1.0
# Scene contrast and a kernel's far tail can stand for each other. Two priors keep them apart: sets of ordinary photos differ
# little in contrast, and tails are sparse (softmax taps sum to 1, so the sum of their square roots is smaller the fewer they are).
# Weight from four lenses: more sparsity lets Wiener gain more on the two crisp ones; 0.03 already costs the two wide ones accuracy.
GAIN_WEIGHT = 10.0
SPARSITY_WEIGHT = 0.01


@dataclass(frozen=True, slots=True, eq=False)
class GaussianFit:
    """What stage 1 knows.

    Attributes:
        psf: (rows, columns, 3, k, k).
        sigma: (3,) noise of each channel in encoded units.
        gain: (3,) contrast of the blurry set relative to the sharp set, about the mean, in linear light.
        loss: Final negative log-likelihood per bin and frequency, priors left out.
    """

    psf: Tensor
    sigma: Tensor
    gain: Tensor
    loss: float


def match_spectra(
    blurry: Spectra, sharp: Tensor, settings: CalibrationSettings, device: torch.device, report: Report, control: RunControl
) -> GaussianFit:
    """Fit the grid.

    Args:
        blurry: Spectra of the blurry set in position bins.
        sharp: (9, p, p // 2 + 1) packed spectrum of the sharp set.
        settings: Grid, kernel size, noise, seed and steps.
        device: Where to compute.
        report: Audience; hears `KernelsLearned` a few times a second.
        control: Pause and stop.
    """
    problem = _Problem(blurry, sharp, settings, device)
    parameters = _Parameters(settings, device)
    optimiser = torch.optim.Adam(parameters.groups(), betas=(0.9, 0.99))
    steps = settings.gaussian.steps
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, [group["lr"] for group in optimiser.param_groups], total_steps=steps, pct_start=0.05, div_factor=5.0
    )
    stage = StageReporter(STAGE, steps, report, control)
    for step in range(steps):
        psf = parameters.psf()
        likelihood = problem.negative_log_likelihood(psf, parameters.log_sigma, parameters.log_gain)
        priors = _priors(psf) + GAIN_WEIGHT * parameters.log_gain.pow(2).sum()
        optimiser.zero_grad()
        torch.autograd.backward(likelihood + priors)
        optimiser.step()
        schedule.step()
        stage.checkpoint(step + 1, likelihood.detach())
        if stage.picture_is_due():
            report(KernelsLearned(STAGE, step + 1, read_only_copy(psf)))
    stage.finish()
    with torch.no_grad():
        psf = parameters.psf()
        loss = float(problem.negative_log_likelihood(psf, parameters.log_sigma, parameters.log_gain))
    report(KernelsLearned(STAGE, steps, read_only_copy(psf)))
    return GaussianFit(psf.cpu(), parameters.log_sigma.detach().exp().cpu(), parameters.log_gain.detach().exp().cpu(), loss)


def _priors(psf: Tensor) -> Tensor:
    """Neighbouring nodes are alike, nodes are centred, tails are sparse."""
    roughness = (psf[1:] - psf[:-1]).pow(2).sum() + (psf[:, 1:] - psf[:, :-1]).pow(2).sum()
    off_centre = node_centres(psf).square().sum(-1).mean()
    spread = (psf + 1e-6).sqrt().sum((-1, -2)).mean()
    return ROUGHNESS_WEIGHT * roughness + CENTRING_WEIGHT * off_centre + SPARSITY_WEIGHT * spread


class _Parameters:
    """Logits of the taps, log noise and log gain; one kernel for all channels when mono, noise fixed when known."""

    def __init__(self, settings: CalibrationSettings, device: torch.device) -> None:
        self._size = settings.kernel_size
        self._grid = settings.grid_rows, settings.grid_columns
        channels = 3 if settings.colour == "rgb" else 1
        generator = torch.Generator().manual_seed(seed_of(settings.seed, STAGE))
        noise = torch.randn(*self._grid, channels, self._size, self._size, generator=generator)
        places = torch.arange(self._size) - self._size // 2
        radius2 = (places[:, None] ** 2 + places**2).float()
        start = (-radius2 / (2 * START_WIDTH_PX**2)).clamp_min(-8)
        self.logits = (start + 0.05 * noise).to(device).requires_grad_()
        known = settings.noise
        self.log_sigma = torch.full((3,), math.log(max(START_NOISE if known is None else known, 1e-5)), device=device)
        self.log_sigma.requires_grad_(known is None)
        self.log_gain = torch.zeros(3, device=device, requires_grad=True)

    def groups(self) -> list[dict[str, object]]:
        """Parameter groups of the optimiser."""
        scalars = [self.log_gain, self.log_sigma] if self.log_sigma.requires_grad else [self.log_gain]
        return [{"params": [self.logits], "lr": 0.15}, {"params": scalars, "lr": 0.03}]

    def psf(self) -> Tensor:
        """(rows, columns, 3, k, k)."""
        taps = self.logits.flatten(3).softmax(-1)
        return taps.expand(*self._grid, 3, -1).reshape(*self._grid, 3, self._size, self._size)


class _Problem:
    """The data of the likelihood, at the frequencies that are used, on the device."""

    def __init__(self, blurry: Spectra, sharp: Tensor, settings: CalibrationSettings, device: torch.device) -> None:
        weight = _frequency_weights(blurry.patch)
        used = weight > 0
        self._weight = (weight[used] / weight[used].sum()).to(device)
        self._measured = unpack(blurry.planes[:, :, used].to(device))
        self._sharp = unpack(sharp[None][:, :, used].to(device))
        self._slope2 = blurry.slope2.to(device)
        self._nodes = interpolation_weights(blurry.positions, settings.grid_rows, settings.grid_columns).to(device)
        self._fourier = _fourier_matrix(blurry.patch, settings.kernel_size, used).to(device)

    def negative_log_likelihood(self, psf: Tensor, log_sigma: Tensor, log_gain: Tensor) -> Tensor:
        """Whittle's likelihood, mean over bins and frequencies."""
        taps = psf.flatten(3).flatten(0, 1)  # (nodes, 3, k * k)
        real, imaginary = self._nodes_to_bins(taps @ self._fourier.real), self._nodes_to_bins(taps @ self._fourier.imag)
        red, green, blue = (torch.complex(real, imaginary) * log_gain.exp()[:, None]).unbind(1)  # (bins, frequencies) each
        noise = (self._slope2 * (2 * log_sigma).exp())[..., None].unbind(1)
        scene = self._sharp
        model = Hermitian(
            _power(red) * scene.a + noise[0],
            _power(green) * scene.b + noise[1],
            _power(blue) * scene.c + noise[2],
            red * green.conj() * scene.d,
            red * blue.conj() * scene.e,
            green * blue.conj() * scene.f,
        )
        adjugate, determinant = model.adjugate()
        determinant = determinant.clamp_min(1e-30)
        terms = determinant.log() + adjugate.trace_of_product(self._measured) / determinant
        return (terms * self._weight).sum(-1).mean()

    def _nodes_to_bins(self, values: Tensor) -> Tensor:
        interpolated: Tensor = torch.einsum("bn,ncf->bcf", self._nodes, values)
        return interpolated


def _power(value: Tensor) -> Tensor:
    return value.real.square() + value.imag.square()


def _frequency_weights(patch: int) -> Tensor:
    """(patch, patch // 2 + 1): how many of the full plane each kept frequency stands for; 0 at DC and its neighbours.

    Those are left out because there the window leaks the scene's own contrast and gradients, which say nothing of a lens.
    """
    weight = torch.full((patch, patch // 2 + 1), 2.0)
    weight[:, 0] = 1
    if patch % 2 == 0:
        weight[:, -1] = 1
    weight[[0, 0, 1, 1, -1, -1], [0, 1, 0, 1, 0, 1]] = 0
    return weight


def _fourier_matrix(patch: int, size: int, used: Tensor) -> Tensor:
    """(size * size, frequencies): the transfer function of a kernel, its centre tap at the origin, at the used frequencies."""
    places = torch.arange(size, dtype=torch.float64) - size // 2
    down = torch.exp(-2j * math.pi * torch.fft.fftfreq(patch, dtype=torch.float64)[:, None] * places)
    across = torch.exp(-2j * math.pi * torch.fft.rfftfreq(patch, dtype=torch.float64)[:, None] * places)
    full = torch.einsum("ui,vj->ijuv", down, across)
    return full.reshape(size * size, *used.shape)[:, used].to(torch.complex64)
