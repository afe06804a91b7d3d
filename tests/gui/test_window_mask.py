"""A mask is painted on the photo or on the comparison, answered at once, undone stroke by stroke, and goes with its photo to the engine."""

import numpy as np
import pytest
from fake_jobs import FakeJobs, write_photos
from gestures import LEFT, drop
from PySide6.QtCore import QCoreApplication, QEvent, QPoint, QPointF, QRect, Qt

from ddm_studio.deblur.blending import blend
from ddm_studio.deblur.mask import Gradient, Stroke, mask_values
from ddm_studio.events import DeblurPreview
from ddm_studio.gui.run_state import RunState
from ddm_studio.optics.display_curve import decode
from ddm_studio.photos.rendering import screen_codes
from ddm_studio.settings import BlendSettings, Method

RIGHT = Qt.MouseButton.RightButton
CROP = (20, 0, 64, 64)
SRGB = np.eye(3)


def light_of(code):
    return decode(np.full((CROP[3], CROP[2], 3), code / 255, np.float32))


class FlatJobs(FakeJobs):
    """The crop is dark grey, every result light grey, with the light that is needed to mix them."""

    def compare(self, request):
        def job(report, control):
            for method, code in (("blurry", 60), *((method.value, 180) for method in request.methods)):
                report(DeblurPreview(method, np.full((CROP[3], CROP[2], 3), code, np.uint8), 1.0, True, light_of(code), SRGB))

        return job


@pytest.fixture
def jobs():
    return FlatJobs(steps=2)


@pytest.fixture
def page(window, qtbot, profile, tmp_path):
    window.show_page("deblur")
    drop(window.deblur, [profile, *write_photos(tmp_path / "photos", 1)])
    qtbot.waitUntil(window.deblur.compare.isEnabled)
    window.deblur.crop.viewport.look_at(QPointF(48, 32), 4.0)
    qtbot.mouseClick(window.deblur.masking, LEFT)
    return window.deblur


def drag(qtbot, view, *places, button=LEFT, keys=Qt.KeyboardModifier.NoModifier):
    points = [view.to_screen(QPointF(*place)).toPoint() for place in places]
    qtbot.mousePress(view, button, keys, points[0])
    for point in points[1:]:
        qtbot.mouseMove(view, point)
    qtbot.mouseRelease(view, button, keys, points[-1])


def leave(view):
    """The mouse goes elsewhere, and the ring of the brush with it."""
    QCoreApplication.sendEvent(view, QEvent(QEvent.Type.Leave))


def redness(view, place):
    """How red a view is at a place of what it shows."""
    colour = view.grab().toImage().pixelColor(view.to_screen(QPointF(*place)).toPoint())
    return colour.red() - colour.green()


def values(page):
    return mask_values(page.drawing.mask, 0, 0, 96, 64)


def test_a_stroke_restores_where_it_went_and_only_there(page, qtbot):
    assert page.mask_bar.isVisible()
    page.drawing.use(radius=6.0, softness=0.5)
    before = page.crop.crop
    drag(qtbot, page.crop, (20, 20), (50, 20))
    assert page.crop.crop == before
    assert values(page)[20, 21] == values(page)[20, 35] == values(page)[20, 49] == 1
    assert values(page)[40].max() == 0
    (stroke,) = page.drawing.mask.parts
    assert isinstance(stroke, Stroke)
    assert stroke.radius == 6


def test_the_photo_is_tinted_where_it_is_restored_unless_that_is_hidden(page, qtbot):
    plain = redness(page.crop, (30, 30)), redness(page.crop, (80, 10))
    page.drawing.use(radius=8.0)
    drag(qtbot, page.crop, (30, 30), (32, 30))
    leave(page.crop)
    assert redness(page.crop, (30, 30)) > plain[0] + 40
    assert redness(page.crop, (80, 10)) == plain[1]
    qtbot.mouseClick(page.mask_bar.tints, LEFT)
    assert redness(page.crop, (30, 30)) == plain[0]


def test_the_right_button_and_erase_take_away_and_invert_turns_it_round(page, qtbot):
    page.drawing.use(radius=5.0, softness=0.0)
    drag(qtbot, page.crop, (20, 20), (60, 20))
    drag(qtbot, page.crop, (30, 20), (31, 20), button=RIGHT)
    assert values(page)[20, 30] == 0
    qtbot.mouseClick(page.mask_bar.way.button("erase"), LEFT)
    drag(qtbot, page.crop, (50, 20), (51, 20))
    assert values(page)[20, 50] == 0
    assert values(page)[20, 40] == 1
    before = values(page)
    qtbot.mouseClick(page.mask_bar.inverted, LEFT)
    np.testing.assert_allclose(values(page), 1 - before)
    qtbot.mouseClick(page.mask_bar.cleared, LEFT)
    assert page.drawing.mask is None
    assert not page.mask_bar.inverted.isEnabled()


