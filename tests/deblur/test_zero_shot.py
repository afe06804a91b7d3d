import pytest
import torch
from lenses import gaussian_kernel

from ddm_studio.deblur.light import ENCODED_VALUES
from ddm_studio.deblur.subsampled_model import SubsampledModel, interpolated
from ddm_studio.deblur.zero_shot import ZeroShotNetwork, ZeroShotSchedule, learn_from_photo
from ddm_studio.optics.dead_leaves import dead_leaves

NO_NOISE = torch.zeros(3)


def network() -> ZeroShotNetwork:
    return ZeroShotNetwork(torch.Generator().manual_seed(0))


def test_untrained_it_interpolates() -> None:
    small = torch.rand(1, 3, 16, 24)
    torch.testing.assert_close(network()(small), interpolated(small))


def test_it_learns_from_the_photo_to_sharpen_what_the_kernel_blurred() -> None:
    kernel = gaussian_kernel(7, 1.3, 1.0).expand(3, 7, 7)
    large = torch.from_numpy(dead_leaves(128, 160, 5)).permute(2, 0, 1)[None]
    photo = SubsampledModel(torch.zeros(1, 3, 64, 80), kernel[None]).seen(large)
    net, schedule = network(), ZeroShotSchedule(steps=120, batch=4, side=32)
    losses = list(learn_from_photo(net, photo[0], kernel, NO_NOISE, schedule, torch.Generator().manual_seed(1), ENCODED_VALUES))
    assert len(losses) == 120
    inside = (..., slice(16, -16), slice(16, -16))
    with torch.no_grad():
        assert (net(photo) - large)[inside].square().mean() < 0.8 * (interpolated(photo) - large)[inside].square().mean()


def test_the_same_seeds_give_the_same_network() -> None:
    photo, kernel = torch.rand(3, 40, 48), gaussian_kernel(5, 1.0, 1.0).expand(3, 5, 5)
    schedule = ZeroShotSchedule(steps=3, batch=2, side=16)
    losses = [
        list(learn_from_photo(network(), photo, kernel, torch.full((3,), 0.01), schedule, torch.Generator().manual_seed(2)))
        for _ in range(2)
    ]
    assert losses[0] == losses[1]


def test_a_photo_smaller_than_a_part_is_refused() -> None:
    photo, kernel = torch.rand(3, 60, 90), gaussian_kernel(5, 1.0, 1.0).expand(3, 5, 5)
    with pytest.raises(ValueError, match="at least 68 px"):
        next(learn_from_photo(network(), photo, kernel, NO_NOISE, ZeroShotSchedule(), torch.Generator()))
