"""Blurring with a PSF grid: true convolution, in linear light, kernel of the output pixel.

The forward model of a blurry photo is `encode(A(decode(x))) + sigma * noise`: blur adds light, noise and networks
live in display-encoded values.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from ddm_studio.optics.display_curve import decode, encode
from ddm_studio.optics.fast_sizes import friendly_size
from ddm_studio.optics.psf_grid import check_grid, interpolation_weights


def blur_patches(linear: Tensor, kernels: Tensor) -> Tensor:
    """Convolve each patch with its own RGB kernel, without padding.

    Args:
        linear: (n, 3, h + k - 1, w + k - 1) patches in linear light.
        kernels: (n, 3, k, k).

    Returns:
        (n, 3, h, w).
    """
    count, channels, height, width = linear.shape
    if kernels.shape[:2] != (count, channels):
        raise ValueError(f"expected one kernel per patch and channel, got {tuple(kernels.shape)} for {tuple(linear.shape)}")
    size = kernels.shape[-1]
    stacked = linear.reshape(1, count * channels, height, width)
    taps = kernels.reshape(count * channels, 1, size, size).flip(-1, -2)
    return F.conv2d(stacked, taps, groups=count * channels).reshape(count, channels, height - size + 1, width - size + 1)


def blur_frame(linear: Tensor, psf: Tensor) -> Tensor:
    """Blur a whole frame, pixel by pixel exact, the border continued by its edge pixels.

    Args:
        linear: (3, height, width) in linear light.
        psf: (rows, columns, 3, k, k).

    Returns:
        (3, height, width).
    """
    check_grid(psf)
    _, height, width = linear.shape
    padded = F.pad(linear[None], (psf.shape[-1] // 2,) * 4, mode="replicate")[0]
    return blur_part(padded, psf, torch.linspace(0, 1, height), torch.linspace(0, 1, width))


def blur_part(padded: Tensor, psf: Tensor, down: Tensor, across: Tensor) -> Tensor:
    """What `blur_frame` gives in a part of the frame.

    Works node by node, so memory stays at a few parts.

    Args:
        padded: (3, h + k - 1, w + k - 1) the part and the kernel's radius round it, in linear light.
        psf: (rows, columns, 3, k, k).
        down: (h,) relative position of the part's rows in the frame.
        across: (w,) relative position of its columns.

    Returns:
        (3, h, w).
    """
    check_grid(psf)
    rows, columns, _, size, _ = psf.shape
    vertical = interpolation_weights(torch.stack([down, torch.full_like(down, 0.5)], 1), rows, 1).to(padded)
    horizontal = interpolation_weights(torch.stack([torch.full_like(across, 0.5), across], 1), 1, columns).to(padded)
    blurred = padded.new_zeros(3, len(down), len(across))
    for row in range(rows):
        lines = vertical[:, row].nonzero()[:, 0]
        if len(lines) == 0:
            continue
        top, bottom = int(lines[0]), int(lines[-1]) + 1
        for column in range(columns):
            places = horizontal[:, column].nonzero()[:, 0]
            if len(places) == 0:
                continue
            left, right = int(places[0]), int(places[-1]) + 1
            window = padded[:, top : bottom + size - 1, left : right + size - 1]
            part = convolved(window, psf[row, column].to(padded))
            blurred[:, top:bottom, left:right] += part * vertical[top:bottom, row, None] * horizontal[left:right, column]
    return blurred


def convolved(window: Tensor, kernels: Tensor) -> Tensor:
    """Each channel of (3, h + k - 1, w + k - 1) convolved with its kernel of (3, k, k), without padding: (3, h, w).

    By Fourier transform, a tenth of the time of torch's convolution of channels one by one.
    """
    size = kernels.shape[-1]
    sides = [friendly_size(extent) for extent in window.shape[-2:]]
    product = torch.fft.rfft2(window, s=sides) * torch.fft.rfft2(kernels, s=sides)
    blurred: Tensor = torch.fft.irfft2(product, s=sides)
    return blurred[:, size - 1 : window.shape[-2], size - 1 : window.shape[-1]]


def observe(encoded: Tensor, kernels: Tensor, sigma: Tensor, noise: Tensor) -> Tensor:
    """The forward model of patches: `encode(A(decode(x))) + sigma * noise`.

    Args:
        encoded: (n, 3, h + k - 1, w + k - 1) sharp patches, display-encoded.
        kernels: (n, 3, k, k).
        sigma: (3,) noise level of each channel in encoded units.
        noise: (n, 3, h, w) of unit variance.

    Returns:
        (n, 3, h, w), display-encoded.
    """
    blurred: Tensor = encode(blur_patches(decode(encoded), kernels))
    return blurred + sigma.view(1, 3, 1, 1) * noise


def photograph(encoded: Tensor, psf: Tensor, sigma: float, generator: torch.Generator) -> Tensor:
    """A noisy photo of a scene through a lens, for synthetic data: `encode(A(decode(x))) + sigma * noise`, clipped to 0-1.

    Args:
        encoded: (3, height, width) scene, display-encoded.
        psf: (rows, columns, 3, k, k).
        sigma: Noise in encoded units.
        generator: Source of the noise.
    """
    blurred: Tensor = encode(blur_frame(decode(encoded), psf))
    return (blurred + sigma * torch.randn(blurred.shape, generator=generator)).clamp(0, 1)
