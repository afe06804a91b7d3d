"""How well a PSF grid explains the spectra of the blurry set: Whittle's likelihood, with all that is not the lens left free.

If both sets are Gaussian random fields, equality of distributions is equality of spectra: at the position bin b and the
frequency f the blurry set's 3x3 cross-power spectrum should be

    M(f, b) = e(f, b) D(f, b) S_x(f) D(f, b)^H + diag(slope2(b) sigma^2)

with S_x of the sharp set, D the diagonal of the channels' transfer functions times a gain per channel (the scene contrast of the
two sets differs), and the Whittle negative log-likelihood is the mean over bins and frequencies of log det M + tr(M^-1 S_y).
This is the paper's distribution matching (arXiv 2506.14605, appendix A) for Gaussian fields, where it has a closed form.

`e` is what the scenes in a bin have of their own: contrast, slope of the spectrum and direction (more sky above, more horizontal
edges below), `log e = (e_b + e_0) . (1, log f, cos 2 theta, sin 2 theta)` with a prior. Without it the kernels take it up: on two
tuning lenses it cut the error of their magnitudes by 37 % and 18 %; knowing the scenes themselves would have cut it by 73 and 71 %.

Of JPEGs only what compression has kept is matched, and the model is compressed alike (`kept_frequencies`).
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from ddm_studio.optics.psf_grid import interpolation_weights
from ddm_studio.settings import CalibrationSettings
from ddm_studio.spectra.kept_frequencies import KeptFrequencies, SharpSpectrum
from ddm_studio.spectra.power_spectrum import Spectra
from ddm_studio.spectra.whittle import blurred_spectra, whittle

START_NOISE = 0.01
# Sets of ordinary photos differ little in contrast, and a kernel's far tail would take up what the gain may not.
GAIN_WEIGHT = 10.0
# White balance is a matter of taste: gains of one channel over another are held as loosely as the scenes are. Held like the common gain,
# red x 1.5 and blue x 0.67 passed for blur: NCC 0.971 instead of 0.995.
BALANCE_WEIGHT = 0.1
SCENE_WEIGHT = 0.1
COMMON_SCENE_WEIGHT = 0.1
# Contrast is held more loosely. Tiles without clipped pixels are of another choice of scenes after blur, which dims highlights: two tuning
# lenses' tiles had 1.5 times the power that their own scenes' tiles had. Held like the rest (0.1) the kernels took it up: MTF too high by
# 0.15 and 0.11 (mean logarithm at 0.15-0.25 cycles/px; seidel 3, decentred 2). Hardly held (0.001) it takes up what a wavefront cannot
# make: comets' MTF came out too low, and Wiener with them gained 0.58-0.87 of what true kernels gain, now 0.80-0.89.
LEVEL_WEIGHT = 0.02
MIDDLE_FREQUENCY = 0.15


class SpectralLikelihood:
    """The data at the frequencies that are used, and the parameters that are not kernels.

    Args:
        blurry: Spectra of the blurry set in position bins.
        sharp: Spectrum of the sharp set.
        settings: Grid, kernel size, noise.
        device: Where to compute.
    """

    def __init__(self, blurry: Spectra, sharp: SharpSpectrum, settings: CalibrationSettings, device: torch.device) -> None:
        weight = frequency_weights(blurry.patch)
        used = weight > 0
        self._weight = (weight[used] / weight[used].sum()).to(device)
        self._measured = blurry.planes[:, :, used].transpose(0, 1).contiguous().to(device)
        self._sharp = sharp.planes[:, used].to(device)
        self._slope2 = blurry.slope2.to(device)
        self._nodes = interpolation_weights(blurry.positions, settings.grid_rows, settings.grid_columns).to(device)
        compressed = blurry.rounding is not None or not bool(sharp.colour.all())
        self._kept = KeptFrequencies(blurry.rounding, sharp, used, self._measured, self._slope2) if compressed else None
        self._fourier = _fourier_matrix(blurry.patch, settings.kernel_size, used).to(device)
        self._scene_terms = scene_terms(blurry.patch, used).to(device)
        known = settings.noise
        self.log_sigma = torch.full((3,), math.log(max(START_NOISE if known is None else known, 1e-5)), device=device)
        self.log_sigma.requires_grad_(known is None)
        self.log_gain = torch.zeros(3, device=device, requires_grad=True)
        # The loss, a mean over bins, is so as steep in what a bin has of its own as in what all share: L-BFGS takes a quarter fewer steps.
        self.scene_unit = math.sqrt(len(self._slope2))
        self.scene = torch.zeros(len(self._slope2), len(self._scene_terms), device=device, requires_grad=True)
        self.common_scene = torch.zeros(len(self._scene_terms), device=device, requires_grad=True)

    def parameters(self) -> list[Tensor]:
        """All that an optimiser may change beside the kernels."""
        return [value for value in (self.log_sigma, self.log_gain, self.scene, self.common_scene) if value.requires_grad]

    def start_from(self, other: SpectralLikelihood) -> None:
        """Take over the parameters of another likelihood; those of the scenes only where both have the same bins."""
        with torch.no_grad():
            for ours, theirs in (
                (self.log_sigma, other.log_sigma),
                (self.log_gain, other.log_gain),
                (self.common_scene, other.common_scene),
            ):
                ours.copy_(theirs)
            if self.scene.shape == other.scene.shape:
                self.scene.copy_(other.scene)

    def negative_log_likelihood(self, psf: Tensor) -> Tensor:
        """Whittle's likelihood of a grid (rows, columns, 3, k, k), mean over bins and frequencies, in nats."""
        own = (self.own_scene() + self.common_scene) @ self._scene_terms
        noise = self._slope2 * (2 * self.log_sigma).exp()
        model = blurred_spectra(self._transfer(psf * self.log_gain.exp()[:, None, None]), self._sharp, own, noise)
        if self._kept is not None:
            return self._kept.whittle(model, self._weight)
        return whittle(model, self._measured, self._weight / len(own)).sum()

    def _transfer(self, psf: Tensor) -> Tensor:
        """(6, bins, F): transfer functions of the channels of a grid, interpolated at the bins; three real parts, three imaginary ones."""
        taps = psf.flatten(3).flatten(0, 1).transpose(0, 1)  # (3, nodes, k * k)
        half = taps.shape[-1] // 2 + 1
        first, turned = taps[..., :half], taps.flip(-1)[..., :half]
        # What is even about a kernel's centre has a real transform and what is odd an imaginary one: half the work.
        of_nodes = torch.stack([first + turned, first - turned]).flatten(1, 2) @ self._fourier
        transfer: Tensor = self._nodes @ of_nodes.reshape(6, taps.shape[1], -1)
        return transfer

    def own_scene(self) -> Tensor:
        """(bins, terms): what the scenes in each bin have of their own, beside what all have in common."""
        return self.scene_unit * self.scene

    @property
    def share(self) -> float:
        """How much of all channels and frequencies the photos' files have left to be matched."""
        return 1.0 if self._kept is None else self._kept.share(self._weight)

    def prior(self) -> Tensor:
        """How unusual gain and scenes are."""
        level, *shape = self.common_scene.square().unbind()
        own = SCENE_WEIGHT * self.own_scene().square().mean(0).sum()
        scenes = own + LEVEL_WEIGHT * level + COMMON_SCENE_WEIGHT * torch.stack(shape).sum()
        common = self.log_gain.mean()
        balance = self.log_gain - common
        return GAIN_WEIGHT * 3 * common.square() + BALANCE_WEIGHT * balance.square().sum() + scenes


