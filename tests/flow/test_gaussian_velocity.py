"""The closed form equals what brute force finds, and is measured from windows without bias."""

import pytest
import torch
from tiny_windows import CPU

from ddm_studio.flow.flow_matching import noisy_patches
from ddm_studio.flow.gaussian_velocity import GaussianField, measure_field
from ddm_studio.spectra.hermitian import PLANES

SIDE = 8


def white_field(mean, variance):
    spectra = torch.zeros(1, 1, PLANES, SIDE, SIDE // 2 + 1)
    spectra[:, :, :3] = variance
    return GaussianField(torch.full((1, 1, 3), mean), spectra)


def coloured_patches(count, seed=0):
    """Smooth Gaussian patches with correlated channels: (n, 3, 8, 8), periodic."""
    white = torch.randn(count, 3, SIDE, SIDE, generator=torch.Generator().manual_seed(seed))
    smooth = (white + white.roll(1, -1) + white.roll(1, -2)) / 3
    mix = torch.tensor([[1.0, 0.0, 0.0], [0.6, 0.5, 0.0], [0.3, 0.3, 0.6]])
    return torch.einsum("cd,ndhw->nchw", mix, smooth) - 0.2


def measured(count=6000):
    return measure_field([((coloured_patches(count) + 1) / 2, torch.full((count, 2), 0.5))], 1, 1, SIDE, CPU)


@pytest.mark.parametrize("t", [0.2, 0.6, 0.9])
def test_equals_the_conditional_mean_found_by_counting(t):
    """In one dimension: draw many (y0, y1), keep those whose y_t is near a value, average y1 - y0."""
    draw = torch.Generator().manual_seed(0)
    mean, deviation, seen = 0.3, 0.5, 0.25
    y1 = mean + deviation * torch.randn(2_000_000, generator=draw)
    y0 = torch.randn(2_000_000, generator=draw)
    near = ((1 - t) * y0 + t * y1 - seen).abs() < 0.02
    velocity = white_field(mean, deviation**2).velocity(torch.full((1, 3, SIDE, SIDE), seen), torch.tensor([t]), torch.tensor([[0.5, 0.5]]))
    assert float(velocity[0, 1, 3, 3]) == pytest.approx(float((y1 - y0)[near].mean()), abs=0.02)


def test_no_other_linear_velocity_has_a_smaller_loss():
    field, y1 = measured(), coloured_patches(4000, seed=1)
    noisy = noisy_patches(y1, torch.Generator().manual_seed(2))
    places = torch.full((len(y1), 2), 0.5)

    def loss(one_field, scale=1.0, shift=0.0):
        return float((scale * one_field.velocity(noisy.y_t, noisy.t, places) + shift - noisy.target).square().mean())

    best = loss(field)
    assert best < loss(field, scale=1.03)
    assert best < loss(field, scale=0.97)
    assert best < loss(field, shift=0.05)
    assert best < loss(GaussianField(field.mean, 1.3 * field.spectra))
    assert best < loss(GaussianField(field.mean, 0.7 * field.spectra))
    assert best < loss(GaussianField(field.mean, field.spectra.flip(-2)))


def test_measured_spectrum_is_the_variance_of_each_coefficient():
    field = measured()
    fresh = torch.fft.rfft2(coloured_patches(6000, seed=3) + 0.2, norm="ortho")
    assert torch.allclose(field.spectra[0, 0, 0], fresh[:, 0].abs().square().mean(0), rtol=0.15, atol=0.01)
    cross = (fresh[:, 0] * fresh[:, 1].conj()).mean(0)
    assert torch.allclose(field.spectra[0, 0, 3], cross.real, rtol=0.2, atol=0.02)
    assert torch.allclose(field.spectra[0, 0, 4], cross.imag, atol=0.02)
    assert torch.allclose(field.mean, torch.full((1, 1, 3), -0.2), atol=0.02)


def test_every_place_has_its_own_spectrum_and_empty_nodes_take_the_mean():
    places = torch.tensor([[0.0, 0.0], [0.0, 1.0]]).repeat(2000, 1)
    strength = torch.tensor([0.1, 0.4]).repeat(2000).view(-1, 1, 1, 1)
    y1 = strength * torch.randn(4000, 3, SIDE, SIDE, generator=torch.Generator().manual_seed(4))
    field = measure_field([((y1 + 1) / 2, places)], 2, 2, SIDE, CPU)
    power = field.spectra[:, :, 0].mean((-1, -2))
    assert torch.allclose(power[0], torch.tensor([0.01, 0.16]), rtol=0.05)
    assert torch.allclose(power[1], power[0].mean().expand(2), rtol=0.05)
    between = field.at(torch.tensor([[0.0, 0.5]]))[1][0, 0].mean()
    assert float(between) == pytest.approx(float(power[0].mean()), rel=1e-3)


def test_refuses_patches_of_another_size():
    with pytest.raises(ValueError, match="expected patches"):
        white_field(0.0, 1.0).velocity(torch.zeros(1, 3, 4, 4), torch.zeros(1), torch.zeros(1, 2))
