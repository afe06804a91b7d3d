import numpy as np
import pytest
from photo_files import icc_profile, power_curve, save_dng, save_png16, save_tiff, save_with_pillow, smooth_light
from PIL import Image

from ddm_studio.errors import PhotoError
from ddm_studio.photos.reading import read_photo
from ddm_studio.photos.rendering import render_for_display
from ddm_studio.photos.thumbnails import read_thumbnail


@pytest.mark.parametrize("orientation", [1, 3, 6])
@pytest.mark.parametrize("suffix", [".jpg", ".png", ".tif", ".dng"])
def test_a_thumbnail_is_the_photo_upright_and_small(tmp_path, suffix, orientation):
    light = smooth_light(300, 400)
    path = tmp_path / f"a{suffix}"
    codes = (light * 255).round().astype(np.uint8)
    if suffix == ".dng":
        save_dng(path, light, orientation)
    elif suffix == ".tif":
        save_tiff(path, codes, orientation, iccprofile=icc_profile(power_curve(1.5)))
    else:
        save_with_pillow(path, codes, orientation)
    thumbnail = read_thumbnail(path, 40)
    photo = read_photo(path)
    full = render_for_display(photo.pixels, photo, orientation)
    assert max(thumbnail.shape) == 40
    expected = np.asarray(Image.fromarray(full).resize(thumbnail.shape[1::-1]))
    assert np.abs(thumbnail.astype(int) - expected)[3:-3, 3:-3].max() < 14


def test_a_small_photo_is_not_enlarged(tmp_path):
    assert read_thumbnail(save_png16(tmp_path / "a.png", np.zeros((20, 30), np.uint16)), 256).shape == (20, 30, 3)


def test_a_damaged_photo_has_no_thumbnail(tmp_path):
    (tmp_path / "a.jpg").write_text("text")
    with pytest.raises(PhotoError):
        read_thumbnail(tmp_path / "a.jpg", 64)
