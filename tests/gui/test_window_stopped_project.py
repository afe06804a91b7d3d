"""A calibration that was stopped: what it has learned is shown again wherever it is opened from, and going on is what one is led to."""

import shutil
import time

import numpy as np
import pytest
import torch
from fake_jobs import FakeJobs, made_up_grid, made_up_profile
from gestures import LEFT, drop
from PySide6.QtCore import QSettings

from ddm_studio.engine.checkpoints import save_snapshot
from ddm_studio.engine.kept_run import FLOW, MATCHING, SPECTRA
from ddm_studio.engine.loss_history import LossHistory
from ddm_studio.engine.snapshot_reading import snapshot_path
from ddm_studio.errors import InputError
from ddm_studio.events import CheckpointSaved, LossCurve
from ddm_studio.gui.main_window import MainWindow
from ddm_studio.gui.memory import Memory
from ddm_studio.gui.run_state import RunState
from ddm_studio.profiles.lens_profile import save_profile
from ddm_studio.project import Project, begin_project
from ddm_studio.settings import Preset, preset_settings
from ddm_studio.snapshot import Snapshot

STEP = 40


def keep_grid(project, grid, stage=MATCHING, step=STEP):
    tensors = {"psf": torch.from_numpy(np.array(grid))}
    if stage == MATCHING:
        looks = np.array([20, 30, 40])
        tensors |= {"looks.steps": torch.from_numpy(looks), "looks.values": torch.from_numpy(3.0 - looks / 100)}
    save_snapshot(snapshot_path(project.checkpoints, stage), Snapshot(step, tensors))


@pytest.fixture
def stopped(tmp_path, blurry, sharp):
    """Stopped while the kernels were refined."""
    project = begin_project(tmp_path / "lens 35", blurry, sharp, preset_settings(Preset.QUICK))
    keep_grid(project, np.full((4, 4, 3, 9, 9), 1 / 81, np.float32), SPECTRA, 150)
    keep_grid(project, made_up_grid())
    return project


def shows(window, grid):
    shown = window.calibrate.panel._psf
    return shown is not None and shown.shape == grid.shape and np.allclose(shown, grid, atol=1e-3)


def visit(tmp_path, jobs=None):
    window = MainWindow(jobs or FakeJobs(), Memory(tmp_path / "config", QSettings(str(tmp_path / "w.ini"), QSettings.Format.IniFormat)))
    window.resize(1280, 800)
    window.show()
    return window


def rows(window):
    return {row.open.accessibleName().removeprefix("Open "): row for row in window.start.projects.rows}


def test_a_dropped_one_shows_its_grid_where_it_stands_and_what_is_left(window, qtbot, stopped):
    drop(window, [stopped.folder])
    page = window.calibrate
    qtbot.waitUntil(lambda: shows(window, made_up_grid()))
    assert window.page == "calibrate"
    assert page.panel.isVisible()
    assert f"step {STEP} of" in page.strip.what.text()
    assert "the rest of" in page.left_to_do.text()
    assert "profile" in page.left_to_do.text()
    assert page.curves.convergence.isVisible()
    assert "40" in page.curves.convergence.advice.text()


def keep_losses(project, *stages):
    history = LossHistory(project, lambda event: None)
    for stage in stages:
        history.report(LossCurve(stage, np.arange(1, 41), np.linspace(3, 1, 40, dtype=np.float32)))
        history.report(CheckpointSaved(stage, 40))


def test_its_losses_are_shown_again_stage_by_stage_and_stay_when_it_goes_on(window, qtbot, stopped):
    keep_losses(stopped, SPECTRA, FLOW, MATCHING)
    drop(window, [stopped.folder])
    page = window.calibrate
    loss = page.curves.loss
    qtbot.waitUntil(lambda: loss.has_curve)
    assert loss.shown.stage == MATCHING
    assert loss.shown.steps[-1] == 40
    assert [loss.stages.itemData(number) for number in range(loss.stages.count())] == [SPECTRA, FLOW, MATCHING]
    assert loss.stages.isVisible()
    qtbot.waitUntil(page.go_on.isEnabled)
    qtbot.mouseClick(page.go_on, LEFT)
    qtbot.waitUntil(lambda: window.page == "lens")
    assert [loss.stages.itemData(number) for number in range(3)] == [SPECTRA, FLOW, MATCHING]


