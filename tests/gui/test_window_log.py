"""What happened can be read afterwards, told to others, and is not missed on another page."""

import platform
from pathlib import Path

import numpy as np
import pytest
from fake_jobs import FakeJobs
from gestures import LEFT
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication

from ddm_studio import __version__
from ddm_studio.engine.requests import CalibrationResult
from ddm_studio.errors import InputError
from ddm_studio.events import CheckpointSaved, DeblurPreview, HealthFound, Note, PhotoSaved, Progress, RunFailed, Severity
from ddm_studio.gui.event_words import is_warning, log_words, note_words
from ddm_studio.gui.problem_report import problem_report
from ddm_studio.gui.result_words import learned_message
from ddm_studio.gui.run_state import JobKind
from ddm_studio.gui.views.message_bar import Message, message_of_error

WARNING = "No lens's wavefront explains these photos."


def clipboard() -> str:
    return QGuiApplication.clipboard().text()


def learn(window, qtbot):
    qtbot.mouseClick(window.calibrate.start, LEFT)
    qtbot.waitUntil(lambda: window.page == "lens")


def test_the_log_is_a_key_away_and_has_the_run_with_times(ready, qtbot):
    assert not ready.assistance.log.isVisible()
    learn(ready, qtbot)
    qtbot.keyClick(ready, Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    assert ready.assistance.log.isVisible()
    text = ready.assistance.log.text.toPlainText()
    for words in ("Calibrating", "Gaussian matching begins.", "notes.txt is skipped", "Gaussian matching took", "Finished."):
        assert words in text
    assert all(line[2] == line[5] == ":" for line in ready.assistance.log.lines)
    qtbot.mouseClick(ready.assistance.log.copy, LEFT)
    assert clipboard() == text
    qtbot.mouseClick(ready.assistance.log.empty, LEFT)
    assert ready.assistance.log.lines == []


def test_a_warning_of_a_calibration_is_there_where_the_lens_is_shown_and_stays(ready, qtbot, jobs):
    jobs.warnings = [WARNING]
    learn(ready, qtbot)
    assert ready.messages.property("tone") == "warning"
    assert "with 1 warning" in ready.messages.what.text()
    assert WARNING in ready.messages.advice.text()
    ready.show_page("lens")
    qtbot.keyClick(ready, Qt.Key.Key_4, Qt.KeyboardModifier.ControlModifier)
    assert ready.messages.isVisible()
    qtbot.mouseClick(ready.messages.close_button, LEFT)
    assert not ready.messages.isVisible()


@pytest.mark.parametrize("jobs", [FakeJobs(steps=300)])
def test_a_warning_reaches_a_person_on_another_page_at_once(ready, qtbot, jobs):
    jobs.warnings = [WARNING]
    qtbot.mouseClick(ready.calibrate.start, LEFT)
    ready.show_page("deblur")
    qtbot.waitUntil(lambda: ready.messages.isVisible())
    assert WARNING in ready.messages.why.text()
    assert ready.page == "deblur"


def test_many_warnings_are_counted_and_all_are_among_the_details():
    told = learned_message(CalibrationResult(Path("a.lens"), "gaussian matching", 10.0), ["One.", "Two.", "Three."], JobKind.CALIBRATE)
    assert told.what.endswith("with 3 warnings")
    assert "Three" not in told.advice
    assert "Three." in told.details
    assert not told.is_error


@pytest.mark.parametrize("jobs", [FakeJobs(fail_at=2, error=InputError("The disc is full", "5 MB are missing", "Make room"))])
def test_an_error_says_what_why_and_what_to_try_with_a_report_to_copy(ready, qtbot, own_home):
    qtbot.mouseClick(ready.calibrate.start, LEFT)
    qtbot.waitUntil(ready.messages.isVisible)
    words = [part.text() for part in (ready.messages.what, ready.messages.why, ready.messages.advice)]
    assert words == ["The disc is full.", "5 MB are missing.", "Make room."]
    qtbot.mouseClick(ready.messages.copy_button, LEFT)
    for part in ("The disc is full", "Make room", "Traceback", __version__, platform.python_version(), "Gaussian matching begins"):
        assert part in clipboard()
    assert str(own_home) not in clipboard()


def test_an_error_met_in_the_window_has_details_too(window, qtbot, tmp_path):
    window.openings.open_project(tmp_path)
    qtbot.waitUntil(window.messages.isVisible)
    qtbot.mouseClick(window.messages.details_button, LEFT)
    assert "Traceback" in window.messages.details.toPlainText()


def test_the_report_hides_the_name_in_the_home_folder(own_home):
    report = problem_report(Message("Lost", f"{own_home}/a.lens is gone"), [f"12:00:00  {own_home}/b"])
    assert str(own_home) not in report
    assert "~/a.lens" in report
    assert "~/b" in report


def test_an_error_that_was_raised_tells_where():
    try:
        raise InputError("Lost", "gone", "look")
    except InputError as error:
        told = message_of_error(error)
    assert "test_window_log.py" in told.details


def test_only_what_a_person_would_read_is_written():
    assert log_words(Progress("flow", 1, 2)) == ""
    assert log_words(CheckpointSaved("flow", 5)) == "Flow is kept up to step 5."
    assert log_words(PhotoSaved(Path("a.png"), Path("b.tif"))) == "a.png is saved as b.tif."
    assert log_words(RunFailed("Broken.", "", False)) == "Not finished: Broken."
    crop = np.zeros((4, 4, 3), np.uint8)
    assert log_words(DeblurPreview("blurry", crop, 0.1, final=True)) == ""
    assert log_words(DeblurPreview("dpir", crop, 2.0, final=True)).startswith("DPIR took")
    assert log_words(Note("Look", Severity.WARNING)) == "Warning: Look"
    assert note_words(CheckpointSaved("flow", 5)) == ""
    assert not is_warning(Note("Look"))


@pytest.mark.parametrize("jobs", [FakeJobs()])
def test_what_is_wrong_with_the_result_comes_before_what_is_wrong_with_the_photos(ready, qtbot, jobs):
    jobs.findings = [HealthFound("sky", Severity.WARNING, "keep", f"Finding {number}", "", "", "blurry") for number in range(2)]
    jobs.warnings = [WARNING]
    learn(ready, qtbot)
    assert ready.messages.advice.text().startswith(f"{WARNING} Finding 0.")


def test_a_result_with_nothing_to_correct_says_so_first(qapp):
    caution = "The blurry photos are hardly blurrier than the sharp ones."
    result = CalibrationResult(Path("a.lens"), "gaussian matching", 10.0, caution)
    told = learned_message(result, ["JPEGs.", "Noise.", caution], JobKind.CALIBRATE)
    assert told.what.startswith("There is little to correct")
    assert told.is_warning
    assert told.advice == f"{caution} The others are under Details."
    assert told.details.count(caution) == 1
