"""Closing the window while a job runs: ask, let the job save and stop, be off the screen within two seconds."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QWidget

from ddm_studio.gui.running_job import RunningJob
from ddm_studio.gui.views.question import Question

PATIENCE_MS = 1500
"""After that the window is hidden although the job is still on its way out; loading torch, for one, cannot be interrupted."""
LAST_MS = 60_000


class Leaving(QObject):
    """`stopping()` when the person wants to leave and the job is being stopped; `stuck()` when it never does."""

    stopping = Signal()
    stuck = Signal()

    def __init__(self, window: QWidget, job: RunningJob) -> None:
        super().__init__(window)
        self._window = window
        self._job = job
        self._wanted = False
        self.note = ""
        """What else to know before leaving, in a sentence."""
        self.question: Question | None = None
        job.ended.connect(self._on_ended)

    @property
    def is_wanted(self) -> bool:
        """Whether the person has said that they want to leave."""
        return self._wanted

    def may_close(self) -> bool:
        """Whether the window may close now; otherwise the person is asked, once."""
        if not self._job.runner.is_running:
            return True
        if not self._wanted and (self.question is None or not self.question.isVisible()):
            self._ask()
        return False

    def _ask(self) -> None:
        more = " ".join(filter(None, (self.tr("What it has finished so far is kept when it is stopped."), self.note)))
        answers = [("", self.tr("Keep running")), ("stop", self.tr("Stop and close"))]
        self.question = Question(self._window, self.tr("Still working"), self.tr("A job is running."), more, answers, ends=True)
        self.question.answered.connect(self._on_answered)
        self.question.open()

    def _on_answered(self, answer: str) -> None:
        if not answer:
            return
        self._wanted = True
        if not self._job.runner.is_running:
            self._window.close()
            return
        self._job.stop()
        self.stopping.emit()
        QTimer.singleShot(PATIENCE_MS, self, self._hide)
        QTimer.singleShot(LAST_MS, self, self._on_stuck)

    def _hide(self) -> None:
        if self._job.runner.is_running:
            self._window.hide()

    def _on_stuck(self) -> None:
        if self._job.runner.is_running:
            self.stuck.emit()

    def _on_ended(self) -> None:
        if self._wanted:
            QTimer.singleShot(0, self, self._window.close)
