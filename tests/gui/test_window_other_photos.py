"""A project belongs to its photos: others get a project of their own, the very same find it again; nothing of it is lost meanwhile."""

import numpy as np
import pytest
import torch
from fake_jobs import FakeJobs, made_up_grid, write_photos
from gestures import LEFT, drop

from ddm_studio.engine.checkpoints import save_snapshot
from ddm_studio.engine.kept_run import SPECTRA
from ddm_studio.engine.snapshot_reading import snapshot_path
from ddm_studio.gui.run_state import RunState
from ddm_studio.project import begin_project
from ddm_studio.settings import Preset, preset_settings
from ddm_studio.snapshot import Snapshot


@pytest.fixture
def stopped(tmp_path, blurry, sharp):
    project = begin_project(tmp_path / "lens 35", blurry, sharp, preset_settings(Preset.QUICK))
    tensors = {"psf": torch.from_numpy(np.array(made_up_grid()))}
    save_snapshot(snapshot_path(project.checkpoints, SPECTRA), Snapshot(150, tensors))
    return project


@pytest.fixture
def others(tmp_path):
    folder = tmp_path / "new lens"
    write_photos(folder, 8, seed=5)
    return folder


@pytest.fixture
def opened(window, qtbot, stopped):
    """The stopped project, opened again and shown with its photos."""
    drop(window, [stopped.folder])
    qtbot.waitUntil(lambda: window.calibrate.go_on.isEnabled() and window.calibrate.panel._psf is not None)
    return window


def contents(folder):
    return {path: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def project_of(window):
    return window.calibrate.form.project_folder


def choose(window, qtbot, folder):
    """Drop a folder on the blurry photos, and wait until it was looked into."""
    window.show_page("photos")
    drop(window.photos.blurry, [folder])
    qtbot.waitUntil(lambda: window.photos._sets.blurry is not None and window.photos._sets.blurry.folder == folder)
    window.show_page("calibrate")


def test_other_photos_get_a_project_of_their_own_and_the_opened_one_is_left_alone(opened, qtbot, stopped, others, jobs):
    before, page = contents(stopped.folder), opened.calibrate
    choose(opened, qtbot, others)
    assert project_of(opened).name == "new lens"
    assert not project_of(opened).exists()
    assert page.form.project_note.isVisible()
    assert "Other photos than those of “lens 35” get a new project" in page.form.project_note.text()
    assert not page.go_on.isVisible()
    assert page.start.text() == "Start"
    assert page.panel._psf is None  # it is not what these photos will go on from
    assert "Ready to learn from 8 blurry" in page.strip.what.text()
    qtbot.mouseClick(page.start, LEFT)
    (request,) = jobs.requests
    assert (request.project.name, request.blurry, request.resume) == ("new lens", others, False)
    assert not page.form.project_note.isVisible()
    qtbot.waitUntil(lambda: opened.state is RunState.IDLE)
    assert contents(stopped.folder) == before


def test_the_very_same_photos_find_their_project_again(opened, qtbot, stopped, others, blurry, jobs):
    page = opened.calibrate
    choose(opened, qtbot, others)
    choose(opened, qtbot, blurry)
    assert project_of(opened) == stopped.folder
    assert not page.form.project_note.isVisible()
    qtbot.waitUntil(lambda: page.panel._psf is not None)
    qtbot.mouseClick(page.go_on, LEFT)
    assert (jobs.requests[0].project, jobs.requests[0].resume) == (stopped.folder, True)
    qtbot.waitUntil(lambda: opened.state is RunState.IDLE)


def test_photos_that_are_left_out_make_other_photos_until_they_are_back(opened, qtbot, stopped, blurry):
    for folder_is_old in (False, True):
        opened.photos.blurry.drop_toggled.emit(blurry / "photo_003.png")
        qtbot.waitUntil(lambda wanted=folder_is_old: (project_of(opened) == stopped.folder) == wanted)
        assert opened.calibrate.go_on.isVisible() == folder_is_old


def test_after_a_run_of_this_visit_too(ready, qtbot, others):
    page = ready.calibrate
    qtbot.mouseClick(page.start, LEFT)
    qtbot.waitUntil(lambda: ready.page == "lens")
    first = project_of(ready)
    before = contents(first)
    choose(ready, qtbot, others)
    assert project_of(ready).name == "new lens"
    assert f"“{first.name}”" in page.form.project_note.text()
    assert page.panel._psf is not None  # what was learned a moment ago can still be looked at
    assert contents(first) == before


@pytest.mark.parametrize("jobs", [FakeJobs(steps=100_000)])
def test_other_photos_while_it_runs_wait_in_a_project_of_their_own(ready, qtbot, others, jobs):
    qtbot.mouseClick(ready.calibrate.start, LEFT)
    running = project_of(ready)
    choose(ready, qtbot, others)
    qtbot.mouseClick(ready.calibrate.enqueue, LEFT)
    (waiting,) = ready.queue.waiting
    assert (waiting.project.name, waiting.blurry) == ("new lens", others)
    assert waiting.project != running


def test_a_folder_that_a_person_has_given_stays(ready, qtbot, others, tmp_path):
    ready.calibrate.form.project.setText(str(tmp_path / "mine"))
    choose(ready, qtbot, others)
    assert project_of(ready) == tmp_path / "mine"
    assert not ready.calibrate.form.project_note.isVisible()


def test_photos_of_before_are_not_taken_for_those_of_an_opened_project(ready, qtbot, stopped, tmp_path, sharp):
    gone = begin_project(tmp_path / "gone", tmp_path / "no photos", sharp, preset_settings(Preset.INSTANT))
    save_snapshot(snapshot_path(gone.checkpoints, SPECTRA), Snapshot(150, {"psf": torch.from_numpy(np.array(made_up_grid()))}))
    drop(ready, [gone.folder])
    page = ready.calibrate
    qtbot.waitUntil(lambda: page.panel._psf is not None and ready.messages.isVisible())
    assert project_of(ready) == gone.folder
    assert not page.go_on.isEnabled()
    assert "Choose the blurry photos" in page.why_not.text()
