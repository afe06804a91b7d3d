"""The velocity of a flow whose data are a Gaussian random field that varies over the frame: closed form, no training.

With `S` the 3x3 cross-power spectrum of the patches `y1` at a position and `mu` their mean, per frequency of an orthonormal FFT

    E[y1 | y_t] = mu + t S (t^2 S + (1 - t)^2 I)^-1 (y_t - t mu)
    E[y0 | y_t] = (1 - t) (t^2 S + (1 - t)^2 I)^-1 (y_t - t mu)
    v = E[y1 | y_t] - E[y0 | y_t]

All in the flow's units, `y1 = 2 y - 1`. A network beside this field has to learn only what Gaussians cannot see.
Patches are not periodic, so `S` is measured without a window: it is the exact variance of each coefficient, leakage included.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import torch
from torch import Tensor

from ddm_studio.optics.psf_grid import interpolation_weights
from ddm_studio.spectra.hermitian import PLANES, Hermitian, outer_planes, unpack

# Beyond this time the gain, which grows like 1 / (1 - t) where S is near zero, would blow up rounding errors.
LAST_TIME = 0.98
# Variance below one grey level of 8 bits keeps S positive where photos are flat.
FLOOR = 1e-5


@dataclass(frozen=True, eq=False)
class GaussianField:
    """Means and cross-power spectra at a grid of positions, corners are nodes as in a PSF grid.

    Attributes:
        mean: (rows, columns, 3) mean of y1.
        spectra: (rows, columns, 9, p, p // 2 + 1) packed Hermitian spectra of y1 about the mean, orthonormal FFT.
    """

    mean: Tensor
    spectra: Tensor

    @property
    def patch(self) -> int:
        """Side of the patches in pixels."""
        return int(self.spectra.shape[-2])

    def to(self, device: torch.device) -> GaussianField:
        """The same field on another device."""
        return GaussianField(self.mean.to(device), self.spectra.to(device))

    def at(self, positions: Tensor) -> tuple[Tensor, Tensor]:
        """Means (n, 3) and packed spectra (n, 9, p, p // 2 + 1) at relative positions (n, 2), bilinear between nodes."""
        rows, columns = self.mean.shape[:2]
        weights = interpolation_weights(positions, rows, columns).to(self.mean)
        packed = weights @ self.spectra.reshape(rows * columns, -1)
        return weights @ self.mean.flatten(0, 1), packed.reshape(-1, *self.spectra.shape[2:])

    def velocity(self, y_t: Tensor, t: Tensor, positions: Tensor) -> Tensor:
        """`E[y1 - y0 | y_t]` (n, 3, p, p) at times (n,) of at most `LAST_TIME`."""
        if y_t.shape[1:] != (3, self.patch, self.patch):
            raise ValueError(f"expected patches (n, 3, {self.patch}, {self.patch}), got {tuple(y_t.shape)}")
        mean, packed = self.at(positions)
        mean = mean[:, :, None, None]
        t3, t4 = t.view(-1, 1, 1), t.view(-1, 1, 1, 1)
        spectrum: Hermitian = unpack(packed)
        observed = torch.fft.rfft2(y_t - t4 * mean, norm="ortho")
        solved = spectrum.scaled_plus(t3.square(), (1 - t3).square()).factors().solve(observed)
        centred: Tensor = torch.fft.irfft2(t4 * spectrum.times(solved) - (1 - t4) * solved, s=y_t.shape[-2:], norm="ortho")
        return centred + mean


class FieldMeter:
    """Gathers windows into a `GaussianField`; each window counts for the nodes around it by its bilinear weights.

    Args:
        rows: Nodes from top to bottom.
        columns: Nodes from left to right.
        patch: Side of the windows in pixels.
        device: Where the sums live.
    """

    def __init__(self, rows: int, columns: int, patch: int, device: torch.device) -> None:
        nodes = rows * columns
        self._grid = rows, columns
        self._weight = torch.zeros(nodes, dtype=torch.float64, device=device)
        self._sum = torch.zeros(nodes, 3, dtype=torch.float64, device=device)
        self._power = torch.zeros(nodes, PLANES, patch, patch // 2 + 1, dtype=torch.float64, device=device)

    def add(self, y1: Tensor, positions: Tensor) -> None:
        """Take in windows y1 (n, 3, p, p) at relative positions (n, 2)."""
        weights = interpolation_weights(positions, *self._grid).to(y1)
        planes = outer_planes(torch.fft.rfft2(y1, norm="ortho"))
        self._weight += weights.sum(0)
        self._sum += weights.T @ y1.mean((-1, -2))
        self._power += (weights.T @ planes.flatten(1)).reshape(self._power.shape)

    def field(self) -> GaussianField:
        """The field of all windows so far; a node that no window came near takes the mean of all others."""
        weight = self._weight.clamp_min(1e-12)
        empty = self._weight < 1e-3 * self._weight.max()
        mean = torch.where(empty[:, None], self._sum.sum(0) / weight.sum(), self._sum / weight[:, None])
        power = self._power / weight[:, None, None, None]
        power = torch.where(empty[:, None, None, None], self._power.sum(0) / weight.sum(), power)
        # The transform of a constant mu is p mu at DC and nothing elsewhere.
        patch = power.shape[-2]
        power[:, :, 0, 0] -= patch**2 * outer_planes(torch.complex(mean, torch.zeros_like(mean)))
        power[:, :3] += FLOOR
        return GaussianField(mean.float().reshape(*self._grid, 3), power.float().reshape(*self._grid, *power.shape[1:]))


def measure_field(windows: Iterable[tuple[Tensor, Tensor]], rows: int, columns: int, patch: int, device: torch.device) -> GaussianField:
    """The field of batches of (encoded windows in 0-1, positions)."""
    meter = FieldMeter(rows, columns, patch, device)
    for encoded, positions in windows:
        meter.add(2 * encoded.to(device) - 1, positions.to(device))
    return meter.field()