def test_a_finished_one_shows_what_it_has_learned_and_how(window, qtbot, stopped):
    keep_losses(stopped, SPECTRA)
    save_profile(made_up_profile(), stopped.profile)
    drop(window, [stopped.folder])
    qtbot.waitUntil(lambda: window.page == "lens")
    qtbot.waitUntil(lambda: shows(window, made_up_profile().psf))
    window.show_page("calibrate")
    assert window.calibrate.strip.what.text() == "Finished"
    assert window.calibrate.curves.loss.shown.stage == SPECTRA
    assert not window.calibrate.go_on.isVisible()
    assert "profile.before" in window.calibrate.left_to_do.text()  # nothing is left to do but to begin again, which costs nothing


def test_going_on_is_the_first_choice_and_starting_over_says_what_it_costs(window, qtbot, stopped, jobs):
    drop(window, [stopped.folder])
    page = window.calibrate
    qtbot.waitUntil(page.go_on.isEnabled)
    assert page.go_on.text() == "Continue the stopped run"
    assert page.go_on.property("look") == "primary"
    assert "replacing the stopped run" in page.start.text()
    assert page.start.property("look") != "primary"
    assert "deleted" in page.start.toolTip()
    for button in (page.go_on, page.start):
        assert button.sizeHint().width() <= button.width()
    qtbot.mouseClick(page.go_on, LEFT)
    assert (jobs.requests[0].resume, jobs.requests[0].project) == (True, stopped.folder)
    assert shows(window, made_up_grid())  # until the run tells a newer one
    qtbot.waitUntil(lambda: window.state is RunState.IDLE)


def test_starting_over_begins_with_an_empty_grid(window, qtbot, stopped, jobs):
    drop(window, [stopped.folder])
    qtbot.waitUntil(lambda: shows(window, made_up_grid()) and window.calibrate.start.isEnabled())
    qtbot.mouseClick(window.calibrate.start, LEFT)
    assert not jobs.requests[0].resume
    assert window.calibrate.panel._psf is None
    qtbot.waitUntil(lambda: window.state is RunState.IDLE)


def test_its_grid_is_shown_even_where_its_photos_are_gone(window, qtbot, stopped, blurry):
    shutil.rmtree(blurry)
    drop(window, [stopped.folder])
    page = window.calibrate
    qtbot.waitUntil(lambda: shows(window, made_up_grid()))
    assert page.go_on.isVisible()
    assert not page.go_on.isEnabled()
    assert "Choose the blurry photos" in page.why_not.text()


def test_before_the_first_grid_it_says_so(window, qtbot, stopped):
    for file in stopped.checkpoints.glob("*.safetensors"):
        file.unlink()
    for name in ("blurry", "sharp"):
        (stopped.checkpoints / f"{name}_tiles.json").touch()
    drop(window, [stopped.folder])
    qtbot.waitUntil(lambda: "Stopped before" in window.calibrate.strip.what.text())
    assert window.calibrate.go_on.isVisible()
    assert window.calibrate.panel._psf is None


