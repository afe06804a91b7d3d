"""Smooth functions over the frame: products of Legendre polynomials, so that every patch votes on every coefficient."""

from __future__ import annotations

import torch
from torch import Tensor


def mode_count(degree: int) -> int:
    """How many modes there are up to a total degree."""
    return (degree + 1) * (degree + 2) // 2


def field_modes(positions: Tensor, degree: int) -> Tensor:
    """Modes (n, m) of total degree at most `degree` at relative positions (n, 2) in 0-1, each of unit mean square over the frame."""
    down, across = _legendre(2 * positions[:, 0] - 1, degree), _legendre(2 * positions[:, 1] - 1, degree)
    return torch.stack([down[a] * across[b] for a in range(degree + 1) for b in range(degree + 1 - a)], 1)


def node_positions(rows: int, columns: int) -> Tensor:
    """Relative positions (rows * columns, 2) of the nodes of a grid."""
    down = torch.linspace(0, 1, rows) if rows > 1 else torch.tensor([0.5])
    across = torch.linspace(0, 1, columns) if columns > 1 else torch.tensor([0.5])
    return torch.cartesian_prod(down, across)


def _legendre(x: Tensor, degree: int) -> list[Tensor]:
    """Legendre polynomials of x (n,), normalised to unit mean square over -1 to 1, by Bonnet's recursion."""
    values = [torch.ones_like(x), x]
    for order in range(1, degree):
        values.append(((2 * order + 1) * x * values[order] - order * values[order - 1]) / (order + 1))
    return [float((2 * order + 1) ** 0.5) * value for order, value in enumerate(values[: degree + 1])]
