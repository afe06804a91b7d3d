"""Kernels and photos become pictures without being flipped, turned or tinted."""

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QImage

from ddm_studio.gui.pictures import pyramid, to_image
from ddm_studio.gui.views.picture_view import PictureView
from ddm_studio.gui.views.psf_mosaic import PsfLook, colours, gap_of, mosaic

CHANNELS = ("composite", "red", "green", "blue")
ALL_LOOKS = [PsfLook(channel, root, shared) for channel in CHANNELS for root in (True, False) for shared in (True, False)]


def grid_with_one_tap(row, column, channel, tap_row, tap_column, size=5):
    psf = np.zeros((2, 3, 3, size, size), np.float32)
    psf[row, column, channel, tap_row, tap_column] = 1
    return psf


@pytest.mark.parametrize("place", [(0, 0, 0, 0, 1), (1, 2, 2, 4, 3), (1, 0, 1, 2, 0), (0, 2, 0, 3, 4)])
def test_a_tap_is_drawn_where_it_is(place):
    row, column, channel, tap_row, tap_column = place
    picture = mosaic(grid_with_one_tap(*place), PsfLook("composite", square_root=False, shared=True))
    pitch = 5 + gap_of(5)
    brightest = np.unravel_index(picture[..., channel].argmax(), picture.shape[:2])
    assert brightest == (row * pitch + tap_row, column * pitch + tap_column)
    assert picture.shape == (2 * pitch - gap_of(5), 3 * pitch - gap_of(5), 3)


def test_a_channel_alone_shows_no_other():
    psf = grid_with_one_tap(0, 0, 1, 2, 2)
    assert colours(psf, PsfLook("green"))[0, 0].max() > 200
    assert colours(psf, PsfLook("red")).max() == 0


def test_a_shared_scale_keeps_relative_brightness_and_a_scale_of_its_own_does_not():
    psf = np.zeros((1, 2, 3, 3, 3), np.float32)
    psf[0, 0, :, 1, 1], psf[0, 1, :, 1, 1] = 1.0, 0.25
    shared = colours(psf, PsfLook(square_root=False, shared=True))
    alone = colours(psf, PsfLook(square_root=False, shared=False))
    assert (shared[0, 0].max(), shared[0, 1].max()) == (255, 64)
    assert (alone[0, 0].max(), alone[0, 1].max()) == (255, 255)


def test_the_square_root_lifts_tails():
    psf = np.zeros((1, 1, 3, 3, 3), np.float32)
    psf[..., 1, 1], psf[..., 0, 0] = 1.0, 0.04
    assert colours(psf, PsfLook(square_root=True))[0, 0, 0, 0, 0] == 51
    assert colours(psf, PsfLook(square_root=False))[0, 0, 0, 0, 0] == 10


@pytest.mark.parametrize("look", ALL_LOOKS)
def test_an_empty_grid_is_black(look):
    assert colours(np.zeros((2, 2, 3, 3, 3), np.float32), look).max() == 0


def test_an_image_does_not_change_with_its_array(qapp):
    picture = np.zeros((4, 6, 3), np.uint8)
    picture[1, 2] = (10, 20, 30)
    image = to_image(picture)
    picture[:] = 255
    assert (image.width(), image.height()) == (6, 4)
    assert image.pixelColor(2, 1).getRgb() == (10, 20, 30, 255)


def test_a_pyramid_halves_without_moving_or_darkening(qapp):
    picture = np.zeros((1100, 1500, 3), np.uint8)
    picture[:550, :750] = (200, 100, 40)
    levels = pyramid(picture)
    assert [(level.width(), level.height()) for level in levels] == [(1500, 1100), (750, 550)]
    assert levels[1].pixelColor(100, 100).getRgb() == (200, 100, 40, 255)
    assert levels[1].pixelColor(600, 100).getRgb() == (0, 0, 0, 255)


def test_something_else_than_a_picture_is_refused():
    with pytest.raises(ValueError, match="height, width, 3"):
        to_image(np.zeros((4, 4), np.uint8))


def test_a_difference_is_grey_where_channels_agree_and_reddish_where_red_has_more():
    psf = np.zeros((1, 1, 3, 3, 3), np.float32)
    psf[..., 1, 1] = 0.5
    look = PsfLook("difference")
    assert np.ptp(colours(psf, look)) == 0
    psf[0, 0, 0, 0, 0] = 0.3
    red, green, blue = (int(part) for part in colours(psf, look)[0, 0, 0, 0])
    assert red > 200
    assert green == blue < 80
    assert set(colours(psf, look)[0, 0, 1, 1]) == {128}


class OnEnlargedDesktop(PictureView):
    """As on a desktop at 100, 150, 200 %."""

    ratio = 1.0

    def devicePixelRatioF(self):  # noqa: N802 - Qt calls it so
        return self.ratio


def drawn(view):
    """What a screen shows of a view, (height, width, 3), in pixels of the screen."""
    screen = QImage(round(view.width() * view.ratio), round(view.height() * view.ratio), QImage.Format.Format_RGB888)
    screen.setDevicePixelRatio(view.ratio)
    view.render(screen)
    rows = np.frombuffer(screen.constBits(), np.uint8).reshape(screen.height(), screen.bytesPerLine())
    return rows[:, : 3 * screen.width()].reshape(screen.height(), screen.width(), 3).copy()


@pytest.mark.parametrize("ratio", [1.0, 1.5, 2.0])
@pytest.mark.parametrize("side", [40, 41])
def test_at_100_percent_each_photo_pixel_is_one_of_the_screen_on_an_enlarged_desktop_too(qtbot, ratio, side):
    photo = np.random.default_rng(0).integers(0, 256, (side, side + 3, 3), np.uint8)
    view = OnEnlargedDesktop("noise")
    qtbot.addWidget(view)
    view.ratio = ratio
    view.resize(120, 126)
    view.show_levels([to_image(photo)])
    qtbot.keyClick(view, Qt.Key.Key_1)
    assert view.viewport.zoom == pytest.approx(1)
    seen = drawn(view)
    left, top = (round(ratio * part) for part in view.to_screen(QPointF(0, 0)).toTuple())
    np.testing.assert_array_equal(seen[top : top + side, left : left + side + 3], photo)


@pytest.mark.parametrize("ratio", [1.0, 2.0])
def test_the_place_under_the_mouse_stays_there_up_to_the_largest_zoom(qtbot, ratio):
    view = OnEnlargedDesktop("noise")
    qtbot.addWidget(view)
    view.ratio = ratio
    view.resize(120, 126)
    view.show_levels([QImage(400, 300, QImage.Format.Format_RGB888)])
    mouse = QPointF(30, 80)
    there = view.centre() + (mouse - QPointF(60, 63)) / view.zoom()
    for _ in range(40):
        view.zoom_about(1.3, mouse)
        assert (view.to_photo(mouse) - there).manhattanLength() * view.zoom() < 2
    assert view.viewport.zoom == pytest.approx(32)
