"""Kernels that are too small for the blur are told, with a size that holds it."""

import re

import numpy as np
import pytest

from ddm_studio.optics.synthetic_lens import psf_grid, random_lens
from ddm_studio.profiles.cut_kernels import cut_kernels


def gaussians(sigma, size, nodes=(4, 4)):
    places = np.arange(size) - size // 2
    taps = np.exp(-(places[:, None] ** 2 + places**2) / (2 * sigma**2))
    return np.broadcast_to(taps / taps.sum(), (*nodes, 3, size, size)).astype(np.float32)


@pytest.mark.parametrize(("sigma", "size"), [(3.5, 13), (6.0, 21)])
def test_a_blur_wider_than_its_kernels_is_told_with_a_size_that_holds_it(sigma, size):
    told = cut_kernels(gaussians(sigma, size))
    assert "16 of 16 nodes" in told
    larger = int(re.search(r"such as (\d+)", told)[1])
    assert larger > size
    assert larger % 2
    assert not cut_kernels(gaussians(sigma, larger))


def test_a_blur_that_its_kernels_hold_is_not():
    assert not cut_kernels(gaussians(2.0, 13))


def test_one_wide_corner_of_a_large_grid_is_not_worth_another_calibration():
    grid = gaussians(1.0, 13, (8, 8)).copy()
    grid[0, 0] = gaussians(5.0, 13)[0, 0]
    assert not cut_kernels(grid)
    grid[0] = gaussians(5.0, 13)[0, 0]
    assert "8 of 64 nodes" in cut_kernels(grid)


@pytest.mark.parametrize("seed", range(4))
def test_made_up_lenses_fit(seed):
    assert not cut_kernels(psf_grid(random_lens(seed), aspect=1.5))
