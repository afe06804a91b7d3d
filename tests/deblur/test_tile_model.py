import pytest
import torch
from deepinv.models import WienerDeconvolution
from deepinv.physics import BlurFFT
from lenses import gaussian_kernel, varying_lens

from ddm_studio.deblur.tile_model import TileModel, circularly_blurred, taper_edges
from ddm_studio.deblur.tile_spectra import power_of, spectra_of, times_conjugate, transfer_functions


def one_kernel_each(count: int = 2, height: int = 48, width: int = 40) -> tuple[torch.Tensor, torch.Tensor]:
    torch.manual_seed(0)
    return torch.rand(count, 3, height, width), varying_lens()[0, :count]


def test_data_step_is_deepinvs_for_one_kernel_per_tile() -> None:
    windows, kernels = one_kernel_each()
    anchor, rho = torch.rand_like(windows), 0.07
    ours = TileModel.with_one_kernel(windows, kernels).data_step(anchor, torch.tensor(rho))
    theirs = BlurFFT(tuple(windows.shape[1:]), filter=kernels).prox_l2(anchor, windows, gamma=1 / rho)
    torch.testing.assert_close(ours, theirs, atol=1e-5, rtol=0)


def test_wiener_is_deepinvs_for_one_kernel_per_tile() -> None:
    windows, kernels = one_kernel_each()
    ratio = torch.rand(2, 3, 48, 21) + 0.01
    ours = TileModel.with_one_kernel(windows, kernels).wiener(ratio.mT)
    theirs = WienerDeconvolution(ratio, prior="flat")(windows, BlurFFT(tuple(windows.shape[1:]), filter=kernels))
    torch.testing.assert_close(ours, theirs, atol=1e-5, rtol=0)


def test_a_point_of_light_is_the_kernel_not_its_mirror_image() -> None:
    kernel = gaussian_kernel(7, 0.7, 1.0, shift=(1.0, -2.0))
    point = torch.zeros(16, 16)
    point[8, 8] = 1
    blurred = torch.fft.irfft2(torch.fft.rfft2(point) * transfer_functions(kernel, 16, 16), s=(16, 16))
    torch.testing.assert_close(blurred[5:12, 5:12], kernel, atol=1e-6, rtol=0)


def test_between_two_kernels_the_solutions_are_mixed() -> None:
    windows, kernels = one_kernel_each(count=2)
    one = windows[:1]
    mix = torch.linspace(0, 1, 40)
    both = TileModel(one, kernels[None], torch.ones(1, 2, 48), torch.stack([1 - mix, mix])[None]).wiener(torch.tensor(0.1))
    first, second = (TileModel.with_one_kernel(one, kernels[i : i + 1]).wiener(torch.tensor(0.1)) for i in range(2))
    torch.testing.assert_close(both, (1 - mix) * first + mix * second)


def test_tapering_leaves_the_inside_and_closes_the_jump_between_opposite_edges() -> None:
    windows = torch.linspace(0, 1, 64).expand(1, 3, 64, 64).contiguous()
    tapered = taper_edges(windows, varying_lens()[0, :1])
    torch.testing.assert_close(tapered[..., 10:-10, 10:-10], windows[..., 10:-10, 10:-10])
    jump = (windows[..., 32, 0] - windows[..., 32, -1]).abs().max()
    assert (tapered[..., 32, 0] - tapered[..., 32, -1]).abs().max() < 0.5 * jump


@pytest.mark.parametrize("size", [(96, 72), (24, 40), (17, 18)])
def test_tapering_fades_into_the_circular_blur_of_the_whole_tile(size: tuple[int, int]) -> None:
    windows, kernels = torch.rand(2, 3, *size, generator=torch.Generator().manual_seed(1)), varying_lens()[0, :2]
    tapered, blurred = taper_edges(windows, kernels), circularly_blurred(windows, kernels)
    # A pixel at the very edge is nothing but blur, and none lies outside what it fades between.
    for edge in (slice(0, 1), slice(-1, None)):
        torch.testing.assert_close(tapered[..., edge, :], blurred[..., edge, :], atol=1e-6, rtol=0)
        torch.testing.assert_close(tapered[..., edge], blurred[..., edge], atol=1e-6, rtol=0)
    assert (tapered <= torch.maximum(windows, blurred) + 1e-6).all()
    assert (tapered >= torch.minimum(windows, blurred) - 1e-6).all()


def test_spectra_in_parts_are_torchs_turned_over() -> None:
    windows, kernels = one_kernel_each()
    expected, transfer = torch.fft.rfft2(windows), transfer_functions(kernels, 48, 40)
    parts = spectra_of(windows)
    torch.testing.assert_close(torch.complex(parts[..., 0, :], parts[..., 1, :]).mT, expected)
    torch.testing.assert_close(power_of(parts).mT, expected.abs().square())
    pulled = times_conjugate(parts, torch.stack([transfer.real.mT, transfer.imag.mT], -2))
    torch.testing.assert_close(torch.complex(pulled[..., 0, :], pulled[..., 1, :]).mT, transfer.conj() * expected)


def test_a_kernel_larger_than_the_tile_is_refused() -> None:
    with pytest.raises(ValueError, match="9 px do not fit tiles of 8 x 16"):
        TileModel.with_one_kernel(torch.zeros(1, 3, 16, 8), varying_lens()[0, :1])
