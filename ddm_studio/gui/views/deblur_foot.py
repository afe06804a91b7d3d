"""The foot of the Deblur page: what its job is doing; else where the last result lies, or what the chosen method is like."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QSizePolicy, QStackedWidget, QWidget

from ddm_studio.gui.run_state import RunState
from ddm_studio.gui.views.run_panel import ProgressLine, RunButtons
from ddm_studio.gui.views.small_parts import button, label, row, set_look

_HEIGHT = 40


class DeblurFoot(QStackedWidget):
    """One place for both, so that nothing jumps when a job starts."""

    def __init__(self) -> None:
        super().__init__()
        self.buttons = RunButtons()
        self.progress = ProgressLine()
        self.saved = label("", "good")
        self.saved.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.open_folder = button(self.tr("Open folder"), "link")
        self.open_folder.clicked.connect(self._on_open_folder)
        self.open_folder.hide()
        self._path: Path | None = None
        running = row(self.progress, spacing=12)
        running.addWidget(self.buttons)
        done = row()
        done.addWidget(self.saved, 1)
        done.addWidget(self.open_folder)
        for line in (done, running):
            holder = QWidget()
            holder.setLayout(line)
            self.addWidget(holder)
        self.setFixedHeight(_HEIGHT)

    @property
    def is_running(self) -> bool:
        """Whether the job of this page is shown."""
        return self.currentIndex() == 1

    @property
    def has_result(self) -> bool:
        """Whether something was saved."""
        return self._path is not None

    def show_state(self, state: RunState) -> None:
        """What is known of this page's job."""
        self.buttons.show_state(state)
        self.setCurrentIndex(0 if state is RunState.IDLE else 1)
        if state is not RunState.IDLE:
            self.progress.show_state(state)

    def show_result(self, path: Path) -> None:
        """Where a photo was saved."""
        self._path = path
        self._show(self.tr("Saved: {path}").format(path=path), str(path), "good")

    def show_words(self, words: str) -> None:
        """Nothing was saved yet."""
        self._path = None
        self._show(words, "", "small")

    def _show(self, words: str, tip: str, look: str) -> None:
        self.saved.setText(words)
        self.saved.setToolTip(tip)
        set_look(self.saved, "look", look)
        self.open_folder.setVisible(self._path is not None)

    def _on_open_folder(self) -> None:
        if self._path is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._path.parent)))
