"""A calibration that is stopped before its first stage is done: what is said of it is what is left of it, wherever it is said."""

import threading

import pytest
import torch
from fake_jobs import FakeJobs
from gestures import LEFT

from ddm_studio.engine.checkpoints import save_snapshot
from ddm_studio.engine.kept_run import CONFIDENCE, FIRST_KERNELS, FOUND_WAVEFRONT
from ddm_studio.engine.photo_sets import choose_photos
from ddm_studio.engine.snapshot_reading import snapshot_path
from ddm_studio.events import StageStarted
from ddm_studio.gui.run_state import RunState
from ddm_studio.photos.patches import collect_tiles
from ddm_studio.project import begin_project
from ddm_studio.snapshot import Snapshot
from ddm_studio.stage import StageReporter

BLURRY, SHARP, SPECTRA, WAVEFRONT = "reading blurry photos", "reading sharp photos", "matching spectra", "fitting the wavefront"


class HeldJobs(FakeJobs):
    """Reads the photos as the engine does; stays in the named stage until it is stopped there."""

    def __init__(self, stage):
        super().__init__()
        self.held, self.is_held = stage, threading.Event()

    def calibrate(self, request):
        def job(report, control):
            def held(event):
                report(event)
                if isinstance(event, StageStarted) and event.stage == self.held:
                    self.is_held.set()
                    while True:
                        control.checkpoint(report)

            settings = request.settings
            chosen = choose_photos(request.blurry, request.sharp, settings)
            project = begin_project(request.project, request.blurry, request.sharp, settings)
            for name, listing in (("blurry", chosen.blurry), ("sharp", chosen.sharp)):
                collect_tiles(listing.photos, project.checkpoints, name, 32, 60, settings.seed, None, held, control)
            self._report_grid(report)(1)
            StageReporter(SPECTRA, 9, held, control)
            save_snapshot(snapshot_path(project.checkpoints, FIRST_KERNELS), Snapshot(9, {"psf": torch.full((2, 2, 3, 5, 5), 0.04)}))
            StageReporter(WAVEFRONT, 9, held, control)
            save_snapshot(snapshot_path(project.checkpoints, FOUND_WAVEFRONT), Snapshot(9, {"psf": torch.full((2, 2, 3, 5, 5), 0.04)}))
            StageReporter(CONFIDENCE, 9, held, control)

        return job


def row(window):
    (only,) = window.start.projects.rows
    return only


def stop(window, qtbot, jobs):
    qtbot.mouseClick(window.calibrate.start, LEFT)
    qtbot.waitUntil(jobs.is_held.is_set)
    qtbot.mouseClick(window.calibrate.strip.stop, LEFT)
    qtbot.waitUntil(lambda: window.state is RunState.IDLE)


@pytest.mark.parametrize(
    ("jobs", "words", "goes_on", "left"),
    [
        (HeldJobs(BLURRY), "nothing is learned or kept yet", False, ""),
        (HeldJobs(SHARP), "nothing is learned yet, the blurry photos are read", True, "“Reading the sharp photos”, “Fitting"),
        (HeldJobs(SPECTRA), "before the first kernels were done; the photos are read", True, "Left to do: “Fitting"),
        (HeldJobs(WAVEFRONT), "the first kernels are kept", True, "Left to do: “Looking for the lens errors”, the profile"),
        (HeldJobs(CONFIDENCE), "the kernels are found and kept", True, "Left to do: “Estimating the confidence”, the profile"),
    ],
    ids=["blurry", "sharp", "kernels", "wavefront", "confidence"],
)
def test_the_page_the_buttons_and_the_project_list_agree_on_what_is_left(ready, qtbot, jobs, words, goes_on, left):
    stop(ready, qtbot, jobs)
    page = ready.calibrate
    qtbot.waitUntil(lambda: words in page.strip.what.text())
    assert page.strip.what.text().startswith("Stopped")
    assert page.go_on.isVisible() == goes_on
    assert page.start.text().startswith("Start over" if goes_on else "Start")
    qtbot.waitUntil(lambda: page.left_to_do.isVisible() == goes_on)
    assert left in page.left_to_do.text()
    ready.show_page("start")
    qtbot.waitUntil(lambda: page.strip.what.text() == row(ready).told.text())
    qtbot.mouseClick(row(ready).open, LEFT)
    qtbot.waitUntil(lambda: ready.page == "calibrate")
    assert words in page.strip.what.text()


@pytest.mark.parametrize("jobs", [HeldJobs(SHARP)])
def test_what_was_read_is_not_read_again(ready, qtbot, jobs):
    stop(ready, qtbot, jobs)
    page = ready.calibrate
    tiles = ready.calibrate.stopped_project / "checkpoints" / "blurry_tiles.npy"
    before = tiles.stat()
    jobs.is_held.clear()
    qtbot.mouseClick(page.go_on, LEFT)
    qtbot.waitUntil(jobs.is_held.is_set)
    qtbot.mouseClick(page.strip.stop, LEFT)
    qtbot.waitUntil(lambda: ready.state is RunState.IDLE)
    assert (tiles.stat().st_ino, tiles.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
