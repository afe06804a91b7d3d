"""Wiener's filter per tile, colour channel and frequency, with the spectrum of natural photos as prior.

`x = F^-1[ conj(H) Y / (|H|^2 + N / S) ]`, where N is the noise power in linear light and `S(f) = A / (f^2 + f0^2)` is
the signal power; A is measured in each tile, and bounded below, so that a flat tile keeps its mean and slow gradients.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from ddm_studio.deblur.light import LINEAR_LIGHT, DisplayCurve
from ddm_studio.deblur.tile_model import TileModel

BAND = (0.04, 0.35)
# Where a tile shows nothing but noise, signal and noise are taken to be equal at this frequency (cycles per pixel).
FAINTEST = 0.1


def wiener_steps(model: TileModel, sigma: Tensor, strength: float = 1.0, curve: DisplayCurve = LINEAR_LIGHT) -> Iterator[Tensor]:
    """The filtered tiles (n, 3, h, w) in linear light; one step.

    Args:
        model: Blurry tiles and their kernels.
        sigma: (3,) noise level per channel, display-encoded.
        strength: Divides the noise-to-signal ratio: above 1 sharpens more.
        curve: From the model's values to display-encoded ones.
    """
    noise = linear_noise_variance(model.windows, sigma, curve)
    yield model.wiener(noise / (signal_power(model, noise) * strength))


def linear_noise_variance(windows: Tensor, sigma: Tensor, curve: DisplayCurve = LINEAR_LIGHT) -> Tensor:
    """Noise variance (n, 3, 1, 1) in linear light of tiles whose display-encoded noise is `sigma` (3,)."""
    return curve.slope(curve.encode(windows)).square().mean((-2, -1), keepdim=True) * sigma.square().view(1, 3, 1, 1)


def signal_power(model: TileModel, noise: Tensor) -> Tensor:
    """Expected power spectrum (n, 3, h, w // 2 + 1) of the sharp tiles, scaled to what the blurry ones show in a band."""
    height, width = model.windows.shape[-2:]
    squared = squared_frequency(height, width, model.windows)
    shape = 1 / (squared + 1 / (height * width))
    band = ((squared > BAND[0] ** 2) & (squared < BAND[1] ** 2)) / shape
    seen = (model.photo_power() * band).sum((-2, -1), keepdim=True) - noise * band.sum()
    expected = (model.mean_energy() * shape * band).sum((-2, -1), keepdim=True)
    faintest = noise * (FAINTEST**2 + 1 / (height * width))
    power = torch.maximum(seen / expected, faintest) * shape
    # The mean is no noise: it passes whatever the noise.
    power[..., 0, 0] = torch.inf
    return power


def squared_frequency(height: int, width: int, like: Tensor) -> Tensor:
    """Squared spatial frequency (h, w // 2 + 1) in cycles per pixel."""
    down = torch.fft.fftfreq(height, device=like.device, dtype=like.dtype)
    across = torch.fft.rfftfreq(width, device=like.device, dtype=like.dtype)
    squared: Tensor = down.square()[:, None] + across.square()
    return squared
