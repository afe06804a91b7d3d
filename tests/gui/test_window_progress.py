"""One display of progress: the same words, the same bar and the same buttons wherever a job is watched."""

from pathlib import Path

import pytest
from fake_jobs import FakeJobs, write_photos
from gestures import LEFT, drop

from ddm_studio.errors import InputError
from ddm_studio.events import BatchProgress, PhotosQueued, PhotoStarted, Progress, RunFailed, RunFinished, RunStopped, StageStarted
from ddm_studio.gui.job_progress import JobProgress
from ddm_studio.gui.run_state import RunState
from ddm_studio.gui.views.progress_strip import ProgressStrip


@pytest.fixture
def strip(qtbot):
    made = ProgressStrip("Stopped; all is kept")
    qtbot.addWidget(made)
    made.resize(600, 60)
    made.show()
    return made


def share(strip):
    return strip.bar.value() / strip.bar.maximum()


def test_a_part_of_a_job_says_that_its_numbers_are_of_this_part():
    progress = JobProgress()
    progress.take(StageStarted("matching spectra", 200))
    assert (progress.what, progress.share) == ("Fitting the kernels", None)
    progress.take(Progress("matching spectra", 50, 200, 178.0))
    assert (progress.share, progress.numbers) == (0.25, "25 % of this part  ·  about 3 min left")


def test_many_photos_are_one_job_whose_bar_never_goes_back():
    progress, shares = JobProgress(in_parts=False), []
    photos = [Path(name) for name in ("a.jpg", "b.jpg")]
    progress.take(PhotosQueued(tuple(photos)))
    for number, photo in enumerate(photos):
        progress.take(BatchProgress(number, 2, 0, 0, 60.0))
        progress.take(PhotoStarted(photo, number + 1, 2))
        progress.take(StageStarted(f"deblur {photo.name}", 10))
        for step in (1, 5, 10):
            progress.take(Progress(f"deblur {photo.name}", step, 10, 1.0))
            shares.append(progress.share)
    assert progress.what == "Photo 2 of 2: b.jpg"
    assert shares == pytest.approx([0.05, 0.25, 0.5, 0.55, 0.75, 1.0])


def test_a_list_of_photos_within_a_longer_job_is_one_of_its_parts():
    progress = JobProgress()
    progress.take(PhotosQueued((Path("a.jpg"), Path("b.jpg"))))
    progress.take(PhotoStarted(Path("a.jpg"), 1, 2))
    progress.take(BatchProgress(1, 2, 0, 0, 20.0))
    assert progress.numbers == "50 % of this part  ·  about 20 s left"
    progress.take(BatchProgress(2, 2, 0, 0, 0.0))
    assert progress.numbers == "100 % of this part"
    progress.take(StageStarted("comparing edges", 5))
    progress.take(Progress("comparing edges", 1, 5, 4.0))
    assert (progress.what, progress.share) == ("Comparing edges", 0.2)


def test_the_end_is_told_and_the_bar_shows_how_far_the_job_came(strip):
    failure = RunFailed("No room. The disk is full. Make room.", "", True, what="No room")
    for ending, words, reached in (
        (RunFinished(None), "✓ Finished", 1.0),
        (RunStopped(), "Stopped; all is kept", 0.4),
        (failure, "⚠ Not finished: No room", 0.4),
    ):
        strip.begin()
        strip.show_state(RunState.RUNNING)
        strip.show_event(Progress("checking the photos", 4, 10, 3.0))
        strip.show_event(ending)
        strip.show_state(RunState.IDLE)
        assert strip.what.text() == words
        assert share(strip) == pytest.approx(reached)
        assert not strip.numbers.text()
        assert not strip.stop.isVisible()
    assert strip.what.toolTip() == failure.message


def test_a_click_on_stop_cannot_miss_because_the_words_changed(strip, qtbot):
    strip.begin()
    places = set()
    for state in (RunState.RUNNING, RunState.PAUSING, RunState.PAUSED, RunState.RESUMING, RunState.STOPPING):
        strip.show_state(state)
        strip.show_event(Progress("checking the photos", 4, 10, 3.0 * len(places)))
        strip.layout().activate()
        places.add((strip.stop.x(), strip.stop.width(), strip.pause.x()))
    assert len(places) == 1


@pytest.fixture
def everything(ready, qtbot, profile, tmp_path):
    """Photos of a calibration are chosen, and a photo to deblur."""
    drop(ready.deblur, [profile, *write_photos(tmp_path / "to deblur", 1)])
    qtbot.waitUntil(ready.deblur.compare.isEnabled)
    return ready


def begin(window, qtbot, which):
    """Start a job as a person does; the strip where it is watched."""
    page, start, strip = {
        "check": ("photos", window.photos.summary.check, window.photos.summary.strip),
        "calibrate": ("calibrate", window.calibrate.start, window.calibrate.strip),
        "compare": ("deblur", window.deblur.compare, window.deblur.foot.strip),
        "deblur": ("deblur", window.deblur.deblur, window.deblur.foot.strip),
    }[which]
    window.show_page(page)
    qtbot.mouseClick(start, LEFT)
    return strip


JOBS = pytest.mark.parametrize("which", ["check", "calibrate", "compare", "deblur"])


@JOBS
@pytest.mark.parametrize("jobs", [FakeJobs(steps=3_000, seconds=0.001)])
def test_every_job_shows_what_it_does_how_far_it_is_and_is_paused_and_stopped_there(everything, qtbot, which):
    strip = begin(everything, qtbot, which)
    qtbot.waitUntil(lambda: "about" in strip.numbers.text())
    assert "%" in strip.numbers.text()
    assert 0 < strip.bar.value() < strip.bar.maximum()
    assert strip.what.text() not in ("", "Starting…")
    beside = [part.text() for part in everything.sidebar.findChildren(type(strip.numbers)) if part.isVisible()]
    assert any("left" in words and "%" in words for words in beside)
    qtbot.mouseClick(strip.pause, LEFT)
    qtbot.waitUntil(lambda: everything.state is RunState.PAUSED)
    assert strip.numbers.text() == "Paused"
    qtbot.mouseClick(strip.stop, LEFT)
    qtbot.waitUntil(lambda: everything.state is RunState.IDLE)
    assert "stopped" in strip.what.text().lower()
    assert not strip.stop.isVisible()


@JOBS
@pytest.mark.parametrize("jobs", [FakeJobs(fail_at=5, error=InputError("Too few patches", "Twelve were found", "Add photos"))])
def test_every_job_that_fails_says_so_where_it_was_watched(everything, qtbot, which):
    strip = begin(everything, qtbot, which)
    qtbot.waitUntil(lambda: strip.what.text() == "⚠ Not finished: Too few patches")
    assert everything.messages.isVisible()


@pytest.mark.parametrize("jobs", [FakeJobs(fail_at=5, error=ValueError("cannot convert float NaN to integer"))])
def test_what_nobody_has_foreseen_is_told_as_our_fault_with_the_report_at_hand(everything, qtbot):
    strip = begin(everything, qtbot, "calibrate")
    qtbot.waitUntil(everything.messages.isVisible)
    assert everything.messages.what.text() == "A fault of DDM Studio, not yours."
    assert "NaN" in everything.messages.why.text()
    assert "copy the report" in everything.messages.advice.text()
    assert everything.messages.copy_button.isVisible()
    assert strip.what.text() == "⚠ Not finished: A fault of DDM Studio, not yours"
