"""Starting, watching, pausing and stopping a calibration."""

from pathlib import Path

import numpy as np
import pytest
from fake_jobs import FakeJobs, FloodingJobs
from gestures import LEFT
from PySide6.QtCore import Qt

from ddm_studio.engine.requests import CalibrationRequest
from ddm_studio.errors import InputError
from ddm_studio.events import HealthFound, Severity
from ddm_studio.gui.run_state import RunState
from ddm_studio.project import begin_project
from ddm_studio.settings import Preset, preset_settings


def notes(page):
    return [page.notes.item(line).text() for line in range(page.notes.count())]


def start(window, qtbot):
    qtbot.mouseClick(window.calibrate.start, LEFT)


def test_nothing_can_start_without_photos(window):
    window.show_page("calibrate")
    assert not window.calibrate.start.isEnabled()
    assert "Photos page" in window.calibrate.why_not.text()
    assert window.calibrate.strip.what.text() == "Nothing is learned yet"


def test_before_it_starts_it_says_what_it_would_learn_from(ready):
    assert ready.calibrate.strip.what.text() == "Ready to learn from 12 blurry and 5 sharp photos"


def test_a_run_shows_itself_and_opens_its_profile(ready, qtbot, jobs, own_home):
    page = ready.calibrate
    start(ready, qtbot)
    assert ready.state is RunState.RUNNING
    assert page.strip.isVisible()
    assert not page.start.isVisible()
    qtbot.waitUntil(lambda: page.panel._psf is not None)
    qtbot.waitUntil(lambda: ready.page == "lens")
    assert any("notes.txt is skipped" in note for note in notes(page))
    assert any("Blurry set: 12 photos used, 1 skipped." in note for note in notes(page))
    qtbot.waitUntil(lambda: ready.lens.place.text().endswith("profile.lens"))
    assert jobs.requests[0].project == own_home / "DDM Studio" / "old lens"
    assert "The lens is learned" in ready.messages.what.text()
    assert ready.state is RunState.IDLE


def test_findings_are_listed_with_their_sign_and_the_file(window):
    page = window.calibrate
    photo = Path("photos") / "a.jpg"
    page.show_event(HealthFound("sky", Severity.WARNING, "drop", "a.jpg is sky", "It is smooth", "Drop it", "blurry", photo))
    page.show_event(HealthFound("noise", Severity.NOTE, "keep", "The sharp photos are noisy", "", "", "sharp"))
    warning, note = page.notes.item(0), page.notes.item(1)
    assert notes(page) == ["a.jpg is sky. It is smooth. Drop it.", "The sharp photos are noisy."]
    assert (warning.toolTip(), note.toolTip()) == (str(photo), "")
    signs = [item.icon().pixmap(20, 20).toImage() for item in (warning, note)]
    assert not any(sign.isNull() for sign in signs)
    assert signs[0] != signs[1]


@pytest.mark.parametrize("jobs", [FakeJobs(steps=100_000)])
def test_pause_resume_stop_read_what_the_engine_has_confirmed(ready, qtbot, jobs):
    buttons = ready.calibrate.strip
    start(ready, qtbot)
    qtbot.waitUntil(lambda: ready.calibrate.panel._psf is not None)
    qtbot.mouseClick(buttons.pause, LEFT)
    assert buttons.pause.text() == "Pausing…"
    assert not buttons.pause.isEnabled()
    qtbot.waitUntil(lambda: ready.state is RunState.PAUSED)
    assert buttons.pause.text() == "Resume"
    assert ready.calibrate.strip.numbers.text() == "Paused"
    qtbot.mouseClick(buttons.pause, LEFT)
    qtbot.waitUntil(lambda: ready.state is RunState.RUNNING)
    qtbot.mouseClick(buttons.stop, LEFT)
    assert buttons.stop.text() == "Stopping…"
    qtbot.waitUntil(lambda: ready.state is RunState.IDLE)
    assert "Stopped" in ready.calibrate.strip.what.text()
    assert ready.calibrate.start.isVisible()
    assert not ready.messages.isVisible()


@pytest.mark.parametrize("jobs", [FakeJobs(steps=100_000)])
def test_the_grid_moves(ready, qtbot, jobs):
    start(ready, qtbot)
    qtbot.waitUntil(lambda: ready.calibrate.panel._psf is not None)
    first = ready.calibrate.panel._psf
    qtbot.waitUntil(lambda: not np.array_equal(ready.calibrate.panel._psf, first))
    before = ready.calibrate.panel.grid.grab().toImage()
    jobs.grid = jobs.grid[::-1].copy()
    assert not before.isNull()


