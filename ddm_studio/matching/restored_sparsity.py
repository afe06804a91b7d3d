"""Which of two mirror images a grid of kernels is: restored photos tell.

A kernel and its mirror image have the same amplitude, so second-order statistics cannot tell them apart, and Wiener's filter amplifies
noise alike with both. But scenes have few edges, and a photo restored with the wrong one has ghosts of each: the slopes of its
light are less sparse. Measured as `mean |slope|^p / (mean slope^2)^(p / 2)` tile by tile. It is a test between two mirror images and
nothing more: as a measure to be minimised it rewards kernels that are too wide.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from ddm_studio.control import RunControl
from ddm_studio.events import Report
from ddm_studio.flow.windows import WindowSource
from ddm_studio.matching.reblur import LensEstimate
from ddm_studio.optics.display_curve import decode, decode_slope
from ddm_studio.optics.psf_grid import kernels_at
from ddm_studio.snapshot import seed_of
from ddm_studio.stage import StageReporter

STAGE = "telling mirror images apart"
WINDOWS, WINDOWS_AT_ONCE = 640, 32
EXPONENT = 1.0
STEPS = ((0, 1), (1, 0), (1, 1), (1, -1))
QUIETEST = 0.003


@dataclass(frozen=True, slots=True)
class MirrorVerdict:
    """By how much the second grid's restored photos are sparser than the first's, and the standard error of that over photos."""

    gain: float
    error: float

    @property
    def certainty(self) -> float:
        """Distance from a draw in standard errors."""
        return abs(self.gain) / max(self.error, 1e-12)


@torch.no_grad()
def tell_mirror_images(
    first: LensEstimate, second: LensEstimate, blurry: WindowSource, seed: int, report: Report, control: RunControl, windows: int = WINDOWS
) -> MirrorVerdict:
    """Restore windows of the blurry photos with both lenses, on the same device, and compare.

    Raises:
        Cancelled: The person asked to stop.
    """
    turns = -(-windows // WINDOWS_AT_ONCE)
    stage = StageReporter(STAGE, turns, report, control)
    generator = torch.Generator().manual_seed(seed_of(seed, STAGE))
    size = blurry.tile
    gains, photos = [], []
    for turn in range(turns):
        which, offsets = blurry.draw_places(WINDOWS_AT_ONCE, size, generator)
        encoded, positions = blurry.cut(which, offsets, size).to(first.psf.device), blurry.positions(which, offsets, size)
        of_both = [slope_sparsity(restored_luminance(encoded, positions, lens), lens.psf.shape[-1] // 2 + 1) for lens in (first, second)]
        gains.append((of_both[0] - of_both[1]).cpu())
        photos.append(blurry.pool.photo[which])
        stage.checkpoint(turn + 1)
    stage.finish()
    gain, photo = torch.cat(gains).numpy(), np.concatenate(photos)
    means = np.array([gain[photo == each].mean() for each in np.unique(photo)])
    return MirrorVerdict(float(means.mean()), float(means.std(ddof=1) / np.sqrt(len(means))) if len(means) > 1 else float("inf"))


def restored_luminance(encoded: Tensor, positions: Tensor, lens: LensEstimate) -> Tensor:
    """Luminance (n, s, s) of tapered windows after Wiener's filter, scenes' power taken to fall with the squared frequency."""
    size = encoded.shape[-1]
    line = torch.hann_window(size + 2, periodic=False, device=encoded.device)[1:-1]
    window = line[:, None] * line
    luminance = decode(encoded).mean(1)
    mean = (luminance * window).sum((1, 2), keepdim=True) / window.sum()
    tapered = (luminance - mean) * window
    noise = (decode_slope(encoded).square() * lens.sigma.clamp_min(QUIETEST).square().view(1, 3, 1, 1)).mean((1, 2, 3)) / 3
    frequency2 = torch.fft.fftfreq(size)[:, None].square() + torch.fft.rfftfreq(size).square()
    scene = 1 / frequency2.clamp_min(1 / size**2).to(encoded)
    scene = scene / scene.mean()
    ratio = noise * window.square().mean() / tapered.square().mean((1, 2)).clamp_min(1e-12)
    kernels = kernels_at(lens.psf, positions.to(lens.psf)).mean(1)
    transfer = torch.fft.rfft2(kernels, s=(size, size))
    filtered = torch.fft.rfft2(tapered) * transfer.conj() / (transfer.abs().square() + ratio[:, None, None] / scene)
    middle = lens.psf.shape[-1] // 2
    restored: Tensor = torch.roll(torch.fft.irfft2(filtered, s=(size, size)), (middle, middle), (1, 2))
    return restored


def slope_sparsity(light: Tensor, border: int) -> Tensor:
    """(n,) of windows (n, s, s), less a border: the fewer the edges, the smaller."""
    border = min(border, light.shape[-1] // 4)
    inner = (slice(None), slice(border, -border), slice(border, -border))
    measures = []
    for step in STEPS:
        slope = (light - torch.roll(light, step, (1, 2)))[inner]
        measures.append(slope.abs().pow(EXPONENT).mean((1, 2)) / slope.square().mean((1, 2)).clamp_min(1e-16).pow(EXPONENT / 2))
    return torch.stack(measures).mean(0)
