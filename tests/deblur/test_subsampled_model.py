import pytest
import torch
from lenses import LocalMean, gaussian_kernel
from torch import Tensor

from ddm_studio.deblur.dpir import DpirSchedule, dpir_steps
from ddm_studio.deblur.light import ENCODED_VALUES
from ddm_studio.deblur.subsampled_model import SubsampledModel, interpolated, subsampled


def skewed_kernels(count: int) -> Tensor:
    """Kernels (count, 3, 5, 5) without any symmetry, so that a mirrored or shifted one is noticed."""
    kernels = torch.rand(count, 3, 5, 5, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    return kernels / kernels.sum((-1, -2), keepdim=True)


def as_matrix(kernel: Tensor, height: int, width: int) -> Tensor:
    """`S K` written out (h w, 4 h w) for one kernel (k, k), pixel by pixel, circular."""
    matrix = torch.zeros(height * width, 4 * height * width, dtype=torch.float64)
    reach = kernel.shape[-1] // 2
    for row in range(height):
        for column in range(width):
            for down in range(-reach, reach + 1):
                for across in range(-reach, reach + 1):
                    source = (2 * row - down) % (2 * height) * 2 * width + (2 * column - across) % (2 * width)
                    matrix[row * width + column, source] += kernel[reach + down, reach + across]
    return matrix


@pytest.mark.parametrize("rho", [1e-4, 0.1])
@pytest.mark.parametrize("size", [(4, 6), (6, 4)])
def test_the_data_step_solves_the_normal_equations(rho: float, size: tuple[int, int]) -> None:
    height, width = size
    random = torch.Generator().manual_seed(0)
    small = torch.rand(2, 3, height, width, generator=random, dtype=torch.float64)
    anchor = torch.rand(2, 3, 2 * height, 2 * width, generator=random, dtype=torch.float64)
    kernels = skewed_kernels(2)
    ours = SubsampledModel(small, kernels).data_step(anchor, torch.tensor(rho, dtype=torch.float64))
    for picture in range(2):
        for channel in range(3):
            a = as_matrix(kernels[picture, channel], height, width)
            right = a.T @ small[picture, channel].flatten() + rho * anchor[picture, channel].flatten()
            dense = torch.linalg.solve(a.T @ a + rho * torch.eye(a.shape[1], dtype=torch.float64), right)
            torch.testing.assert_close(ours[picture, channel].flatten(), dense, atol=1e-10, rtol=0)


def test_channels_may_weigh_differently() -> None:
    small, anchor = torch.rand(1, 3, 8, 8).double(), torch.rand(1, 3, 16, 16).double()
    model = SubsampledModel(small, skewed_kernels(1))
    together = model.data_step(anchor, torch.tensor([0.01, 0.1, 1.0]).view(1, 3, 1, 1))
    torch.testing.assert_close(together[:, 1], model.data_step(anchor, torch.tensor(0.1))[:, 1])


def test_a_solution_that_hardly_heeds_its_anchor_gives_the_small_picture() -> None:
    small = torch.rand(1, 3, 8, 12, generator=torch.Generator().manual_seed(2)).double()
    model = SubsampledModel(small, gaussian_kernel(7, 0.8, 1.1).double().expand(1, 3, 7, 7))
    torch.testing.assert_close(model.seen(model.data_step(model.windows, torch.tensor(1e-9))), small, atol=1e-4, rtol=0)


def test_interpolation_keeps_the_pixels_and_lies_between_them() -> None:
    ramp = torch.arange(12.0).view(1, 1, 1, 12).expand(1, 1, 8, 12)
    large = interpolated(ramp)
    assert large.shape == (1, 1, 16, 24)
    torch.testing.assert_close(subsampled(large), ramp)
    torch.testing.assert_close(large[0, 0, 5, 2:20], torch.arange(2.0, 20.0) / 2)


def test_dpir_runs_on_it_and_brings_back_what_the_kernel_and_the_pixels_took() -> None:
    place = torch.arange(64.0)
    large = 0.5 + 0.2 * torch.sin(0.9 * place)[:, None] * torch.cos(0.7 * place) * torch.ones(1, 3, 1, 1)
    kernels = gaussian_kernel(9, 1.2, 0.9).expand(1, 3, 9, 9)
    small = SubsampledModel(torch.zeros(1, 3, 32, 32), kernels).seen(large)
    model = SubsampledModel(small, kernels)
    *_, restored = dpir_steps(model, model.windows, torch.full((3,), 0.002), LocalMean(), DpirSchedule(), ENCODED_VALUES)
    inside = (..., slice(12, -12), slice(12, -12))
    assert (restored - large)[inside].square().mean() < 0.1 * (model.windows - large)[inside].square().mean()


def test_a_kernel_larger_than_the_picture_is_refused() -> None:
    with pytest.raises(ValueError, match="do not fit"):
        SubsampledModel(torch.rand(1, 3, 4, 4), torch.ones(1, 3, 9, 9) / 81)
