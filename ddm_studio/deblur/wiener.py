"""Wiener's filter per tile and frequency, the prior the spectrum of the sharp set, or a law of natural photos without one.

With a prior the channels are restored together: with `S` the 3x3 matrix of their expected cross-powers,
`(S^-1 + |H|^2 / N) x = conj(H) Y / N` at each frequency, where N is the noise power in linear light. Photos are
nearly grey at high frequencies, so a channel that the lens blurs most leans on the others: on four tuning lenses that gave 1.8 dB
more than each channel alone, for which the prior's powers were hardly better than the law (0.1 dB). No photo is alike all over: where
it shows more contrast than its tile does on average, the noise counts less, and more where it shows less (another 0.6 dB).

Without a prior each channel is `x = F^-1[ conj(H) Y / (|H|^2 + N / S) ]` with `S(f) = A / (f^2 + f0^2)`.

The power of each tile is measured in it, and bounded below, so that a flat tile keeps its mean and slow gradients.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from functools import lru_cache

import torch
import torch.nn.functional as F
from torch import Tensor

from ddm_studio.deblur.light import LINEAR_LIGHT, DisplayCurve
from ddm_studio.deblur.scene_prior import PAIRS, ScenePrior, SceneSpectrum
from ddm_studio.deblur.tile_model import TileModel
from ddm_studio.deblur.tile_spectra import add_power, power_of, stretches_of, times_conjugate

BAND = (0.04, 0.35)
# Where a tile shows nothing but noise, signal and noise are taken to be equal at this frequency (cycles per pixel).
FAINTEST = 0.1
# Signal-to-noise ratios, in units of the tile's, between whose solutions and that of the tile's own each pixel is interpolated.
LEVELS = FAINTER, STRONGER = 1 / 12, 2.0
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
    height, width = model.windows.shape[-2:]
    noise = linear_noise_variance(model.windows, sigma, curve)
    if prior is None:
        law = 1 / (squared_frequency(height, width, model.windows) + 1 / (height * width))
        ratio = noise / (expected_level(model, noise, law) * strength) / law
        # The mean is no noise: it passes whatever the noise.
        ratio[..., 0, 0] = 0
        yield model.wiener(ratio)
        return
    scene = prior.at(height, width, model.windows.device)
    joint = JointFilter(model, noise, scene, strength * expected_level(model, noise, scene.power))
    restored = model.solved(joint.usual)
    contrast = F.interpolate(local_contrast(model.windows, sigma, noise, curve), (height, width), mode="bilinear").log_()
    model.add_roughly(restored, joint.changes, [(contrast / math.log(level)).clamp_(0, 1) for level in LEVELS])
    yield restored.mul_(noise.sqrt())


class JointFilter:
    """The solution for all channels together, as in the module's first equation, in units of the noise of each channel.

    Args:
        model: Blurry tiles and their kernels.
        noise: (n, 3, 1, 1) variance.
        scene: What is expected of the tiles.
        level: (n, 3, 1, 1) what the powers of `scene` are to be multiplied by.
    """

    def __init__(self, model: TileModel, noise: Tensor, scene: SceneSpectrum, level: Tensor) -> None:
        self._photo = model.photo / noise.sqrt()[..., None]
        root = (level / noise).sqrt()
        pairs = torch.stack([root[:, i] * root[:, j] for i, j in ((0, 0), (1, 1), (2, 2), *PAIRS)], 1)
        self._expected = scene.precision / pairs

    def usual(self, transfer: Tensor, across: slice) -> Iterable[Tensor]:
        """The solution itself: a `Solve`."""
        expected = self._expected[:, :, across]
        seen = add_power(expected[:, :3], transfer)
        yield solve_symmetric(seen, expected[:, 3:], times_conjugate(self._photo[..., across, :, :], transfer))

    def changes(self, transfer: Tensor, across: slice) -> Iterable[Tensor]:
        """What becomes of the solution where the signal-to-noise ratio is that of `LEVELS` times as high: a `Solve`."""
        expected = self._expected[:, :, across]
        seen, pulled = power_of(transfer), times_conjugate(self._photo[..., across, :, :], transfer)
        usual = solve_symmetric(seen + expected[:, :3], expected[:, 3:], pulled.clone())
        for level in LEVELS:
            there = expected / level
            yield solve_symmetric(there[:, :3].add_(seen), there[:, 3:], pulled.clone()).sub_(usual)


def solve_symmetric(diagonal: Tensor, pairs: Tensor, wanted: Tensor) -> Tensor:
    """Solve 3x3 systems of a real, symmetric, positive matrix and complex numbers by `L D L^T`, written over what is given.

    Args:
        diagonal: (n, 3, r, h).
        pairs: (n, 3, r, h) the elements at `PAIRS`.
        wanted: (n, 3, r, 2, h) the right sides.
    """
    d0, d1, d2 = diagonal.unbind(1)
    m01, m02, m12 = pairs.unbind(1)
    x0, x1, x2 = wanted.unbind(1)
    d0.reciprocal_()
    l01, l02 = m01 * d0, m02 * d0
    d1.addcmul_(l01, m01, value=-1).reciprocal_()
    rest = torch.addcmul(m12, l02, m01, value=-1)
    l12 = rest * d1
    d2.addcmul_(l02, m02, value=-1).addcmul_(l12, rest, value=-1).reciprocal_()
    d0, d1, d2, l01, l02, l12 = (factor.unsqueeze(-2) for factor in (d0, d1, d2, l01, l02, l12))
    x1.addcmul_(l01, x0, value=-1)
    x2.addcmul_(l02, x0, value=-1).addcmul_(l12, x1, value=-1).mul_(d2)
    x1.mul_(d1).addcmul_(l12, x2, value=-1)
    x0.mul_(d0).addcmul_(l01, x1, value=-1).addcmul_(l02, x2, value=-1)
    return wanted


def linear_noise_variance(windows: Tensor, sigma: Tensor, curve: DisplayCurve = LINEAR_LIGHT) -> Tensor:
    """Noise variance (n, 3, 1, 1) in linear light of tiles whose display-encoded noise is `sigma` (3,)."""
    height, width = windows.shape[-2:]
    squares = [curve.slope(windows[..., rows, :]).square_().sum((-2, -1), keepdim=True) for rows in stretches_of(windows, width, height)]
    return torch.stack(squares).sum(0) / (height * width) * sigma.square().view(1, 3, 1, 1)


def expected_level(model: TileModel, noise: Tensor, shape: Tensor) -> Tensor:
    """What a shape of power spectra is to be multiplied by to be that of the sharp tiles: (n, 3, 1, 1), by what blurry ones show in a band.

    Args:
        model: Blurry tiles and their kernels.
        noise: (n, 3, 1, 1) variance.
        shape: (..., w // 2 + 1, h).
    """
    height, width = model.windows.shape[-2:]
    band, lags = frequency_band(height, width, model.kernels.shape[-1], model.windows.dtype, model.windows.device)
    weights = band / shape
    shown, noisy = ((planes * weights).sum((-2, -1), keepdim=True) for planes in (power_of(model.photo) / (height * width), noise))
    passed = (autocorrelations(model.kernels).mean(1) * lags).sum((-2, -1), keepdim=True)
    at_faintest = shape[..., 0, round(FAINTEST * height)].reshape(-1, 1, 1)
    return torch.maximum((shown - noisy) / passed, noise / at_faintest)


def autocorrelations(kernels: Tensor) -> Tensor:
    """(..., k, k) to (..., 2 k - 1, 2 k - 1), lag zero first."""
    side = 2 * kernels.shape[-1] - 1
    found: Tensor = torch.fft.irfft2(torch.fft.rfft2(kernels, s=(side, side)).abs().square(), s=(side, side))
    return found


@lru_cache(maxsize=8)
def frequency_band(height: int, width: int, size: int, dtype: torch.dtype, device: torch.device) -> tuple[Tensor, Tensor]:
    """Where the band is, (w // 2 + 1, h); and its transform at the lags of a kernel of `size` px.

    The autocorrelation of a kernel times the second, summed, is the power that the kernel passes in the band, which is so known
    without the kernel's transfer function.
    """
    squared = squared_frequency(height, width, torch.empty(0, dtype=torch.float64, device=device))
    band = ((squared > BAND[0] ** 2) & (squared < BAND[1] ** 2)).double()
    # Of the other half of the frequencies nothing is summed, but of the column that both share.
    halved = band / 2
    halved[0] = band[0]
    lags = torch.fft.irfft2(halved.mT, s=(height, width)) * (height * width)
    around = torch.arange(2 * size - 1, device=device)
    around = torch.where(around < size, around, around - 2 * size + 1)
    return band.to(dtype), lags[around[:, None] % height, around % width].to(dtype)


def local_contrast(windows: Tensor, sigma: Tensor, noise: Tensor, curve: DisplayCurve) -> Tensor:
    """Signal-to-noise ratio (n, 1, h / PLACE, w / PLACE) at each place over that of its tile, within what the levels of the filter span.

    From squared differences of means of 2x2 px, less what noise adds to them, which depends on the place's brightness.
    """
    halved = halved_tiles(windows)
    squares = F.avg_pool2d(halved.diff(dim=-1)[..., :-1, :].square() + halved.diff(dim=-2)[..., :-1].square(), PLACE // 2, ceil_mode=True)
    there = curve.slope(F.avg_pool2d(halved, PLACE // 2, ceil_mode=True))[..., : squares.shape[-2], : squares.shape[-1]]
    local_noise = there.square() * sigma.square().view(1, 3, 1, 1)
    smooth = F.avg_pool2d(squares - local_noise, 3, 1, 1, count_include_pad=False)
    overall = torch.maximum((squares - local_noise).mean((-2, -1), keepdim=True), 0.05 * noise)
    return (smooth / overall * noise / local_noise).mean(1, keepdim=True).clamp(FAINTER, STRONGER)


def halved_tiles(windows: Tensor) -> Tensor:
    """Means (n, 3, h // 2, w // 2) of 2x2 px, as torch's pooling gives them, in a fifth of the time."""
    height, width = (extent // 2 * 2 for extent in windows.shape[-2:])
    pairs = windows[..., 0:height:2, :width] + windows[..., 1:height:2, :width]
    return (pairs[..., ::2] + pairs[..., 1::2]).mul_(0.25)


def squared_frequency(height: int, width: int, like: Tensor) -> Tensor:
    """Squared spatial frequency (w // 2 + 1, h) in cycles per pixel, in the order of `tile_spectra`."""
    down = torch.fft.fftfreq(height, device=like.device, dtype=like.dtype)
    across = torch.fft.rfftfreq(width, device=like.device, dtype=like.dtype)
    squared: Tensor = across.square()[:, None] + down.square()
    return squared
