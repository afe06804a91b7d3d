"""What the engine reported and what the window said, with times; in a dock that can be shown and copied."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QMainWindow, QPlainTextEdit, QSizePolicy, QVBoxLayout, QWidget

from ddm_studio.gui.views.side_pane import SidePane
from ddm_studio.gui.views.small_parts import button

_KEPT = 2000


class LogPane(SidePane):
    """Hidden until a person asks for it; it listens all the while."""

    def __init__(self, window: QMainWindow) -> None:
        super().__init__(window, "log")
        self.setWindowTitle(self.tr("Log"))
        self.setAllowedAreas(Qt.DockWidgetArea.BottomDockWidgetArea | Qt.DockWidgetArea.RightDockWidgetArea)
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setMaximumBlockCount(_KEPT)
        self.text.setAccessibleName(self.tr("Log"))
        self.text.setPlaceholderText(self.tr("What the program does is written here."))
        self.text.setTabChangesFocus(True)
        self.copy = button(self.tr("Copy all"))
        self.copy.clicked.connect(self._copy)
        self.empty = button(self.tr("Empty the log"))
        self.empty.clicked.connect(self.text.clear)
        self.text.setMinimumHeight(40)
        # A few lines at first, beside the buttons, as the page above needs the room; the edge can be dragged.
        self.text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored)
        buttons = QVBoxLayout()
        buttons.addWidget(self.copy)
        buttons.addWidget(self.empty)
        buttons.addStretch()
        inside = QWidget()
        line = QHBoxLayout(inside)
        line.setContentsMargins(12, 8, 12, 10)
        line.setSpacing(10)
        line.addWidget(self.text, 1)
        line.addLayout(buttons)
        self.setWidget(inside)
        self.setFocusProxy(self.text)

    def add(self, words: str) -> None:
        """Write a line, unless there is nothing to write."""
        if words:
            self.text.appendPlainText(f"{datetime.now():%H:%M:%S}  {words}")

    @property
    def lines(self) -> list[str]:
        """What is written."""
        return self.text.toPlainText().splitlines()

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.text.toPlainText())
