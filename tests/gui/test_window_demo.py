"""The demo keeps to itself: what the person has open is put aside meanwhile, and one click brings it back."""

import numpy as np
import pytest
from fake_jobs import FakeJobs, made_up_grid, write_photos
from gestures import LEFT
from PySide6.QtCore import QSettings

from ddm_studio.gui.main_window import MainWindow
from ddm_studio.gui.memory import Memory
from ddm_studio.gui.project_folder import default_project, demo_folder
from ddm_studio.gui.run_state import RunState
from ddm_studio.optics.synthetic_lens import psf_grid, random_lens
from ddm_studio.project import begin_project


class KeepingJobs(FakeJobs):
    """Leaves a project, as the engine does; its lens is another one than the demo's."""

    def calibrate(self, request):
        job = super().calibrate(request)

        def keeping(report, control):
            begin_project(request.project, request.blurry, request.sharp, request.settings)
            self.grid = psf_grid(random_lens(5), 4, 4, 9)
            result = job(report, control)
            self.grid = made_up_grid()
            return result

        return keeping


@pytest.fixture
def jobs():
    return KeepingJobs()


@pytest.fixture
def at_work(ready, qtbot, tmp_path):
    """The person has calibrated their lens and opened two photos."""
    qtbot.mouseClick(ready.calibrate.start, LEFT)
    qtbot.waitUntil(lambda: ready.page == "lens" and ready.deblur.has_profile())
    ready.deblur.take(write_photos(tmp_path / "to deblur", 2))
    qtbot.waitUntil(ready.deblur.deblur.isEnabled)
    return ready


def see_demo(window, qtbot, tmp_path):
    window.show_page("start")
    qtbot.mouseClick(window.start.demo, LEFT)
    assert window.page == "calibrate"
    qtbot.waitUntil(lambda: window.page == "lens" and window.state is RunState.IDLE)
    qtbot.waitUntil(lambda: [photo.parent.name for photo in window.deblur.batch.photos] == ["to_deblur"])


def shows(window, grid):
    shown = window.calibrate.panel._psf
    return shown is not None and np.allclose(shown, grid, atol=1e-3)


def test_one_click_brings_back_the_persons_own_calibration_lens_and_photos(at_work, qtbot, tmp_path):
    own = at_work.calibrate.form.project_folder, at_work.deblur.lens.opened.path, at_work.deblur.batch.photos
    see_demo(at_work, qtbot, tmp_path)
    assert at_work.demo_bar.isVisible()
    assert not shows(at_work, psf_grid(random_lens(5), 4, 4, 9))
    qtbot.mouseClick(at_work.demo_bar.back, LEFT)
    assert at_work.page == "calibrate"
    assert not at_work.demo_bar.isVisible()
    qtbot.waitUntil(lambda: shows(at_work, psf_grid(random_lens(5), 4, 4, 9)))
    qtbot.waitUntil(lambda: at_work.deblur.lens.opened.path == own[1])
    assert (at_work.calibrate.form.project_folder, at_work.deblur.batch.photos) == (own[0], own[2])


def test_the_way_back_is_named_after_the_project_and_its_settings_are_no_part_of_the_demo(at_work, qtbot, tmp_path):
    see_demo(at_work, qtbot, tmp_path)
    assert at_work.demo_bar.back.text() == "Back to “old lens”"
    at_work.show_page("calibrate")
    assert not at_work.calibrate.start.isVisible()
    assert not at_work.calibrate.form.isVisible()
    qtbot.mouseClick(at_work.demo_bar.back, LEFT)
    assert at_work.calibrate.start.isVisible()


def test_who_has_nothing_of_their_own_yet_is_led_to_the_start(window, qtbot, tmp_path):
    see_demo(window, qtbot, tmp_path)
    assert window.demo_bar.back.text() == "Leave the demo"
    qtbot.mouseClick(window.demo_bar.back, LEFT)
    assert window.page == "start"
    assert not window.deblur.has_profile()
    assert window.lens.empty.isVisibleTo(window.lens)
    assert window.calibrate.panel._psf is None
    assert window.deblur.batch.photos == ()


class LongDemo(KeepingJobs):
    def demo(self, request):
        self.steps = 100_000
        return super().demo(request)


@pytest.mark.parametrize("jobs", [LongDemo()])
def test_a_running_demo_is_stopped_by_leaving_it(at_work, qtbot, tmp_path):
    at_work.start_demo(tmp_path / "demo")
    qtbot.waitUntil(lambda: shows(at_work, at_work.desk.newest_grid.kernels) if at_work.desk.newest_grid is not None else False)
    qtbot.mouseClick(at_work.demo_bar.back, LEFT)
    qtbot.waitUntil(lambda: at_work.state is RunState.IDLE and not at_work.demo_bar.isVisible())
    qtbot.waitUntil(lambda: shows(at_work, psf_grid(random_lens(5), 4, 4, 9)))
    assert len(at_work.deblur.batch.photos) == 2


def test_opening_ones_own_lens_leaves_the_demo(at_work, qtbot, tmp_path, profile):
    see_demo(at_work, qtbot, tmp_path)
    at_work.show_profile(profile)
    qtbot.waitUntil(lambda: not at_work.demo_bar.isVisible())
    assert at_work.deblur.lens.opened.path == profile
    assert len(at_work.deblur.batch.photos) == 2


def test_the_next_visit_has_the_persons_own_open_not_the_demo(qtbot, tmp_path, profile):
    def visit():
        window = MainWindow(FakeJobs(), Memory(tmp_path / "config", QSettings(str(tmp_path / "w.ini"), QSettings.Format.IniFormat)))
        window.show()
        window.reopening.recall()
        qtbot.waitUntil(lambda: not window.reopening.is_recalling)
        return window

    first = visit()
    first.show_profile(profile)
    qtbot.waitUntil(first.deblur.has_profile)
    see_demo(first, qtbot, tmp_path)
    first.close()
    second = visit()
    qtbot.waitUntil(second.deblur.has_profile)
    assert second.deblur.lens.opened.path == profile
    assert second.deblur.batch.photos == ()
    second.close()


def test_no_project_is_suggested_where_the_demo_is_kept(tmp_path):
    assert default_project(tmp_path / "demo", tmp_path) != demo_folder(tmp_path)
