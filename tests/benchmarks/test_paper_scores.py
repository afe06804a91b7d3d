import numpy as np
import pytest

from benchmarks.motion_kernels import gaussian_kernel, motion_kernel
from benchmarks.paper.photo_sets import cut_photo, grid_of
from benchmarks.paper.scores import centred_psnr, kernel_ncc, restored_scores
from ddm_studio.optics.psf_metrics import shift


def test_an_even_kernel_fits_into_the_next_odd_one_without_loss():
    kernel = motion_kernel(3)
    assert kernel_ncc(grid_of(kernel)[0, 0, 0], kernel) == pytest.approx(1, abs=1e-6)
    wide = gaussian_kernel(3.0, 28)
    assert kernel_ncc(gaussian_kernel(3.0, 29), wide) > 0.9999


@pytest.mark.parametrize("offset", [(6, -5), (0.5, 0.5), (-2.3, 7.7)])
def test_a_shift_of_the_whole_kernel_costs_nothing(offset):
    kernel = np.pad(gaussian_kernel(1.5, 13), 8)
    assert kernel_ncc(shift(kernel, np.array(offset)).astype(np.float32), kernel) > 0.999


def test_a_mirror_image_and_another_kernel_cost_much():
    kernel = motion_kernel(2)
    assert kernel_ncc(kernel[::-1].copy(), kernel) < 0.9
    assert kernel_ncc(motion_kernel(3), kernel) < 0.8


def test_psnr_is_that_of_25x25():
    kernel = gaussian_kernel(1.5, 15)
    off = kernel.copy()
    off[7, 7] += 0.01
    assert centred_psnr(off, kernel) == pytest.approx(-10 * np.log10(0.01**2 / 625), abs=0.2)
    assert centred_psnr(kernel, kernel) > 100


def test_a_photo_is_cut_so_that_no_edge_of_the_scene_shows():
    scene = np.random.default_rng(0).random((40, 50, 3)).astype(np.float32)
    other = scene.copy()
    photo = cut_photo(scene, grid_of(gaussian_kernel(2.0, 9)), 0.0, 0)
    assert photo.shape == (32, 42, 3)
    larger = np.pad(other, ((6, 6), (6, 6), (0, 0)), mode="reflect")
    assert np.allclose(cut_photo(larger, grid_of(gaussian_kernel(2.0, 9)), 0.0, 0)[6:-6, 6:-6], photo, atol=1e-5)


def test_the_true_kernel_restores_better_than_a_wrong_one(scenes):
    from benchmarks.known_lenses import load_picture
    from ddm_studio.engine.device import choose_device
    from ddm_studio.settings import Device

    truth, wrong = grid_of(gaussian_kernel(1.5, 11)), grid_of(gaussian_kernel(0.5, 11))
    scene = load_picture(scenes / "natural_b" / "00.jpg")[:106, :106]
    right, off = restored_scores([scene], truth, (truth, wrong), 0.02, choose_device(Device.CPU))
    assert right.psnr > off.psnr + 0.5
