"""One crop by every method: beside each other, with a line between them, in turns, as a difference, and mixed with the photo."""

from pathlib import Path

import numpy as np
import pytest
from gestures import LEFT, drop
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QImage

from ddm_studio.deblur.blending import blend
from ddm_studio.engine.requests import TrainRestorerRequest, TrainRestorerResult
from ddm_studio.events import DeblurPreview
from ddm_studio.gui.result_words import trained_message
from ddm_studio.gui.run_state import RunState
from ddm_studio.gui.views.blend_form import ShareSlider
from ddm_studio.gui.views.compare_view import BLURRY, METHODS, CompareView
from ddm_studio.gui.views.pair_view import DIFFERENCE_GAIN, difference_of
from ddm_studio.optics.display_curve import decode
from ddm_studio.photos.rendering import screen_codes
from ddm_studio.settings import ANY_LENS_METHODS, BlendSettings, Method

SHIFT = Qt.KeyboardModifier.ShiftModifier
SIZE = 200


def preview(method: str, code: int) -> DeblurPreview:
    picture = np.full((SIZE, SIZE, 3), code, np.uint8)
    picture[:, :, 0] //= 2
    return DeblurPreview(method, picture, 1.5, True, decode(picture.astype(np.float32) / 255), np.eye(3))


@pytest.fixture(scope="module")
def board(qapp, themed):
    """Blurry and three results of different brightness, at 100 %."""
    made = CompareView()
    made.resize(1000, 500)
    made.show()
    made.start(QImage(SIZE, SIZE, QImage.Format.Format_RGB32), running=True)
    for place, method in enumerate((BLURRY, *(method.value for method in ANY_LENS_METHODS))):
        made.show_preview(preview(method, 60 + 40 * place))
    made.end()
    yield made
    made.deleteLater()


def colour_at(view, x, y=None):
    pixel = view.grab().toImage().pixelColor(round(x), round(view.height() / 2 + 30 if y is None else y))
    return pixel.red(), pixel.green(), pixel.blue()


def colour_in(view):
    return colour_at(view, view.width() / 2 + 30)


def choose(board, qtbot, key):
    qtbot.mouseClick(board.layouts.button(key), LEFT)


def test_in_two_rows_pictures_have_all_the_room_but_two_lines(board, qtbot):
    choose(board, qtbot, "grid")
    pane = board.panes[Method.DPIR]
    qtbot.waitUntil(lambda: pane.height() - pane.view.height() < 60)
    assert "1.5 s" in pane.status.text()
    assert pane.status.isVisible()
    assert pane.status.y() < pane.view.y()
    choose(board, qtbot, "row")
    qtbot.waitUntil(lambda: pane.status.y() > pane.view.y())


def test_the_picture_stays_where_it_is_when_its_result_comes(qtbot, themed):
    made = CompareView()
    qtbot.addWidget(made)
    made.resize(1000, 500)
    made.show()
    choose(made, qtbot, "split")
    made.start(QImage(SIZE, SIZE, QImage.Format.Format_RGB32), running=True)
    qtbot.waitUntil(made.pair.isVisible)
    before = made.pair.geometry()
    for key in (BLURRY, "wiener"):
        made.show_preview(preview(key, 90))
    assert made.pair_status.text()
    qtbot.wait(50)
    assert made.pair.geometry() == before


