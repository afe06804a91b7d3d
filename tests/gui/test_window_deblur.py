"""A photo is dropped, a crop compared, and the whole saved."""

import pytest
from fake_jobs import FakeJobs, write_photos
from gestures import LEFT, drop, turn_wheel
from PySide6.QtCore import QPoint, QPointF, QRect, Qt
from PySide6.QtWidgets import QPushButton

from ddm_studio.engine.requests import CompareRequest, DeblurRequest
from ddm_studio.errors import InputError
from ddm_studio.gui.run_state import RunState
from ddm_studio.settings import ANY_LENS_METHODS, DeblurSettings, JpegColour, Method


@pytest.fixture
def photo(tmp_path):
    return write_photos(tmp_path / "photos", 1)[0]


@pytest.fixture
def page(window, qtbot, photo, profile):
    """A photo and a profile that fits it."""
    window.show_page("deblur")
    assert drop(window.deblur, [profile, photo])
    qtbot.waitUntil(window.deblur.compare.isEnabled)
    qtbot.waitUntil(lambda: window.deblur._photo is not None and window.deblur._photo.levels[0].width() == 96)
    return window.deblur


def test_photo_and_profile_are_shown_and_fit(page):
    assert "fits this photo" in page.fit.text()
    assert page.photo_name.text() == "photo_000.png"
    assert page.crop.crop == (0, 0, 96, 64)


def test_the_opacity_of_one_photo_is_not_that_of_the_next(page, qtbot, tmp_path):
    page.form.blend.sliders["strength"].slider.setValue(40)
    other = write_photos(tmp_path / "other", 1)[0].rename(tmp_path / "next.png")
    drop(page, [other])
    qtbot.waitUntil(lambda: page.photo_name.text() == "next.png" and page.batch.photos == (other,))
    assert page.form.settings.blend.strength == 1


def test_photos_of_a_list_share_their_opacity(page, qtbot, tmp_path):
    photos = write_photos(tmp_path / "several", 2)
    drop(page, photos)
    qtbot.waitUntil(lambda: page.batch.photos == tuple(photos))
    page.form.blend.sliders["strength"].slider.setValue(40)
    page.open_photo(photos[1])
    qtbot.waitUntil(lambda: page.photo_name.text() == photos[1].name)
    assert page.form.settings.blend.strength == 0.4


def test_a_photo_of_another_frame_is_refused_with_the_reason(page, qtbot, tmp_path):
    other = write_photos(tmp_path / "other", 1, size=(200, 100))[0]
    drop(page, [other])
    qtbot.waitUntil(lambda: "200 x 100" in page.fit.text())
    assert not page.compare.isEnabled()
    assert not page.deblur.isEnabled()


def test_without_a_profile_it_says_what_to_do(window, qtbot, photo):
    window.show_page("deblur")
    drop(window.deblur, [photo])
    qtbot.waitUntil(lambda: window.deblur.photo_name.text() == "photo_000.png")
    assert "Calibrate a lens or choose a profile" in window.deblur.fit.text()
    assert not window.deblur.deblur.isEnabled()


def test_a_broken_photo_is_an_error_with_a_reason(window, qtbot, tmp_path):
    bad = tmp_path / "bad.jpg"
    bad.write_text("text")
    window.show_page("deblur")
    drop(window.deblur, [bad])
    qtbot.waitUntil(window.messages.isVisible)
    assert "bad.jpg" in window.messages.accessibleName()


def test_a_broken_photo_leaves_the_old_one(page, window, qtbot, photo, tmp_path):
    bad = tmp_path / "bad.jpg"
    bad.write_text("text")
    drop(page, [bad])
    qtbot.waitUntil(window.messages.isVisible)
    assert page.photo_name.text() == photo.name
    assert page.compare.isEnabled()


def test_comparing_shows_three_results_with_their_seconds(page, window, qtbot, jobs, profile, photo):
    qtbot.mouseClick(page.compare, LEFT)
    assert window.state is RunState.RUNNING
    assert page.comparison.isVisible()
    qtbot.waitUntil(lambda: window.state is RunState.IDLE)
    assert [page.comparison.panes[method].status.text() for method in ANY_LENS_METHODS] == ["1.5 s", "2.5 s", "3.5 s"]
    request = jobs.requests[0]
    assert isinstance(request, CompareRequest)
    assert (request.photo, request.profile, request.crop) == (photo, profile, (0, 0, 96, 64))


