"""The line above the pages while they show the demo, with the way back."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout

from ddm_studio.gui.views.small_parts import button, label


class DemoBar(QFrame):
    """`left()`: the person wants their own again. Hidden until the demo starts."""

    left = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("demoBar")
        self.words = label(self.tr("This is the demo: a made-up lens and its photos. Your own photos and projects stay as they are."))
        self.back = button(self.tr("Leave the demo"))
        self.back.clicked.connect(self.left)
        line = QHBoxLayout(self)
        line.setContentsMargins(14, 6, 8, 6)
        line.setSpacing(12)
        line.addWidget(self.words, 1)
        line.addWidget(self.back)
        self.hide()

    def show_way_back(self, project: str) -> None:
        """Name the project that is gone back to; none where there is none."""
        words = self.tr("Back to “{name}”").format(name=project) if project else self.tr("Leave the demo")
        self.back.setText(words)
        self.back.setAccessibleName(words)
