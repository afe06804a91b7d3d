"""A job waits, goes on and stops when asked, and says so."""

import threading

import pytest

from ddm_studio.control import Cadence, Cancelled, Ration, RunControl
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


def test_a_ration_takes_no_more_than_its_share_however_long_a_helping_lasts():
    clock = Clock()
    ration = Ration(0.02, 3.0, clock)
    began, spent = clock.now, 0.0
    for work in range(2000):
        clock.now += 1.0
        if ration.is_due():
            with ration.spent():
                took = (0.04, 0.4, 2.5)[work % 3]
                clock.now += took
                spent += took
            assert not ration.is_due()
    assert 0.01 < spent / (clock.now - began) <= 0.021


def test_a_ration_of_quick_helpings_keeps_its_least_pause():
    clock = Clock()
    ration = Ration(0.5, 3.0, clock)
    with ration.spent():
        clock.now += 0.1
    clock.now += 2.9
    assert not ration.is_due()
    clock.now += 0.2
    assert ration.is_due()


def test_several_threads_of_a_job_wait_and_it_is_said_once():
    control, said, done = RunControl(), [], threading.Barrier(4)
    control.pause()

    def work():
        control.checkpoint(said.append)
        done.wait(20)

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    while not said:
        threading.Event().wait(0.01)
    control.resume()
    done.wait(20)
    assert [type(event) for event in said] == [Paused, Resumed]
