"""Kernels from the amplitude of their transfer function alone.

An amplitude has thousands of kernels; few of them are positive and fit into their square, and in two dimensions those are, but for
shift and mirror image, as good as one. They are searched for from many random starts by relaxed averaged alternating reflections
(RAAR; Luke, Inverse Problems 21, 2005, 37-50), with the amplitude known only within bounds.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor

STARTS = 256
STEPS = 800
RELAXATION, LAST_RELAXATION = 0.9, 0.5
LAST_STEPS = 0.2
SUBPIXELS = 4


def retrieve(
    amplitude: Tensor,
    tolerance: Tensor,
    size: int,
    generator: torch.Generator,
    watch: Callable[[], None] = lambda: None,
    starts: int = STARTS,
    steps: int = STEPS,
) -> Tensor:
    """Kernels (starts, size, size), not negative, each sums to 1; best first.

    Args:
        amplitude: (n, n // 2 + 1) of the transfer function, n at least 2 size.
        tolerance: (n, n // 2 + 1) by how much the amplitude may be off at no cost.
        size: Side of the kernels.
        generator: Source of the starts.
        watch: Called once a step; may raise to stop.
        starts: How many there are.
        steps: Of each.
    """
    side = len(amplitude)
    low, high = (amplitude - tolerance).clamp_min(0), amplitude + tolerance

    def onto_amplitude(kernels: Tensor) -> Tensor:
        transfer = torch.fft.rfft2(kernels)
        size_of = transfer.abs().clamp_min(1e-9)
        projected: Tensor = torch.fft.irfft2(transfer * (torch.minimum(torch.maximum(size_of, low), high) / size_of), s=(side, side))
        return projected

    def onto_kernels(kernels: Tensor) -> Tensor:
        inside = torch.zeros_like(kernels)
        inside[:, :size, :size] = kernels[:, :size, :size].clamp_min(0)
        return inside

    state = torch.zeros(starts, side, side)
    state[:, :size, :size] = torch.rand(starts, size, size, generator=generator)
    state /= state.sum((1, 2), keepdim=True)
    for step in range(steps):
        watch()
        share = RELAXATION if step < (1 - LAST_STEPS) * steps else LAST_RELAXATION
        allowed = onto_amplitude(state)
        reflected = 2 * allowed - state
        state = 0.5 * share * (2 * onto_kernels(reflected) - reflected + state) + (1 - share) * allowed
    found = onto_kernels(onto_amplitude(state))
    found = found / found.sum((1, 2), keepdim=True).clamp_min(1e-9)
    misfit = ((torch.fft.rfft2(found).abs() - amplitude) / tolerance.clamp_min(1e-3)).square().mean((1, 2))
    return found[misfit.argsort(), :size, :size]


def consensus(kernels: Tensor, alike: float) -> Tensor:
    """The mean (k, k) of kernels (n, k, k), each turned and moved to lie on the first; those that do not look `alike` are left out.

    Errors that differ between equally good answers average out.
    """
    size = kernels.shape[-1]
    side = 2 * size
    fine = side * SUBPIXELS
    first = torch.fft.fft2(kernels[0], s=(side, side))
    total, norm = torch.zeros(side, side), kernels[0].norm()
    for kernel in kernels:
        best, moved = -1.0, kernel
        for turned in (kernel, kernel.flip(0, 1)):
            transfer = torch.fft.fft2(turned, s=(side, side))
            cross = torch.fft.ifft2(_padded(first * transfer.conj(), fine)).real * SUBPIXELS**2
            place = int(cross.argmax())
            correlation = float(cross.flatten()[place] / (norm * kernel.norm()))
            if correlation > best:
                best, moved = correlation, _moved(transfer, place // fine / SUBPIXELS, place % fine / SUBPIXELS)
        if best > alike:
            total += moved
    return _cut_out(total.clamp_min(0), size)


def _padded(transfer: Tensor, side: int) -> Tensor:
    """A full transform continued by zeros to (side, side)."""
    old = len(transfer)
    half = old // 2
    padded = torch.zeros(side, side, dtype=transfer.dtype)
    index = torch.cat([torch.arange(half), torch.arange(side - half, side)])
    padded[index[:, None], index] = transfer
    return padded


def _moved(transfer: Tensor, down: float, across: float) -> Tensor:
    frequencies = 2 * math.pi * torch.fft.fftfreq(len(transfer))
    phase = torch.exp(-1j * (frequencies[:, None] * down + frequencies * across))
    moved: Tensor = torch.fft.ifft2(transfer * phase).real
    return moved


def _cut_out(wrapped: Tensor, size: int) -> Tensor:
    """The square (size, size) of a periodic plane that holds the most, summing to 1."""
    plane = wrapped.repeat(2, 2)
    sums = torch.nn.functional.avg_pool2d(plane[None, None], size, 1)[0, 0]
    place = int(sums.argmax())
    row, column = divmod(place, sums.shape[1])
    square = plane[row : row + size, column : column + size]
    return square / square.sum()
