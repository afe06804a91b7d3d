"""Buttons show what the engine has confirmed, never what was asked."""

import pytest

from ddm_studio.events import Note, Paused, Resumed, RunFailed, RunFinished, RunStopped
from ddm_studio.gui.run_state import BUTTONS, PauseFace, RunState, Wish, confirmed, wished

ENDINGS = [RunFinished(None), RunStopped(), RunFailed("broke", "", input_is_wrong=False)]


def test_a_wish_is_not_yet_a_fact():
    assert wished(RunState.RUNNING, Wish.PAUSE) is RunState.PAUSING
    assert BUTTONS[RunState.PAUSING].pause_face is PauseFace.PAUSING
    assert confirmed(RunState.PAUSING, Paused()) is RunState.PAUSED


def test_resuming_waits_for_the_engine():
    asked = wished(RunState.PAUSED, Wish.RESUME)
    assert asked is RunState.RESUMING
    assert confirmed(asked, Resumed()) is RunState.RUNNING


@pytest.mark.parametrize("state", list(RunState))
@pytest.mark.parametrize("ending", ENDINGS, ids=lambda ending: type(ending).__name__)
def test_every_ending_leads_to_rest(state, ending):
    assert confirmed(state, ending) is RunState.IDLE


def test_nothing_but_an_ending_ends_stopping():
    for event in (Paused(), Resumed(), Note("still here")):
        assert confirmed(RunState.STOPPING, event) is RunState.STOPPING
    assert wished(RunState.STOPPING, Wish.PAUSE) is RunState.STOPPING


@pytest.mark.parametrize("state", [RunState.RUNNING, RunState.PAUSING, RunState.PAUSED, RunState.RESUMING])
def test_a_job_can_be_stopped_whatever_it_does(state):
    assert BUTTONS[state].stop_enabled
    assert wished(state, Wish.STOP) is RunState.STOPPING


def test_a_second_job_cannot_be_started():
    assert [state for state in RunState if BUTTONS[state].start_enabled] == [RunState.IDLE]


def test_wishes_at_rest_change_nothing():
    assert {wished(RunState.IDLE, wish) for wish in Wish} == {RunState.IDLE}
