"""The blur of a batch of tiles and its closed-form inverse, circular, in linear light.

Every tile has several kernels on a small lattice. A solution is found with each of them by Fourier transform and the
solutions are mixed pixel by pixel, which follows a kernel that changes within the tile at a few transforms' cost. With
one kernel per tile this is deepinv's `BlurFFT.prox_l2`, with the transforms of the photo kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeAlias

import torch
from torch import Tensor

from ddm_studio.deblur.tile_spectra import (
    Transfer,
    power_of,
    spectra_of,
    stretches_of,
    times_conjugate,
    transfer_functions,
    transformed_down,
)

Solve: TypeAlias = Callable[[Tensor, slice], Iterable[Tensor]]
"""From transfer functions (n, 3, r, 2, h) at a stretch of r frequencies across to the spectra of one solution or more there."""


class TileModel:
    """Photo and kernels of a batch of tiles in the frequency domain.

    Args:
        windows: (n, 3, h, w) blurry tiles in linear light.
        kernels: (n, m, 3, k, k) kernels of each tile.
        down: (n, m, h) how much each kernel counts in each row, and
        across: (n, m, w) in each column: their products sum to 1 over m.

    Attributes:
        windows: The blurry tiles.
        kernels: Their kernels.
        photo: (n, 3, w // 2 + 1, 2, h) spectrum of the tiles, as in `tile_spectra`.

    Raises:
        ValueError: A kernel is larger than the tile.
    """

    def __init__(self, windows: Tensor, kernels: Tensor, down: Tensor, across: Tensor) -> None:
        height, width = windows.shape[-2:]
        if kernels.shape[-1] > min(height, width):
            raise ValueError(f"kernels of {kernels.shape[-1]} px do not fit tiles of {width} x {height} px")
        self.windows, self.kernels = windows, kernels
        self.photo = spectra_of(windows)
        self._down, self._across = down, across

    @classmethod
    def with_one_kernel(cls, windows: Tensor, kernels: Tensor) -> TileModel:
        """Tiles (n, 3, h, w) with one kernel (n, 3, k, k) each, which counts everywhere."""
        rows, columns = (windows.new_ones(len(windows), 1, extent) for extent in windows.shape[-2:])
        return cls(windows, kernels[:, None], rows, columns)

    def data_step(self, anchor: Tensor, rho: Tensor) -> Tensor:
        """Argmin over z of `|| H z - y ||^2 + rho || z - anchor ||^2` (DPIR, equation 7a).

        Args:
            anchor: (n, 3, h, w).
            rho: Broadcasts to (n, 3, 1, 1).

        Returns:
            (n, 3, h, w).
        """
        pulled = spectra_of(anchor).mul_(rho[..., None])

        def solve(transfer: Tensor, across: slice) -> Iterable[Tensor]:
            wanted = times_conjugate(self.photo[..., across, :, :], transfer).add_(pulled[..., across, :, :])
            yield wanted.div_(power_of(transfer).add_(rho).unsqueeze(-2))

        return self.solved(solve)

    def wiener(self, noise_to_signal: Tensor) -> Tensor:
        """`conj(H) Y / (|H|^2 + noise_to_signal)`, (n, 3, h, w), with a ratio that broadcasts to (n, 3, w // 2 + 1, h)."""
        height, width = self.windows.shape[-2:]
        ratio = noise_to_signal.expand(*self.windows.shape[:2], width // 2 + 1, height)

        def solve(transfer: Tensor, across: slice) -> Iterable[Tensor]:
            wanted = times_conjugate(self.photo[..., across, :, :], transfer)
            yield wanted.div_(power_of(transfer).add_(ratio[..., across, :]).unsqueeze(-2))

        return self.solved(solve)

    def solved(self, solve: Solve) -> Tensor:
        """The one solution that `solve` finds with each of the tile's kernels, mixed pixel by pixel: (n, 3, h, w)."""
        total = torch.zeros_like(self.windows)
        for node in range(self.kernels.shape[1]):
            mix = self._down[:, node, None, :, None] * self._across[:, node, None, None]
            self._add(total, self.kernels[:, node], solve, [mix])
        return total

    def add_roughly(self, total: Tensor, solve: Solve, weights: Sequence[Tensor]) -> None:
        """Add what `solve` finds with the mean of the tile's kernels, however much they change within it.

        Args:
            total: (n, 3, h, w), changed.
            solve: It gives as many solutions as there are weights.
            weights: (n, 1, h, w) each.
        """
        self._add(total, self.kernels.mean(1), solve, weights)

    def _add(self, total: Tensor, kernels: Tensor, solve: Solve, weights: Sequence[Tensor]) -> None:
        count, channels, height, width = self.windows.shape
        transfer = Transfer(kernels, height, width)
        kind = torch.complex128 if self.windows.dtype == torch.float64 else torch.complex64
        halfway = [self.windows.new_empty(count, channels, height, width // 2 + 1, dtype=kind) for _ in weights]
        for across in stretches_of(self.windows, height, width // 2 + 1):
            for target, solution in zip(halfway, solve(transfer.at(across), across), strict=True):
                target[..., across] = transformed_down(solution)
        for rows in stretches_of(self.windows, width, height):
            for weight, target in zip(weights, halfway, strict=True):
                total[..., rows, :].addcmul_(weight[..., rows, :], torch.fft.irfft(target[..., rows, :], n=width))


def taper_edges(windows: Tensor, kernels: Tensor) -> Tensor:
    """Fade the outermost pixels of tiles into their own circular blur, so that opposite edges meet without a jump.

    Args:
        windows: (n, 3, h, w).
        kernels: (n, 3, k, k), one per tile.

    Returns:
        (n, 3, h, w), unchanged but for a fringe a little wider than the kernel's radius.
    """
    reach = kernels.shape[-1] // 2
    fringe = reach + 4
    keep = _fade(windows.shape[-2], fringe, windows)[:, None] * _fade(windows.shape[-1], fringe, windows)
    tapered = windows.clone()
    for axis in (-2, -1):
        extent = windows.shape[axis]
        last, first = min(fringe + reach, extent // 2), min(fringe + reach, extent - extent // 2)
        # On the circle opposite edges lie side by side: a strip round that place is all that the fringes see.
        strip, share = (torch.cat([all_.narrow(axis, extent - last, last), all_.narrow(axis, 0, first)], axis) for all_ in (windows, keep))
        mixed = torch.lerp(circularly_blurred(strip, kernels), strip, share)
        for start, place, count in (
            (0, last, min(fringe, first)),
            (extent - min(fringe, last), last - min(fringe, last), min(fringe, last)),
        ):
            tapered.narrow(axis, start, count).copy_(mixed.narrow(axis, place, count))
    return tapered


def circularly_blurred(tiles: Tensor, kernels: Tensor) -> Tensor:
    """Tiles (n, 3, h, w) blurred with kernels (n, 3, k, k), opposite edges joined."""
    size = tiles.shape[-2:]
    blurred: Tensor = torch.fft.irfft2(torch.fft.rfft2(tiles) * transfer_functions(kernels, *size), s=size)
    return blurred


def _fade(extent: int, fringe: int, like: Tensor) -> Tensor:
    distance = torch.arange(extent, device=like.device, dtype=like.dtype)
    distance = torch.minimum(distance, distance.flip(0))
    return 0.5 - 0.5 * torch.cos(torch.pi * (distance / fringe).clamp_max(1))
