"""Blur is a true convolution in linear light, with the kernel of the output pixel."""

import torch
from deepinv.physics import SpaceVaryingBlur

from ddm_studio.optics.display_curve import decode, encode
from ddm_studio.optics.forward_model import blur_frame, blur_part, blur_patches, observe, photograph
from ddm_studio.optics.psf_grid import interpolation_weights, kernels_at, normalise


def random_grid(rows: int, columns: int, size: int) -> torch.Tensor:
    return normalise(torch.rand(rows, columns, 3, size, size, generator=torch.Generator().manual_seed(3)))


def test_a_point_of_light_is_photographed_as_the_kernel_itself_not_its_mirror_image() -> None:
    kernel = random_grid(1, 1, 5)
    frame = torch.zeros(3, 21, 31)
    frame[:, 10, 14] = 1
    photo = blur_frame(frame, kernel)
    assert torch.allclose(photo[:, 8:13, 12:17], kernel[0, 0], atol=1e-6)
    photo[:, 8:13, 12:17] = 0
    assert photo.abs().max() < 1e-7


def test_patches_and_frames_agree() -> None:
    kernel = random_grid(1, 1, 5)
    frame = torch.rand(3, 20, 24, generator=torch.Generator().manual_seed(0))
    inside = blur_frame(frame, kernel)[:, 2:-2, 2:-2]
    assert torch.allclose(blur_patches(frame[None], kernel[0])[0], inside, atol=1e-6)


def test_every_pixel_gets_its_own_interpolated_kernel() -> None:
    psf = random_grid(3, 4, 5)
    frame = torch.rand(3, 25, 34, generator=torch.Generator().manual_seed(1))
    photo = blur_frame(frame, psf)
    for row, column in ((2, 2), (7, 20), (12, 16), (22, 31), (18, 3)):
        place = torch.tensor([[row / 24, column / 33]])
        around = frame[None, :, row - 2 : row + 3, column - 2 : column + 3]
        assert torch.allclose(blur_patches(around, kernels_at(psf, place))[0, :, 0, 0], photo[:, row, column], atol=1e-5)


def test_a_frame_is_blurred_like_by_deepinv_s_space_varying_operator() -> None:
    rows, columns, height, width = 3, 4, 24, 30
    psf = random_grid(rows, columns, 5)
    frame = torch.rand(1, 3, height, width, generator=torch.Generator().manual_seed(2))
    down, across = torch.meshgrid(torch.linspace(0, 1, height), torch.linspace(0, 1, width), indexing="ij")
    weights = interpolation_weights(torch.stack([down.flatten(), across.flatten()], 1), rows, columns)
    multipliers = weights.T.reshape(1, 1, rows * columns, height, width)
    filters = psf.flatten(0, 1).transpose(0, 1)[None]
    peer = SpaceVaryingBlur(filters=filters, multipliers=multipliers, padding="replicate", mask_first=False)
    assert torch.allclose(peer.A(frame)[0], blur_frame(frame[0], psf), atol=1e-5)


def test_blur_keeps_an_even_surface() -> None:
    frame = torch.full((3, 18, 22), 0.3)
    assert torch.allclose(blur_frame(frame, random_grid(2, 3, 5)), frame, atol=1e-6)


def test_the_forward_model_blurs_light_not_codes() -> None:
    kernels = random_grid(1, 1, 3)[0]
    encoded = torch.rand(1, 3, 8, 8, generator=torch.Generator().manual_seed(4))
    noiseless = observe(encoded, kernels, torch.zeros(3), torch.randn(1, 3, 6, 6))
    assert torch.allclose(decode(noiseless), blur_patches(decode(encoded), kernels), atol=1e-5)


def test_noise_has_the_level_asked_for_in_encoded_values() -> None:
    scene = torch.full((3, 80, 80), 0.5)
    photo = photograph(scene, random_grid(1, 1, 3), 0.02, torch.Generator().manual_seed(0))
    assert abs(float((photo - 0.5).std()) - 0.02) < 0.001


def test_the_display_curve_and_its_inverse_undo_each_other_also_outside_0_to_1() -> None:
    values = torch.linspace(-0.2, 1.5, 400, dtype=torch.float64)
    assert torch.allclose(encode(decode(values)), values, atol=1e-6)
    assert torch.allclose(decode(encode(values)), values, atol=1e-6)


def test_a_part_of_a_frame_is_blurred_as_in_the_whole():
    lens, scene = random_grid(3, 4, 5), torch.rand(3, 60, 70, generator=torch.Generator().manual_seed(0))
    reach = lens.shape[-1] // 2
    rows, columns = slice(20, 45), slice(10, 50)
    padded = scene[:, 20 - reach : 45 + reach, 10 - reach : 50 + reach]
    part = blur_part(padded, lens, torch.linspace(0, 1, 60)[rows], torch.linspace(0, 1, 70)[columns])
    torch.testing.assert_close(part, blur_frame(scene, lens)[:, rows, columns], atol=1e-6, rtol=0)
