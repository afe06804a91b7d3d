"""The blur of a batch of tiles and its closed-form inverse, circular, in linear light.

Every tile has several kernels on a small lattice. A solution is found with each of them by Fourier transform and the
solutions are mixed pixel by pixel, which follows a kernel that changes within the tile at a few transforms' cost. With
one kernel per tile this is deepinv's `BlurFFT.prox_l2`, with the transforms of the photo and the kernels kept.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property, lru_cache
from typing import TypeAlias

import torch
from torch import Tensor

Solve: TypeAlias = Callable[[Tensor, Tensor], Tensor]


class TileModel:
    """Photo and kernels of a batch of tiles in the frequency domain.

    Args:
        windows: (n, 3, h, w) blurry tiles in linear light.
        kernels: (n, m, 3, k, k) kernels of each tile.
        mix: (n, m, h, w) weights of the kernels at each pixel, summing to 1 over m.

    Raises:
        ValueError: A kernel is larger than the tile.
    """

    def __init__(self, windows: Tensor, kernels: Tensor, mix: Tensor) -> None:
        height, width = windows.shape[-2:]
        if kernels.shape[-1] > min(height, width):
            raise ValueError(f"kernels of {kernels.shape[-1]} px do not fit tiles of {width} x {height} px")
        self.windows = windows
        self._size = (height, width)
        self._mix = mix
        self._transfer = transfer_functions(kernels, height, width)
        self._energy = squared_magnitude(self._transfer)
        self._photo = torch.fft.rfft2(windows)
        self._back_projected = self._transfer.conj() * self._photo[:, None]

    def data_step(self, anchor: Tensor, rho: Tensor) -> Tensor:
        """Argmin over z of `|| H z - y ||^2 + rho || z - anchor ||^2` (DPIR, equation 7a).

        Args:
            anchor: (n, 3, h, w).
            rho: Broadcasts to (n, 3, h, w // 2 + 1).

        Returns:
            (n, 3, h, w).
        """
        pulled = rho * torch.fft.rfft2(anchor)
        return self.solved(lambda energy, back_projected: scaled(back_projected + pulled, 1 / (energy + rho)))

    def wiener(self, noise_to_signal: Tensor) -> Tensor:
        """`conj(H) Y / (|H|^2 + noise_to_signal)` with a ratio per frequency (n, 3, h, w // 2 + 1); returns (n, 3, h, w)."""
        return self.solved(lambda energy, back_projected: scaled(back_projected, 1 / (energy + noise_to_signal)))

    def mean_energy(self) -> Tensor:
        """Power that the blur passes at each frequency, averaged over the tile's kernels: (n, 3, h, w // 2 + 1)."""
        return self._energy.mean(1)

    def photo_power(self) -> Tensor:
        """Power spectrum of the photo per pixel, (n, 3, h, w // 2 + 1): white noise of variance v has power v."""
        power: Tensor = squared_magnitude(self._photo) / (self._size[0] * self._size[1])
        return power

    def solved(self, solve: Solve) -> Tensor:
        """A solution in the frequency domain with each of the tile's kernels, mixed pixel by pixel: (n, 3, h, w).

        Args:
            solve: From `|H|^2` and `conj(H) Y`, both (n, 3, h, w // 2 + 1), to the spectrum of the solution.
        """
        total = torch.zeros_like(self.windows)
        for node in range(self._mix.shape[1]):
            spectrum = solve(self._energy[:, node], self._back_projected[:, node])
            total.addcmul_(self._mix[:, node, None], self.pixels_of(spectrum))
        return total

    def rough_spectrum(self, solve: Solve) -> Tensor:
        """The spectrum (n, 3, h, w // 2 + 1) of the solution with the mean of the tile's kernels, however much the kernel changes."""
        return solve(*self._mean_kernel)

    def pixels_of(self, spectrum: Tensor) -> Tensor:
        """The tiles (n, 3, h, w) of a spectrum (n, 3, h, w // 2 + 1)."""
        tiles: Tensor = torch.fft.irfft2(spectrum, s=self._size)
        return tiles

    @cached_property
    def _mean_kernel(self) -> tuple[Tensor, Tensor]:
        transfer = self._transfer.mean(1)
        return squared_magnitude(transfer), transfer.conj() * self._photo


def transfer_functions(kernels: Tensor, height: int, width: int) -> Tensor:
    """Real-input transforms of kernels centred on the first pixel: (..., k, k) to (..., h, w // 2 + 1).

    As two small matrix products, which cost a tenth of transforming the padded kernels.
    """
    kind = torch.complex128 if kernels.dtype == torch.float64 else torch.complex64
    down, across = _waves(kernels.shape[-1], height, width, kind, kernels.device)
    transfer: Tensor = down @ (kernels.to(kind) @ across.T)
    return transfer


@lru_cache(maxsize=8)
def _waves(size: int, height: int, width: int, kind: torch.dtype, device: torch.device) -> tuple[Tensor, Tensor]:
    """The waves down (h, k) and across (w // 2 + 1, k) at the taps of a kernel; all tiles of a photo need the same."""
    place = torch.arange(size, device=device, dtype=torch.float64) - size // 2
    frequencies = (
        torch.fft.fftfreq(height, device=device, dtype=torch.float64),
        torch.fft.rfftfreq(width, device=device, dtype=torch.float64),
    )
    down, across = (-2 * torch.pi * frequency[:, None] * place for frequency in frequencies)
    return torch.polar(torch.ones_like(down), down).to(kind), torch.polar(torch.ones_like(across), across).to(kind)


def squared_magnitude(spectrum: Tensor) -> Tensor:
    """`|s|^2` without the square root that `abs` takes."""
    squared: Tensor = spectrum.real.square() + spectrum.imag.square()
    return squared


def scaled(spectrum: Tensor, factor: Tensor) -> Tensor:
    """A complex spectrum times real factors, made complex first: mixed kinds, or pairs of numbers with one factor, take 5 times as long."""
    return spectrum * factor.to(spectrum.dtype)


def taper_edges(windows: Tensor, kernels: Tensor) -> Tensor:
    """Fade the outermost pixels of tiles into their own circular blur, so that opposite edges meet without a jump.

    Args:
        windows: (n, 3, h, w).
        kernels: (n, 3, k, k), one per tile.

    Returns:
        (n, 3, h, w), unchanged but for a fringe a little wider than the kernel's radius.
    """
    height, width = windows.shape[-2:]
    transfer = transfer_functions(kernels, height, width)
    blurred = torch.fft.irfft2(torch.fft.rfft2(windows) * transfer, s=(height, width))
    fringe = kernels.shape[-1] // 2 + 4
    keep = _fade(height, fringe, windows)[:, None] * _fade(width, fringe, windows)
    tapered: Tensor = keep * windows + (1 - keep) * blurred
    return tapered


def _fade(extent: int, fringe: int, like: Tensor) -> Tensor:
    distance = torch.arange(extent, device=like.device, dtype=like.dtype)
    distance = torch.minimum(distance, distance.flip(0))
    return 0.5 - 0.5 * torch.cos(torch.pi * (distance / fringe).clamp_max(1))
