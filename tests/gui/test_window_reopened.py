"""What was open when the window was closed is open again at the next visit: photos, calibration, lens, photos to deblur, page."""

import shutil

import numpy as np
import pytest
import torch
from fake_jobs import FakeJobs, made_up_grid, made_up_profile, write_photos
from gestures import LEFT, drop
from PySide6.QtCore import QSettings

from ddm_studio.engine.checkpoints import save_snapshot
from ddm_studio.engine.kept_run import MATCHING
from ddm_studio.engine.snapshot_reading import snapshot_path
from ddm_studio.gui.main_window import MainWindow
from ddm_studio.gui.memory import Memory
from ddm_studio.gui.run_state import RunState
from ddm_studio.profiles.lens_profile import save_profile
from ddm_studio.project import begin_project
from ddm_studio.settings import Preset, preset_settings
from ddm_studio.snapshot import Snapshot


@pytest.fixture
def stopped(tmp_path, blurry, sharp):
    """Stopped while the kernels were refined."""
    project = begin_project(tmp_path / "lens 35", blurry, sharp, preset_settings(Preset.QUICK))
    tensors = {"psf": torch.from_numpy(made_up_grid())}
    save_snapshot(snapshot_path(project.checkpoints, MATCHING), Snapshot(40, tensors))
    return project


@pytest.fixture
def visit(tmp_path, qtbot):
    """Opens the window as the program does."""
    windows = []

    def opened(jobs=None):
        settings = QSettings(str(tmp_path / "w.ini"), QSettings.Format.IniFormat)
        window = MainWindow(jobs or FakeJobs(), Memory(tmp_path / "config", settings))
        windows.append(window)
        window.resize(1280, 800)
        window.show()
        window.reopening.recall()
        qtbot.waitUntil(lambda: not window.reopening.is_recalling)
        return window

    yield opened
    for window in windows:
        window.close()


def choose_photos(window, qtbot, blurry, sharp):
    window.show_page("photos")
    drop(window.photos.blurry, [blurry])
    drop(window.photos.sharp, [sharp])
    qtbot.waitUntil(window.photos.next.isEnabled)


def shows(window, grid):
    shown = window.calibrate.panel._psf
    return shown is not None and shown.shape == grid.shape and np.allclose(shown, grid, atol=1e-3)


def test_the_first_visit_begins_on_the_start_page(visit):
    assert visit().page == "start"


def test_photos_that_were_chosen_are_there_again_with_what_was_left_out_and_the_settings(visit, qtbot, blurry, sharp):
    first = visit()
    choose_photos(first, qtbot, blurry, sharp)
    gone = sorted(blurry.glob("*.png"))[2]
    first.photos.blurry.drop_toggled.emit(gone)
    qtbot.mouseClick(first.photos.next, LEFT)
    qtbot.mouseClick(first.calibrate.form.presets.button(Preset.QUICK), LEFT)
    qtbot.waitUntil(lambda: gone in first.photos._sets.left_out)
    first.close()
    second = visit()
    assert second.page == "calibrate"
    qtbot.waitUntil(second.calibrate.start.isEnabled)
    assert second.calibrate.form.settings.preset is Preset.QUICK
    qtbot.mouseClick(second.calibrate.start, LEFT)
    (request,) = second.desk._jobs.requests
    assert (request.blurry, request.sharp, request.left_out) == (blurry, sharp, (gone,))
    qtbot.waitUntil(lambda: second.state is RunState.IDLE)


def test_a_stopped_calibration_is_there_again_to_be_continued(visit, qtbot, stopped):
    first = visit()
    drop(first, [stopped.folder])
    qtbot.waitUntil(first.calibrate.go_on.isEnabled)
    first.close()
    second = visit()
    assert second.page == "calibrate"
    qtbot.waitUntil(lambda: shows(second, made_up_grid()))
    qtbot.waitUntil(second.calibrate.go_on.isEnabled)
    assert second.photos.folder_of("blurry") == stopped.read().blurry
    assert second.calibrate.form.settings.preset is Preset.QUICK


def test_a_finished_calibration_is_there_again_with_its_lens(visit, qtbot, stopped):
    save_profile(made_up_profile(), stopped.profile)
    first = visit()
    drop(first, [stopped.folder])
    qtbot.waitUntil(lambda: first.deblur.has_profile())
    first.close()
    second = visit()
    assert second.page == "lens"
    qtbot.waitUntil(lambda: second.deblur.has_profile())
    qtbot.waitUntil(lambda: shows(second, made_up_profile().psf))
    assert second.calibrate.strip.what.text() == "Finished"
    assert not second.messages.isVisible()


def test_before_a_finished_calibration_is_started_again_it_is_said_where_its_profile_goes(visit, qtbot, stopped):
    save_profile(made_up_profile(), stopped.profile)
    first = visit()
    drop(first, [stopped.folder])
    qtbot.waitUntil(lambda: first.deblur.has_profile())
    first.show_page("calibrate")
    page = first.calibrate
    qtbot.waitUntil(page.start.isEnabled)
    assert page.start.text() == "Start again"
    assert page.left_to_do.isVisible()
    assert "the present one stays in the folder as “profile.before.lens”" in page.left_to_do.text()
    assert "“profile.before.lens”" in page.start.toolTip()
    page.form.project.setText(str(stopped.folder.with_name("another")))
    qtbot.waitUntil(lambda: page.start.text() == "Start")
    assert not page.left_to_do.isVisible()
    first.close()


def test_photos_to_deblur_are_there_again_with_the_lens_picked_for_them(visit, qtbot, tmp_path, profile):
    photos = write_photos(tmp_path / "to deblur", 2)
    first = visit()
    first.show_page("deblur")
    first.deblur.take([profile, *photos])
    qtbot.waitUntil(lambda: first.deblur.has_profile() and first.deblur.deblur.isEnabled())
    first.close()
    second = visit()
    assert second.page == "deblur"
    qtbot.waitUntil(second.deblur.deblur.isEnabled)
    assert second.deblur.batch.photos == tuple(photos)
    assert second.deblur.lens.is_by_hand
    assert second.deblur.lens.opened.path == profile


@pytest.mark.parametrize("page", ["photos", "calibrate", "lens", "deblur"])
def test_a_page_that_would_be_empty_is_not_what_one_is_met_with(visit, page):
    first = visit()
    first.show_page(page)
    first.close()
    assert visit().page == "start"


def test_what_is_gone_meanwhile_is_passed_over_in_silence(visit, qtbot, stopped):
    first = visit()
    drop(first, [stopped.folder])
    qtbot.waitUntil(first.calibrate.go_on.isEnabled)
    first.close()
    contents = stopped.read()
    for folder in (stopped.folder, contents.blurry, contents.sharp):
        shutil.rmtree(folder)
    second = visit()
    assert second.page == "start"
    assert not second.messages.isVisible()


@pytest.mark.parametrize("damage", [b"", b"{", b'{"page": 3}', b"[]"])
def test_a_damaged_memory_is_begun_anew(visit, tmp_path, damage):
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "open.json").write_bytes(damage)
    assert visit().page == "start"


def test_it_is_kept_while_the_window_is_open_as_programs_may_end_otherwise(visit, qtbot, blurry, sharp):
    first = visit()
    choose_photos(first, qtbot, blurry, sharp)
    second = visit()
    qtbot.waitUntil(lambda: second.photos.folder_of("sharp") == sharp)
