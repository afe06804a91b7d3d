import pytest
import torch
from deepinv.optim import DPIR
from deepinv.physics import BlurFFT
from lenses import LocalMean, varying_lens

from ddm_studio.deblur.dpir import DpirSchedule, dpir_steps, noise_levels, turned, turned_back
from ddm_studio.deblur.light import ENCODED_VALUES
from ddm_studio.deblur.tile_model import TileModel

DEEPINV = DpirSchedule(steps=8, first_sigma=49 / 255, prior_weight=0.23, turn=False)


@pytest.mark.parametrize("sigma", [0.01, 0.03])
def test_our_loop_is_deepinvs_on_a_batch_of_tiles(sigma: float) -> None:
    torch.manual_seed(0)
    windows, kernels = torch.rand(3, 3, 48, 64).double(), varying_lens()[0, :3].double()
    model = TileModel.with_one_kernel(windows, kernels)
    *_, ours = dpir_steps(model, windows, torch.full((3,), sigma).double(), LocalMean(), DEEPINV, ENCODED_VALUES)
    theirs = DPIR(sigma=sigma, denoiser=LocalMean())(windows, BlurFFT((3, 48, 64), filter=kernels), init=windows)
    torch.testing.assert_close(ours, theirs, atol=1e-6, rtol=0)


def test_levels_fall_to_the_photos_own_noise_and_never_to_zero() -> None:
    levels = noise_levels(DEEPINV, torch.tensor([0.01, 0.02, 0.03]))
    torch.testing.assert_close(levels[[0, -1]], torch.tensor([49 / 255, 0.02]))
    assert (levels.diff() < 0).all()
    torch.testing.assert_close(noise_levels(DEEPINV, torch.zeros(3))[-1], torch.tensor(0.001))
    torch.testing.assert_close(noise_levels(DEEPINV, torch.full((3,), 0.4)), torch.full((8,), 0.4))


@pytest.mark.parametrize("number", range(9))
def test_every_turn_can_be_undone(number: int) -> None:
    images = torch.rand(1, 3, 4, 6)
    torch.testing.assert_close(turned_back(turned(images, number), number), images)


def test_the_eight_turns_differ() -> None:
    square = torch.arange(4.0).reshape(1, 1, 2, 2)
    assert len({tuple(turned(square, number).flatten().tolist()) for number in range(8)}) == 8
