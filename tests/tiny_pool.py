"""Pools of tiles made in memory from generated scenes, blurred by a known grid."""

from __future__ import annotations

import numpy as np
import torch

from ddm_studio.optics.dead_leaves import dead_leaves
from ddm_studio.optics.forward_model import photograph
from ddm_studio.photos.tile_pool import TilePool

TILE = 64


def pool_of(frames: list[np.ndarray], step: int = 32) -> TilePool:
    """All tiles of `TILE` px at multiples of `step` px of display-encoded frames (height, width, 3)."""
    tiles, corners, sizes, photo = [], [], [], []
    for number, frame in enumerate(frames):
        height, width = frame.shape[:2]
        for top in range(0, height - TILE + 1, step):
            for left in range(0, width - TILE + 1, step):
                tiles.append((frame[top : top + TILE, left : left + TILE].transpose(2, 0, 1) * 65535 + 0.5).astype(np.uint16))
                corners.append((top, left))
                sizes.append((height, width))
                photo.append(number)
    names = tuple(f"{number}.png" for number in range(len(frames)))
    return TilePool(np.stack(tiles), np.array(corners, np.int32), np.array(sizes, np.int32), np.array(photo, np.int32), names, names)


def scenes(count: int, first_seed: int, height: int = 160, width: int = 224) -> list[np.ndarray]:
    return [dead_leaves(height, width, first_seed + number) for number in range(count)]


def photographed(frames: list[np.ndarray], psf: np.ndarray, sigma: float) -> list[np.ndarray]:
    generator = torch.Generator().manual_seed(0)
    return [
        photograph(torch.from_numpy(frame).permute(2, 0, 1), torch.from_numpy(psf), sigma, generator).permute(1, 2, 0).numpy()
        for frame in frames
    ]
