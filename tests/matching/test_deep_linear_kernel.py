import pytest
import torch

from ddm_studio.matching.deep_linear_kernel import RECEPTIVE_FIELD, DeepLinearKernel
from ddm_studio.matching.reblur import LensEstimate, convolve
from ddm_studio.optics.display_curve import decode, encode
from ddm_studio.optics.psf_grid import normalise


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def lopsided():
    """A kernel that is no mirror image or turn of itself."""
    places = torch.arange(RECEPTIVE_FIELD) - RECEPTIVE_FIELD // 2
    down, across = torch.meshgrid(places, places, indexing="ij")
    return normalise(
        torch.exp(-((down - 1.0) ** 2) / 2 - (across + 2.0) ** 2 / 8) + 0.5 * torch.exp(-((down + 3.0) ** 2) - (across - 3.0) ** 2)
    )


def test_has_the_sides_of_the_paper():
    model = DeepLinearKernel(generator())
    assert [tuple(weight.shape) for weight in model.layers] == [(64, 1, 7, 7), (64, 64, 5, 5), (64, 64, 5, 5), (1, 64, 1, 1)]
    assert model.grid().shape == (1, 1, 3, 15, 15)


def test_running_the_chain_is_convolving_with_the_collapsed_kernel():
    model = DeepLinearKernel(generator(), channels=8)
    pictures = torch.rand(4, 3, 40, 40, generator=generator(1))
    by_chain = torch.stack([model(pictures[:, channel : channel + 1])[:, 0] for channel in range(3)], 1)
    assert torch.allclose(by_chain, convolve(pictures, model.grid()[0]), atol=1e-4)


def test_a_point_of_light_photographed_is_the_kernel_and_not_its_mirror_image():
    model = DeepLinearKernel(generator(), channels=16)
    model.fit_to(lopsided(), steps=400)
    point = torch.zeros(1, 3, 43, 43)
    point[..., 21, 21] = 0.5
    lens = LensEstimate(model.grid().detach(), torch.zeros(3), torch.ones(3))
    photo = decode(lens.see(encode(point), torch.full((1, 2), 0.5)))[0, 0, 7:22, 7:22] / 0.5
    assert (photo - lopsided()).abs().max() < 0.05 * lopsided().max()
    assert (photo - lopsided().flip(-1, -2)).abs().max() > 0.5 * lopsided().max()


def test_chain_and_stride_equal_the_strided_lens():
    model = DeepLinearKernel(generator(2), channels=8)
    model.fit_to(lopsided(), steps=50)
    lens = LensEstimate(model.grid().detach(), torch.zeros(3), torch.ones(3), stride=2)
    sharp = torch.rand(2, 3, lens.window(16), lens.window(16), generator=generator(3))
    light = decode(sharp)
    by_chain = torch.stack([model(light[:, channel : channel + 1])[:, 0] for channel in range(3)], 1)[..., ::2, ::2]
    assert torch.allclose(decode(lens.see(sharp, torch.full((2, 2), 0.5))), by_chain, atol=1e-3)


def test_the_same_seed_gives_the_same_kernel():
    assert torch.equal(DeepLinearKernel(generator()).grid(), DeepLinearKernel(generator()).grid())
    assert not torch.equal(DeepLinearKernel(generator()).grid(), DeepLinearKernel(generator(1)).grid())


@pytest.mark.parametrize("channels", [4, 64])
def test_gradients_reach_every_layer(channels):
    model = DeepLinearKernel(generator(), channels)
    (model.grid()[0, 0, 0] * lopsided()).sum().backward()
    assert all(weight.grad is not None and weight.grad.abs().max() > 0 for weight in model.layers)