@pytest.mark.parametrize("share", [0.1, 0.33, 0.5, 0.9])
def test_a_slider_goes_where_its_groove_is_clicked_and_can_be_held_there(qtbot, themed, share):
    made = ShareSlider("Opacity", "")
    qtbot.addWidget(made)
    made.resize(400, 30)
    made.show()
    slider = made.slider
    place = QPoint(round(share * slider.width()), slider.height() // 2)
    qtbot.mousePress(slider, LEFT, pos=place)
    assert made.share == pytest.approx(share, abs=0.03)
    qtbot.mouseMove(slider, place + QPoint(20, 0))
    qtbot.mouseRelease(slider, LEFT, pos=place + QPoint(20, 0))
    assert made.share == pytest.approx(share + 20 / slider.width(), abs=0.04)


def test_two_rows_show_the_same_pictures_larger(board, qtbot):
    choose(board, qtbot, "row")
    narrow = board.blurry.view.width()
    choose(board, qtbot, "grid")
    qtbot.waitUntil(lambda: board.blurry.view.width() > 1.5 * narrow)
    assert board.blurry.y() < board.panes[Method.DPIR].y() == board.panes[Method.DIFFPIR].y()
    assert not board.panes[Method.NETWORK].isVisible()


def test_the_line_parts_the_blurry_photo_from_the_chosen_result_and_can_be_dragged(board, qtbot):
    choose(board, qtbot, "split")
    board.show_chosen(Method.DPIR)
    view = board.pair
    middle = view.width() / 2
    assert colour_at(view, middle - 40) == (30, 60, 60)
    assert colour_at(view, middle + 40) == (70, 140, 140)
    line = QPoint(round(middle), 40)
    qtbot.mousePress(view, LEFT, pos=line)
    qtbot.mouseMove(view, line - QPoint(70, 0))
    qtbot.mouseRelease(view, LEFT, pos=line - QPoint(70, 0))
    assert colour_at(view, middle - 40) == (70, 140, 140)
    for _ in range(10):
        qtbot.keyClick(view, Qt.Key.Key_Right, SHIFT)
    assert colour_at(view, middle + 40) == (30, 60, 60)


def test_the_line_stays_while_the_picture_is_moved_beneath_it(board, qtbot):
    choose(board, qtbot, "split")
    view = board.pair
    before, line = view.centre(), view.line
    qtbot.keyClick(view, Qt.Key.Key_Right)
    assert view.centre().x() > before.x()
    assert view.line == line
    assert board.blurry.view.centre() == view.centre()
    board.viewport.look_at(before, 1.0)


def test_b_shows_the_other_picture_and_b_again_the_first(board, qtbot):
    choose(board, qtbot, "blink")
    board.show_chosen(Method.WIENER)
    place = board.pair.width() / 2
    seen = [colour_at(board.pair, place)]
    for _ in range(2):
        qtbot.keyClick(board.pair, Qt.Key.Key_B)
        seen.append(colour_at(board.pair, place))
    assert seen == [(30, 60, 60), (50, 100, 100), (30, 60, 60)]


def test_the_difference_is_grey_where_nothing_changed(board, qtbot):
    choose(board, qtbot, "difference")
    board.show_chosen(Method.WIENER)
    board.against.setCurrentIndex(board.against.findData(Method.WIENER.value))
    assert colour_at(board.pair, board.pair.width() / 2) == (128, 128, 128)
    board.against.setCurrentIndex(0)
    assert colour_at(board.pair, board.pair.width() / 2) == (128 + 20 * DIFFERENCE_GAIN, 255, 255)


def test_a_difference_has_the_sign_of_the_change():
    low, high = np.full((1, 1, 3), 100, np.uint8), np.full((1, 1, 3), 103, np.uint8)
    assert difference_of(low, high)[0, 0, 0] == 128 + 3 * DIFFERENCE_GAIN
    assert difference_of(high, low)[0, 0, 0] == 128 - 3 * DIFFERENCE_GAIN


@pytest.mark.parametrize("layout", ["row", "split"])
def test_results_are_shown_mixed_as_they_will_be_saved(board, qtbot, layout):
    choose(board, qtbot, layout)
    board.show_chosen(Method.DIFFPIR)
    view = board.pair if layout == "split" else board.panes[Method.DIFFPIR].view
    board.pair.move_line(0)
    board.viewport.look_at(QPointF(SIZE / 2, SIZE / 2), 1.0)
    assert colour_in(view) == (90, 180, 180)
    mixing = BlendSettings(strength=0.5, red=0.0)
    board.show_mixing(mixing, None)
    blurry, restored = preview(BLURRY, 60), preview(Method.DIFFPIR.value, 180)
    wanted = screen_codes(blend(blurry.light, restored.light, mixing), np.eye(3))[0, 0]
    qtbot.waitUntil(lambda: colour_in(view) == tuple(wanted))
    assert wanted[0] == 30
    board.show_mixing(BlendSettings(), None)
    qtbot.waitUntil(lambda: colour_in(view) == (90, 180, 180))


@pytest.fixture
def page(window, qtbot, blurry, profile):
    window.show_page("deblur")
    drop(window.deblur, [profile, blurry / "photo_000.png"])
    qtbot.waitUntil(window.deblur.compare.isEnabled)
    return window.deblur


def test_outside_a_project_no_network_can_be_trained_and_it_says_why(page):
    assert not page.training.train.isEnabled()
    assert "outside" in page.training.train.toolTip()
    assert page.form.method.findData(Method.NETWORK.value) < 0


def test_the_lens_network_is_trained_and_then_among_the_methods(page, window, qtbot, jobs, profile):
    (profile.parent / "project.toml").write_text("")
    page.show_profile(page.lens.opened)
    assert "15 min" in page.training.train.text()
    qtbot.mouseClick(page.training.train, LEFT)
    qtbot.waitUntil(lambda: window.state is RunState.IDLE)
    assert jobs.requests == [TrainRestorerRequest(profile.parent)]
    told = window.messages.accessibleName()
    assert "nearer to the truth than Wiener" in told
    assert "dB" not in told
    page.form.method.setCurrentIndex(page.form.method.findData(Method.NETWORK.value))
    qtbot.mouseClick(page.compare, LEFT)
    qtbot.waitUntil(lambda: window.state is RunState.IDLE)
    assert jobs.requests[-1].methods == METHODS
    assert page.comparison.panes[Method.NETWORK].status.text() == "4.5 s"


def test_the_sliders_are_part_of_the_settings_and_can_be_undone(page, window, qtbot, jobs):
    slider = page.form.blend.sliders["strength"].slider
    slider.setFocus()
    qtbot.keyClick(slider, Qt.Key.Key_PageDown)
    qtbot.mouseClick(page.deblur, LEFT)
    qtbot.waitUntil(lambda: window.state is RunState.IDLE)
    assert jobs.requests[-1].settings.blend == BlendSettings(strength=0.9)
    window.history.undo.trigger()
    assert slider.value() == 100


@pytest.mark.parametrize(("network", "told"), [(30.0, "37 % nearer"), (26.0, "0 % nearer"), (22.0, "58 % farther")])
def test_how_good_a_trained_network_is_stands_in_plain_words_and_its_figures_under_details(network, told):
    message = trained_message(TrainRestorerResult(Path("restorer.safetensors"), 900, 60.0, 20.0, 26.0, network))
    assert told in message.why
    assert "dB" not in message.sentences
    assert f"network {network:.1f} dB" in message.details
