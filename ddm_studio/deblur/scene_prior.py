"""What sharp photos are like, as Wiener's prior: power at every frequency, and how much the colours have in common there.

Measured on the sharp set of a calibration in small windows (`spectra/power_spectrum.py`), kept in the lens profile, interpolated here
to the frequencies of a tile. Powers are interpolated as `log(f^2 S)`, which is nearly flat for natural scenes; so between the
lowest frequency of a window and zero they go on as `1 / f^2`.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

PAIRS = ((0, 1), (0, 2), (1, 2))
"""The channels of planes 3 to 5; planes 0 to 2 are the channels themselves."""
PLANES = 3 + len(PAIRS)

# A window's own shape, and the mean taken out of it, spoil what it shows below so many periods across it; the ring up to the second
# number stands in.
BLIND, RING = 1.5, 2.6
# Colours are never taken to be wholly alike, or a photo of other colours would be turned grey.
MOST_ALIKE = 0.995


@dataclass(frozen=True, slots=True, eq=False)
class SceneSpectrum:
    """The prior at the frequencies of a tile, in the order of `tile_spectra`.

    Attributes:
        power: (3, w // 2 + 1, h) expected power of each channel, but for a factor of each tile.
        precision: (6, w // 2 + 1, h) inverse of the 3x3 matrix of cross-powers of the channels: its diagonal, then `PAIRS`. Zero for
            the mean, of which nothing is expected.
    """

    power: Tensor
    precision: Tensor


class ScenePrior:
    """The spectrum of the sharp set.

    Args:
        planes: (6, p, p // 2 + 1) real parts of the mean cross-power spectra of windows of p x p px: red, green and blue with
            themselves, then `PAIRS`; in the values in which the blur is linear.
    """

    def __init__(self, planes: Tensor) -> None:
        self._size = planes.shape[1]
        powers = planes[:3].double()
        shared = [planes[3 + number].double() / (powers[i] * powers[j]).sqrt() for number, (i, j) in enumerate(PAIRS)]
        squared = _squared_frequency(self._size, self._size)
        curves = torch.cat([(powers * squared.clamp_min(1e-12)).clamp_min(1e-30).log(), torch.stack(shared)])
        ring = (squared >= (BLIND / self._size) ** 2) & (squared < (RING / self._size) ** 2)
        curves[:, squared < (BLIND / self._size) ** 2] = curves[:, ring].mean(1, keepdim=True)
        # Rows from the most negative frequency to the most positive, which is the same as the first.
        curves = torch.roll(curves, self._size // 2, 1)
        self._curves = torch.cat([curves, curves[:, :1]], 1).float()
        self._at: dict[tuple[int, int], SceneSpectrum] = {}

    def at(self, height: int, width: int, device: torch.device) -> SceneSpectrum:
        """The prior at the frequencies of tiles of height x width px. Asked again for the same size, it is at hand."""
        if (height, width) not in self._at:
            self._at[height, width] = self._interpolated(height, width, device)
        return self._at[height, width]

    def _interpolated(self, height: int, width: int, device: torch.device) -> SceneSpectrum:
        half = self._size // 2 / self._size
        down, across = torch.fft.fftfreq(height) / half, torch.fft.rfftfreq(width) * 2 / half - 1
        places = torch.stack([across.expand(height, -1), down[:, None].expand(-1, len(across))], -1)[None]
        found = F.grid_sample(self._curves[None], places, align_corners=True, padding_mode="border")[0].double()
        power = found[:3].exp() / (_squared_frequency(height, width) + 1 / (height * width))
        correlation = torch.eye(3, dtype=torch.float64).repeat(height, width // 2 + 1, 1, 1)
        for number, (i, j) in enumerate(PAIRS):
            correlation[..., i, j] = correlation[..., j, i] = found[3 + number].clamp(-MOST_ALIKE, MOST_ALIKE)
        inverse, root = torch.linalg.inv(correlation), power.sqrt()
        precision = torch.stack([inverse[..., i, j] / (root[i] * root[j]) for i, j in ((0, 0), (1, 1), (2, 2), *PAIRS)])
        precision[:, 0, 0] = 0
        return SceneSpectrum(*(planes.mT.float().contiguous().to(device) for planes in (power, precision)))


def _squared_frequency(height: int, width: int) -> Tensor:
    down, across = torch.fft.fftfreq(height, dtype=torch.float64), torch.fft.rfftfreq(width, dtype=torch.float64)
    squared: Tensor = down.square()[:, None] + across.square()
    return squared
