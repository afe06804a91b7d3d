"""What is said above the page goes with what caused it; what nobody may have seen stays until it is dismissed."""

import time

import pytest
from fake_jobs import FakeJobs, write_photos
from gestures import LEFT, drop
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton

from ddm_studio.engine.requests import CalibrationRequest, CheckRequest
from ddm_studio.errors import InputError
from ddm_studio.gui.run_state import RunState

FAILURE = InputError("The disc is full", "5 MB are missing", "Make room")


def click_page(window, qtbot, name):
    (button,) = [one for one in window.sidebar.pages.findChildren(QPushButton) if one.text() == name]
    qtbot.mouseClick(button, LEFT)


def at_rest(window, qtbot):
    qtbot.waitUntil(lambda: window.state is RunState.IDLE)


def said(window):
    return window.messages.what.text() if window.messages.isVisible() else ""


@pytest.fixture
def refused(ready, qtbot, tmp_path):
    """A letter was dropped, and refused."""
    letter = tmp_path / "letter.txt"
    letter.write_text("Dear lens")
    drop(ready, [letter])
    qtbot.waitUntil(lambda: "letter.txt" in said(ready))
    return ready


def test_the_error_of_a_refused_drop_does_not_follow_to_another_page(refused, qtbot):
    click_page(refused, qtbot, "Deblur")
    assert said(refused) == ""
    click_page(refused, qtbot, "Calibrate")
    assert said(refused) == ""


@pytest.mark.parametrize("where", ["window", "photos", "lens", "deblur"])
def test_the_error_of_a_refused_drop_goes_with_the_next_drop_wherever_that_is(refused, qtbot, profile, where, tmp_path):
    if where != "window":
        refused.show_page(where)
    assert "letter.txt" in said(refused)  # so far the person has done nothing
    if where == "photos":
        drop(refused.photos.blurry, [write_photos(tmp_path / "monday", 3)[0].parent])
    elif where == "deblur":
        drop(refused.deblur, write_photos(tmp_path / "monday", 1))
    else:
        drop(refused.lens if where == "lens" else refused, [profile])
    assert "letter.txt" not in said(refused)


def test_the_error_of_a_refused_drop_goes_when_a_job_is_started(refused, qtbot):
    qtbot.mouseClick(refused.calibrate.start, LEFT)
    assert said(refused) == ""


def test_what_a_drop_is_answered_with_is_there_on_the_page_that_it_opens(window, qtbot, tmp_path):
    folders = [write_photos(tmp_path / name, 2, seed=seed)[0].parent for seed, name in enumerate(("blurry", "sharp"))]
    drop(window, [*folders, *write_photos(tmp_path / "loose", 2, seed=7)])
    qtbot.waitUntil(window.photos.next.isEnabled)
    assert window.page == "photos"
    assert "were not" in said(window)
    qtbot.mouseClick(window.photos.next, LEFT)
    assert said(window) == ""


class CalibrationFails(FakeJobs):
    """The first calibrations fail; everything else works.

    Args:
        failures: How many.
    """

    def __init__(self, failures=1):
        super().__init__(steps=4)
        self.failures = failures

    def calibrate(self, request):
        job = super().calibrate(request)
        fails = len([one for one in self.requests if isinstance(one, CalibrationRequest)]) <= self.failures

        def failing(report, control):
            if fails:
                for _ in range(20):  # time to set up the next ones
                    control.checkpoint(report)
                    time.sleep(0.02)
                raise FAILURE
            return job(report, control)

        return failing


@pytest.fixture
def failed(ready, qtbot):
    """A calibration has failed."""
    qtbot.mouseClick(ready.calibrate.start, LEFT)
    qtbot.waitUntil(lambda: said(ready) == "The disc is full.")
    return ready


@pytest.mark.parametrize("jobs", [CalibrationFails()])
def test_a_failed_job_is_told_until_that_is_dismissed_whatever_is_done_meanwhile(failed, qtbot, jobs, tmp_path):
    click_page(failed, qtbot, "Photos")
    assert said(failed) == "The disc is full."
    drop(failed.photos.sharp, [write_photos(tmp_path / "tuesday", 4)[0].parent])
    qtbot.waitUntil(lambda: failed.photos.sharp.counts.text() == "4 photos")
    qtbot.mouseClick(failed.photos.summary.check, LEFT)
    at_rest(failed, qtbot)
    assert isinstance(jobs.requests[-1], CheckRequest)
    assert said(failed) == "The disc is full."
    qtbot.mouseClick(failed.messages.close_button, LEFT)
    assert said(failed) == ""
    click_page(failed, qtbot, "Lens")
    assert said(failed) == ""


@pytest.mark.parametrize("jobs", [CalibrationFails()])
def test_a_failed_job_is_not_told_any_more_when_it_is_tried_again(failed, qtbot):
    qtbot.mouseClick(failed.calibrate.start, LEFT)
    assert said(failed) == ""
    qtbot.waitUntil(lambda: failed.page == "lens")
    assert "learned" in said(failed)
    click_page(failed, qtbot, "Deblur")
    assert said(failed) == ""


def test_warnings_of_a_lens_stay_until_a_person_does_something_with_it(ready, qtbot, jobs, tmp_path):
    jobs.warnings = ["No lens's wavefront explains these photos."]
    qtbot.mouseClick(ready.calibrate.start, LEFT)
    qtbot.waitUntil(lambda: ready.page == "lens" and ready.deblur.has_profile())
    click_page(ready, qtbot, "Deblur")
    drop(ready.deblur, write_photos(tmp_path / "monday", 1))
    qtbot.waitUntil(ready.deblur.compare.isEnabled)
    assert "with 1 warning" in said(ready)
    qtbot.mouseClick(ready.deblur.compare, LEFT)
    assert said(ready) == ""


@pytest.mark.parametrize("jobs", [CalibrationFails()])
def test_an_answer_stands_in_front_of_a_failure_and_gives_way_to_it(failed, qtbot, tmp_path):
    letter = tmp_path / "letter.txt"
    letter.write_text("Dear lens")
    for goes in ("by the page", "by hand"):
        drop(failed, [letter])
        qtbot.waitUntil(lambda: "letter.txt" in said(failed))
        if goes == "by the page":
            qtbot.keyClick(failed, Qt.Key.Key_2, Qt.KeyboardModifier.ControlModifier)
        else:
            qtbot.mouseClick(failed.messages.close_button, LEFT)
        assert said(failed) == "The disc is full."


@pytest.mark.parametrize("jobs", [CalibrationFails(failures=2)])
def test_a_failure_in_the_queue_is_not_swept_away_by_calibrations_that_start_by_themselves(ready, qtbot, jobs):
    ready.queue.hold(True)
    qtbot.mouseClick(ready.calibrate.start, LEFT)
    for _ in range(2):
        qtbot.mouseClick(ready.calibrate.enqueue, LEFT)
    at_rest(ready, qtbot)
    ready.queue.hold(False)
    qtbot.waitUntil(lambda: ready.page == "lens")
    assert "learned" in said(ready)
    click_page(ready, qtbot, "Calibrate")
    assert said(ready) == "The disc is full."
