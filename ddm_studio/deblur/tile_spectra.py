"""Spectra of tiles in the layout in which a CPU works through them fastest.

A spectrum of tiles (n, 3, h, w) is real, (n, 3, w // 2 + 1, 2, h): frequency across, real and imaginary part, frequency down. With the
parts side by side a real factor scales both without being made complex; with the frequency down last, the transform down runs over
neighbouring numbers, where torch would turn the whole spectrum over twice. What is done at each frequency is done for some
frequencies across at a time, `stretches_of` them: numbers that stay in a core's cache are worked on two to three times as fast.
"""

from __future__ import annotations

from functools import lru_cache

import torch
from torch import Tensor

# Of one channel: some thirty such arrays are at work at once, in a cache of two megabytes.
NUMBERS_AT_ONCE = 1 << 15


def spectra_of(tiles: Tensor) -> Tensor:
    """The spectra of real tiles (..., h, w): (..., w // 2 + 1, 2, h)."""
    parts: Tensor = torch.view_as_real(torch.fft.rfft2(tiles)).movedim(-3, -1)
    return parts.contiguous()


def transformed_down(spectra: Tensor) -> Tensor:
    """The first half of the way back, complex (..., h, r), of spectra (..., r, 2, h) at r frequencies across."""
    columns: Tensor = torch.fft.ifft(torch.complex(spectra[..., 0, :], spectra[..., 1, :]))
    return columns.mT


def power_of(spectra: Tensor) -> Tensor:
    """Squared magnitude (..., w // 2 + 1, h) of spectra (..., w // 2 + 1, 2, h)."""
    power: Tensor = spectra[..., 0, :].square().addcmul_(spectra[..., 1, :], spectra[..., 1, :])
    return power


def add_power(numbers: Tensor, spectra: Tensor) -> Tensor:
    """`numbers + power_of(spectra)`, in less time."""
    real, imaginary = spectra.unbind(-2)
    return torch.addcmul(numbers, real, real).addcmul_(imaginary, imaginary)


def times_conjugate(spectra: Tensor, others: Tensor) -> Tensor:
    """`conj(others) spectra`, all (..., w // 2 + 1, 2, h)."""
    product = torch.empty_like(spectra)
    for part, sign in ((0, 1), (1, -1)):
        torch.mul(others[..., 0, :], spectra[..., part, :], out=product[..., part, :])
        product[..., part, :].addcmul_(others[..., 1, :], spectra[..., 1 - part, :], value=sign)
    return product


def stretches_of(tiles: Tensor, across: int, along: int) -> list[slice]:
    """Stretches of `along` lines of `across` numbers of tiles (n, 3, h, w) that are worked on at a time; all of them on a graphics card."""
    step = max(1, NUMBERS_AT_ONCE // (len(tiles) * across)) if tiles.device.type == "cpu" else along
    return [slice(first, min(first + step, along)) for first in range(0, along, step)]


class Transfer:
    """Transfer functions of kernels (n, 3, k, k) centred on the first pixel, made for the frequencies that are asked for.

    As products of matrices, which take less time than fetching what was made before, and a tenth of that of transforming the kernels.
    """

    def __init__(self, kernels: Tensor, height: int, width: int) -> None:
        across, self._down = _waves(kernels.shape[-1], height, width, kernels.dtype, kernels.device)
        self._across = (across @ kernels.mT.unsqueeze(-3)).movedim(-3, -2).flatten(-2)

    def at(self, across: slice) -> Tensor:
        """(n, 3, len, 2, h) at a stretch of the frequencies across."""
        parts = self._across[..., across, :] @ self._down
        return parts.reshape(*parts.shape[:-1], 2, -1)


@lru_cache(maxsize=8)
def _waves(size: int, height: int, width: int, dtype: torch.dtype, device: torch.device) -> tuple[Tensor, Tensor]:
    """Waves at the taps of a kernel: across, their parts (2, w // 2 + 1, k); down (2 k, 2 h), what turns two parts into two parts."""
    place = torch.arange(size, device=device, dtype=torch.float64) - size // 2
    across = -2 * torch.pi * torch.fft.rfftfreq(width, device=device, dtype=torch.float64)[:, None] * place
    down = -2 * torch.pi * place[:, None] * torch.fft.fftfreq(height, device=device, dtype=torch.float64)
    turning = torch.cat([torch.cat([down.cos(), down.sin()], 1), torch.cat([-down.sin(), down.cos()], 1)])
    return torch.stack([across.cos(), across.sin()]).to(dtype), turning.to(dtype)


def transfer_functions(kernels: Tensor, height: int, width: int) -> Tensor:
    """The same as complex numbers in the order of `torch.fft.rfft2`: (..., k, k) to (..., height, width // 2 + 1)."""
    parts = Transfer(kernels, height, width).at(slice(None))
    return torch.complex(parts[..., 0, :], parts[..., 1, :]).mT
