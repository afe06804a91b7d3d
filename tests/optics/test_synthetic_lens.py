"""The synthetic lens behaves like a lens."""

import numpy as np
import torch

from ddm_studio.optics.psf_grid import node_centres
from ddm_studio.optics.psf_metrics import centroid, fwhm, lateral_shift
from ddm_studio.optics.synthetic_lens import LensPrescription, psf_grid, random_lens

PERFECT = LensPrescription(1.4, 0, 0, 0, 0, 0, (0, 0), (0, 0), (0, 0))


def test_the_grid_follows_the_conventions_and_the_seed() -> None:
    grid = psf_grid(random_lens(7), 3, 4, 11)
    assert grid.shape == (3, 4, 3, 11, 11)
    assert grid.min() >= 0
    assert np.allclose(grid.sum((-1, -2)), 1, atol=1e-5)
    assert np.abs(node_centres(torch.from_numpy(grid)).numpy()).max() < 0.05
    assert np.array_equal(grid, psf_grid(random_lens(7), 3, 4, 11))
    assert not np.array_equal(grid, psf_grid(random_lens(8), 3, 4, 11))


def test_a_perfect_lens_is_limited_by_diffraction_and_redder_light_spreads_more() -> None:
    widths = fwhm(psf_grid(PERFECT, 1, 1, 13))[0, 0]
    # An Airy disk has FWHM 1.03 lambda N; the pixel adds a little.
    assert 1.4 < widths[1] < 1.9
    assert widths[0] > widths[1] > widths[2]


def test_lateral_colour_points_outwards() -> None:
    lens = LensPrescription(1.4, 0, 0, 0, 0, 0, (0, 0), (1.0, -1.0), (0, 0))
    red = lateral_shift(psf_grid(lens, 3, 3, 13))[:, :, 0]
    assert red[0, 1, 0] < -0.3 < 0.3 < red[2, 1, 0]
    assert red[1, 0, 1] < -0.3 < 0.3 < red[1, 2, 1]


def test_coma_points_along_the_field_and_turns_with_it() -> None:
    lens = LensPrescription(1.4, 0, 0, 0, 1.0, 0, (0, 0), (0, 0), (0, 0))
    tails = centroid(psf_grid(lens, 3, 3, 15))[:, :, 1]
    assert abs(tails[0, 1, 1]) < 0.05 < abs(tails[0, 1, 0])
    assert abs(tails[1, 0, 0]) < 0.05 < abs(tails[1, 0, 1])
    assert np.sign(tails[0, 1, 0]) == -np.sign(tails[2, 1, 0])
