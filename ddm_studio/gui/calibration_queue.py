"""Calibrations that wait for the engine, the one that runs, and what has become of those before. Without widgets."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import Enum, auto
from pathlib import Path

from pydantic import TypeAdapter, ValidationError
from PySide6.QtCore import QObject, Signal

from ddm_studio.engine.requests import CalibrationRequest
from ddm_studio.events import Event, RunFailed, RunFinished, RunStopped
from ddm_studio.gui.project_folder import can_be_resumed
from ddm_studio.project import write_atomically

_REQUESTS = TypeAdapter(tuple[CalibrationRequest, ...])


class Place(Enum):
    """Where a calibration stands."""

    WAITING = auto()
    RUNNING = auto()
    DONE = auto()
    STOPPED = auto()
    FAILED = auto()


@dataclass(slots=True, eq=False)
class Entry:
    """A calibration; `seconds` is how long it took, or has run so far, and `reason` why it failed."""

    request: CalibrationRequest
    place: Place = Place.WAITING
    seconds: float = 0.0
    reason: str = ""


class CalibrationQueue(QObject):
    """In the order in which they were begun, and will be. Nothing starts by itself: whoever owns the engine asks `take_next`.

    `changed()`: entries came, went or moved, or the queue is held or let go; `told()`: only the time of the running one.

    Args:
        clock: Seconds, injectable for tests.
        parent: Owner.
    """

    changed = Signal()
    told = Signal()

    def __init__(self, parent: QObject | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(parent)
        self._entries: list[Entry] = []
        self._clock = clock
        self._began = 0.0
        self.is_held = False
        """Whether those that wait are to go on waiting when the engine is free."""

    @property
    def entries(self) -> tuple[Entry, ...]:
        """All of them: first those that have ended, then the running one, then those that wait."""
        return tuple(self._entries)

    @property
    def waiting(self) -> tuple[CalibrationRequest, ...]:
        """Those that wait, the next first."""
        return tuple(entry.request for entry in self._entries if entry.place is Place.WAITING)

    @property
    def running(self) -> Entry | None:
        """The one that runs."""
        return next((entry for entry in self._entries if entry.place is Place.RUNNING), None)

    @property
    def unfinished(self) -> tuple[CalibrationRequest, ...]:
        """What must not be forgotten when the window is closed: those that wait, and before them the one that runs while others wait."""
        running = self.running
        interrupted = (replace(running.request, resume=True),) if running is not None and self.waiting else ()
        return interrupted + self.waiting

    def projects(self) -> frozenset[Path]:
        """Folders that the running one and those that wait keep for themselves."""
        return frozenset(entry.request.project.absolute() for entry in self._entries if entry.place in (Place.WAITING, Place.RUNNING))

    def add(self, request: CalibrationRequest) -> None:
        """Let it wait behind the others."""
        self._entries.append(Entry(request))
        self.changed.emit()

    def restore(self, requests: Sequence[CalibrationRequest]) -> None:
        """Take up those of an earlier visit; they are held."""
        self._entries += [Entry(request) for request in requests]
        self.is_held = bool(requests)
        self.changed.emit()

    def begin(self, request: CalibrationRequest) -> None:
        """A calibration was started past the queue; where none waits, what has ended before is forgotten."""
        if not self.waiting:
            self._entries.clear()
        self._run(Entry(request))

    def take_next(self) -> CalibrationRequest | None:
        """The next one, which now counts as running; None where none waits or they are held.

        One that is to be resumed, but was stopped before there was anything to go on with, begins anew.
        """
        entry = next((entry for entry in self._entries if entry.place is Place.WAITING), None)
        if entry is None or self.is_held:
            return None
        self._entries.remove(entry)
        entry.request = replace(entry.request, resume=entry.request.resume and can_be_resumed(entry.request.project))
        self._run(entry)
        return entry.request

    def tell(self) -> None:
        """Time has passed."""
        if self.running is not None:
            self.running.seconds = self._clock() - self._began
            self.told.emit()

    def end(self, ending: Event) -> None:
        """The running one has ended."""
        running = self.running
        if running is None:
            return
        running.seconds = self._clock() - self._began
        match ending:
            case RunFinished():
                running.place = Place.DONE
            case RunStopped():
                running.place = Place.STOPPED
            case RunFailed():
                running.place, running.reason = Place.FAILED, ending.message
        self.changed.emit()

    def hold(self, wanted: bool) -> None:
        """Let those that wait go on waiting, or not."""
        self.is_held = wanted
        self.changed.emit()

    def remove(self, entry: Entry) -> None:
        """Take one off the list, unless it runs; nothing on the disk is touched."""
        if entry in self._entries and entry.place is not Place.RUNNING:
            self._entries.remove(entry)
            self.is_held = self.is_held and bool(self.waiting)  # nobody would see that the next one is held
            self.changed.emit()

    def move(self, entry: Entry, by: int) -> None:
        """Let one that waits come earlier (-1) or later (1) among those that wait."""
        places = [index for index, other in enumerate(self._entries) if other.place is Place.WAITING]
        here = self._entries.index(entry)
        if here not in places or not 0 <= places.index(here) + by < len(places):
            return
        there = places[places.index(here) + by]
        self._entries[here], self._entries[there] = self._entries[there], self._entries[here]
        self.changed.emit()

    def again(self, entry: Entry) -> None:
        """Let one that was stopped or failed wait once more, to go on where it ended."""
        if entry.place in (Place.STOPPED, Place.FAILED) and entry.request.project.absolute() not in self.projects():
            self._entries.remove(entry)
            self.add(replace(entry.request, resume=True))

    def _run(self, entry: Entry) -> None:
        entry.place = Place.RUNNING
        self._entries.insert(len(self._entries) - len(self.waiting), entry)
        self._began = self._clock()
        self.changed.emit()


def read_queue(file: Path) -> tuple[CalibrationRequest, ...]:
    """Those that an earlier visit left; none where the file is missing or damaged."""
    try:
        return _REQUESTS.validate_json(file.read_bytes())
    except FileNotFoundError:
        return ()
    except (OSError, ValidationError) as error:
        logging.getLogger("ddm_studio").warning("%s cannot be read and is begun anew: %s", file, error)
        return ()


def write_queue(file: Path, requests: Sequence[CalibrationRequest]) -> None:
    """Keep them. Raises InputError when the file cannot be written."""
    write_atomically(file, _REQUESTS.dump_json(tuple(requests), indent=1))
