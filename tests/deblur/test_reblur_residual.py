import pytest
import torch
from lenses import varying_lens

from ddm_studio.deblur.reblur_residual import reblur_residual
from ddm_studio.deblur.tiles import Box, whole
from ddm_studio.optics.dead_leaves import dead_leaves
from ddm_studio.optics.display_curve import decode, encode
from ddm_studio.optics.forward_model import blur_frame

SIGMA = torch.full((3,), 0.02)
LENS = varying_lens()


def scene(height: int = 150, width: int = 200) -> torch.Tensor:
    return decode(torch.from_numpy(dead_leaves(height, width, 5)).permute(2, 0, 1)).contiguous()


def photo_of(sharp: torch.Tensor, noise: float = 0.02) -> torch.Tensor:
    fresh = torch.randn(sharp.shape, generator=torch.Generator().manual_seed(0))
    return decode((encode(blur_frame(sharp, LENS)) + noise * fresh).clamp(0, 1))


@pytest.mark.parametrize(("noise", "ratio"), [(0.02, 1.0), (0.03, 1.5), (0.0, 0.0)])
def test_the_truth_leaves_nothing_but_the_noise(noise: float, ratio: float) -> None:
    sharp = scene()
    assert reblur_residual(sharp, photo_of(sharp, noise), LENS, SIGMA, whole(150, 200)) == pytest.approx(ratio, abs=0.03)


def test_a_photo_that_was_not_sharpened_and_a_wrong_colour_are_suspicious() -> None:
    sharp = scene()
    photo = photo_of(sharp)
    assert reblur_residual(photo, photo, LENS, SIGMA, whole(150, 200)) > 1.2
    assert reblur_residual(sharp * torch.tensor([1.1, 1, 1]).view(3, 1, 1), photo, LENS, SIGMA, whole(150, 200)) > 1.2


def test_a_crop_is_blurred_with_the_kernels_of_its_place() -> None:
    sharp = scene()
    photo = photo_of(sharp, 0.0)
    box = Box(left=60, top=40, width=100, height=80)
    part = sharp[:, 40:120, 60:160]
    assert reblur_residual(part, photo, LENS, SIGMA, box) < 1e-3
    elsewhere = Box(left=61, top=40, width=100, height=80)
    assert reblur_residual(part, photo, LENS, SIGMA, elsewhere) > 0.5


def test_clipped_pixels_do_not_count() -> None:
    sharp = scene()
    sharp[:, 60:90, 80:120] = 3.0
    sharp[:, 20:40, 20:40] = 0.0
    assert reblur_residual(sharp, photo_of(sharp), LENS, SIGMA, whole(150, 200)) == pytest.approx(1, abs=0.03)


def test_a_large_photo_is_looked_at_in_places_spread_over_all_of_it() -> None:
    coarse = 0.2 + 0.5 * torch.rand(1, 3, 110, 130, generator=torch.Generator().manual_seed(1))
    sharp = torch.nn.functional.interpolate(coarse, scale_factor=10)[0]
    photo = photo_of(sharp)
    ratio = reblur_residual(sharp, photo, LENS, SIGMA, whole(1100, 1300))
    assert ratio == pytest.approx(1, abs=0.02)
    for corner in (slice(None, 150), slice(-150, None)):
        spoilt = sharp.clone()
        spoilt[:, corner, corner] = 0.5
        assert reblur_residual(spoilt, photo, LENS, SIGMA, whole(1100, 1300)) > ratio + 0.1


def test_nothing_is_said_where_there_is_nothing_to_look_at() -> None:
    sharp = scene()
    assert reblur_residual(sharp[:, :8, :8], sharp, LENS, SIGMA, Box(0, 0, 8, 8)) is None
    white = torch.full((3, 60, 80), 1.0)
    assert reblur_residual(white, white, LENS, SIGMA, whole(60, 80)) is None
