import pytest
import torch
import torch.nn.functional as F
from lenses import gaussian_kernel, stand_in

from ddm_studio.deblur.highlights import Highlights, clipped_pixels, highest_around, mean_around
from ddm_studio.deblur.restore import restore_frame
from ddm_studio.optics.display_curve import decode, encode
from ddm_studio.optics.forward_model import blur_frame
from ddm_studio.settings import DeblurSettings, Method

SIGMA = torch.full((3,), 0.004)
SKY, RADIUS, SIDE = 0.1, 12, 120


def fringing_lens() -> torch.Tensor:
    kernels = [gaussian_kernel(13, 1.6, 1.6, (shift, 0.0)) for shift in (0.8, 0.0, -0.8)]
    return torch.stack(kernels)[None, None]


def distance() -> torch.Tensor:
    place = torch.arange(SIDE) - SIDE / 2
    return torch.hypot(place[:, None], place)


def disc(brightness: float) -> torch.Tensor:
    scene = SKY + (brightness - SKY) * (RADIUS + 0.5 - distance()).clamp(0, 1)
    return scene.expand(3, SIDE, SIDE).contiguous()


def photo_of(scene: torch.Tensor) -> torch.Tensor:
    noise = torch.randn(scene.shape, generator=torch.Generator().manual_seed(0))
    return decode((encode(blur_frame(scene, fringing_lens())) + 0.004 * noise).clamp(0, 1))


def restored(photo: torch.Tensor, method: Method = Method.WIENER) -> torch.Tensor:
    return restore_frame(photo, fringing_lens(), SIGMA, DeblurSettings(method=method), stand_in())


def dark_ring(pixels: torch.Tensor) -> float:
    """How far the sky round the disc falls below its brightness, display-encoded."""
    ring = (distance() > RADIUS + 2) & (distance() < RADIUS + 12)
    return float(encode(torch.tensor(SKY)) - encode(pixels)[:, ring].min())


@pytest.mark.parametrize("method", [Method.WIENER, Method.DPIR])
def test_a_clipped_lamp_gets_no_dark_ring(method, monkeypatch) -> None:
    photo = photo_of(disc(6.0))
    ring = dark_ring(restored(photo, method))
    # What the noise of the photo does in a thousand pixels, and nothing more.
    assert ring < 0.004 * 5
    monkeypatch.setattr(Highlights, "bound", lambda self, estimate: estimate)
    assert dark_ring(restored(photo, method)) > 0.1


def test_the_lamp_stays_white_and_is_not_brighter_round_it_than_in_the_photo() -> None:
    photo = photo_of(disc(6.0))
    result = restored(photo)
    assert result[:, distance() < RADIUS].min() >= 0.98
    assert encode(result).max() < 1.02


def test_nothing_changes_away_from_clipped_pixels() -> None:
    windows = photo_of(disc(0.9))[None]
    assert not clipped_pixels(windows, SIGMA).any()
    assert torch.equal(Highlights(windows, 13, SIGMA).bound(3 * windows), 3 * windows)
    windows[..., 5, 5] = 1.0
    bounded = Highlights(windows, 13, SIGMA).bound(3 * windows)
    assert torch.equal(bounded[..., 28:, 28:], 3 * windows[..., 28:, 28:])
    assert bounded[..., :18, :18].max() <= 1


def test_a_pixel_is_clipped_at_the_top_code_or_nearer_to_it_than_the_noise() -> None:
    values = decode(torch.tensor([1.0, 254.5 / 255, 0.99, 0.97])).view(1, 1, 1, 4).expand(1, 3, 1, 4)
    assert clipped_pixels(values, torch.full((3,), 0.001))[0, 0, 0].tolist() == [True, True, False, False]
    assert clipped_pixels(values, torch.full((3,), 0.02))[0, 0, 0].tolist() == [True, True, True, False]


@pytest.mark.parametrize("reach", [0, 1, 2, 3, 6, 16])
def test_the_highest_and_the_mean_around_a_pixel_are_those_of_pooling_with_a_square(reach):
    values = torch.randn(2, 3, 37, 50, generator=torch.Generator().manual_seed(reach))
    side = 2 * reach + 1
    padded = F.pad(values, (reach,) * 4, value=-torch.inf)
    assert (highest_around(values, reach) == F.max_pool2d(padded, side, 1)).all()
    assert torch.allclose(mean_around(values, reach), F.avg_pool2d(values, side, 1, reach, count_include_pad=False), atol=1e-6)
