"""What the window knows about the running job, and what the buttons say because of it. Without Qt."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from ddm_studio.events import ENDINGS, Event, Paused, Resumed


class JobKind(Enum):
    """Which page asked for the running job."""

    CHECK = auto()
    CALIBRATE = auto()
    COMPARE = auto()
    DEBLUR = auto()
    TRAIN = auto()
    DEMO = auto()


class RunState(Enum):
    """Confirmed states, and wishes that the engine has not confirmed yet."""

    IDLE = auto()
    RUNNING = auto()
    PAUSING = auto()
    PAUSED = auto()
    RESUMING = auto()
    STOPPING = auto()


class Wish(Enum):
    """What a person can ask of a running job."""

    PAUSE = auto()
    RESUME = auto()
    STOP = auto()


class PauseFace(Enum):
    """What the pause button reads."""

    PAUSE = auto()
    PAUSING = auto()
    RESUME = auto()
    RESUMING = auto()


@dataclass(frozen=True, slots=True)
class Buttons:
    """Which buttons live, and what they read."""

    start_enabled: bool
    pause_enabled: bool
    pause_face: PauseFace
    stop_enabled: bool
    stopping: bool


BUTTONS: dict[RunState, Buttons] = {
    RunState.IDLE: Buttons(True, False, PauseFace.PAUSE, False, False),
    RunState.RUNNING: Buttons(False, True, PauseFace.PAUSE, True, False),
    RunState.PAUSING: Buttons(False, False, PauseFace.PAUSING, True, False),
    RunState.PAUSED: Buttons(False, True, PauseFace.RESUME, True, False),
    RunState.RESUMING: Buttons(False, False, PauseFace.RESUMING, True, False),
    RunState.STOPPING: Buttons(False, False, PauseFace.PAUSE, False, True),
}

_WISHES: dict[tuple[RunState, Wish], RunState] = {
    (RunState.RUNNING, Wish.PAUSE): RunState.PAUSING,
    (RunState.PAUSED, Wish.RESUME): RunState.RESUMING,
    (RunState.RUNNING, Wish.STOP): RunState.STOPPING,
    (RunState.PAUSING, Wish.STOP): RunState.STOPPING,
    (RunState.PAUSED, Wish.STOP): RunState.STOPPING,
    (RunState.RESUMING, Wish.STOP): RunState.STOPPING,
}


def wished(state: RunState, wish: Wish) -> RunState:
    """The state after a person's wish; unchanged when the wish makes no sense now."""
    return _WISHES.get((state, wish), state)


def confirmed(state: RunState, event: Event) -> RunState:
    """The state after the engine said something. An ending always leads to rest; a wish to stop outlives all else."""
    if isinstance(event, ENDINGS):
        return RunState.IDLE
    if state is RunState.STOPPING:
        return state
    if isinstance(event, Paused):
        return RunState.PAUSED
    if isinstance(event, Resumed):
        return RunState.RUNNING
    return state
