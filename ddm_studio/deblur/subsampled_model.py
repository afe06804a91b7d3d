"""The blur of a small picture, every second pixel of a blurred one, and its closed-form inverse: circular, in linear light.

    y = S (k * x),   S keeps the pixels whose row and column are even

Zhao et al., "Fast single image super-resolution using a new analytical solution for l2-l2 problems" (2016): in the frequency
domain S folds four frequencies onto one, so `A A^T`, with A = S K, is again a filter, whose transfer function is |K|^2 folded. By
Woodbury's identity the data step then needs no more than a division:

    argmin over z of || A z - y ||^2 + rho || z - a ||^2  =  a + A^T (A A^T + rho)^-1 (y - A a)
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from ddm_studio.deblur.tile_spectra import transfer_functions

FACTOR = 2


class SubsampledModel:
    """Small pictures and the kernel between them and pictures of twice the size.

    Args:
        small: (n, 3, h, w) in linear light.
        kernels: (n, 3, k, k) on the larger picture's pixels.

    Attributes:
        windows: (n, 3, 2 h, 2 w) the small pictures interpolated, where a restoration starts.

    Raises:
        ValueError: A kernel is larger than the picture.
    """

    def __init__(self, small: Tensor, kernels: Tensor) -> None:
        self._size = FACTOR * small.shape[-2], FACTOR * small.shape[-1]
        if kernels.shape[-1] > min(self._size):
            raise ValueError(f"kernels of {kernels.shape[-1]} px do not fit pictures of {self._size[1]} x {self._size[0]} px")
        self.windows = interpolated(small)
        self._small = small
        self._transfer = transfer_functions(kernels, *self._size)
        # Keeping every second pixel of the autocorrelation folds the power spectrum; it is even, so its transform is real.
        autocorrelation = torch.fft.irfft2(self._transfer.abs().square(), s=self._size)
        self._folded = torch.fft.rfft2(subsampled(autocorrelation)).real

    def data_step(self, anchor: Tensor, rho: Tensor) -> Tensor:
        """Argmin over z of `|| A z - y ||^2 + rho || z - anchor ||^2`.

        Args:
            anchor: (n, 3, 2 h, 2 w).
            rho: Broadcasts to (n, 3, h, w // 2 + 1): scalars, or one number per picture and channel.

        Returns:
            (n, 3, 2 h, 2 w).
        """
        missing = torch.fft.rfft2(self._small - self.seen(anchor))
        weighed = torch.fft.irfft2(missing / (self._folded + rho), s=self._small.shape[-2:])
        spread = torch.fft.rfft2(zeros_between(weighed))
        correction: Tensor = torch.fft.irfft2(self._transfer.conj() * spread, s=self._size)
        return anchor + correction

    def seen(self, large: Tensor) -> Tensor:
        """The small pictures (n, 3, h, w) of large ones (n, 3, 2 h, 2 w)."""
        return subsampled(torch.fft.irfft2(self._transfer * torch.fft.rfft2(large), s=self._size))


def subsampled(large: Tensor) -> Tensor:
    """Pixels of even row and column."""
    return large[..., ::FACTOR, ::FACTOR]


def zeros_between(small: Tensor) -> Tensor:
    """The transpose of `subsampled`: (..., h, w) to (..., 2 h, 2 w)."""
    large = small.new_zeros(*small.shape[:-2], FACTOR * small.shape[-2], FACTOR * small.shape[-1])
    large[..., ::FACTOR, ::FACTOR] = small
    return large


def interpolated(small: Tensor) -> Tensor:
    """Twice as large by Catmull-Rom's cubic, edges continued: (n, c, h, w) to (n, c, 2 h, 2 w), whose `subsampled` is `small`."""
    return _interpolated_across(_interpolated_across(small).transpose(-1, -2)).transpose(-1, -2).contiguous()


def _interpolated_across(small: Tensor) -> Tensor:
    padded = F.pad(small, (1, 2, 0, 0), mode="replicate")
    count = small.shape[-1]
    before, here, after, beyond = (padded[..., offset : offset + count] for offset in range(4))
    between = (9 * (here + after) - before - beyond) / 16
    return torch.stack((here, between), -1).flatten(-2)
