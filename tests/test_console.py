"""Every end of a job becomes one ending event, the right words and the right exit code."""

import io
import json
import os
import signal
import sys
from pathlib import Path

import numpy as np
import pytest

from ddm_studio.console import ExitCode, JsonLines, PlainLines, Terminal, describe, duration, plain_data, printable, run_job
from ddm_studio.control import Cadence
from ddm_studio.engine.requests import CalibrationResult, DeblurResult, DemoResult
from ddm_studio.errors import InputError, StudioError
from ddm_studio.events import (
    CheckpointSaved,
    ConfidenceEstimated,
    ConvergenceCurve,
    DeblurPreview,
    HealthFound,
    KernelsLearned,
    LossCurve,
    Note,
    Paused,
    PhotoSaved,
    PhotosCounted,
    PhotoSkipped,
    Progress,
    Resumed,
    RunFailed,
    RunFinished,
    RunStopped,
    Severity,
    StageFinished,
    StageStarted,
)
from ddm_studio.settings import CalibrationSettings

EVERY_EVENT = [
    StageStarted("flow", 10),
    Progress("flow", 3, 10, 1.5),
    Progress("flow", 4, 10, None),
    LossCurve("flow", np.arange(3), np.array([1, np.nan, 2], np.float32)),
    KernelsLearned("flow", 3, np.zeros((8, 8, 3, 5, 5), np.float32)),
    DeblurPreview("wiener", np.zeros((4, 6, 3), np.uint8), 0.5, True),
    PhotoSkipped(Path("b/[bold]a.txt"), "it is no photo"),
    PhotosCounted("blurry", 40, 1),
    HealthFound("noise", Severity.NOTE, "keep", "Noisy \x1b[31mphotos", "High ISO", "", "sharp", Path("[bold]a.jpg")),
    PhotoSaved(Path("a.jpg"), Path("out/a.tif")),
    Note("careful\x1b[31m"),
    CheckpointSaved("flow", 3),
    StageFinished("flow", 75.0),
    Paused(),
    Resumed(),
    RunFinished(CalibrationResult(Path("p/profile.lens"), "gaussian", float("nan"))),
    RunStopped(),
    RunFailed("It broke.", "Traceback", False),
    ConvergenceCurve("flow", np.arange(2), np.array([2, 1], np.float32)),
    ConfidenceEstimated(np.full((8, 8, 3), 0.97, np.float32)),
]


class Listener:
    """Keeps what it hears."""

    def __init__(self):
        self.heard, self.closed = [], False

    def __call__(self, event):
        assert not self.closed
        self.heard.append(event)

    def close(self):
        self.closed = True


class Steps:
    """A job that works for ever, asking at each step whether to stop; sends its own process signals at given steps."""

    def __init__(self, signals, deaf=False):
        self.signals, self.deaf = signals, deaf

    def __call__(self, report, control):
        for step in range(10**6):
            if not self.deaf:
                control.checkpoint(report)
            report(Progress("work", step, 10**6))
            if step in self.signals:
                os.kill(os.getpid(), self.signals[step])
        pytest.fail("nobody stopped it")


class Raises:
    """A job that fails."""

    def __init__(self, error):
        self.error = error

    def __call__(self, report, control):
        report(Note("about to fail"))
        raise self.error


def test_a_result_is_finished():
    listener = Listener()
    assert run_job(lambda report, control: "fine", listener) == ExitCode.DONE
    assert [type(event) for event in listener.heard] == [RunFinished]
    assert listener.closed


def test_wrong_input_is_one_sentence_and_no_traceback(capsys):
    listener = Listener()
    assert run_job(Raises(InputError("No photos", "The folder is empty", "Choose another")), listener) == 2
    ending = listener.heard[-1]
    assert ending.input_is_wrong
    assert (ending.what, ending.why, ending.advice) == ("No photos", "The folder is empty", "Choose another")
    assert capsys.readouterr().err == "No photos. The folder is empty. Choose another.\n"


@pytest.mark.parametrize("error", [ZeroDivisionError("division by zero"), StudioError("The engine broke"), MemoryError()])
def test_our_fault_shows_the_traceback_and_says_so(capsys, error):
    listener = Listener()
    assert run_job(Raises(error), listener) == 1
    ending = listener.heard[-1]
    assert not ending.input_is_wrong
    assert "Traceback" in ending.details
    written = capsys.readouterr().err
    assert "Traceback" in written
    assert "fault of DDM Studio" in written.splitlines()[-1]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows sends no such signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_the_job_and_says_what_is_kept(capfd, number):
    before = signal.getsignal(number)
    listener = Listener()
    assert run_job(Steps({5: number}), listener, lambda: "Stopped; half of it is kept.") == 3
    assert listener.heard[-1] == RunStopped()
    assert listener.heard[-2] == Progress("work", 5, 10**6)
    written = capfd.readouterr().err
    assert "Press Ctrl-C again to leave at once" in written
    assert written.endswith("Stopped; half of it is kept.\n")
    assert signal.getsignal(number) is before


