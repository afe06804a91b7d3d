"""Lenses and photos for which the right answer is known."""

import numpy as np
import torch
from tiny_windows import pool_of

from ddm_studio.flow.windows import windows_of
from ddm_studio.matching.reblur import LensEstimate
from ddm_studio.optics.display_curve import encode
from ddm_studio.optics.forward_model import blur_patches
from ddm_studio.optics.psf_grid import normalise


def comet(size=5, tail=0.5):
    """A kernel with a bright head and a tail to the right, centre of mass near the middle: (3, size, size)."""
    kernel = torch.zeros(3, size, size)
    middle = size // 2
    for step in range(size - 1):
        kernel[:, middle, step] = tail**step
    kernel[:, middle - 1 : middle + 2, 0] += 0.1
    return normalise(kernel)


def grid_of(kernel, rows=1, columns=1):
    """The same kernel (3, k, k) at every node."""
    return kernel.expand(rows, columns, *kernel.shape).clone()


def lens_of(psf, sigma=0.01):
    return LensEstimate(psf, torch.full((3,), sigma), torch.ones(3))


def box_scenes(count, side, seed):
    """Overlapping boxes of random brightness in linear light, (count, 3, side, side): sharp edges of every polarity."""
    draw = np.random.default_rng(seed)
    scenes = np.full((count, 3, side, side), 0.3)
    for scene in scenes:
        for _ in range(12):
            top, left = draw.integers(-8, side, 2)
            height, width = draw.integers(4, side // 2, 2)
            scene[:, max(top, 0) : top + height, max(left, 0) : left + width] = draw.uniform(0.05, 0.9)
    return torch.from_numpy(scenes).float()


def photos_through(kernel, count=60, side=60, seed=1, sigma=0.01):
    """A source of blurry tiles: box scenes seen through one kernel (3, k, k)."""
    margin = kernel.shape[-1] - 1
    linear = blur_patches(box_scenes(count, side + margin, seed), kernel.expand(count, *kernel.shape))
    noise = sigma * torch.randn(linear.shape, generator=torch.Generator().manual_seed(seed))
    return windows_of(pool_of((encode(linear) + noise).numpy(), photos=12, seed=seed))


def sharp_photos(count=60, side=64, seed=2):
    """A source of sharp tiles."""
    return windows_of(pool_of(encode(box_scenes(count, side, seed)).numpy(), photos=12, seed=seed))
