"""What stage 3 may change of a PSF grid, and by which parameters.

* `PhaseGrid`: the phase that all channels share, the one thing that stage 1's second-order statistics cannot see.
* `TapGrid`: every tap, in its logarithm.
* `RawGrid`: raw taps of every node, as the paper does.

A single kernel may also be a deep linear network (`deep_linear_kernel`), which the paper uses for super-resolution.

The first two describe the change by a few smooth modes over the frame, so that every patch votes on every parameter: a
batch spread over an 8x8 grid gives each node about one patch, and free taps drown in that noise.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod

import torch
from torch import Tensor, nn

from ddm_studio.optics.field_modes import field_modes, mode_count, node_positions
from ddm_studio.optics.psf_grid import check_grid, normalise
from ddm_studio.settings import MatchingSettings

SMALLEST_TAP = 1e-6
# Odd phases are sums of sines of whole-pixel offsets up to this radius; a smoother phase than a kernel of few pixels needs.
PHASE_RADIUS = 2


class KernelModel(nn.Module, ABC):
    """A PSF grid made from learnable parameters.

    Attributes:
        sees_second_order: Whether the parameters change second-order statistics, so that the Gaussian part of the
            difference of two flows has something to tell them.
        has_raw_taps: Whether taps may turn negative and lose their sum: then sparsity and sum-to-one have something to act on.
    """

    sees_second_order: bool
    has_raw_taps: bool = False

    @abstractmethod
    def grid(self) -> Tensor:
        """The grid (rows, columns, 3, k, k) of the current parameters."""


class PhaseGrid(KernelModel):
    """Multiplies every transfer function of the start grid by `exp(i phi(f))`, the same for all channels of a node.

    `phi(f) = sum_u c_u 2 sin(2 pi f u)` over pixel offsets u of a half plane is odd, so kernels stay real; c varies over the
    frame by low-degree polynomials, and its part along `sum_u c_u u`, a mere shift, is projected out. Taps that turn
    negative are clipped.
    """

    sees_second_order = False
    modes: Tensor
    unshifted: Tensor
    sines: Tensor
    transfer: Tensor

    def __init__(self, start: Tensor, degree: int) -> None:
        super().__init__()
        check_grid(start)
        rows, columns, _, size, _ = start.shape
        degree = degree if rows * columns > 1 else 0
        self._shape = start.shape
        self._side = 2 * size
        offsets = half_plane_offsets(PHASE_RADIUS)
        self.coefficients = nn.Parameter(torch.zeros(mode_count(degree), len(offsets)))
        self.register_buffer("modes", field_modes(node_positions(rows, columns), degree))
        self.register_buffer("unshifted", torch.eye(len(offsets)) - offsets @ torch.linalg.pinv(offsets))
        down, across = torch.fft.fftfreq(self._side), torch.fft.rfftfreq(self._side)
        angles = 2 * math.pi * (offsets[:, 0, None, None] * down[:, None] + offsets[:, 1, None, None] * across)
        self.register_buffer("sines", 2 * angles.sin())
        self.register_buffer("transfer", torch.fft.rfft2(start, s=(self._side, self._side)))

    def grid(self) -> Tensor:
        """The grid of the current parameters."""
        phase = torch.einsum("nm,mu,uv,vhw->nhw", self.modes, self.coefficients, self.unshifted, self.sines)
        phase = phase.reshape(*self._shape[:2], 1, *phase.shape[1:])
        turned = torch.fft.irfft2(self.transfer * torch.polar(torch.ones_like(phase), phase), s=(self._side, self._side))
        return normalise(turned[..., : self._shape[-1], : self._shape[-1]])


class TapGrid(KernelModel):
    """Adds polynomials over the frame to the logarithm of every tap of the start grid; mono grids stay mono."""

    sees_second_order = True
    modes: Tensor
    logits: Tensor

    def __init__(self, start: Tensor, degree: int, mono: bool) -> None:
        super().__init__()
        check_grid(start)
        rows, columns, _, size, _ = start.shape
        degree = degree if rows * columns > 1 else 0
        self._shape = start.shape
        self.coefficients = nn.Parameter(torch.zeros(mode_count(degree), 1 if mono else 3, size * size))
        self.register_buffer("modes", field_modes(node_positions(rows, columns), degree))
        self.register_buffer("logits", start.flatten(3).clamp_min(SMALLEST_TAP).log())

    def grid(self) -> Tensor:
        """The grid of the current parameters."""
        change = torch.einsum("nm,mct->nct", self.modes, self.coefficients)
        return (self.logits + change.reshape(*self._shape[:2], *change.shape[1:])).softmax(-1).reshape(self._shape)


class RawGrid(KernelModel):
    """Free raw taps; they may turn negative and lose their sum, so the final grid must be clipped and normalised."""

    sees_second_order = True
    has_raw_taps = True

    def __init__(self, start: Tensor, mono: bool) -> None:
        super().__init__()
        check_grid(start)
        self.taps = nn.Parameter(start.mean(2, keepdim=True) if mono else start.clone())

    def grid(self) -> Tensor:
        """The grid of the current parameters."""
        return self.taps.expand(-1, -1, 3, -1, -1)


def half_plane_offsets(radius: int) -> Tensor:
    """Whole-pixel offsets (n, 2) around zero, one of each opposite pair."""
    reach = range(-radius, radius + 1)
    return torch.tensor([(down, across) for down in reach for across in reach if (down, across) > (0, 0)], dtype=torch.float32)


def kernel_model(start: Tensor, settings: MatchingSettings, mono: bool) -> KernelModel:
    """The model that the settings ask for, its grid equal to `start` (rows, columns, 3, k, k)."""
    if settings.raw_taps:
        return RawGrid(start, mono)
    if settings.changes == "phase":
        return PhaseGrid(start, settings.field_degree)
    return TapGrid(start, settings.field_degree, mono)
