"""The PSF grid: where its nodes lie and what the kernel is between them.

Conventions, here and nowhere else:

* A grid is `(rows, columns, 3, k, k)`: rows from the top, columns from the left of the *sensor* frame, `k` odd,
  taps non-negative, each channel's taps sum to 1, the centre tap is `k // 2`.
* Node `(r, c)` lies at the relative position `(r / (rows - 1), c / (columns - 1))`; a single row or column lies at 0.5.
  Pixel `i` of `n` lies at `i / (n - 1)`: corner nodes sit on corner pixels.
* Between nodes kernels are interpolated bilinearly; the kernel belongs to the output pixel (gather).
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor


def check_grid(psf: Tensor) -> None:
    """Refuse anything that is not `(rows, columns, 3, k, k)` with k odd.

    Raises:
        ValueError: Naming the expected and the given shape.
    """
    if psf.ndim != 5 or psf.shape[2] != 3 or psf.shape[3] != psf.shape[4] or psf.shape[3] % 2 == 0:
        raise ValueError(f"a PSF grid must be (rows, columns, 3, k, k) with k odd, got {tuple(psf.shape)}")


def _hat_weights(places: Tensor, nodes: int) -> Tensor:
    """Linear interpolation weights (n, nodes) of relative places (n,) in [0, 1]."""
    if nodes == 1:
        return torch.ones_like(places)[:, None]
    distance = places.clamp(0, 1)[:, None] * (nodes - 1) - torch.arange(nodes, device=places.device)
    return (1 - distance.abs()).clamp_min(0)


def interpolation_weights(positions: Tensor, rows: int, columns: int) -> Tensor:
    """Bilinear weights of the nodes at some positions.

    Args:
        positions: (n, 2) relative row and column in [0, 1].
        rows: Rows of the grid.
        columns: Columns of the grid.

    Returns:
        (n, rows * columns), each row sums to 1.
    """
    down, across = _hat_weights(positions[:, 0], rows), _hat_weights(positions[:, 1], columns)
    return (down[:, :, None] * across[:, None, :]).flatten(1)


def kernels_at(psf: Tensor, positions: Tensor) -> Tensor:
    """Interpolated kernels (n, 3, k, k) of a grid at (n, 2) relative positions (row, column)."""
    check_grid(psf)
    rows, columns = psf.shape[:2]
    weights = interpolation_weights(positions.to(psf), rows, columns)
    return (weights @ psf.reshape(rows * columns, -1)).reshape(len(positions), *psf.shape[2:])


def normalise(psf: Tensor) -> Tensor:
    """Clip negative taps and make every channel sum to 1; shape (..., k, k) is kept."""
    positive = psf.clamp_min(0)
    return positive / positive.sum((-1, -2), keepdim=True).clamp_min(1e-12)


def node_centres(psf: Tensor) -> Tensor:
    """Where each node lies, by the convention that a learned grid and a synthetic lens follow.

    A shift common to the channels of a node cannot be known from unpaired photos, so every node is centred. Its centre is
    the mean over channels of the centroid of the *squared* taps: the centre of mass itself is moved by faint tails that no
    photo shows well (measured on three lenses, it disagrees with the best alignment by 0.2-0.3 px rms, this by 0.02-0.05).

    Args:
        psf: (..., 3, k, k).

    Returns:
        (..., 2) row and column in px relative to the centre tap.
    """
    squared = psf.square()
    places = (torch.arange(psf.shape[-1], device=psf.device) - psf.shape[-1] // 2).to(psf)
    mass = squared.sum((-1, -2)).clamp_min(1e-12)
    centres = torch.stack([squared.sum(-1) @ places / mass, squared.sum(-2) @ places / mass], -1)
    return centres.mean(-2)


def read_only_copy(psf: Tensor) -> NDArray[np.float32]:
    """A grid as a NumPy array that nobody can change: safe to hand to another thread while the tensor goes on learning."""
    copied = psf.detach().to("cpu", torch.float32).numpy().copy()
    copied.flags.writeable = False
    return copied