def frequency_weights(patch: int) -> Tensor:
    """(patch, patch // 2 + 1): how many of the full plane each kept frequency stands for; 0 at DC and its neighbours.

    Those are left out because there the window leaks the scene's own contrast and gradients, which say nothing of a lens.
    """
    weight = torch.full((patch, patch // 2 + 1), 2.0)
    weight[:, 0] = 1
    if patch % 2 == 0:
        weight[:, -1] = 1
    weight[[0, 0, 1, 1, -1, -1], [0, 1, 0, 1, 0, 1]] = 0
    return weight


def frequencies(patch: int) -> tuple[Tensor, Tensor]:
    """Down and across (patch, patch // 2 + 1), in cycles/px."""
    down, across = torch.meshgrid(torch.fft.fftfreq(patch), torch.fft.rfftfreq(patch), indexing="ij")
    return down, across


def scene_terms(patch: int, used: Tensor) -> Tensor:
    """(4, frequencies): what the logarithm of a bin's own scene spectrum is a combination of."""
    down, across = (axis[used] for axis in frequencies(patch))
    angle = torch.atan2(down, across)
    slope = (torch.hypot(down, across) / MIDDLE_FREQUENCY).log()
    return torch.stack([torch.ones_like(slope), slope, (2 * angle).cos(), (2 * angle).sin()])


def _fourier_matrix(patch: int, size: int, used: Tensor) -> Tensor:
    """(2, (size * size + 1) // 2, frequencies): real transforms of the even and imaginary ones of the odd part of a kernel.

    Of a kernel's taps, row by row, only those up to the centre, which lies at the origin: the others mirror them.
    """
    places = torch.arange(size, dtype=torch.float64) - size // 2
    down, across = (axis[used].double() for axis in frequencies(patch))
    taps = torch.cartesian_prod(places, places)[: size * size // 2 + 1]
    angle = 2 * math.pi * (taps[:, :1] * down + taps[:, 1:] * across)
    real = angle.cos()
    real[-1] /= 2  # the centre tap is its own mirror image
    return torch.stack([real, -angle.sin()]).float()