def test_all_four_views_zoom_and_pan_together(page, window, qtbot):
    qtbot.mouseClick(page.compare, LEFT)
    qtbot.waitUntil(lambda: window.state is RunState.IDLE)
    views = [page.comparison.blurry.view, *(pane.view for pane in page.comparison.panes.values())]
    turn_wheel(views[2], QPointF(40, 50), 3)
    assert len({view.zoom() for view in views}) == 1
    assert views[0].zoom() > 1.5
    before = views[0].centre()
    qtbot.mousePress(views[1], LEFT, pos=QPoint(60, 60))
    qtbot.mouseMove(views[1], QPoint(80, 60))
    qtbot.mouseRelease(views[1], LEFT, pos=QPoint(80, 60))
    assert len({(view.centre().x(), view.centre().y()) for view in views}) == 1
    assert views[0].centre().x() < before.x()


def test_the_wheel_keeps_the_place_under_the_mouse(page):
    place = QPointF(100, 80)
    before = page.crop.to_photo(place)
    turn_wheel(page.crop, place, 2)
    after = page.crop.to_photo(place)
    assert (after.x(), after.y()) == pytest.approx((before.x(), before.y()), abs=1 / page.crop.zoom())  # a px of the screen


def test_a_click_on_a_result_chooses_its_method(page, window, qtbot, jobs, own_home):
    qtbot.mouseClick(page.compare, LEFT)
    qtbot.waitUntil(lambda: window.state is RunState.IDLE)
    qtbot.mouseClick(page.comparison.panes[Method.DPIR].view, LEFT)
    assert page.form.settings.method is Method.DPIR
    assert "chosen" in page.comparison.panes[Method.DPIR].chosen.text()
    qtbot.mouseClick(page.deblur, LEFT)
    qtbot.waitUntil(lambda: "Saved: " in page.foot.strip.what.text())
    request = jobs.requests[-1]
    assert isinstance(request, DeblurRequest)
    assert request.settings.method is Method.DPIR
    assert request.out == own_home / "DDM Studio" / "deblurred"
    assert page.foot.open_folder.isVisible()


@pytest.mark.parametrize("jobs", [FakeJobs(steps=100_000)])
def test_deblurring_can_be_stopped(page, window, qtbot):
    qtbot.mouseClick(page.deblur, LEFT)
    qtbot.waitUntil(lambda: "%" in page.foot.strip.numbers.text())
    assert not window.calibrate.start.isEnabled()
    qtbot.mouseClick(page.foot.strip.stop, LEFT)
    assert page.foot.strip.stop.text() == "Stopping…"
    qtbot.waitUntil(lambda: window.state is RunState.IDLE)
    assert page.foot.strip.what.text() == "Stopped. Nothing was saved."


@pytest.mark.parametrize("jobs", [FakeJobs(fail_at=3, error=InputError("The weights are missing", "", "Use the bundled denoiser"))])
def test_a_failed_comparison_says_so_in_its_panes(page, window, qtbot):
    qtbot.mouseClick(page.compare, LEFT)
    qtbot.waitUntil(window.messages.isVisible)
    assert window.messages.advice.text() == "Use the bundled denoiser."
    assert page.comparison.panes[Method.WIENER].status.text() == "not finished"