def test_recent_projects_say_how_far_they_are_and_open_there(qtbot, tmp_path, stopped, blurry, sharp):
    finished, begun, failed = (begin_project(tmp_path / name, blurry, sharp, preset_settings(Preset.INSTANT)) for name in "abc")
    save_profile(made_up_profile(), finished.profile)
    window = visit(tmp_path)
    for project in (stopped, finished, begun, failed):
        window.memory.reopen_project(project.folder)
    window.memory.look_for_recent()
    qtbot.waitUntil(lambda: "Finished" in rows(window)["a"].told.text())
    shown = {name: row.told.text() for name, row in rows(window).items()}
    assert shown["lens 35"].startswith("Stopped in")
    assert f"step {STEP} of" in shown["lens 35"]
    assert shown["b"].startswith("Stopped; nothing is learned or kept yet")
    assert all(row.open.accessibleDescription() in shown[name] for name, row in rows(window).items())
    qtbot.mouseClick(rows(window)["lens 35"].open, LEFT)
    qtbot.waitUntil(lambda: shows(window, made_up_grid()))
    assert window.page == "calibrate"
    window.close()


class StoppableJobs(FakeJobs):
    """Keeps a grid when it is stopped, as the engine does."""

    def calibrate(self, request):
        job = super().calibrate(request)

        def keeping(report, control):
            project = Project(request.project)
            if not request.resume:
                project = begin_project(request.project, request.blurry, request.sharp, request.settings)
            keep_grid(project, self.grid)
            if request.resume:
                time.sleep(0.2)  # as the engine reads before it tells a grid
            return job(report, control)

        return keeping


@pytest.mark.parametrize("jobs", [StoppableJobs(steps=100_000)])
def test_one_that_is_stopped_and_continued_keeps_its_evolution(ready, qtbot, jobs):
    page = ready.calibrate
    qtbot.mouseClick(page.form.presets.button(Preset.QUICK), LEFT)
    qtbot.mouseClick(page.start, LEFT)
    ready.show_page("start")
    assert next(iter(rows(ready).values())).told.text().startswith("Being calibrated now")
    ready.show_page("calibrate")
    qtbot.waitUntil(lambda: len(page.evolution.history.frames) > 1)
    assert not page.go_on.isVisible()
    ready.job.stop()
    qtbot.waitUntil(page.left_to_do.isVisible)
    seen = [frame.step for frame in page.evolution.history.frames]
    assert "Stopped" in page.strip.what.text()
    qtbot.mouseClick(page.go_on, LEFT)
    assert jobs.requests[-1].resume
    qtbot.waitUntil(lambda: len(page.evolution.history.frames) > len(seen))
    assert [frame.step for frame in page.evolution.history.frames][: len(seen)] == seen
    assert not page.left_to_do.isVisible()


@pytest.mark.parametrize("jobs", [StoppableJobs(fail_at=3, error=InputError("The disc is full", "5 MB are missing", "Make room"))])
def test_one_that_failed_says_why_among_the_recent_projects_until_it_is_begun_again(ready, qtbot, jobs):
    qtbot.mouseClick(ready.calibrate.start, LEFT)
    qtbot.waitUntil(ready.messages.isVisible)
    ready.show_page("start")
    qtbot.waitUntil(lambda: "Failed: The disc is full" in next(iter(rows(ready).values())).told.text())
    jobs.fail_at = None
    ready.show_page("calibrate")
    qtbot.mouseClick(ready.calibrate.go_on, LEFT)
    qtbot.waitUntil(lambda: ready.page == "lens")
    ready.show_page("start")
    qtbot.waitUntil(lambda: next(iter(rows(ready).values())).told.text().startswith("Finished"))


@pytest.mark.parametrize("jobs", [FakeJobs(steps=100_000)])
def test_while_the_engine_is_busy_with_another_it_is_continued_later(ready, qtbot, jobs, stopped):
    page = ready.calibrate
    qtbot.mouseClick(page.start, LEFT)
    qtbot.waitUntil(lambda: page.panel._psf is not None)
    drop(ready, [stopped.folder])
    qtbot.waitUntil(lambda: page.go_on.isVisible() and page.go_on.isEnabled())
    assert "later" in page.go_on.text()
    assert "replacing" in page.enqueue.text()
    qtbot.mouseClick(page.go_on, LEFT)
    (waiting,) = ready.queue.waiting
    assert (waiting.resume, waiting.project) == (True, stopped.folder)
    assert not page.go_on.isVisible()
