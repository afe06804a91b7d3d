from dataclasses import replace

import pytest
import torch
from lenses import varying_lens
from tiny_pairs import PATCH, SIGMA, lens, windows

from ddm_studio.deblur.light import ENCODED_VALUES, LINEAR_LIGHT
from ddm_studio.deblur.pairs import Lens, draw_sharp, fitting_patch, photograph_at, photograph_patches, tile_side, training_pair
from ddm_studio.deblur.restorer import INPUTS, NOISE_RANGE
from ddm_studio.optics.display_curve import decode
from ddm_studio.optics.psf_grid import kernels_at

SIDE = tile_side(varying_lens(), PATCH)


def lopsided_lens() -> torch.Tensor:
    """Another kernel in each node and channel, none its own mirror image or transpose: (3, 4, 3, 9, 9)."""
    taps = torch.rand(3, 4, 3, 9, 9, generator=torch.Generator().manual_seed(2))
    return taps / taps.sum((-1, -2), keepdim=True)


def point_of_light() -> torch.Tensor:
    tile = torch.zeros(1, 3, SIDE, SIDE)
    tile[..., SIDE // 2, SIDE // 2] = 1
    return tile


@pytest.mark.parametrize("place", [(0.0, 0.0), (1.0, 0.0), (0.5, 1 / 3), (0.2, 0.9)])
def test_a_point_of_light_becomes_the_kernel_of_its_place_the_right_way_round(place: tuple[float, float]) -> None:
    psf, position = lopsided_lens(), torch.tensor([place])
    generator = torch.Generator().manual_seed(0)
    seen = photograph_at(point_of_light(), Lens(psf, torch.zeros(3)), position, torch.ones(1), generator)
    centre = SIDE // 2 - 4  # where the same pixel is in the photo, which is a kernel's radius smaller on each side
    assert seen.sharp[0, 0].flatten().argmax() == centre * seen.sharp.shape[-1] + centre
    spot = decode(seen.photos)[0, :, centre - 4 : centre + 5, centre - 4 : centre + 5]
    torch.testing.assert_close(spot, kernels_at(psf, position)[0], atol=1e-5, rtol=0)


def test_blur_adds_light_not_encoded_values_unless_the_profile_says_so() -> None:
    generator = torch.Generator().manual_seed(0)
    for curve, values in ((LINEAR_LIGHT, decode), (ENCODED_VALUES, lambda encoded: encoded)):
        optics = Lens(lopsided_lens(), torch.zeros(3), curve)
        seen = photograph_at(point_of_light(), optics, torch.zeros(1, 2), torch.ones(1), generator)
        torch.testing.assert_close(values(seen.photos).sum((-1, -2)), torch.ones(1, 3), atol=1e-3, rtol=0)


def test_noise_is_the_profiles_per_channel_in_encoded_values_times_the_factor() -> None:
    grey = torch.full((40, 3, SIDE, SIDE), 0.5)
    factors = torch.tensor([0.5, 2.0]).repeat(20)
    seen = photograph_at(grey, lens(), torch.rand(40, 2), factors, torch.Generator().manual_seed(1))
    found = seen.photos.view(20, 2, 3, -1).transpose(0, 1).transpose(1, 2).flatten(2).std(-1)
    torch.testing.assert_close(found, torch.tensor([[0.5], [2.0]]) * torch.tensor(SIGMA), rtol=0.05, atol=0)
    torch.testing.assert_close(seen.levels, factors * sum(SIGMA) / 3)


def test_places_and_levels_cover_the_frame_and_the_range() -> None:
    seen = photograph_patches(torch.zeros(300, 3, 9, 9), lens(), torch.Generator().manual_seed(0))
    assert seen.positions.min() < 0.02
    assert seen.positions.max() > 0.98
    factors = seen.levels / (sum(SIGMA) / 3)
    assert NOISE_RANGE[0] <= factors.min() < 0.6
    assert 1.8 < factors.max() <= NOISE_RANGE[1] + 1e-5


def test_the_network_sees_filtered_photo_photo_place_and_level_of_the_very_pixels_it_is_to_answer() -> None:
    psf = torch.zeros(1, 1, 3, 9, 9)
    psf[..., 4, 4] = 1
    sharp = draw_sharp(windows(), 3, SIDE, torch.Generator().manual_seed(0))
    positions = torch.tensor([[0.0, 0.5], [0.25, 1.0], [1.0, 0.0]])
    seen = photograph_at(sharp, Lens(psf, torch.full((3,), 1e-5)), positions, torch.ones(3), torch.Generator().manual_seed(0))
    inputs, answer = training_pair(seen, PATCH, LINEAR_LIGHT)
    assert inputs.shape == (3, INPUTS, PATCH, PATCH)
    # Without blur and noise everything is the sharp patch.
    torch.testing.assert_close(inputs[:, :3], answer, atol=2e-3, rtol=0)
    torch.testing.assert_close(inputs[:, 3:6], answer, atol=2e-3, rtol=0)
    assert torch.equal(inputs[:, 6:8], (2 * positions - 1)[:, :, None, None].expand(-1, -1, PATCH, PATCH))
    torch.testing.assert_close(inputs[:, 8], torch.full((3, PATCH, PATCH), 1e-5))


def test_the_filter_undoes_the_kernels_the_right_way_round() -> None:
    optics, generator = Lens(lopsided_lens(), torch.full((3,), 0.01)), torch.Generator().manual_seed(0)
    sharp = draw_sharp(windows(), 8, SIDE, generator)
    seen = photograph_at(sharp, optics, torch.rand(8, 2, generator=generator), torch.ones(8), generator)
    turned = replace(seen, kernels=seen.kernels.flip(-1, -2))
    right, wrong = (training_pair(patches, PATCH, LINEAR_LIGHT)[0][:, :3] for patches in (seen, turned))
    answer = training_pair(seen, PATCH, LINEAR_LIGHT)[1]
    errors = [float((filtered - answer).square().mean()) for filtered in (right, wrong)]
    assert errors[0] < 0.75 * errors[1]


def test_scenes_are_shown_turned_and_mirrored() -> None:
    one = windows()
    several = draw_sharp(one, 64, one.tile, torch.Generator().manual_seed(0))
    upright = torch.from_numpy(one.pool.tiles.astype("float32") / 65535)
    same = [bool((tile - upright).abs().amax((1, 2, 3)).min() < 1e-6) for tile in several]
    assert 0 < sum(same) < 32


def test_patches_shrink_where_the_photos_are_small_but_never_below_what_the_network_needs() -> None:
    psf = varying_lens()
    assert fitting_patch(psf, 96, 10_000) == 96
    assert tile_side(psf, fitting_patch(psf, 96, 110)) <= 110 < tile_side(psf, 96)
    assert fitting_patch(psf, 96, 20) == 32
