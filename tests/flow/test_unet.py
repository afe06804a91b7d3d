import pytest
import torch

from ddm_studio.flow.unet import VelocityNetwork


def network(channels=8):
    return VelocityNetwork(channels, torch.Generator().manual_seed(0))


def inputs(count=3, side=16):
    draw = torch.Generator().manual_seed(1)
    return torch.randn(count, 3, side, side, generator=draw), torch.rand(count, generator=draw), torch.rand(count, 2, generator=draw)


def opened(channels=8):
    made = network(channels)
    with torch.no_grad():
        made.exit_gain.fill_(1)
    return made


def test_starts_as_zero():
    assert torch.equal(network()(*inputs()), torch.zeros(3, 3, 16, 16))


def test_output_has_about_unit_magnitude_before_any_training():
    out = opened(32)(*inputs(4, 32))
    assert 0.5 < out.std().item() < 1.5


def test_hears_time_and_place_and_treats_patches_independently():
    made = opened()
    with torch.no_grad():
        for block in [*made.encoder, made.middle, *made.decoder]:
            block.modulation_gain.fill_(1)
    y, t, p = inputs()
    out = made(y, t, p)
    assert not torch.allclose(made(y, 1 - t, p), out, atol=1e-3)
    assert not torch.allclose(made(y, t, 1 - p), out, atol=1e-3)
    assert torch.allclose(made(y[:1], t[:1], p[:1]), out[:1], atol=1e-5)


def test_has_half_a_million_parameters_at_the_default_width():
    assert sum(value.numel() for value in network(32).parameters()) == pytest.approx(0.5e6, rel=0.1)


def test_refuses_sides_that_cannot_be_halved():
    with pytest.raises(ValueError, match="divisible by 4"):
        network()(*inputs(side=18))
