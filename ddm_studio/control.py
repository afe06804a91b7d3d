"""Asking a running job to pause, go on, or stop; and telling by the clock when something is due."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from ddm_studio.events import Paused, Report, Resumed


class Cancelled(Exception):
    """The person asked for the job to stop; not an error."""


class RunControl:
    """Flags that any thread may set and that the job looks at once a step."""

    def __init__(self) -> None:
        self._stop = threading.Event()
        self._may_run = threading.Event()
        self._waiting = threading.Lock()  # of several threads of a job, the first to wait says so
        self._may_run.set()
        self.waited = 0.0
        """Seconds that the job was paused."""

    def working_time(self) -> float:
        """Seconds on a clock that pauses do not move on."""
        return time.monotonic() - self.waited

    def pause(self) -> None:
        """Ask the job to wait at its next step."""
        self._may_run.clear()

    def resume(self) -> None:
        """Let a waiting job go on."""
        self._may_run.set()

    def stop(self) -> None:
        """Ask the job to save and leave; wakes a paused job so that it can."""
        self._stop.set()
        self._may_run.set()

    @property
    def stop_requested(self) -> bool:
        """Whether `stop` was called."""
        return self._stop.is_set()

    def checkpoint(self, report: Report) -> None:
        """Wait while paused.

        Raises:
            Cancelled: `stop` was called.
        """
        if not self._may_run.is_set():
            with self._waiting:
                if not self._may_run.is_set():
                    report(Paused())
                    began = time.monotonic()
                    self._may_run.wait()
                    self.waited += time.monotonic() - began
                    if not self._stop.is_set():
                        report(Resumed())
        if self._stop.is_set():
            raise Cancelled


class Cadence:
    """Says whether something is due, by the clock and not by counting steps."""

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._clock = clock
        self._last = -float("inf")

    def is_due(self, seconds: float | None = None) -> bool:
        """True at most once per interval, or in so many seconds; the first question is always answered with True."""
        now = self._clock()
        if now - self._last < (self._seconds if seconds is None else seconds):
            return False
        self._last = now
        return True


class Ration:
    """Says when something that is not needed for the result may be done, so that it takes no more than a share of the time.

    Args:
        share: Of the time, 0-1.
        seconds: At least so many between two times, however little it takes.
        clock: Seconds, injectable for tests.
    """

    def __init__(self, share: float, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._share = share
        self._seconds = seconds
        self._clock = clock
        self._next = -float("inf")

    def is_due(self) -> bool:
        """Whether it may be done now; at first it may."""
        return self._clock() >= self._next

    @contextmanager
    def spent(self) -> Iterator[None]:
        """To be done in here; the longer it takes, the longer it is not due again."""
        began = self._clock()
        yield
        now = self._clock()
        self._next = now + max(self._seconds, (now - began) / self._share)
