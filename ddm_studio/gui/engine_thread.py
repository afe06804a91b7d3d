"""Runs one job at a time on a QThread and hands what it says to the window's thread at screen pace."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from typing import TypeAlias

from PySide6.QtCore import QObject, QThread, QTimer, Signal

from ddm_studio.control import Cancelled, RunControl
from ddm_studio.engine.failure import failure_of
from ddm_studio.engine.mailbox import Mailbox
from ddm_studio.events import Event, Report, RunFinished, RunStopped

Job: TypeAlias = Callable[[Report, RunControl], object]

REFRESH_MS = 33


class _JobThread(QThread):
    """The thread of one job. Its loop is the job: there is no event loop to wait for."""

    mail_waiting = Signal()

    def __init__(self, job: Job, parent: QObject) -> None:
        super().__init__(parent)
        self.control = RunControl()
        self.mailbox = Mailbox(self.mail_waiting.emit)
        self._job: Job | None = job

    def run(self) -> None:
        """Called by Qt on the new thread."""
        if threading.gettrace():  # coverage does not see a QThread by itself
            sys.settrace(threading.gettrace())
        self._work()

    def _work(self) -> None:
        post = self.mailbox.post
        job, self._job = self._job, None  # what the job holds must be freed here, where it was made
        assert job is not None
        try:
            post(RunFinished(job(post, self.control)))
        except Cancelled:
            post(RunStopped())
        except Exception as error:  # noqa: BLE001 - the outermost edge of the thread: nothing may die silently here
            post(failure_of(error))


class EngineRunner(QObject):
    """Starts, pauses and stops jobs; `happened` emits every event in order, always on the window's thread."""

    happened = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._thread: _JobThread | None = None
        self._pump = QTimer(self)
        self._pump.setInterval(REFRESH_MS)
        self._pump.setSingleShot(True)
        self._pump.timeout.connect(self._deliver)

    @property
    def is_running(self) -> bool:
        """Whether a job has not ended yet."""
        return self._thread is not None

    def start(self, job: Job) -> None:
        """Run `job` on a new thread.

        Raises:
            RuntimeError: A job is running already.
        """
        if self._thread is not None:
            raise RuntimeError("a job is already running")
        self._thread = _JobThread(job, self)
        self._thread.mail_waiting.connect(self._on_mail_waiting)
        self._thread.finished.connect(self._on_thread_finished)
        self._thread.start()

    def pause(self) -> None:
        """Ask the job to wait at its next step."""
        if self._thread is not None:
            self._thread.control.pause()

    def resume(self) -> None:
        """Let the job go on."""
        if self._thread is not None:
            self._thread.control.resume()

    def stop(self) -> None:
        """Ask the job to save and leave."""
        if self._thread is not None:
            self._thread.control.stop()

    def shut_down(self, patience_ms: int) -> bool:
        """Stop and wait. False: still busy, so its window must live a little longer."""
        self.stop()
        return self._thread is None or self._thread.wait(patience_ms)

    def _on_mail_waiting(self) -> None:
        if not self._pump.isActive():
            self._pump.start()

    def _deliver(self) -> None:
        if self._thread is not None:
            for event in self._thread.mailbox.collect():
                self.happened.emit(event)

    def _on_thread_finished(self) -> None:
        self._pump.stop()
        if self._thread is None:
            return
        last_words: list[Event] = self._thread.mailbox.collect()
        self._thread.deleteLater()
        self._thread = None  # before the last words, so that their listener may start the next job
        for event in last_words:
            self.happened.emit(event)
