"""Contrast of lines: analytic kernels, and which way sagittal and meridional lie."""

import numpy as np
import pytest

from ddm_studio.optics.mtf import (
    by_image_height,
    cycles_per_pixel,
    image_heights,
    line_pairs_per_mm,
    meridional,
    mtf,
    mtf50,
    node_offsets,
    resample_map,
    sagittal,
)

FRAME = (601, 401)
RIGHT, DOWN = np.array([0.0, 1.0]), np.array([1.0, 0.0])


def gaussian(sigma_rows: float, sigma_columns: float, size: int = 31) -> np.ndarray:
    places = np.arange(size) - size // 2
    kernel = np.exp(-(places[:, None] ** 2) / (2 * sigma_rows**2) - places**2 / (2 * sigma_columns**2))
    return kernel / kernel.sum()


@pytest.mark.parametrize("sigma", [1.0, 1.7, 3.0])
def test_the_mtf_of_a_gaussian_is_a_gaussian(sigma):
    frequencies = np.linspace(0, 0.3, 7)
    for direction in (RIGHT, DOWN, np.array([0.6, 0.8])):
        expected = np.exp(-2 * (np.pi * sigma * frequencies) ** 2)
        assert np.allclose(mtf(gaussian(sigma, sigma), direction, frequencies), expected, atol=1e-3)
    assert mtf50(gaussian(sigma, sigma), RIGHT) == pytest.approx(np.sqrt(np.log(2) / 2) / (np.pi * sigma), rel=2e-3)


def test_a_single_tap_keeps_all_contrast():
    tap = np.zeros((5, 5))
    tap[2, 2] = 1
    assert np.allclose(mtf(tap, RIGHT, np.array([0.0, 0.25, 0.5])), 1)
    assert mtf50(tap, RIGHT) == 0.5


def test_two_taps_side_by_side_lose_contrast_only_across_lines_that_lie_between_them():
    pair = np.zeros((7, 7))
    pair[3, 2] = pair[3, 4] = 0.5  # two columns apart: the cosine of 2 pi f, zero at a quarter
    assert mtf(pair, RIGHT, np.array([0.25]))[0] == pytest.approx(0, abs=1e-12)
    assert mtf(pair, DOWN, np.array([0.25]))[0] == pytest.approx(1)
    assert mtf50(pair, RIGHT) == pytest.approx(1 / 6, rel=1e-2)


def test_a_blur_along_the_radius_lowers_the_meridional_contrast():
    """At the right edge the radius runs to the right, at the upper edge upwards; a streak along it blurs lines that lie across it."""
    streak = np.zeros((3, 3, 1, 15, 15))
    streak[...] = gaussian(0.6, 2.5, 15)
    along, across = meridional(3, 3, FRAME)[:, :, None], sagittal(3, 3, FRAME)[:, :, None]
    meridional_50, sagittal_50 = mtf50(streak, along), mtf50(streak, across)
    for column in (0, 2):
        assert meridional_50[1, column, 0] < 0.5 * sagittal_50[1, column, 0]
    for row in (0, 2):
        assert meridional_50[row, 1, 0] > 2 * sagittal_50[row, 1, 0]


def test_directions_are_unit_vectors_at_right_angles_pointing_outwards():
    along, across = meridional(5, 7, FRAME), sagittal(5, 7, FRAME)
    assert np.allclose((along**2).sum(-1), 1)
    assert np.allclose((along * across).sum(-1), 0)
    assert (along[0, :, 0] < 0).all()
    assert (along[:, -1, 1] > 0).all()


def test_image_height_is_the_distance_in_pixels():
    heights = image_heights(3, 3, FRAME)
    assert heights[1, 1] == 0
    assert heights[1, 2] == pytest.approx(300)
    assert heights[0, 0] == pytest.approx(np.hypot(300, 200))
    assert np.allclose(node_offsets(1, 2, FRAME), [[[0, -300], [0, 300]]])


def test_rings_hold_every_node_once_with_its_spread():
    heights = image_heights(8, 8, FRAME)
    values = 1 + heights / 100
    rings = by_image_height(heights, values)
    assert rings.count.sum() == 64
    assert (np.diff(rings.height) > 0).all()
    assert np.allclose(rings.mean, 1 + rings.height / 100)
    assert (rings.low <= rings.mean).all()
    assert (rings.mean <= rings.high).all()
    assert rings.high[-1] == values.max()


def test_line_pairs_and_cycles():
    assert cycles_per_pixel(40, 5.0) == pytest.approx(0.2)
    assert line_pairs_per_mm(0.2, 5.0) == pytest.approx(40)


def test_a_map_read_at_other_nodes_keeps_its_places():
    down, across = np.meshgrid(np.linspace(0, 1, 3), np.linspace(0, 1, 5), indexing="ij")
    wider = resample_map(2 * down + across, 5, 9)
    assert wider.shape == (5, 9)
    assert np.allclose(wider, 2 * np.linspace(0, 1, 5)[:, None] + np.linspace(0, 1, 9))
    assert np.allclose(resample_map(wider, 3, 5), 2 * down + across)
    assert np.allclose(resample_map(wider, 1, 1), 1.5)