@pytest.mark.parametrize("jobs", [FakeJobs(steps=100_000)])
def test_space_pauses_and_resumes_and_never_stops(ready, qtbot, jobs):
    start(ready, qtbot)
    qtbot.waitUntil(lambda: ready.calibrate.panel._psf is not None)
    ready.calibrate.strip.pause.setFocus()
    qtbot.keyClick(ready.calibrate.strip.pause, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: ready.state is RunState.PAUSED)
    assert not ready.calibrate.strip.stop.hasFocus()
    qtbot.keyClick(ready, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: ready.state is RunState.RUNNING)
    qtbot.keyClick(ready, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: ready.state is RunState.PAUSED)


@pytest.mark.parametrize("jobs", [FakeJobs(steps=100_000)])
def test_a_click_on_a_node_shows_it_large_while_it_is_learned(ready, qtbot, jobs):
    start(ready, qtbot)
    qtbot.waitUntil(lambda: ready.calibrate.panel._psf is not None)
    grid = ready.calibrate.panel.grid
    qtbot.mouseClick(grid, LEFT, pos=grid.node_rect(2, 1).center().toPoint())
    assert ready.page == "lens"
    assert ready.lens.numbers.node_heading.text() == "Node: row 3, column 2"
    assert not ready.lens.export.isEnabled()


@pytest.mark.parametrize("jobs", [FakeJobs(fail_at=5, error=InputError("Too few patches", "Twelve were found", "Add more photos"))])
def test_an_error_is_shown_with_its_advice_and_its_details(ready, qtbot, qapp, jobs):
    start(ready, qtbot)
    qtbot.waitUntil(ready.messages.isVisible)
    assert ready.messages.what.text() == "Too few patches."
    assert ready.messages.why.text() == "Twelve were found."
    assert ready.messages.advice.text() == "Add more photos."
    assert not ready.messages.details.isVisible()
    qtbot.mouseClick(ready.messages.details_button, LEFT)
    assert "Traceback" in ready.messages.details.toPlainText()
    assert ready.messages.details.isVisible()
    qtbot.mouseClick(ready.messages.copy_button, LEFT)
    assert "Too few patches." in qapp.clipboard().text()
    qtbot.mouseClick(ready.messages.close_button, LEFT)
    assert not ready.messages.isVisible()
    assert ready.calibrate.start.isEnabled()


@pytest.mark.parametrize("jobs", [FloodingJobs()])
def test_a_flood_of_pictures_leaves_the_window_alive(ready, qtbot, jobs):
    start(ready, qtbot)
    qtbot.waitUntil(ready.messages.isVisible, timeout=20_000)
    assert ready.messages.what.text() == "The flood is over."


def test_a_preset_changes_budgets_and_keeps_what_was_set_by_hand(ready, qtbot, jobs):
    form = ready.calibrate.form
    qtbot.mouseClick(form.advanced_button, LEFT)
    form.advanced._entries["grid_rows"]._box.setValue(5)
    form.advanced._entries["matching.until_settled"]._box.click()
    qtbot.mouseClick(form.presets.button(Preset.STANDARD), LEFT)
    start(ready, qtbot)
    settings = jobs.requests[0].settings
    assert (settings.preset, settings.grid_rows, settings.flow.steps) == (Preset.STANDARD, 5, 6000)
    assert (settings.matching.until_settled, settings.matching.steps) == (True, 2000)


def test_a_stopped_project_can_be_continued(ready, qtbot, jobs, tmp_path, blurry, sharp):
    project = begin_project(tmp_path / "stopped", blurry, sharp, preset_settings(Preset.INSTANT)).folder
    (project / "checkpoints" / "blurry_tiles.json").touch()
    ready.calibrate.form.project.setText(str(project))
    assert ready.calibrate.go_on.isVisible()
    assert "Start over" in ready.calibrate.start.text()
    qtbot.mouseClick(ready.calibrate.go_on, LEFT)
    request = jobs.requests[0]
    assert isinstance(request, CalibrationRequest)
    assert request.resume
    assert request.project == project


def test_a_project_inside_the_photos_is_refused(ready, qtbot, jobs, blurry):
    ready.calibrate.form.project.setText(str(blurry / "project"))
    start(ready, qtbot)
    assert ready.messages.isVisible()
    assert "photo folders are only read" in ready.messages.why.text()
    assert jobs.requests == []


def test_the_demo_is_a_job_like_any_other(window, qtbot, tmp_path):
    window.start_demo(tmp_path / "demo")
    assert window.page == "calibrate"
    qtbot.waitUntil(lambda: window.page == "lens")
    assert "95.0% like the lens that blurred" in window.messages.why.text()
    assert "NCC" not in window.messages.why.text()
    window.show_page("deblur")
    qtbot.waitUntil(window.deblur.compare.isEnabled)  # one of the demo's photos waits there, with its lens
