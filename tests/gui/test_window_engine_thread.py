"""One job at a time on its thread; the window hears everything that matters, in order, at screen pace."""

import threading
import time

import numpy as np
import pytest

from ddm_studio.errors import InputError, StudioError
from ddm_studio.events import Event, KernelsLearned, Note, Paused, Progress, Resumed, RunFailed, RunFinished, RunStopped
from ddm_studio.gui.engine_thread import EngineRunner


def count(steps, seconds=0.0):
    def job(report, control):
        for step in range(steps):
            control.checkpoint(report)
            report(Progress("count", step, steps))
            if seconds:
                time.sleep(seconds)
        return steps

    return job


@pytest.fixture
def heard():
    return []


@pytest.fixture
def runner(qtbot, heard):
    made = EngineRunner()
    made.happened.connect(heard.append)
    yield made
    assert made.shut_down(3000)


def ended_with(heard: list[Event], kind: type):
    return lambda: bool(heard) and isinstance(heard[-1], kind)


def test_a_fast_job_does_not_flood_the_window(runner, heard, qtbot):
    runner.start(count(30_000))
    qtbot.waitUntil(ended_with(heard, RunFinished), timeout=20_000)
    seen = [event.step for event in heard if isinstance(event, Progress)]
    assert seen == sorted(seen)
    assert seen[-1] == 29_999
    assert len(seen) < 300


def test_pause_resume_stop(runner, heard, qtbot):
    runner.start(count(10**9, 0.001))
    qtbot.waitUntil(lambda: len(heard) > 2)
    runner.pause()
    qtbot.waitUntil(ended_with(heard, Paused))
    quiet = len(heard)
    qtbot.wait(100)
    assert len(heard) == quiet
    runner.resume()
    qtbot.waitUntil(lambda: any(isinstance(event, Resumed) for event in heard))
    runner.pause()
    qtbot.waitUntil(ended_with(heard, Paused))
    runner.stop()
    qtbot.waitUntil(ended_with(heard, RunStopped), timeout=2000)
    assert not runner.is_running


def test_events_arrive_on_the_windows_thread(runner, qtbot):
    class Listener(EngineRunner):
        def note(self, event):
            threads.append(threading.get_ident())

    threads: list[int] = []
    listener = Listener()
    runner.happened.connect(listener.note)
    runner.start(count(3))
    qtbot.waitUntil(lambda: not runner.is_running)
    assert set(threads) == {threading.get_ident()}


def test_a_failure_keeps_its_three_sentences(runner, heard, qtbot):
    def job(report, control):
        raise InputError("The folder is empty", "Nothing is in it", "Choose another")

    runner.start(job)
    qtbot.waitUntil(ended_with(heard, RunFailed))
    failed = heard[-1]
    assert (failed.what, failed.why, failed.advice) == ("The folder is empty", "Nothing is in it", "Choose another")
    assert failed.input_is_wrong
    assert "Traceback" in failed.details


@pytest.mark.parametrize(("error", "message"), [(RuntimeError("out of memory"), "RuntimeError: out of memory"), (KeyError(), "KeyError")])
def test_an_unforeseen_failure_is_ours(runner, heard, qtbot, error, message):
    def job(report, control):
        raise error

    runner.start(job)
    qtbot.waitUntil(ended_with(heard, RunFailed))
    assert heard[-1].message == message
    assert not heard[-1].input_is_wrong


def test_a_studio_error_that_is_no_input_error_is_ours(runner, heard, qtbot):
    def job(report, control):
        raise StudioError("It does not converge")

    runner.start(job)
    qtbot.waitUntil(ended_with(heard, RunFailed))
    assert not heard[-1].input_is_wrong


def test_the_next_job_may_start_from_the_last_word(qtbot):
    class Chain(EngineRunner):
        def go_on(self, event):
            if isinstance(event, RunFinished):
                results.append(event.result)
                if len(results) == 1:
                    self.start(count(7))

    results: list[object] = []
    chain = Chain()
    chain.happened.connect(chain.go_on)
    chain.start(count(5))
    qtbot.waitUntil(lambda: results == [5, 7])
    qtbot.waitUntil(lambda: not chain.is_running)


def test_a_second_job_at_once_is_refused(runner, qtbot):
    runner.start(count(10**9, 0.001))
    with pytest.raises(RuntimeError, match="already running"):
        runner.start(count(1))
    runner.stop()
    qtbot.waitUntil(lambda: not runner.is_running)


def test_what_is_said_just_before_the_end_is_not_lost(runner, heard, qtbot):
    def job(report, control):
        report(Note("one"))
        report(KernelsLearned("stage", 1, np.zeros((1, 1, 3, 3, 3), np.float32)))
        report(Note("two"))

    runner.start(job)
    qtbot.waitUntil(ended_with(heard, RunFinished))
    assert [type(event).__name__ for event in heard] == ["Note", "KernelsLearned", "Note", "RunFinished"]


def test_shutting_down_waits_for_the_job(qtbot):
    runner = EngineRunner()
    runner.start(count(10**9, 0.001))
    qtbot.wait(50)
    began = time.monotonic()
    assert runner.shut_down(3000)
    assert time.monotonic() - began < 1


def test_shutting_down_says_when_the_job_is_still_busy(qtbot):
    busy = threading.Event()

    def job(report, control):
        busy.wait(5)

    runner = EngineRunner()
    runner.start(job)
    assert not runner.shut_down(50)
    busy.set()
    assert runner.shut_down(3000)
