"""Reads files on a thread of its own, so that a slow disc never stops the window.

For listing folders, thumbnails and opening photos: no torch here, that is the engine's.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass

from PySide6.QtCore import QObject, QThread, QTimer, Signal

DELIVER_MS = 25


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """What a question came to: a value, or the error it raised."""

    key: Hashable
    value: object = None
    error: Exception | None = None


class _ReaderThread(QThread):
    """Answers questions until told to leave."""

    answers_waiting = Signal()

    def __init__(self, newest_first: bool, limit: int | None, parent: QObject) -> None:
        super().__init__(parent)
        self._newest_first = newest_first
        self._limit = limit
        self._changed = threading.Condition()
        self._questions: OrderedDict[Hashable, Callable[[], object]] = OrderedDict()
        self._answers: list[Answer] = []
        self._leave = False

    def ask(self, key: Hashable, question: Callable[[], object]) -> list[Hashable]:
        forgotten = []
        with self._changed:
            self._questions.pop(key, None)
            self._questions[key] = question
            while self._limit is not None and len(self._questions) > self._limit:
                forgotten.append(self._questions.popitem(last=False)[0])
            self._changed.notify()
        return forgotten

    def forget_all(self) -> None:
        with self._changed:
            self._questions.clear()
            self._answers.clear()

    def leave(self, forget: bool) -> None:
        with self._changed:
            self._leave = True
            if forget:
                self._questions.clear()
            self._changed.notify()

    def collect(self) -> list[Answer]:
        with self._changed:
            answers, self._answers = self._answers, []
        return answers

    def run(self) -> None:
        """Called by Qt on the new thread."""
        while True:
            with self._changed:
                while not self._questions and not self._leave:
                    self._changed.wait()
                if not self._questions:
                    return
                key, question = self._questions.popitem(last=self._newest_first)
            answer = _answer(key, question)
            del question
            with self._changed:
                first = not self._answers
                self._answers.append(answer)
            if first:
                self.answers_waiting.emit()


def _answer(key: Hashable, question: Callable[[], object]) -> Answer:
    try:
        return Answer(key, question())
    except Exception as error:  # noqa: BLE001 - the outermost edge of the thread: the asker hears of every error
        return Answer(key, error=error)


class BackgroundReader(QObject):
    """Asks questions of one background thread; `answered` emits each `Answer` on the window's thread.

    Args:
        newest_first: Answer the latest question first, as for thumbnails scrolled into view.
        limit: How many questions may wait; the oldest are dropped.
        parent: Owner.
    """

    answered = Signal(object)

    def __init__(self, newest_first: bool = False, limit: int | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._thread = _ReaderThread(newest_first, limit, self)
        self._thread.answers_waiting.connect(self._on_answers_waiting)
        self._pump = QTimer(self)
        self._pump.setInterval(DELIVER_MS)
        self._pump.setSingleShot(True)
        self._pump.timeout.connect(self._deliver)
        self._closed = False

    def ask(self, key: Hashable, question: Callable[[], object]) -> list[Hashable]:
        """Put a question; one that waits under the same key is replaced. Returns the keys that `limit` pushed out."""
        if self._closed:
            return []
        if not self._thread.isRunning():
            self._thread.start(QThread.Priority.LowPriority)
        return self._thread.ask(key, question)

    def forget_all(self) -> None:
        """Drop every question and answer that waits."""
        self._thread.forget_all()

    def shut_down(self) -> None:
        """Drop what waits and wait for the answer in progress."""
        self._leave(forget=True)

    def finish(self) -> None:
        """Wait for all answers, as for files that are being written."""
        self._leave(forget=False)

    def _leave(self, forget: bool) -> None:
        self._closed = True
        self._pump.stop()
        self._thread.leave(forget)
        self._thread.wait()

    def _on_answers_waiting(self) -> None:
        if not self._pump.isActive() and not self._closed:
            self._pump.start()

    def _deliver(self) -> None:
        for answer in self._thread.collect():
            self.answered.emit(answer)
