import itertools
from pathlib import Path

import numpy as np
import pytest
from photo_files import plain_info, random_codes, save_with_pillow
from PIL import Image, ImageOps

from ddm_studio.photos.colour import SRGB_RENDERING
from ddm_studio.photos.reading import read_photo
from ddm_studio.photos.rendering import crop_to_sensor, render_for_display, turn_upright, upright_size

HEIGHT, WIDTH = 5, 8
# EXIF's words: where the first row and the first column of the stored pixels are seen.
FIRST_ROW_AND_COLUMN = {
    1: ("top", "left"),
    2: ("top", "right"),
    3: ("bottom", "right"),
    4: ("bottom", "left"),
    5: ("left", "top"),
    6: ("right", "top"),
    7: ("right", "bottom"),
    8: ("left", "bottom"),
}
SIDES = {"top": np.s_[0, :], "bottom": np.s_[-1, :], "left": np.s_[:, 0], "right": np.s_[:, -1]}


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_bright_line_is_seen_on_the_side_that_exif_says(orientation):
    row_side, column_side = FIRST_ROW_AND_COLUMN[orientation]
    for stored, side in ((np.s_[0, :], row_side), (np.s_[:, 0], column_side)):
        frame = np.zeros((HEIGHT, WIDTH, 3), np.float32)
        frame[stored] = 1
        seen = render_for_display(frame, SRGB_RENDERING, orientation)
        assert (seen[SIDES[side]] == 255).all()
        assert (seen > 0).sum() == frame.sum()


@pytest.mark.parametrize("orientation", range(1, 9))
def test_photos_are_seen_as_other_programs_show_them(tmp_path, orientation):
    path = save_with_pillow(tmp_path / "a.png", random_codes(HEIGHT, WIDTH, np.uint8), orientation)
    photo = read_photo(path)
    shown = render_for_display(photo.pixels, photo, photo.info.orientation)
    np.testing.assert_array_equal(shown, np.asarray(ImageOps.exif_transpose(Image.open(path))))
    assert upright_size(photo.info) == shown.shape[1::-1]


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_crop_of_the_upright_photo_is_the_same_crop_of_the_frame(orientation):
    frame = np.arange(HEIGHT * WIDTH).reshape(HEIGHT, WIDTH)
    info = plain_info(Path("a.tif"), WIDTH, HEIGHT, orientation)
    upright = turn_upright(frame, orientation)
    across, down = upright_size(info)
    for left, top in itertools.product(range(across), range(down)):
        width, height = min(2, across - left), min(3, down - top)
        x, y, w, h = crop_to_sensor(left, top, width, height, info)
        cut = turn_upright(frame[y : y + h, x : x + w], orientation)
        np.testing.assert_array_equal(cut, upright[top : top + height, left : left + width])


def test_every_8_bit_code_is_shown_as_it_is(tmp_path):
    codes = np.arange(256, dtype=np.uint8).reshape(16, 16, 1).repeat(3, 2)
    photo = read_photo(save_with_pillow(tmp_path / "a.png", codes))
    np.testing.assert_array_equal(render_for_display(photo.pixels, photo, 1), codes)


def test_light_beyond_the_screen_is_clipped():
    light = np.array([[[-0.5, 2.0, 1.0], [np.nan, np.nan, np.nan]]], np.float32)
    assert render_for_display(light, SRGB_RENDERING, 1).tolist() == [[[0, 255, 255], [0, 0, 0]]]


def test_wrong_shapes_and_orientations_are_named():
    with pytest.raises(ValueError, match=r"\(3, 8, 5\)"):
        render_for_display(np.zeros((3, 8, 5), np.float32), SRGB_RENDERING, 1)
    with pytest.raises(ValueError, match="got 9"):
        turn_upright(np.zeros((2, 3)), 9)
