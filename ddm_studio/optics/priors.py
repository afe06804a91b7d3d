"""What is plausible of a PSF grid before any photo is seen: the priors of method.md section 5.

Each takes a grid (rows, columns, 3, k, k) and returns a scalar to be minimised. Coordinates run from -1 to 1 over the kernel.
"""

from __future__ import annotations

import torch
from torch import Tensor

from ddm_studio.optics.psf_grid import check_grid


def sparsity(psf: Tensor) -> Tensor:
    """Mean absolute tap; constant, hence without effect, where taps are positive and sum to 1."""
    return psf.abs().mean()


def sum_to_one(psf: Tensor) -> Tensor:
    """Mean absolute deviation of the kernels' sums from 1."""
    return (psf.sum((-1, -2)) - 1).abs().mean()


def centring(psf: Tensor) -> Tensor:
    """Mean squared distance of each node's centre of mass, channels joined so that lateral colour stays free, from its centre."""
    check_grid(psf)
    down, across = centres_of_mass(psf.mean(2))
    return (down.square() + across.square()).mean()


def gaussian(psf: Tensor) -> Tensor:
    """Mean of taps times squared distance from their own kernel's centre of mass: far taps cost."""
    check_grid(psf)
    down, across = centres_of_mass(psf)
    places = _places(psf)
    distance2 = (places[:, None] - down[..., None, None]).square() + (places - across[..., None, None]).square()
    return (psf * distance2).mean()


def centres_of_mass(kernels: Tensor) -> tuple[Tensor, Tensor]:
    """Row and column (...) of the centres of mass of kernels (..., k, k)."""
    places = _places(kernels)
    mass = kernels.sum((-1, -2)).clamp_min(1e-6)
    return kernels.sum(-1) @ places / mass, kernels.sum(-2) @ places / mass


def _places(kernels: Tensor) -> Tensor:
    return torch.linspace(-1, 1, kernels.shape[-1]).to(kernels)
