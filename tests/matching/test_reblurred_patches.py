"""Sharp patches seen through a lens beside real blurry ones."""

import numpy as np
import torch
from toy_lenses import comet, grid_of, lens_of, photos_through, sharp_photos

from ddm_studio.events import PatchKind
from ddm_studio.flow.patch_pictures import COLUMNS
from ddm_studio.matching.reblur import LensEstimate
from ddm_studio.matching.reblurred_patches import ReblurredPatches

TRUTH = comet()


def look(kernel, sigma=0.01):
    start = lens_of(grid_of(kernel, 2, 3))
    lens = LensEstimate(start.psf, torch.full((3,), sigma), start.gain)
    return ReblurredPatches(photos_through(TRUTH), sharp_photos(), lens, 0).look(lens, "a stage", 7)


def crispness(patches):
    """Power of the steps from pixel to pixel relative to that of the patches' own contrast: the more, the narrower edges are."""
    light = patches / 255.0
    return np.square(np.diff(light, axis=2)).mean() / light.std((1, 2)).mean() ** 2


def point():
    kernel = torch.zeros_like(torch.as_tensor(TRUTH))
    kernel[..., kernel.shape[-2] // 2, kernel.shape[-1] // 2] = 1
    return kernel


def test_both_rows_are_pictures_of_one_size():
    told = look(TRUTH)
    assert (told.kind, told.stage, told.step) == (PatchKind.REBLURRED, "a stage", 7)
    assert told.made.shape == told.real.shape == (COLUMNS, *told.real.shape[1:3], 3)
    assert told.made.dtype == told.real.dtype == np.uint8
    assert not told.made.flags.writeable


def test_through_the_true_lens_they_look_as_crisp_as_real_ones_and_through_none_crisper():
    true, none = look(TRUTH), look(point())
    assert np.array_equal(true.real, none.real)
    assert 0.75 < crispness(true.made) / crispness(true.real) < 1.33
    assert crispness(none.made) > 1.5 * crispness(true.real)


def test_noise_is_that_of_the_lens():
    clean, noisy = look(TRUTH, sigma=0.0), look(TRUTH, sigma=0.05)
    inside = (clean.made > 30) & (clean.made < 225)
    assert np.std((noisy.made.astype(float) - clean.made)[inside]) / 255 - 0.05 < 0.005
    assert np.std((noisy.made.astype(float) - clean.made)[inside]) / 255 > 0.045


def test_only_the_lens_changes_what_is_made():
    assert np.array_equal(look(TRUTH, 0.01).made, look(TRUTH, 0.01).made)
