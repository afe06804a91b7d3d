"""A job waits, goes on and stops when asked, and says so."""

import threading

import pytest

from ddm_studio.control import Cadence, Cancelled, RunControl
from ddm_studio.events import Paused, Resumed


class Clock:
    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


def test_a_checkpoint_says_nothing_while_nobody_asks():
    said = []
    RunControl().checkpoint(said.append)
    assert said == []


def test_stop_is_answered_at_the_next_checkpoint():
    control = RunControl()
    assert not control.stop_requested
    control.stop()
    assert control.stop_requested
    with pytest.raises(Cancelled):
        control.checkpoint(lambda event: None)


def test_a_paused_job_waits_and_goes_on():
    control, said, paused = RunControl(), [], threading.Event()

    def report(event):
        said.append(event)
        paused.set()

    control.pause()
    job = threading.Thread(target=lambda: control.checkpoint(report))
    job.start()
    assert paused.wait(5)
    assert said == [Paused()]
    assert job.is_alive()
    control.resume()
    job.join(5)
    assert said == [Paused(), Resumed()]


def test_stopping_wakes_a_paused_job():
    control, said = RunControl(), []
    control.pause()
    control.stop()
    with pytest.raises(Cancelled):
        control.checkpoint(said.append)
    assert Resumed() not in said


def test_a_cadence_is_due_at_once_and_then_by_the_clock():
    clock = Clock()
    cadence = Cadence(2.0, clock)
    assert cadence.is_due()
    assert not cadence.is_due()
    clock.now += 1.9
    assert not cadence.is_due()
    clock.now += 0.1
    assert cadence.is_due()
    assert not cadence.is_due()
