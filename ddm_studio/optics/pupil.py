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

import torch
from torch import Tensor

ZERNIKES = 8
"""Terms of a wavefront: defocus, oblique and straight astigmatism, coma down and across, spherical, two trefoils."""

WAVELENGTHS = (0.61 / 0.54, 1.0, 0.46 / 0.54)
"""Of R, G and B relative to green."""

SMALLEST_AIRY_PX = 0.5
"""Wavelength times f-number in px below which the pupil would not fit into the sampled frequencies (two samples a pixel)."""

_SAMPLES_PER_PX = 2
_RIM_SHARPNESS = 2.5  # the rim is blurred over about this part of a sample, so that its radius has a gradient


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
        side = _SAMPLES_PER_PX * self._extent
        line = torch.fft.fftfreq(side, 1 / _SAMPLES_PER_PX, device=device)
        self._line = line
        self._down, self._across = line[:, None].expand(side, side), line.expand(side, side)
        self._pixel = torch.sinc(line)[:, None] * torch.sinc(line)
        places = torch.arange(size, device=device) - size // 2
        # Only the taps of the kernel are wanted: a small matrix is cheaper than a transform back.
        self._to_taps = torch.exp(2j * math.pi * places[:, None] * line) / side

    def kernels(self, light: Wavefronts, aperture: Aperture) -> Tensor:
        """Kernels (n, c, size, size), not negative, each sums to 1."""
        channels = [self._channel(light, aperture, channel) for channel in range(len(aperture.wavelengths))]
        return torch.stack(channels, 1)

    def _channel(self, light: Wavefronts, aperture: Aperture, channel: int) -> Tensor:
        wavelength, blur = aperture.wavelengths[channel], aperture.blur_px[channel]
        scale = 2 * aperture.airy_px * wavelength  # pupil radii per cycle/px
        y, x = self._down * scale, self._across * scale
        inside = (y.square() + x.square()).detach() < 1.3
        y, x = y[inside], x[inside]
        radius = (y.square() + x.square() + 1e-9).sqrt()
        rim = torch.sigmoid((1 - radius) * (_RIM_SHARPNESS * self._extent / scale.detach()))
        defocus = torch.nn.functional.pad(light.colour_defocus[:, channel, None], (0, ZERNIKES - 1))
        waves = ((light.zernike + defocus) / wavelength) @ _zernike(y, x)
        pupil = torch.zeros(len(waves), *inside.shape, dtype=torch.complex64, device=waves.device)
        pupil[:, inside] = torch.polar(rim.expand_as(waves), 2 * math.pi * waves)
        transfer = torch.fft.fft2(torch.fft.ifft2(pupil).abs().square())
        spread = torch.exp(-2 * math.pi**2 * blur.square() * (self._down.square() + self._across.square()))
        taps = self._rows(light.shift[:, channel, 0]) @ (transfer * (self._pixel * spread))
        taps = (taps @ self._rows(light.shift[:, channel, 1]).transpose(-1, -2)).real.clamp_min(0)
        unit: Tensor = taps / taps.sum((-1, -2), keepdim=True)
        return unit

    def _rows(self, shift: Tensor) -> Tensor:
        """(n, size, side): inverse transform along one side, moved by (n,) px."""
        rows: Tensor = self._to_taps * torch.exp(-2j * math.pi * shift[:, None, None] * self._line)
        return rows


def _zernike(y: Tensor, x: Tensor) -> Tensor:
    """(8, points): Zernike polynomials at pupil coordinates, rim at 1 (Born and Wolf, Principles of Optics, 9.2)."""
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
