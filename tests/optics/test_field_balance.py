"""A tilted field is told from a straight one, and a decentred middle from a centred one."""

import numpy as np
import pytest

from ddm_studio.optics.field_balance import field_balance, flare, middle_kernel, width_error
from ddm_studio.optics.psf_metrics import fwhm, ncc
from ddm_studio.optics.synthetic_lens import LensPrescription, psf_grid


def gaussian(sigma: float, row: float = 0.0, column: float = 0.0, size: int = 21) -> np.ndarray:
    places = np.arange(size) - size // 2
    kernel = np.exp(-((places[:, None] - row) ** 2 + (places - column) ** 2) / (2 * sigma**2))
    return kernel / kernel.sum()


def field(tilt: float, rows: int = 8, columns: int = 8) -> np.ndarray:
    """Softer towards the corners, and towards the right by `tilt`."""
    x, y = np.meshgrid(np.linspace(-1, 1, columns), np.linspace(-1, 1, rows))
    sigmas = 1.3 + 0.4 * (x**2 + y**2) / 2 + tilt * x
    return np.stack([np.stack([np.stack([gaussian(sigma)] * 3) for sigma in line]) for line in sigmas])


def lens(coma: float, decentring: tuple[float, float], colour: float = 0.0) -> np.ndarray:
    prescription = LensPrescription(1.3, 0.0, 0.3, 0.0, coma, 0.0, (0.0, 0.0), (colour, -colour), decentring)
    return psf_grid(prescription, 4, 4)


SURE = np.full((8, 8), 0.999)


def test_a_straight_field_is_the_same_on_both_sides():
    psf = field(0.0)
    balance = field_balance(psf, fwhm(psf).mean(-1), SURE)
    assert abs(balance.left_right.value) < 1e-6
    assert abs(balance.top_bottom.value) < 1e-6
    assert not balance.left_right.is_certain


def test_a_tilted_field_is_softer_on_one_side_by_as_much_as_was_put_in():
    psf = field(0.15)
    widths = fwhm(psf).mean(-1)
    balance = field_balance(psf, widths, SURE)
    expected = 2 * 0.15 * np.linspace(-1, 1, 8)[4:].mean() / (1.3 + 0.4 * (np.linspace(-1, 1, 8) ** 2).mean())
    assert balance.left_right.value == pytest.approx(expected, rel=0.05)
    assert balance.left_right.is_certain
    assert not balance.top_bottom.is_certain
    mirrored = field_balance(psf[:, ::-1], widths[:, ::-1], SURE)
    assert mirrored.left_right.value == pytest.approx(-balance.left_right.value)
    turned = field_balance(psf.swapaxes(0, 1), widths.T, SURE)
    assert turned.top_bottom.value == pytest.approx(balance.left_right.value)


def test_where_kernels_are_uncertain_a_small_difference_is_not_believed():
    psf = field(0.05)
    widths = fwhm(psf).mean(-1)
    assert field_balance(psf, widths, SURE).left_right.is_certain
    assert not field_balance(psf, widths, np.full((8, 8), 0.97)).left_right.is_certain
    assert not field_balance(psf, widths, np.full((8, 8), np.nan)).left_right.is_certain


def test_a_grid_of_one_column_has_no_sides():
    psf = field(0.1)[:, :1]
    assert np.isnan(field_balance(psf, fwhm(psf).mean(-1), SURE[:, :1]).left_right.value)


@pytest.mark.parametrize("wider", [1.05, 1.2])
def test_the_error_of_a_width_is_what_the_ncc_of_two_gaussians_allows(wider):
    likeness = ncc(gaussian(1.5, size=61), gaussian(1.5 * wider, size=61))
    assert wider - 1 <= width_error(likeness) * 1.2
    assert width_error(likeness) < 1.5 * (wider - 1)


def test_coma_in_the_middle_shows_only_when_the_axis_is_off_it_and_flares_that_way():
    centred, down = (field_balance(grid := lens(0.9, where), fwhm(grid).mean(-1), SURE[:4, :4]) for where in ((0, 0), (0.35, 0)))
    assert np.hypot(*centred.coma) < 0.02
    assert np.hypot(*down.coma) > 0.1
    assert abs(down.coma[0]) > 5 * abs(down.coma[1])


def test_colour_in_the_middle_shows_only_when_the_axis_is_off_it():
    centred, right = (field_balance(grid := lens(0.0, where, 1.0), fwhm(grid).mean(-1), SURE[:4, :4]) for where in ((0, 0), (0, 0.3)))
    assert np.abs(centred.colour).max() < 0.02
    assert right.colour[0] == pytest.approx([0, -0.3], abs=0.05)
    assert right.colour[1] == pytest.approx([0, 0.3], abs=0.05)


def test_a_flare_points_to_the_faint_light():
    assert np.allclose(flare(gaussian(1.5, 0.4, -0.3)), 0, atol=1e-3)
    comet = gaussian(1.0) + 0.4 * gaussian(1.5, 0, 3)
    assert flare(comet)[1] > 0.3
    assert abs(flare(comet)[0]) < 1e-6


def test_the_middle_lies_between_the_nodes_about_it():
    psf = np.random.default_rng(0).random((4, 5, 3, 3, 3))
    assert np.allclose(middle_kernel(psf), psf[1:3, 2].mean(0))
    assert np.allclose(middle_kernel(psf[:3, :3]), psf[1, 1])
