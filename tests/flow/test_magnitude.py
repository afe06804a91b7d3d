import pytest
import torch

from ddm_studio.flow.magnitude import FourierFeatures, MagnitudeConv, mp_concat, mp_silu, mp_sum, pixel_norm, unit_rows


def generator():
    return torch.Generator().manual_seed(0)


def noise(*shape):
    return torch.randn(shape, generator=torch.Generator().manual_seed(1))


def magnitude(x):
    return x.square().mean().sqrt().item()


@pytest.mark.parametrize("kernel", [1, 3])
def test_convolution_keeps_the_magnitude(kernel):
    layer = MagnitudeConv(24, 32, kernel, generator())
    inside = layer(noise(4, 24, 24, 24))[:, :, 1:-1, 1:-1]
    assert magnitude(inside) == pytest.approx(1, abs=0.05)


def test_linear_layer_keeps_the_magnitude():
    assert magnitude(MagnitudeConv(64, 64, 0, generator())(noise(256, 64))) == pytest.approx(1, abs=0.05)


def test_silu_keeps_the_magnitude():
    assert magnitude(mp_silu(noise(100_000))) == pytest.approx(1, abs=0.01)


@pytest.mark.parametrize("share", [0.1, 0.3, 0.5])
def test_sum_keeps_the_magnitude(share):
    a, b = noise(2, 100_000)
    assert magnitude(mp_sum(a, b, share)) == pytest.approx(1, abs=0.01)


def test_concatenation_keeps_the_magnitude_and_weighs_both_alike():
    a, b = noise(8, 16, 20, 20), noise(8, 48, 20, 20)
    both = mp_concat(a, b)
    assert magnitude(both) == pytest.approx(1, abs=0.02)
    assert float(both[:, :16].square().sum()) == pytest.approx(float(both[:, 16:].square().sum()), rel=0.05)


def test_pixel_norm_makes_every_pixel_unit():
    assert torch.allclose(pixel_norm(3 * noise(2, 8, 4, 4)).square().mean(1), torch.ones(2, 4, 4), atol=1e-4)


def test_time_features_have_unit_magnitude():
    assert magnitude(FourierFeatures(64, generator())(torch.linspace(0, 1, 500))) == pytest.approx(1, abs=0.1)


def test_scaling_stored_weights_changes_nothing():
    layer = MagnitudeConv(8, 8, 3, generator())
    x = noise(1, 8, 6, 6)
    before = layer(x)
    with torch.no_grad():
        layer.weight.mul_(5)
    assert torch.allclose(layer(x), before, atol=1e-5)
    layer.normalise_weights()
    assert torch.allclose(layer.weight.flatten(1).square().mean(1), torch.ones(8), atol=1e-5)


def test_unit_rows_of_unit_rows_are_themselves():
    rows = unit_rows(noise(5, 7))
    assert torch.allclose(unit_rows(rows), rows, atol=1e-6)
