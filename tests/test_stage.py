"""A stage is told at screen pace: started, progress with measured time left, a thinned curve, finished."""

import numpy as np
import pytest

from ddm_studio.control import Cancelled, RunControl
from ddm_studio.events import LossCurve, Progress, StageFinished, StageStarted
from ddm_studio.stage import CURVE_POINTS, StageReporter


class Clock:
    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


class Heard(list):
    def only(self, kind):
        return [event for event in self if isinstance(event, kind)]


def run(steps, seconds_per_step, first_step=0, loss=None):
    heard, clock = Heard(), Clock()
    stage = StageReporter("flow", steps, heard.append, RunControl(), first_step, clock)
    for step in range(first_step + 1, steps + 1):
        clock.now += seconds_per_step
        stage.checkpoint(step, None if loss is None else loss(step))
    stage.finish()
    return heard


def test_it_begins_and_ends():
    heard = run(10, 1.0)
    assert heard[0] == StageStarted("flow", 10)
    assert heard[-1] == StageFinished("flow", 10.0)
    assert heard.only(Progress)[-1] == Progress("flow", 10, 10, 0.0)


def test_fast_steps_do_not_flood():
    assert len(run(10_000, 0.001, loss=float)) < 10 / 0.1 * 2 + 10


def test_the_time_left_is_measured():
    middle = run(10, 1.0).only(Progress)[4]
    assert (middle.step, middle.seconds_left) == (5, pytest.approx(5.0))


def test_a_resumed_stage_measures_its_own_steps_only():
    progress = run(100, 2.0, first_step=90).only(Progress)
    assert progress[0].step == 91
    assert progress[0].seconds_left == pytest.approx(18.0)


def test_the_time_left_follows_the_pace_of_late():
    heard, clock = Heard(), Clock()
    stage = StageReporter("search", 200, heard.append, RunControl(), clock=clock)
    for step in range(1, 151):
        clock.now += 0.1 if step <= 100 else 1.0
        stage.checkpoint(step)
    assert heard.only(Progress)[-1].seconds_left == pytest.approx(50, rel=0.1)


def test_a_pause_is_forgotten():
    heard, clock = Heard(), Clock()

    class PausedOnce(RunControl):
        def checkpoint(self, report):
            paused = 300 if 20 < clock.now < 21.5 else 0
            clock.now += paused
            self.waited += paused

    stage = StageReporter("search", 100, heard.append, PausedOnce(), clock=clock)
    for step in range(1, 41):
        clock.now += 1.0
        stage.checkpoint(step)
    assert heard.only(Progress)[-1].seconds_left == pytest.approx(60)


def test_a_stage_that_turns_out_longer_says_so():
    heard, clock = Heard(), Clock()
    stage = StageReporter("search", 10, heard.append, RunControl(), clock=clock)
    for step in range(1, 9):
        clock.now += 1
        stage.checkpoint(step)
    stage.expect(40)
    clock.now += 1
    stage.checkpoint(9)
    last = heard.only(Progress)[-1]
    assert (last.step, last.total_steps, last.seconds_left) == (9, 40, pytest.approx(31))


def test_the_curve_is_thinned_and_true():
    curve = run(5_000, 0.01, loss=lambda step: step * 0.5).only(LossCurve)[-1]
    assert CURVE_POINTS / 3 < len(curve.steps) <= CURVE_POINTS + 1
    np.testing.assert_allclose(curve.losses, curve.steps * 0.5)
    assert (np.diff(curve.steps) > 0).all()
    assert curve.steps[-1] == 5_000  # it ends where the stage is


def test_without_losses_there_is_no_curve():
    assert run(10, 1.0).only(LossCurve) == []


def test_stop_is_answered_within_a_step():
    control = RunControl()
    stage = StageReporter("flow", 10, lambda event: None, control)
    control.stop()
    with pytest.raises(Cancelled):
        stage.checkpoint(1)


def test_pictures_are_due_by_the_clock():
    clock = Clock()
    stage = StageReporter("flow", 10, lambda event: None, RunControl(), clock=clock)
    due = []
    for _ in range(100):
        due.append(stage.picture_is_due())
        clock.now += 0.01
    assert due[0]
    assert sum(due) == 4


def test_a_picture_that_is_not_the_best_waits_for_a_better_one_but_not_half_a_second():
    clock = Clock()
    stage = StageReporter("flow", 10, lambda event: None, RunControl(), clock=clock)
    assert stage.picture_is_due(is_best=False)
    clock.now += 0.3
    assert not stage.picture_is_due(is_best=False)
    assert stage.picture_is_due(is_best=True)
    clock.now += 0.45
    assert stage.picture_is_due(is_best=False)
