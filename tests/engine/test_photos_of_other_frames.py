from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image

from ddm_studio.control import RunControl
from ddm_studio.engine.deblur_photos import deblur_photos
from ddm_studio.engine.requests import DeblurRequest
from ddm_studio.events import Event, Note
from ddm_studio.optics.dead_leaves import dead_leaves
from ddm_studio.optics.display_curve import decode, encode
from ddm_studio.optics.forward_model import blur_frame
from ddm_studio.photos.reading import read_photo
from ddm_studio.photos.rendering import turn_upright
from ddm_studio.profiles.lens_profile import LensProfile, save_profile
from ddm_studio.settings import DeblurSettings, Device, PhotoFormat

WIDTH, HEIGHT = 330, 220
ORIENTATION = 274


def lens(nodes: int = 4, size: int = 9, wide: float = 1.0) -> NDArray[np.float32]:
    """Blur that grows to the right, pulled to one side."""
    place = np.arange(size) - size // 2
    psf = np.empty((nodes, nodes, 3, size, size))
    for column in range(nodes):
        width = wide * (0.9 + 0.25 * column)
        psf[:, column] = np.exp(-0.5 * ((place[:, None] - 0.7) / width) ** 2 - 0.5 * ((place + 0.4) / (0.8 * wide)) ** 2)
    return (psf / psf.sum((-1, -2), keepdims=True)).astype(np.float32)


@pytest.fixture
def profile(tmp_path: Path) -> Path:
    return profile_of(tmp_path, lens())


def profile_of(folder: Path, psf: NDArray[np.float32]) -> Path:
    path = folder / "lens.lens"
    save_profile(LensProfile(psf=psf, noise_sigma=np.full(3, 0.004, np.float32), frame=(WIDTH, HEIGHT)), path)
    return path


def blurry(encoded: NDArray[np.float32], psf: NDArray[np.float32] | None = None) -> NDArray[np.float32]:
    linear = decode(torch.from_numpy(encoded).permute(2, 0, 1).contiguous())
    return encode(blur_frame(linear, torch.from_numpy(lens() if psf is None else psf))).clamp(0, 1).permute(1, 2, 0).numpy()


def save(path: Path, encoded: NDArray[np.float32], orientation: int = 1) -> Path:
    picture = Image.fromarray(np.round(encoded * 255).astype(np.uint8))
    exif = picture.getexif()
    exif[ORIENTATION] = orientation
    picture.save(path, exif=exif)
    return path


def restored(photos: tuple[Path, ...], profile: Path, events: list[Event] | None = None) -> Iterator[NDArray[np.float32]]:
    settings = DeblurSettings(photo_format=PhotoFormat.PNG16, device=Device.CPU)
    heard: list[Event] = [] if events is None else events
    result = deblur_photos(DeblurRequest(photos, profile, profile.parent / "out", settings), heard.append, RunControl())
    assert result.failed == ()
    for path in result.saved:
        yield encode(read_photo(path).pixels)


def test_a_crop_is_restored_as_the_full_photo_is_at_its_place(tmp_path: Path, profile: Path) -> None:
    whole = blurry(dead_leaves(HEIGHT, WIDTH, 3))
    events: list[Event] = []
    photos = save(tmp_path / "whole.png", whole), save(tmp_path / "wide.png", whole[20:200])
    full, crop = restored(photos, profile, events)
    inside = np.s_[24:-24, 24:-24]
    same_place = np.abs(crop - full[20:200])[inside].mean()
    assert same_place < 0.1 * np.abs(crop - whole[20:200])[inside].mean()
    assert [event.message for event in events if isinstance(event, Note)] == [
        "wide.png is taken as the profile's frame cut equally at top and bottom (the photo has 330 x 180 pixels, the profile 330 x 220)."
    ]


def test_a_photo_made_smaller_is_closer_to_the_truth_afterwards(tmp_path: Path) -> None:
    wide = lens(size=19, wide=2.0)
    sharp = dead_leaves(HEIGHT, WIDTH, 3)

    def half(encoded: NDArray[np.float32]) -> NDArray[np.float32]:
        return encode(decode(encoded).reshape(HEIGHT // 2, 2, WIDTH // 2, 2, 3).mean((1, 3)))

    photo, truth = half(blurry(sharp, wide)), half(sharp)
    (after,) = restored((save(tmp_path / "small.png", photo),), profile_of(tmp_path, wide))
    inside = np.s_[8:-8, 8:-8]
    assert np.square(after - truth)[inside].mean() < 0.5 * np.square(photo - truth)[inside].mean()


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_point_of_light_comes_back_to_its_place_in_every_orientation(tmp_path: Path, profile: Path, orientation: int) -> None:
    sharp = np.full((HEIGHT, WIDTH, 3), 0.2, np.float32)
    sharp[60, 250] = 1
    photo = blurry(sharp)
    (upright,) = restored((save(tmp_path / f"turned{orientation}.png", photo, orientation),), profile)
    shown, expected = turn_upright(photo, orientation), turn_upright(sharp, orientation)
    assert upright.shape == expected.shape
    place = np.unravel_index(expected[..., 1].argmax(), expected.shape[:2])
    # The kernel pulls light away from its place: only the right turn brings it back.
    assert np.unravel_index(shown[..., 1].argmax(), upright.shape[:2]) != place
    assert np.unravel_index(upright[..., 1].argmax(), upright.shape[:2]) == place
