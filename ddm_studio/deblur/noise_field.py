"""One field of random numbers over a whole photo of any size, made on demand: a pixel's noise depends on its place only."""

from __future__ import annotations

import torch
from torch import Tensor

from ddm_studio.snapshot import seed_of

BLOCK = 128


def noise_window(seed: int, step: int, top: int, left: int, height: int, width: int) -> Tensor:
    """The part (3, height, width) of step's noise field, unit variance, that begins at a pixel; places may be negative.

    Always drawn on the CPU, so that the result does not depend on the device.
    """
    first_row, first_column = top // BLOCK, left // BLOCK
    last_row, last_column = (top + height - 1) // BLOCK, (left + width - 1) // BLOCK
    strips = [
        torch.cat([_block(seed, step, row, column) for column in range(first_column, last_column + 1)], 2)
        for row in range(first_row, last_row + 1)
    ]
    field = torch.cat(strips, 1)
    down, across = top - first_row * BLOCK, left - first_column * BLOCK
    return field[:, down : down + height, across : across + width]


def _block(seed: int, step: int, row: int, column: int) -> Tensor:
    generator = torch.Generator().manual_seed(seed_of(seed, f"noise field {row} {column}", step))
    return torch.randn((3, BLOCK, BLOCK), generator=generator)
