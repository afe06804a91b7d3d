"""The one display of a job: what is being done, how far it is, how long it still takes; Pause and Stop at the right end."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QProgressBar, QSizePolicy, QWidget

from ddm_studio.events import Event, RunFailed, RunFinished, RunStopped
from ddm_studio.gui.job_progress import JobProgress
from ddm_studio.gui.run_state import BUTTONS, RunState
from ddm_studio.gui.views.elided_label import ElidedLabel
from ddm_studio.gui.views.small_parts import button, column, label, row, set_look
from ddm_studio.gui.wording import failure_words, pause_words, stop_words

_PARTS = 1000
_HEIGHT = 40
_WIDE = 760
"""From this width on names of parts and all that numbers say have room side by side, and the buttons."""


class ProgressStrip(QWidget):
    """`pause_clicked()`, `resume_clicked()`, `stop_clicked()`. Its buttons read what the engine has confirmed.

    After the end it says how the job ended, and the bar stays where it was. Without a job it has room for other words, without the bar.

    Args:
        stopped: What is said after a stop.
        at_rest: Stands in the place of the buttons while nothing runs.
        can_pause: Whether such jobs can wait.
    """

    pause_clicked = Signal()
    resume_clicked = Signal()
    stop_clicked = Signal()

    def __init__(self, stopped: str, at_rest: QWidget | None = None, can_pause: bool = True) -> None:
        super().__init__()
        self._stopped = stopped
        self._at_rest, self._can_pause = at_rest, can_pause
        self._progress = JobProgress()
        self._state = RunState.IDLE
        self.what = ElidedLabel(look="heading")
        self.numbers = label("", "muted")
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(self.tr("Progress"))
        self.pause, self.stop = button(self.tr("Pause")), button(self.tr("Stop"))
        for one, widest in ((self.pause, self.tr("Resuming…")), (self.stop, self.tr("Stopping…"))):
            one.setMinimumWidth(one.fontMetrics().horizontalAdvance(widest) + 34)  # so that nothing moves under the mouse
        self.pause.clicked.connect(self._on_pause)
        self.stop.clicked.connect(self.stop_clicked)
        words = row(spacing=12)
        words.addWidget(self.what, 1)
        words.addWidget(self.numbers)
        told = column(spacing=6)
        told.addLayout(words)
        told.addWidget(self.bar)
        line = row(spacing=12)
        line.addLayout(told, 1)
        for part in (at_rest, self.pause, self.stop):
            if part is not None:
                line.addWidget(part, 0, Qt.AlignmentFlag.AlignVCenter)
        self.setLayout(line)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(_HEIGHT)
        self.show_state(RunState.IDLE)
        self.show_words("")

    def sizeHint(self) -> QSize:
        """As wide as there is room."""
        return QSize(420, _HEIGHT)

    @property
    def is_running(self) -> bool:
        """Whether a job is shown."""
        return self._state is not RunState.IDLE

    def begin(self, in_parts: bool = True) -> None:
        """A job starts, of several parts or not (see `JobProgress`)."""
        self._progress = JobProgress(in_parts)
        self._show_progress()

    def show_event(self, event: Event) -> None:
        """Show what the job says, and how it ends."""
        match event:
            case RunFinished():
                self._show_end(self.tr("✓ Finished"), "done", 1.0)
            case RunStopped():
                self._show_end(self._stopped, "heading", self._progress.share or 0.0)
            case RunFailed():
                words = self.tr("⚠ Not finished: {what}").format(what=failure_words(event)[0])
                self._show_end(words, "failed", self._progress.share or 0.0, event.message)
            case _:
                if self._progress.take(event):
                    self._show_progress()

    def show_state(self, state: RunState) -> None:
        """What is confirmed of the job; `IDLE` while it is none of this place."""
        self._state = state
        buttons = BUTTONS[state]
        had_focus = self.pause.hasFocus() or self.hasFocus()
        if had_focus and not buttons.pause_enabled:
            self.setFocus()  # else Qt hands the focus to Stop, and the next Space would stop the job
        self.pause.setText(pause_words(buttons))
        self.pause.setEnabled(buttons.pause_enabled)
        if had_focus and buttons.pause_enabled:
            self.pause.setFocus()
        self.stop.setText(stop_words(buttons))
        self.stop.setEnabled(buttons.stop_enabled)
        for one in (self.pause, self.stop):
            one.setAccessibleName(one.text())
        self.pause.setVisible(self.is_running and self._can_pause)
        self.stop.setVisible(self.is_running)
        if self._at_rest is not None:
            self._at_rest.setVisible(state is RunState.IDLE)
        if state is RunState.PAUSED:
            self.numbers.setText(self.tr("Paused"))

    def show_words(self, words: str, look: str = "muted") -> None:
        """Something else than a job; the bar makes room."""
        self.say(words, look)
        self.numbers.setText("")
        self.bar.hide()

    def say(self, words: str, look: str, tip: str = "") -> None:
        """Put other words in the place of those that are shown; more of them where the mouse rests."""
        set_look(self.what, "look", look)
        self.what.setText(words)
        self.what.setToolTip(tip or words)

    def _show_progress(self) -> None:
        self.say(self._progress.what, "heading")
        self.numbers.setText(self._progress.numbers if self.width() >= _WIDE else self._progress.brief_numbers)
        self._show_bar(self._progress.share)

    def _show_bar(self, share: float | None) -> None:
        """A bar that only moves while nothing can be counted."""
        self.bar.show()
        self.bar.setEnabled(True)
        self.bar.setRange(0, 0 if share is None else _PARTS)
        self.bar.setValue(round(_PARTS * (share or 0.0)))

    def _show_end(self, words: str, look: str, share: float, tip: str = "") -> None:
        self.say(words, look, tip)
        self.numbers.setText("")
        self._show_bar(share)
        self.bar.setEnabled(share >= 1)

    def _on_pause(self) -> None:
        if self._state is RunState.PAUSED:
            self.resume_clicked.emit()
        else:
            self.pause_clicked.emit()