@pytest.mark.skipif(sys.platform == "win32", reason="Windows sends no such signals")
def test_a_second_signal_leaves_at_once():
    listener = Listener()
    with pytest.raises(KeyboardInterrupt):
        run_job(Steps({5: signal.SIGINT, 7: signal.SIGINT}, deaf=True), listener)
    assert isinstance(listener.heard[-1], RunFailed)
    assert listener.closed


def test_a_job_that_ends_before_it_hears_the_signal_is_finished():
    def job(report, control):
        control.stop()
        return "done anyway"

    assert run_job(job, Listener()) == 0


def test_failed_photos_are_named_and_are_wrong_input(capsys):
    listener = Listener()
    result = DeblurResult((Path("out/a.tif"),), ((Path("in/b.jpg"), "it is cut short"),))
    assert run_job(lambda report, control: result, listener) == 2
    assert [event.result for event in listener.heard] == [result]
    assert capsys.readouterr().err == "in/b.jpg was not deblurred: it is cut short\n"


@pytest.mark.parametrize("event", EVERY_EVENT, ids=lambda event: type(event).__name__)
def test_every_event_is_one_line_of_json(event):
    stream = io.StringIO()
    JsonLines(stream)(event)
    assert stream.getvalue().count("\n") == 1
    table = json.loads(stream.getvalue(), parse_constant=pytest.fail)
    assert next(iter(table)) == "event"


def test_json_names_fields_paths_and_shapes():
    stream = io.StringIO()
    for event in (EVERY_EVENT[1], EVERY_EVENT[4], EVERY_EVENT[6], EVERY_EVENT[15]):
        JsonLines(stream)(event)
    progress, kernels, skipped, finished = map(json.loads, stream.getvalue().splitlines())
    assert progress == {"event": "progress", "stage": "flow", "step": 3, "total_steps": 10, "seconds_left": 1.5}
    assert kernels == {"event": "kernels_learned", "stage": "flow", "step": 3, "kernels": {"shape": [8, 8, 3, 5, 5], "dtype": "float32"}}
    assert skipped == {"event": "photo_skipped", "path": str(Path("b/[bold]a.txt")), "reason": "it is no photo"}
    assert finished["result"] == {"profile": str(Path("p/profile.lens")), "stage": "gaussian", "seconds": None, "caution": ""}


def test_settings_and_numpy_numbers_are_plain_data():
    data = plain_data({"settings": CalibrationSettings(), 3: (np.float32(0.5), np.int64(2), np.bool_(True), float("inf"))})
    assert data["settings"]["preset"] == "instant"
    assert data["3"] == [0.5, 2, True, None]
    json.dumps(data, allow_nan=False)


def test_plain_lines_hold_no_control_characters():
    stream = io.StringIO()
    audience = PlainLines(stream)
    for event in EVERY_EVENT:
        audience(event)
    lines = stream.getvalue().splitlines()
    assert "flow: step 3 of 10, 1.5 s left" in lines
    assert "flow: finished after 1 min 15 s" in lines
    assert f"skipped {Path('b/[bold]a.txt')}: it is no photo" in lines
    assert "blurry photos: 40 used, 1 skipped" in lines
    assert all(line.isprintable() for line in lines)


def test_plain_progress_comes_at_its_own_pace():
    stream = io.StringIO()
    audience = PlainLines(stream, Cadence(5, clock=lambda: 0.0))
    for step in range(100):
        audience(Progress("flow", step, 100))
    assert stream.getvalue().splitlines() == ["flow: step 0 of 100"]


def test_the_terminal_shows_bars_with_time_left_and_skipped_photos(capsys):
    audience = Terminal()
    for event in EVERY_EVENT:
        audience(event)
    audience(StageStarted("flow", 4))
    audience.close()
    written = capsys.readouterr().out
    assert f"skipped {Path('b/[bold]a.txt')}: it is no photo" in written
    assert "flow" in written
    assert "\x1b[31m" not in written


def test_the_scores_of_the_demo_are_a_table():
    text = "\n".join(describe(DemoResult(0.97, 0.91, 26.0, 29.5, 31.0, 30.25, 200, Path("demo/profile.lens"))))
    for expected in ("0.9700", "0.9100", "26.00 dB", "+3.50 dB", "+5.00 dB", "+4.25 dB", "3 min 20 s", "profile.lens"):
        assert expected in text


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.04, "0.0 s"), (9.96, "10.0 s"), (59.6, "1 min 00 s"), (61, "1 min 01 s"), (3600 * 2 + 300, "2 h 05 min")]
)
def test_durations_are_said_as_people_do(seconds, words):
    assert duration(seconds) == words


def test_printable_keeps_words_and_drops_tricks():
    assert printable("Käse\n[x] \x1b]0;evil\x07 \udcff") == "Käse [x] \ufffd]0;evil\ufffd \ufffd"
