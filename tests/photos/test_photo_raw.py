import numpy as np
import pytest
import rawpy
from photo_files import CAMERA_OF_XYZ, save_dng, smooth_light

from ddm_studio.optics.display_curve import encode
from ddm_studio.photos.raw_file import develop, matrix_from_camera
from ddm_studio.photos.reading import read_photo, read_photo_info
from ddm_studio.photos.rendering import render_for_display

INSIDE = np.s_[8:-8, 8:-8]
"""Away from the border, where there is too little to demosaic from."""


def test_camera_rgb_is_linear_balanced_and_not_brightened(tmp_path):
    light = smooth_light(120, 160)
    photo = read_photo(save_dng(tmp_path / "a.dng", light))
    assert np.abs(photo.pixels[INSIDE] - light[INSIDE]).max() < 2e-3


def test_half_the_light_is_half_the_numbers(tmp_path):
    """Libraw's default scales every picture by its own maximum."""
    light = smooth_light(120, 160)
    bright = read_photo(save_dng(tmp_path / "a.dng", light)).pixels
    dark = read_photo(save_dng(tmp_path / "b.dng", light / 2)).pixels
    np.testing.assert_allclose(dark[INSIDE], bright[INSIDE] / 2, atol=1e-3)


def test_clipped_highlights_are_white_in_every_channel(tmp_path):
    light = smooth_light(120, 160)
    light[40:80, 40:80] = 2.0
    assert (read_photo(save_dng(tmp_path / "a.dng", light)).pixels[50:70, 50:70] >= 0.998).all()


def test_the_colour_matrix_gives_what_libraw_gives(tmp_path):
    path = save_dng(tmp_path / "a.dng", smooth_light(120, 160))
    photo = read_photo(path)
    with rawpy.imread(str(path)) as raw:
        theirs = encode(develop(raw, rawpy.ColorSpace.sRGB) / 65535) * 255
    ours = render_for_display(photo.pixels, photo, 1)
    assert np.abs(ours - theirs).max() <= 0.6
    np.testing.assert_allclose(photo.rendering.to_srgb.sum(1), 1, atol=1e-3)


def test_the_matrix_from_the_table_of_cameras_equals_the_one_in_the_file(tmp_path):
    photo = read_photo(save_dng(tmp_path / "a.dng", smooth_light(120, 160)))
    np.testing.assert_allclose(matrix_from_camera(CAMERA_OF_XYZ), photo.rendering.to_srgb, atol=2e-3)


def test_a_camera_that_sees_srgb_needs_no_matrix(tmp_path):
    srgb_of_xyz = np.linalg.inv(np.array([[0.412453, 0.357580, 0.180423], [0.212671, 0.715160, 0.072169], [0.019334, 0.119193, 0.950227]]))
    photo = read_photo(save_dng(tmp_path / "a.dng", smooth_light(120, 160), camera_of_xyz=srgb_of_xyz))
    np.testing.assert_allclose(photo.rendering.to_srgb, np.eye(3), atol=1e-3)


def test_an_unknown_camera_is_shown_as_libraw_shows_it(tmp_path):
    path = save_dng(tmp_path / "a.dng", smooth_light(120, 160), camera_of_xyz=None)
    photo = read_photo(path)
    with rawpy.imread(str(path)) as raw:
        theirs = encode(develop(raw, rawpy.ColorSpace.sRGB) / 65535) * 255
    assert np.abs(render_for_display(photo.pixels, photo, 1) - theirs).max() <= 0.6


@pytest.mark.parametrize("orientation", [1, 6])
def test_the_header_tells_what_the_pixels_are(tmp_path, orientation):
    path = save_dng(tmp_path / "a.dng", smooth_light(48, 64), orientation)
    info = read_photo_info(path)
    assert info == read_photo(path).info
    assert info.frame == (64, 48)
    assert info.orientation == orientation
    assert info.bit_depth == 14
    assert (info.colour.recipe, info.colour.space) == ("libraw-linear-1", "camera RGB of DDM Test Camera")
