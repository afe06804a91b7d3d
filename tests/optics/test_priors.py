import pytest
import torch

from ddm_studio.optics.priors import centring, gaussian, sparsity, sum_to_one


def dirac(down, across, size=5):
    psf = torch.zeros(1, 1, 3, size, size)
    psf[..., down, across] = 1
    return psf


def test_a_centred_point_costs_nothing():
    assert centring(dirac(2, 2)).item() == pytest.approx(0, abs=1e-12)
    assert gaussian(dirac(2, 2)).item() == pytest.approx(0, abs=1e-12)
    assert sum_to_one(dirac(2, 2)).item() == 0


def test_centring_is_the_squared_distance_of_the_joint_centre():
    assert centring(dirac(2, 3)).item() == pytest.approx(0.25)
    assert centring(dirac(0, 2)).item() == pytest.approx(1.0)


def test_lateral_colour_is_free_of_charge():
    psf = torch.cat([dirac(2, 1)[:, :, :1], dirac(2, 2)[:, :, :1], dirac(2, 3)[:, :, :1]], 2)
    assert centring(psf).item() == pytest.approx(0, abs=1e-12)


def test_gaussian_prior_does_not_mind_a_shift_but_minds_width():
    assert gaussian(dirac(0, 4)).item() == pytest.approx(0, abs=1e-6)
    assert gaussian((dirac(2, 1) + dirac(2, 3)) / 2).item() == pytest.approx(0.25 / 25)


def test_sparsity_is_constant_for_positive_kernels_that_sum_to_one():
    psf = torch.rand(2, 2, 3, 5, 5, generator=torch.Generator().manual_seed(0))
    psf = psf / psf.sum((-1, -2), keepdim=True)
    assert sparsity(psf).item() == pytest.approx(1 / 25)
    assert sum_to_one(2 * psf).item() == pytest.approx(1)
