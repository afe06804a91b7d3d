"""A mask says where a photo is restored: in the saved photo just as on the crop that was looked at, whichever way up."""

import numpy as np
import pytest
from PIL import Image
from test_deblur_photos import narrow_lens, print_nothing, settings, write_scene

from ddm_studio.control import RunControl
from ddm_studio.deblur.blending import blend
from ddm_studio.deblur.mask import Gradient, Mask, Stroke, mask_values
from ddm_studio.engine.blend_photos import blend_photos
from ddm_studio.engine.deblur_photos import compare_on_crop, deblur_photos
from ddm_studio.engine.requests import BlendRequest, CompareRequest, DeblurRequest
from ddm_studio.engine.sidecar import read_sidecar
from ddm_studio.events import DeblurPreview
from ddm_studio.photos.reading import read_photo
from ddm_studio.photos.rendering import render_for_display, screen_codes
from ddm_studio.profiles.lens_profile import LensProfile, save_profile
from ddm_studio.settings import BlendSettings, Method

WIDTH, HEIGHT = 120, 90
MASK = Mask(
    parts=(
        Stroke(points=((20.0, 25.0), (60.0, 40.0)), radius=18.0, softness=0.8),
        Gradient(start=(80.0, 100.0), end=(85.0, 60.0)),
        Stroke(points=((30.0, 30.0),), radius=6.0, erases=True),
    )
)


@pytest.fixture
def profile(tmp_path):
    path = tmp_path / "lens.lens"
    save_profile(LensProfile(psf=narrow_lens(), noise_sigma=np.full(3, 0.01, np.float32), frame=(WIDTH, HEIGHT)), path)
    return path


def deblurred(photo, profile, mask, **changes):
    wanted = settings().model_copy(update=changes)
    request = DeblurRequest((photo,), profile, photo.parent / "out", wanted, masks={} if mask is None else {photo: mask})
    return deblur_photos(request, print_nothing, RunControl())


@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_saved_photo_is_what_the_crop_showed(tmp_path, profile, orientation):
    photo = write_scene(tmp_path / "one.png", orientation=orientation)
    crop = (10, 14, 61, 53)
    pictures: dict[str, DeblurPreview] = {}
    compare_on_crop(
        CompareRequest(photo, profile, crop, (Method.WIENER,), settings()),
        lambda event: pictures.update({event.method: event}) if isinstance(event, DeblurPreview) else None,
        RunControl(),
    )
    mixing = BlendSettings(strength=0.8)
    light, to_srgb = pictures["wiener"].light, pictures["wiener"].to_srgb
    shown = screen_codes(blend(pictures["blurry"].light, light, mixing, to_srgb, mask_values(MASK, *crop)), to_srgb)
    saved = read_photo(deblurred(photo, profile, MASK, blend=mixing).saved[0])
    left, top, width, height = crop
    picture = render_for_display(saved.pixels, saved, 1)[top : top + height, left : left + width]
    assert np.abs(picture.astype(int) - shown).max() <= 1
    unmasked = render_for_display(light, read_photo(photo), 1)
    assert np.abs(picture.astype(int) - unmasked).max() > 5


def test_outside_the_mask_the_photo_is_untouched(tmp_path, profile):
    photo = write_scene(tmp_path / "one.png")
    saved = read_photo(deblurred(photo, profile, MASK).saved[0])
    outside = mask_values(MASK, 0, 0, WIDTH, HEIGHT) == 0
    assert outside.mean() > 0.2
    np.testing.assert_allclose(saved.pixels[outside], read_photo(photo).pixels[outside], atol=2 / 65535)


def test_the_sidecar_tells_the_mask_and_another_mask_is_another_result(tmp_path, profile):
    photo = write_scene(tmp_path / "one.png")
    (saved,) = deblurred(photo, profile, MASK).saved
    assert read_sidecar(saved).mask == MASK
    first = saved.read_bytes()
    assert deblurred(photo, profile, MASK).done_before == (saved,)
    assert deblurred(photo, profile, Mask(parts=MASK.parts, inverted=True)).saved == (saved,)
    assert saved.read_bytes() != first
    assert deblurred(photo, profile, read_sidecar(saved).mask).done_before == (saved,)
    assert deblurred(photo, profile, None).saved == (saved,)


@pytest.mark.parametrize("bits", [8, 16])
def test_a_drawn_picture_masks_a_mixture(tmp_path, profile, bits):
    photo = write_scene(tmp_path / "one.png")
    (result,) = deblurred(photo, profile, None).saved
    values = mask_values(MASK, 0, 0, WIDTH, HEIGHT)
    mask = tmp_path / "sky.png"
    Image.fromarray(np.round(values * (2**bits - 1)).astype(np.uint8 if bits == 8 else np.uint16)).save(mask)
    (mixture,) = blend_photos(BlendRequest((result,), tmp_path / "mixed", BlendSettings(), mask=mask), print_nothing, RunControl()).saved
    assert mixture.stem == "one_wiener_100_sky"
    pixels = [read_photo(path).pixels for path in (photo, result, mixture)]
    expected = pixels[0] + values[:, :, None] * (pixels[1] - pixels[0])
    np.testing.assert_allclose(pixels[2], expected, atol=0.003 if bits == 8 else 1e-3)
    facts = read_sidecar(mixture).blend
    assert facts is not None
    assert facts.mask is not None
    assert facts.mask.describes(mask)


def test_a_mask_that_is_none_or_of_another_size_is_told(tmp_path, profile):
    (result,) = deblurred(write_scene(tmp_path / "one.png"), profile, None).saved
    mask = tmp_path / "mask.png"
    Image.new("L", (HEIGHT, WIDTH)).save(mask)
    request = BlendRequest((result,), tmp_path / "mixed", BlendSettings(), mask=mask)
    assert "90 x 120" in blend_photos(request, print_nothing, RunControl()).failed[0][1]
    mask.write_text("no picture")
    assert "cannot be read" in blend_photos(request, print_nothing, RunControl()).failed[0][1]