class TestCrop:
    @pytest.fixture
    def crop(self, window, qtbot, tmp_path):
        big = write_photos(tmp_path / "big", 1, size=(900, 600))[0]
        window.show_page("deblur")
        drop(window.deblur, [big])
        qtbot.waitUntil(lambda: window.deblur._photo is not None and window.deblur.stack.currentIndex() == 1)
        return window.deblur.crop

    def drag(self, crop, qtbot, start, by):
        qtbot.mousePress(crop, LEFT, pos=start.toPoint())
        qtbot.mouseMove(crop, start.toPoint() + by)
        qtbot.mouseRelease(crop, LEFT, pos=start.toPoint() + by)

    def test_it_starts_in_the_middle(self, crop):
        assert crop.crop == (290, 140, 320, 320)

    def test_dragging_inside_moves_it_but_not_out_of_the_photo(self, crop, qtbot):
        self.drag(crop, qtbot, crop.crop_on_screen().center(), QPoint(-50, -20))
        left, top, width, height = crop.crop
        assert (width, height) == (320, 320)
        assert left < 290
        assert top < 140
        self.drag(crop, qtbot, crop.crop_on_screen().center(), QPoint(-2000, -2000))
        assert crop.crop[:2] == (0, 0)

    def test_a_corner_resizes_it_and_the_opposite_corner_stays(self, crop, qtbot):
        self.drag(crop, qtbot, crop.crop_on_screen().topLeft(), QPoint(40, 30))
        left, top, width, height = crop.crop
        assert (left + width, top + height) == (610, 460)
        assert width < 320
        assert height < 320

    def test_it_never_gets_too_small(self, crop, qtbot):
        self.drag(crop, qtbot, crop.crop_on_screen().bottomRight(), QPoint(-3000, -3000))
        assert crop.crop == (290, 140, 64, 64)

    def test_dragging_outside_pans(self, crop, qtbot):
        before, centre = crop.crop, crop.centre()
        corner = crop.crop_on_screen().topLeft() - QPointF(40, 40)
        self.drag(crop, qtbot, corner, QPoint(30, 0))
        assert crop.crop == before
        assert crop.centre().x() < centre.x()

    def test_keys_move_and_resize(self, crop, qtbot):
        qtbot.keyClick(crop, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
        assert crop.crop == (306, 140, 320, 320)
        qtbot.keyClick(crop, Qt.Key.Key_Down, Qt.KeyboardModifier.ControlModifier)
        assert crop.crop == (306, 140, 320, 336)

    def test_what_is_asked_for_is_kept_inside(self, crop):
        crop.set_crop(QRect(-50, 500, 5000, 90))
        assert crop.crop == (0, 500, 900, 90)


def test_quality_and_colour_are_asked_for_jpegs_only_and_reach_the_settings(page):
    form = page.form
    assert not form.jpeg.isVisible()
    form.format.setCurrentIndex(form.format.findData("jpeg"))
    assert form.jpeg.isVisible()
    assert (form.jpeg_quality.minimum(), form.jpeg_quality.maximum()) == (50, 100)
    form.jpeg_quality.setValue(80)
    form.jpeg_colour.setCurrentIndex(form.jpeg_colour.findData("4:2:0"))
    assert (form.settings.jpeg_quality, form.settings.jpeg_colour) == (80, JpegColour.HALF)
    chosen = form.settings
    form.show_settings(DeblurSettings())
    assert not form.jpeg.isVisible()
    form.show_settings(chosen)
    assert form.settings == chosen


def reasons(page):
    """What every grey button of the page that is seen says of itself, by what is written on it."""
    grey = [one for one in page.findChildren(QPushButton) if one.isVisible() and not one.isEnabled()]
    return {one.text().strip(): one.toolTip() for one in grey}


def test_every_grey_button_says_why(window, qtbot, photo, profile, tmp_path):
    page = window.deblur
    window.show_page("deblur")
    drop(page, [photo])
    qtbot.waitUntil(lambda: page.photo_name.text() == photo.name)
    told = reasons(page)
    assert told["Compare on this crop"] == told["Deblur full photo and save"] == "Choose a lens profile first."
    assert all(told.values())
    drop(page, [profile])
    qtbot.waitUntil(page.compare.isEnabled)
    page.form.folder.setText("")
    assert reasons(page)["Deblur full photo and save"] == "Choose the folder to save in first."
    page.form.folder.setText(str(tmp_path / "out"))
    qtbot.mouseClick(page.masking, LEFT)
    told = reasons(page)
    assert "masked" in told["Invert"]
    assert all(told.values())
    page.show_view("batch")
    told = reasons(page)
    assert set(told) >= {"Mask", "Remove", "Retry failed"}
    assert all(told.values())
    assert page.masking.accessibleDescription() == told["Mask"]


@pytest.mark.parametrize("jobs", [FakeJobs(steps=100_000)])
def test_while_a_job_runs_every_grey_button_says_so(page, qtbot):
    qtbot.mouseClick(page.compare, LEFT)
    qtbot.waitUntil(lambda: not page.compare.isEnabled())
    told = reasons(page)
    assert "running" in told["Compare on this crop"]
    assert "running" in told["Deblur full photo and save"]


def test_grey_buttons_of_the_calibration_say_why(window, qtbot):
    window.show_page("calibrate")
    told = reasons(window.calibrate)
    assert told["Start"] == "Choose the blurry photos on the Photos page first."
    assert all(told.values())
