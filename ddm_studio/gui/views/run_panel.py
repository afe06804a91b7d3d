"""What a job is doing: stage, progress, time left; and the buttons to pause and stop it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from ddm_studio.events import Progress
from ddm_studio.gui.run_state import BUTTONS, RunState
from ddm_studio.gui.views.small_parts import button, label
from ddm_studio.gui.wording import pause_words, stage_words, stop_words, time_left


class ProgressLine(QWidget):
    """Stage and time left above a thin bar."""

    def __init__(self) -> None:
        super().__init__()
        self.stage = label("", "heading")
        self.left = label("", "muted")
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(self.tr("Progress"))
        head = QHBoxLayout()
        head.addWidget(self.stage)
        head.addStretch()
        head.addWidget(self.left)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(6)
        whole.addLayout(head)
        whole.addWidget(self.bar)
        self.show_rest("")

    def show_busy(self, words: str) -> None:
        """Working, but nothing to count yet."""
        self.stage.setText(words)
        self.left.setText("")
        self.bar.setRange(0, 0)

    def show_rest(self, words: str) -> None:
        """Nothing is running."""
        self.stage.setText(words)
        self.left.setText("")
        self.bar.setRange(0, 1)
        self.bar.setValue(0)

    def show_progress(self, progress: Progress) -> None:
        """Where the stage is."""
        self.stage.setText(stage_words(progress.stage))
        steps = self.tr("step {step} of {total}").format(step=progress.step, total=progress.total_steps)
        done = progress.step >= progress.total_steps
        self.left.setText(steps if done else f"{steps}  ·  {time_left(progress.seconds_left)}")
        self.bar.setRange(0, max(progress.total_steps, 1))
        self.bar.setValue(progress.step)

    def show_state(self, state: RunState) -> None:
        """Say so while the job waits."""
        if state is RunState.PAUSED:
            self.left.setText(self.tr("Paused"))


class RunButtons(QWidget):
    """Pause/Resume and Stop. They read what the engine has confirmed."""

    pause_clicked = Signal()
    resume_clicked = Signal()
    stop_clicked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.pause = button(self.tr("Pause"))
        self.stop = button(self.tr("Stop"))
        self._state = RunState.IDLE
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(8)
        line.addWidget(self.pause, 1)
        line.addWidget(self.stop, 1)
        self.pause.clicked.connect(self._on_pause)
        self.stop.clicked.connect(self.stop_clicked)
        self.show_state(RunState.IDLE)

    def show_state(self, state: RunState) -> None:
        """Set both buttons from the state."""
        self._state = state
        buttons = BUTTONS[state]
        had_focus = self.pause.hasFocus() or self.hasFocus()
        if had_focus and not buttons.pause_enabled:
            self.setFocus()  # else Qt hands the focus to Stop, and the next Space would stop the job
        self.pause.setText(pause_words(buttons))
        self.pause.setAccessibleName(self.pause.text())
        self.pause.setEnabled(buttons.pause_enabled)
        if had_focus and buttons.pause_enabled:
            self.pause.setFocus()
        self.stop.setText(stop_words(buttons))
        self.stop.setAccessibleName(self.stop.text())
        self.stop.setEnabled(buttons.stop_enabled)

    def _on_pause(self) -> None:
        if self._state is RunState.PAUSED:
            self.resume_clicked.emit()
        else:
            self.pause_clicked.emit()
