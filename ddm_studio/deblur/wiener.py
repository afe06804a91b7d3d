"""Wiener's filter per tile and frequency, the prior the spectrum of the sharp set, or a law of natural photos without one.

With a prior the channels are restored together: with `s` the square roots of their powers and `C` the correlations between them,
`x = s z`, `(C^-1 + s |H|^2 s / N) z = s conj(H) Y / N` at each frequency, where N is the noise power in linear light. Photos are
nearly grey at high frequencies, so a channel that the lens blurs most leans on the others: on four tuning lenses that gave 1.8 dB
more than each channel alone, for which the prior's powers were hardly better than the law (0.1 dB). No photo is alike all over: where
it shows more contrast than its tile does on average, the noise counts less, and more where it shows less (another 0.6 dB).

Without a prior each channel is `x = F^-1[ conj(H) Y / (|H|^2 + N / S) ]` with `S(f) = A / (f^2 + f0^2)`.

The power of each tile is measured in it, and bounded below, so that a flat tile keeps its mean and slow gradients.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import torch
import torch.nn.functional as F
from torch import Tensor

from ddm_studio.deblur.light import LINEAR_LIGHT, DisplayCurve
from ddm_studio.deblur.scene_prior import ScenePrior, SceneSpectrum
from ddm_studio.deblur.tile_model import Solve, TileModel, scaled

BAND = (0.04, 0.35)
# Where a tile shows nothing but noise, signal and noise are taken to be equal at this frequency (cycles per pixel).
FAINTEST = 0.1
# Signal-to-noise ratios, in units of the tile's, between whose solutions each pixel is interpolated.
FAINTER, STRONGER = 1 / 12, 2.0
# Pixels along the side of a place whose contrast is measured.
PLACE = 4


def wiener_steps(
    model: TileModel, sigma: Tensor, strength: float = 1.0, curve: DisplayCurve = LINEAR_LIGHT, prior: ScenePrior | None = None
) -> Iterator[Tensor]:
    """The filtered tiles (n, 3, h, w) in linear light; one step.

    Args:
        model: Blurry tiles and their kernels.
        sigma: (3,) noise level per channel, display-encoded.
        strength: Divides the noise-to-signal ratio: above 1 sharpens more.
        curve: From the model's values to display-encoded ones.
        prior: What sharp photos are like; None for the law.
    """
    noise = linear_noise_variance(model.windows, sigma, curve)
    if prior is None:
        yield model.wiener(noise / (signal_power(model, noise, None) * strength))
        return
    scene = prior.at(model.windows.shape[-2], model.windows.shape[-1], model.windows.device)
    power = signal_power(model, noise, scene)
    contrast = local_contrast(model.windows, sigma, noise, curve)
    usual = joint_filter(scene.precision, power, noise / strength)
    restored = model.solved(usual)
    rough, level_there = model.rough_spectrum(usual), contrast.log()
    for level in (FAINTER, STRONGER):
        other = model.rough_spectrum(joint_filter(scene.precision, power, noise / (strength * level)))
        share = (level_there / math.log(level)).clamp(0, 1)
        restored.addcmul_(share, model.pixels_of(other - rough))
    yield restored


def joint_filter(precision: Tensor, power: Tensor, noise: Tensor) -> Solve:
    """The solution for all channels together, as in the module's first equation.

    Args:
        precision: (6, h, w // 2 + 1) inverse correlations between channels, packed as in `SceneSpectrum`.
        power: (n, 3, h, w // 2 + 1) expected power.
        noise: (n, 3, 1, 1) variance.
    """
    root = power.sqrt()
    pull, gain = root / noise, power / noise
    m01, m02, m12 = precision[3:]

    def solve(energy: Tensor, back_projected: Tensor) -> Tensor:
        seen = energy * gain
        m00, m11, m22 = (precision[channel] + seen[:, channel] for channel in range(3))
        # The adjugate of a symmetric 3x3 matrix, real: a tenth of a general solver's time.
        c00, c11, c22 = m11 * m22 - m12 * m12, m00 * m22 - m02 * m02, m00 * m11 - m01 * m01
        c01, c02, c12 = m02 * m12 - m01 * m22, m01 * m12 - m02 * m11, m01 * m02 - m12 * m00
        share = root / (m00 * c00 + m01 * c01 + m02 * c02)[:, None]
        pulled = scaled(back_projected, pull)
        solution = torch.empty_like(back_projected)
        for channel, row in enumerate(((c00, c01, c02), (c01, c11, c12), (c02, c12, c22))):
            mixed = scaled(pulled[:, 0], row[0]) + scaled(pulled[:, 1], row[1]) + scaled(pulled[:, 2], row[2])
            solution[:, channel] = scaled(mixed, share[:, channel])
        # The mean is no noise: it passes whatever the noise.
        solution[..., 0, 0] = back_projected[..., 0, 0] / energy[..., 0, 0]
        return solution

    return solve


def linear_noise_variance(windows: Tensor, sigma: Tensor, curve: DisplayCurve = LINEAR_LIGHT) -> Tensor:
    """Noise variance (n, 3, 1, 1) in linear light of tiles whose display-encoded noise is `sigma` (3,)."""
    return curve.slope(windows).square().mean((-2, -1), keepdim=True) * sigma.square().view(1, 3, 1, 1)


def signal_power(model: TileModel, noise: Tensor, scene: SceneSpectrum | None) -> Tensor:
    """Expected power spectrum (n, 3, h, w // 2 + 1) of the sharp tiles, scaled to what the blurry ones show in a band."""
    height, width = model.windows.shape[-2:]
    squared = squared_frequency(height, width, model.windows)
    shape = 1 / (squared + 1 / (height * width)) if scene is None else scene.power
    band = ((squared > BAND[0] ** 2) & (squared < BAND[1] ** 2)) / shape
    seen = (model.photo_power() * band).sum((-2, -1), keepdim=True) - noise * band.sum((-2, -1), keepdim=True)
    expected = (model.mean_energy() * shape * band).sum((-2, -1), keepdim=True)
    at_faintest = shape[..., round(FAINTEST * height), 0].reshape(-1, 1, 1)
    power: Tensor = torch.maximum(seen / expected, noise / at_faintest) * shape
    if scene is None:
        # The mean is no noise: it passes whatever the noise.
        power[..., 0, 0] = torch.inf
    return power


def local_contrast(windows: Tensor, sigma: Tensor, noise: Tensor, curve: DisplayCurve) -> Tensor:
    """Signal-to-noise ratio (n, 1, h, w) round each pixel over that of its tile, within what the levels of the filter span.

    From squared differences of means of 2x2 px, less what noise adds to them, which depends on the place's brightness.
    """
    halved = F.avg_pool2d(windows, 2)
    squares = F.avg_pool2d(halved.diff(dim=-1)[..., :-1, :].square() + halved.diff(dim=-2)[..., :-1].square(), PLACE // 2, ceil_mode=True)
    there = curve.slope(F.avg_pool2d(halved, PLACE // 2, ceil_mode=True))[..., : squares.shape[-2], : squares.shape[-1]]
    local_noise = there.square() * sigma.square().view(1, 3, 1, 1)
    smooth = F.avg_pool2d(squares - local_noise, 3, 1, 1, count_include_pad=False)
    overall = torch.maximum((squares - local_noise).mean((-2, -1), keepdim=True), 0.05 * noise)
    ratio = (smooth / overall * noise / local_noise).mean(1, keepdim=True).clamp(FAINTER, STRONGER)
    return F.interpolate(ratio, windows.shape[-2:], mode="bilinear")


def squared_frequency(height: int, width: int, like: Tensor) -> Tensor:
    """Squared spatial frequency (h, w // 2 + 1) in cycles per pixel."""
    down = torch.fft.fftfreq(height, device=like.device, dtype=like.dtype)
    across = torch.fft.rfftfreq(width, device=like.device, dtype=like.dtype)
    squared: Tensor = down.square()[:, None] + across.square()
    return squared
