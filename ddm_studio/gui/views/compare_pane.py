"""One picture of a comparison: its name above, what was measured below."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QVBoxLayout

from ddm_studio.gui.views.picture_view import PictureView, Viewport
from ddm_studio.gui.views.small_parts import label, row


class ComparePane(QFrame):
    """`clicked()` when its picture is."""

    clicked = Signal()

    def __init__(self, name: str, words: str, viewport: Viewport) -> None:
        super().__init__()
        self.setProperty("look", "card")
        self.name = label(name, "heading")
        self.cost = label("", "small")
        self.words = label(words, "small", wrap=True)
        self.words.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.words.setFixedHeight(36)
        self.view = PictureView(name, viewport)
        self.view.setMinimumSize(60, 60)  # two rows of them fit a small screen
        self.view.clicked.connect(self.clicked)
        self.status = label("", "small", wrap=True)
        self.status.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.chosen = label("", "good")
        whole = QVBoxLayout(self)
        whole.setContentsMargins(10, 8, 10, 8)
        whole.setSpacing(4)
        self._head = row(self.name)
        self._head.addStretch()
        self._head.addWidget(self.chosen)
        whole.addLayout(self._head)
        whole.addWidget(self.cost)
        whole.addWidget(self.words)
        whole.addWidget(self.view, 1)
        whole.addWidget(self.status)
        self._whole, self._is_wide = whole, False

    def show_room(self, is_wide: bool) -> None:
        """Beside each other panes are narrow: two lines below, as many for all, so that pictures stay level.

        In rows they are low: all that is told stands in one line with the name, and the pictures have the rest.
        """
        self.words.setVisible(not is_wide)
        self.status.setFixedHeight(18 if is_wide else 34)
        self.status.setWordWrap(not is_wide)
        self.status.setAlignment(Qt.AlignmentFlag.AlignVCenter if is_wide else Qt.AlignmentFlag.AlignTop)
        if is_wide is not self._is_wide:
            self._is_wide = is_wide
            if is_wide:
                self._head.insertWidget(1, self.cost)
                self._head.insertWidget(3, self.status)
            else:
                self._whole.insertWidget(1, self.cost)
                self._whole.addWidget(self.status)
