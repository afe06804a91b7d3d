"""What a Hann window shows of a blurred scene, exactly: for kernels that are not small against the window.

A window multiplies the autocorrelation: `r_window(l) = w(l) sum_m r_k(m) r_x(l - m)`, with `w` the autocorrelation of the window, `r_k`
of the kernel and `r_x` of the scenes. Multiplying the windowed scenes' spectrum by `|K|^2` instead, as the grid's likelihood does,
leaves out that the window also smooths the zeros of `|K|^2`. For strokes of 28 px in windows of 96 px the true kernel then explains
the spectra worse than thousands of wrong ones.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from ddm_studio.spectra.likelihood import MIDDLE_FREQUENCY, frequency_weights
from ddm_studio.spectra.power_spectrum import hann

SCENE_TERMS = 4
SCENE_WEIGHT = 0.01
SMALLEST_POWER = 1e-9
# Noise is added to spectra of quieter photos, in encoded units: with next to none the likelihood hears nothing but the last
# errors of the model in the zeros of the transfer function.
QUIETEST = 0.01


class WindowModel:
    """Whittle's likelihood of windows in classes of contrast, given the power of a kernel's transfer function.

    The levels of the classes, slope, direction and curvature of the scenes' spectrum, and the noise are free: `parameters`.

    Args:
        power: (classes, p, p // 2 + 1) mean power spectra of the blurry windows, in encoded noise variance.
        shares: (classes,) of the windows.
        autocorrelation: (2 L + 1, 2 L + 1) of the sharp scenes.
        size: Side of the kernel in px.
        sigma: Noise in encoded units.
    """

    def __init__(self, power: Tensor, shares: Tensor, autocorrelation: Tensor, size: int, sigma: float) -> None:
        self.patch, self.size = int(power.shape[1]), size
        reach = (len(autocorrelation) - 1) // 2
        # So large that nothing wraps round into the lags of the window.
        self.side = 32 * math.ceil((self.patch + reach + size) / 32)
        self._scene = torch.fft.rfft2(_placed(autocorrelation, self.side)).real
        window = torch.zeros(self.side, self.side)
        window[: self.patch, : self.patch] = hann(self.patch)
        self._window = torch.fft.irfft2(torch.fft.rfft2(window).abs().square(), s=(self.side, self.side))
        self._terms = _scene_terms(self.side, self.patch)
        weight = frequency_weights(self.patch)
        self._weight = shares[:, None, None] * weight / weight.sum()
        variance = max(sigma, 1e-4) ** 2
        self._added = max(0.0, QUIETEST**2 - variance)
        self._noise = variance + self._added
        self._measured = (power + self._added) / self._noise
        self._plain = self._windowed(torch.ones_like(self._scene) * self._scene)
        seen = weight > 0
        self.levels = ((self._measured - 1).clamp_min(1e-3)[:, seen].mean(1) / self._plain[seen].mean()).log().requires_grad_()
        self.scene = torch.zeros(SCENE_TERMS, requires_grad=True)
        self.log_noise = torch.zeros((), requires_grad=True)

    @property
    def parameters(self) -> list[Tensor]:
        """All that an optimiser may change beside the kernel."""
        return [self.levels, self.scene, self.log_noise]

    def start_from(self, values: list[Tensor]) -> None:
        """Take over `parameters` of another model."""
        with torch.no_grad():
            for ours, theirs in zip(self.parameters, values, strict=True):
                ours.copy_(theirs)

    def noise_sigma(self) -> float:
        """The noise as fitted, in encoded units, without what was added."""
        return math.sqrt(max(0.0, self._noise * math.exp(self.log_noise.item()) - self._added))

    def kernel_power(self, kernel: Tensor) -> Tensor:
        """(side, side // 2 + 1) power of the transfer function of a kernel (k, k)."""
        transfer = torch.fft.rfft2(kernel, s=(self.side, self.side))
        power: Tensor = transfer.real.square() + transfer.imag.square()
        return power

    def negative_log_likelihood(self, power: Tensor) -> Tensor:
        """Mean over windows and frequencies, in nats, of a power (side, side // 2 + 1)."""
        model = self._expected(power)
        likelihood: Tensor = ((model.log() + self._measured / model) * self._weight).sum()
        return likelihood

    def prior(self) -> Tensor:
        """How unusual the scenes are."""
        return SCENE_WEIGHT * self.scene.square().sum()

    @torch.no_grad()
    def information(self, power: Tensor) -> Tensor:
        """(p, p // 2 + 1): Fisher information of one window about the power at each of its frequencies."""
        level = self.levels.exp()[:, None, None]
        share = self._weight.sum((1, 2))[:, None, None]
        relative = level * self._plain.clamp_min(SMALLEST_POWER) / self._expected(power)
        return (relative.square() * share).sum(0)

    def _expected(self, power: Tensor) -> Tensor:
        scene = self._scene * torch.tensordot(self.scene, self._terms, 1).exp()
        seen = self._windowed(power * scene).clamp_min(SMALLEST_POWER)
        return self.levels.exp()[:, None, None] * seen + self.log_noise.exp()

    def _windowed(self, spectrum: Tensor) -> Tensor:
        """(p, p // 2 + 1) that windows show of a spectrum (side, side // 2 + 1)."""
        lags = torch.fft.irfft2(spectrum, s=(self.side, self.side)) * self._window
        rows = torch.arange(-self.patch, self.patch) % self.side
        near = lags[rows][:, rows].reshape(2, self.patch, 2, self.patch).sum((0, 2))
        folded: Tensor = torch.fft.rfft2(near).real
        return folded


def _placed(autocorrelation: Tensor, side: int) -> Tensor:
    """(side, side) with lag 0 at the origin; beyond the reach as at its rim, so that only DC hears of the cut."""
    reach = (len(autocorrelation) - 1) // 2
    rim = torch.cat([autocorrelation[[0, -1]].flatten(), autocorrelation[:, [0, -1]].flatten()]).mean()
    lags = torch.arange(-reach, reach + 1) % side
    placed = torch.zeros(side, side)
    placed[lags[:, None], lags] = autocorrelation - rim
    return placed


def _scene_terms(side: int, patch: int) -> Tensor:
    """(4, side, side // 2 + 1): slope, direction twice, curvature."""
    down, across = torch.meshgrid(torch.fft.fftfreq(side), torch.fft.rfftfreq(side), indexing="ij")
    slope = (torch.hypot(down, across).clamp_min(0.5 / patch) / MIDDLE_FREQUENCY).log()
    angle = torch.atan2(down, across)
    return torch.stack([slope, (2 * angle).cos(), (2 * angle).sin(), slope.square()])
