"""A grid that hardly blurs is told from one that does, wherever in the frame."""

import numpy as np
import pytest

from ddm_studio.optics.synthetic_lens import psf_grid, random_lens
from ddm_studio.profiles.little_blur import little_blur


def gaussians(widths):
    """(rows, columns, 3, 13, 13) of standard deviations (rows, columns) in px."""
    places = np.arange(13) - 6
    taps = np.exp(-(places[:, None] ** 2 + places**2) / (2 * np.asarray(widths)[:, :, None, None] ** 2))
    taps /= taps.sum((-1, -2), keepdims=True)
    return np.repeat(taps[:, :, None], 3, 2).astype(np.float32)


@pytest.mark.parametrize("nodes", [(1, 1), (2, 3), (8, 8)])
def test_points_are_told(nodes):
    told = little_blur(gaussians(np.full(nodes, 0.3)))
    assert "little to correct" in told
    assert "hardly blurrier" in told


@pytest.mark.parametrize("nodes", [(1, 1), (8, 8)])
def test_a_soft_lens_is_not(nodes):
    assert not little_blur(gaussians(np.full(nodes, 0.8)))


def test_nor_is_one_that_is_soft_in_a_corner_only():
    widths = np.full((8, 8), 0.3)
    widths[:3, :3] = 1.0
    assert not little_blur(gaussians(widths))


@pytest.mark.parametrize("seed", range(4))
def test_nor_are_made_up_lenses(seed):
    assert not little_blur(psf_grid(random_lens(seed), aspect=1.5))