def test_a_gradient_goes_from_where_the_mouse_went_down_to_where_it_went_up(page, qtbot):
    qtbot.mouseClick(page.mask_bar.tool.button("gradient"), LEFT)
    assert not page.mask_bar.brush_size.isEnabled()
    drag(qtbot, page.crop, (30, 20), (60, 20))
    (gradient,) = page.drawing.mask.parts
    assert isinstance(gradient, Gradient)
    assert values(page)[:, :29].min() > 0.99
    assert values(page)[:, 61:].max() < 0.01
    drag(qtbot, page.crop, (40, 40))
    assert page.drawing.mask.parts == (gradient,)


def test_every_stroke_is_undone_by_itself_however_quickly_they_came(page, window, qtbot):
    page.drawing.use(radius=5.0)
    for column in (20, 40, 60):
        drag(qtbot, page.crop, (column, 20), (column, 30))
    assert len(page.drawing.mask.parts) == 3
    for left in (2, 1):
        qtbot.keyClick(page.crop, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
        assert len(page.drawing.mask.parts) == left
    assert "mask" in window.history.undo.text()
    window.history.redo.trigger()
    assert len(page.drawing.mask.parts) == 2


def test_brackets_change_the_size_and_with_ctrl_the_picture_moves(page, qtbot):
    before = page.drawing.radius
    qtbot.keyClick(page.crop, Qt.Key.Key_BracketRight)
    assert page.drawing.radius > before
    qtbot.keyClick(page.crop, Qt.Key.Key_BracketLeft)
    assert page.drawing.radius == pytest.approx(before)
    drag(qtbot, page.crop, (48, 32), (40, 32), keys=Qt.KeyboardModifier.ControlModifier)
    assert page.drawing.mask is None
    assert page.crop.centre().x() == pytest.approx(56, abs=0.5)


@pytest.mark.parametrize("layout", ["row", "split"])
def test_the_comparison_shows_the_mixture_that_will_be_saved_while_it_is_painted(page, window, qtbot, layout):
    page.crop.set_crop(QRect(*CROP))
    qtbot.mouseClick(page.compare, LEFT)
    qtbot.waitUntil(lambda: window.state is RunState.IDLE)
    board = page.comparison
    qtbot.mouseClick(board.layouts.button(layout), LEFT)
    view = board.pair if layout == "split" else board.panes[Method.WIENER].view
    board.pair.move_line(0.02)
    board.viewport.look_at(QPointF(32, 24), 3.0)
    page.drawing.use(radius=9.0, softness=1.0)
    drag(qtbot, view, (30, 24), (44, 24))
    leave(view)
    qtbot.mouseClick(page.mask_bar.tints, LEFT)
    assert page.drawing.mask.parts[0].points[0] == pytest.approx((30 + CROP[0], 24 + CROP[1]), abs=0.6)
    shares = mask_values(page.drawing.mask, *CROP)
    wanted = screen_codes(blend(light_of(60), light_of(180), BlendSettings(), SRGB, shares), SRGB)
    assert 60 < wanted[30, 35, 0] < 180

    def is_shown():
        image = view.grab().toImage()
        places = [(35, 24), (35, 30), (35, 4), (50, 40)]
        seen = [image.pixelColor(view.to_screen(QPointF(x + 0.5, y + 0.5)).toPoint()).red() for x, y in places]
        return np.abs(np.array(seen) - [int(wanted[y, x, 0]) for x, y in places]).max() <= 1

    qtbot.waitUntil(is_shown)
    qtbot.mouseClick(page.masking, LEFT)
    qtbot.waitUntil(is_shown)


@pytest.mark.parametrize("layout", ["row", "grid", "split", "blink", "difference"])
def test_every_picture_of_the_comparison_is_tinted_where_it_is_sharpened_and_the_tint_moves_with_it(page, window, qtbot, layout):
    page.crop.set_crop(QRect(*CROP))
    page.drawing.use(radius=5.0)
    drag(qtbot, page.crop, (CROP[0] + 30, 20), (CROP[0] + 34, 20))
    qtbot.mouseClick(page.compare, LEFT)
    qtbot.waitUntil(lambda: window.state is RunState.IDLE)
    board = page.comparison
    qtbot.mouseClick(board.layouts.button(layout), LEFT)
    seen = [view for view in board.views if view.isVisible()]
    assert len(seen) == (4 if layout in ("row", "grid") else 1)

    def is_tinted(view):
        return redness(view, (32.5, 20.5)) > 40 and abs(redness(view, (45.5, 20.5))) < 5

    for centre, zoom in (((32, 24), 2.0), ((36, 22), 5.0)):
        board.viewport.look_at(QPointF(*centre), zoom)
        board.pair.move_line(0.9)
        assert all(is_tinted(view) for view in seen)
    if layout == "split":
        board.pair.move_line(0.1)
        assert is_tinted(board.pair)
    if layout == "blink":
        qtbot.keyClick(board.pair, Qt.Key.Key_B)
        assert is_tinted(board.pair)
    qtbot.mouseClick(page.mask_bar.inverted, LEFT)
    assert all(redness(view, (32.5, 20.5)) < 5 and redness(view, (45.5, 20.5)) > 40 for view in seen)
    qtbot.mouseClick(page.mask_bar.tints, LEFT)
    assert not any(redness(view, (45.5, 20.5)) > 5 for view in seen)
    qtbot.mouseClick(page.mask_bar.tints, LEFT)
    qtbot.mouseClick(page.masking, LEFT)  # the mask is drawn no more, and the results are looked at
    assert not any(redness(view, (45.5, 20.5)) > 5 for view in seen)


def test_the_hints_say_what_dragging_does_with_the_tool_that_is_chosen_in_one_line(page, window, qtbot):
    qtbot.mouseClick(page.compare, LEFT)
    qtbot.waitUntil(lambda: window.state is RunState.IDLE)
    hint, words, bar = page.comparison.hint, page.crop_words, page.mask_bar
    qtbot.mouseClick(page.comparison.layouts.button("split"), LEFT)
    assert "knob" in hint.text()
    assert "Drag to draw where the photo is sharpened" in words.text()
    qtbot.mouseClick(bar.way.button("erase"), LEFT)
    assert "Drag to draw where the photo is left as it is" in words.text()
    qtbot.mouseClick(bar.tool.button("gradient"), LEFT)
    assert "Drag from where the photo is left as it is" in words.text()
    drag(qtbot, page.comparison.pair, (10, 10), (40, 10))
    qtbot.mouseClick(bar.inverted, LEFT)
    assert "Drag from where the photo is sharpened" in words.text()
    assert window.width() == 1280
    for layout in ("row", "grid", "split", "blink", "difference"):
        qtbot.mouseClick(page.comparison.layouts.button(layout), LEFT)
        for line in (hint, words):
            assert line.fontMetrics().horizontalAdvance(line.text()) <= line.width()
    qtbot.mouseClick(page.masking, LEFT)
    qtbot.mouseClick(page.comparison.layouts.button("split"), LEFT)
    assert "knob" not in hint.text()


def test_while_the_mouse_draws_only_the_knob_moves_the_line_of_a_split(page, window, qtbot):
    qtbot.mouseClick(page.compare, LEFT)
    qtbot.waitUntil(lambda: window.state is RunState.IDLE)
    pair = page.comparison.pair
    qtbot.mouseClick(page.comparison.layouts.button("split"), LEFT)
    on_line, on_knob = QPointF(pair.width() * pair.line, 20), QPointF(pair.width() * pair.line, pair.height() / 2)
    assert [pair.has_handle_at(place) for place in (on_line, on_knob)] == [False, True]
    qtbot.mouseClick(page.masking, LEFT)
    assert [pair.has_handle_at(place) for place in (on_line, on_knob)] == [True, True]


def test_masks_belong_to_their_photos_and_go_with_them_to_the_engine(page, window, qtbot, jobs, tmp_path):
    first = page.batch.photos[0]
    page.drawing.use(radius=5.0)
    drag(qtbot, page.crop, (20, 20), (40, 20))
    mask = page.drawing.mask
    others = write_photos(tmp_path / "others", 2)
    drop(page, [first, *others])
    qtbot.waitUntil(lambda: len(page.batch.photos) == 3)
    assert not page.masking.isEnabled()
    assert not page.mask_bar.isVisible()
    assert page.batch.lines.topLevelItem(0).text(2) == "masked"
    assert not page.batch.lenses.isVisible()  # a mask is no doubt about the lens
    page.open_photo(others[0])
    qtbot.waitUntil(lambda: page.photo_name.text() == others[0].name and page.drawing.mask is None)
    qtbot.waitUntil(page.deblur.isEnabled)
    qtbot.mouseClick(page.deblur, LEFT)
    qtbot.waitUntil(lambda: window.state is RunState.IDLE)
    assert jobs.requests[-1].masks == {first: mask}


def test_while_nothing_is_masked_the_mouse_is_as_ever(page, qtbot):
    qtbot.mouseClick(page.masking, LEFT)
    assert not page.mask_bar.isVisible()
    drag(qtbot, page.crop, (48, 32), (40, 32))
    assert page.drawing.mask is None


def test_the_bar_shows_what_the_brush_is(page, qtbot):
    qtbot.keyClick(page.mask_bar.brush_size, Qt.Key.Key_End)
    assert page.drawing.radius == pytest.approx(48)
    assert page.mask_bar.pixels.text() == "48 px"
    qtbot.keyClick(page.mask_bar.softness.slider, Qt.Key.Key_Home)
    assert page.drawing.softness == 0
    qtbot.mouseMove(page.crop, QPoint(50, 50))
    assert page.mask_bar.pixels.text() == "48 px"


@pytest.mark.parametrize("layout", ["row", "grid", "split"])
def test_a_small_screen_has_room_for_the_bar_and_the_comparison(page, window, qtbot, layout):
    qtbot.mouseClick(page.compare, LEFT)
    qtbot.waitUntil(lambda: window.state is RunState.IDLE)
    qtbot.mouseClick(page.comparison.layouts.button(layout), LEFT)
    assert page.mask_bar.isVisible()
    assert page.comparison.isVisible()
    smallest = window.minimumSizeHint()
    assert smallest.width() <= 1280
    assert smallest.height() <= 760
