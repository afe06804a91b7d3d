import pytest
import torch
from toy_lenses import comet, grid_of, lens_of, sharp_photos

from ddm_studio.matching.reblur import LensEstimate, convolve, reblur, reblurred_field
from ddm_studio.optics.display_curve import decode, encode
from ddm_studio.optics.forward_model import blur_patches


def noise(*shape):
    return torch.rand(shape, generator=torch.Generator().manual_seed(0))


def test_convolution_equals_direct_sums_for_an_asymmetric_kernel():
    kernels = noise(4, 3, 5, 5)
    assert torch.allclose(convolve(noise(4, 3, 20, 20), kernels), blur_patches(noise(4, 3, 20, 20), kernels), atol=1e-4)


def test_without_gain_it_is_the_forward_model():
    sharp, kernels = noise(2, 3, 14, 14), comet().expand(2, -1, -1, -1)
    assert torch.allclose(reblur(sharp, kernels, torch.ones(3)), encode(blur_patches(decode(sharp), kernels)), atol=1e-5)


def test_gain_stretches_contrast_and_keeps_the_mean_light():
    sharp, kernels = noise(2, 3, 14, 14), comet().expand(2, -1, -1, -1)
    plain, strong = decode(reblur(sharp, kernels, torch.ones(3))), decode(reblur(sharp, kernels, torch.full((3,), 1.2)))
    assert torch.allclose(plain.mean((-1, -2)), strong.mean((-1, -2)), atol=1e-4)
    assert torch.allclose(strong.std((-1, -2)), 1.2 * plain.std((-1, -2)), rtol=1e-3)


def test_noise_enters_the_spectra_in_closed_form():
    psf, sharp = grid_of(comet(), 2, 2), sharp_photos()
    quiet = reblurred_field(lens_of(psf, 0.0), sharp, 16, torch.Generator().manual_seed(0))
    noisy = reblurred_field(lens_of(psf, 0.05), sharp, 16, torch.Generator().manual_seed(0))
    assert torch.allclose(noisy.spectra[:, :, :3] - quiet.spectra[:, :, :3], torch.tensor(4 * 0.05**2), atol=1e-3)
    assert torch.equal(noisy.spectra[:, :, 3:], quiet.spectra[:, :, 3:])


def test_a_patch_is_made_of_a_window_larger_by_what_the_kernel_eats():
    assert LensEstimate(grid_of(comet(7)), torch.zeros(3), torch.ones(3)).window(20) == 26


def test_with_a_stride_it_is_the_blur_and_then_every_second_pixel():
    lens = LensEstimate(grid_of(noise(3, 7, 7)), torch.zeros(3), torch.ones(3), stride=2)
    assert lens.window(16) == 37
    sharp, anywhere = noise(2, 3, 37, 37), torch.full((2, 2), 0.5)
    low = lens.see(sharp, anywhere)
    assert low.shape == (2, 3, 16, 16)
    full = encode(blur_patches(decode(sharp), lens.psf[0, 0].expand(2, -1, -1, -1)))
    assert torch.allclose(low, full[..., ::2, ::2], atol=1e-4)


@pytest.mark.parametrize("size", [1, 3])
def test_a_single_tap_changes_nothing(size):
    dirac = torch.zeros(1, 3, size, size)
    dirac[..., size // 2, size // 2] = 1
    assert torch.allclose(
        reblur(noise(2, 3, 12, 12), dirac, torch.ones(3)),
        noise(2, 3, 12, 12)[..., size // 2 : 12 - size // 2, size // 2 : 12 - size // 2],
        atol=1e-5,
    )
