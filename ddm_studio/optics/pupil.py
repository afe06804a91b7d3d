"""PSFs from the wavefront in a lens's exit pupil: what light allows a kernel to be.

The PSF of a point is `|FT{P exp(2 pi i W)}|^2` (Goodman, Introduction to Fourier Optics, chapter 6), with `P` the pupil's
transmission and `W` the wavefront in waves, integrated over the pixel. A handful of wavefront coefficients explains all three
channels at once, and with them the phase of their transfer functions, which second-order statistics see only between channels.

This is the model that a calibration fits: differentiable, sampled as coarsely as that allows, and with a Gaussian on top that
stands for all that spreads light without a phase. The lenses of demo, tests and benchmarks (`synthetic_lens`) are computed on
their own, more finely, so that a fit is never judged by its own arithmetic.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

ZERNIKES = 8
"""Terms of a wavefront: defocus, oblique and straight astigmatism, coma down and across, spherical, two trefoils."""

WAVELENGTHS = (0.61 / 0.54, 1.0, 0.46 / 0.54)
"""Of R, G and B relative to green."""

SMALLEST_AIRY_PX = 0.5
"""Wavelength times f-number in px below which the pupil would not fit into the sampled frequencies (two samples a pixel)."""

_SAMPLES_PER_PX = 2


@dataclass(frozen=True, slots=True, eq=False)
class Wavefronts:
    """The light of n places in the frame.

    Attributes:
        zernike: (n, 8) coefficients in waves of green, in the order of `ZERNIKES`, polynomials not normalised.
        colour_defocus: (n, c) defocus on top in each channel, in waves of green: longitudinal colour.
        shift: (n, c, 2) shift of each channel in px, rows down and columns to the right: lateral colour, and centring.
    """

    zernike: Tensor
    colour_defocus: Tensor
    shift: Tensor

    def moved(self, offset: Tensor) -> Wavefronts:
        """The same light with all channels of a place moved by (n, 2) px."""
        return Wavefronts(self.zernike, self.colour_defocus, self.shift + offset[:, None])


@dataclass(frozen=True, slots=True, eq=False)
class Aperture:
    """What is the same all over the frame.

    Attributes:
        airy_px: () wavelength of green times f-number in px; the cut-off frequency is its inverse.
        wavelengths: (c,) of the channels relative to green.
        blur_px: (c,) standard deviation of the Gaussian on top.
    """

    airy_px: Tensor
    wavelengths: Tensor
    blur_px: Tensor


class Pupil:
    """Computes kernels of one size.

    Args:
        size: Side of the kernels in px, odd.
        device: Where to compute.
    """

    def __init__(self, size: int, device: torch.device) -> None:
        self._extent = max(20, math.ceil(1.5 * size))  # px; wider than the kernel, so that far light does not wrap round into it
        self._samples = torch.arange(_SAMPLES_PER_PX * self._extent, device=device) / _SAMPLES_PER_PX  # px, where light is computed
        self._line = torch.arange(self._extent + 1, device=device) / self._extent  # cycles/px, up to where a pixel lets nothing through
        weight = torch.sinc(self._line) / len(self._samples)
        weight[1:-1] *= 2
        angle = 2 * math.pi * self._line[:, None] * self._samples
        self._from_samples = weight[:, None] * torch.stack([angle.cos(), angle.sin()])
        self._places = torch.arange(size, device=device) - size // 2

    def kernels(self, light: Wavefronts, aperture: Aperture) -> Tensor:
        """Kernels (n, c, size, size), not negative, each sums to 1."""
        intensity = self._intensity(light, aperture)
        # Only the taps of the kernel are wanted, and pixel, Gaussian and shift act on rows and columns: two small matrices are cheaper than
        # transforms.
        down, across = (self._to_taps(light.shift[..., axis], aperture.blur_px) for axis in (0, 1))
        taps = (down @ intensity @ across.mT).clamp_min(0)
        unit: Tensor = taps / taps.sum((-1, -2), keepdim=True)
        return unit

    def _intensity(self, light: Wavefronts, aperture: Aperture) -> Tensor:
        """(n, c, side, side): the light of each place in each channel."""
        scale = 2 * aperture.airy_px * aperture.wavelengths  # (c,) pupil radii per cycle/px
        reach = int(self._extent / float(scale.detach().min()) + 0.5)
        line = torch.arange(-min(reach, self._extent), min(reach, self._extent - 1) + 1, device=scale.device) / self._extent
        y, x = (axis.flatten() * scale[:, None] for axis in torch.meshgrid(line, line, indexing="ij"))
        # A sample at the rim counts by how much of it lies inside, about, which gives the radius a gradient. A softer rim has fainter
        # diffraction rings: over 1.6 samples the MTF of three tuning lenses came out too high by 7-10 % at 0.08-0.25 cycles/px, not 0-4 %.
        radius = (y.square() + x.square() + 1e-9).sqrt()
        rim = (0.5 + (1 - radius) * (self._extent / scale.detach()[:, None])).clamp(0, 1)
        zernike = _zernike(y, x)
        waves = torch.einsum("nz,zcp->ncp", light.zernike, zernike) + light.colour_defocus[..., None] * zernike[0]
        phase = waves * (2 * math.pi / aperture.wavelengths[:, None])
        # By matrices, too: the pupil fills a small part of the frequencies.
        wave = torch.exp(2j * math.pi * self._samples[:, None] * line) / len(self._samples)
        side = len(line), len(line)
        phase, rim = phase.reshape(*phase.shape[:2], *side), rim.reshape(-1, *side)
        intensity: Tensor = _Intensity.apply(phase, rim, wave)
        return intensity

    def _to_taps(self, shift: Tensor, blur: Tensor) -> Tensor:
        """(n, c, size, side): from light along a line to the taps there, blurred and moved by (n, c) px."""
        passed = torch.exp(-2 * math.pi**2 * blur.square()[:, None] * self._line.square())
        angle = 2 * math.pi * (self._places[:, None] - shift[..., None, None]) * self._line
        passed = passed[:, None]
        matrix: Tensor = (angle.cos() * passed) @ self._from_samples[0] + (angle.sin() * passed) @ self._from_samples[1]
        return matrix


class _Intensity(torch.autograd.Function):
    """`|W P W^T|^2` of pupils `P = rim exp(i phase)` (n, c, m, m) and a matrix W (side, m); the gradient by hand is three times as fast."""

    @staticmethod
    def forward(ctx: Any, phase: Tensor, rim: Tensor, wave: Tensor) -> Tensor:
        turn = torch.complex(phase.cos(), phase.sin())
        amplitude = wave @ ((turn * rim) @ wave.T)
        ctx.save_for_backward(turn, rim, wave, amplitude)
        return amplitude.real.square() + amplitude.imag.square()

    @staticmethod
    def backward(ctx: Any, outer: Tensor) -> tuple[Tensor | None, ...]:
        turn, rim, wave, amplitude = ctx.saved_tensors
        of_pupil = wave.mH @ ((amplitude * outer) @ wave.conj())
        along, around = _product(of_pupil, turn)
        return (2 * rim) * around, 2 * along.sum(0), None


def _product(one: Tensor, other: Tensor) -> tuple[Tensor, Tensor]:
    """Real and imaginary part of `one conj(other)`."""
    return one.real * other.real + one.imag * other.imag, one.imag * other.real - one.real * other.imag


def _zernike(y: Tensor, x: Tensor) -> Tensor:
    """(8, ...): Zernike polynomials at pupil coordinates, rim at 1 (Born and Wolf, Principles of Optics, 9.2)."""
    r2 = y.square() + x.square()
    return torch.stack(
        [
            2 * r2 - 1,
            2 * x * y,
            x.square() - y.square(),
            (3 * r2 - 2) * y,
            (3 * r2 - 2) * x,
            6 * r2.square() - 6 * r2 + 1,
            (3 * x.square() - y.square()) * y,
            (x.square() - 3 * y.square()) * x,
        ]
    )
