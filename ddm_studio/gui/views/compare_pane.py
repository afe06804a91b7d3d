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
        head = row(self.name)
        head.addStretch()
        head.addWidget(self.chosen)
        whole.addLayout(head)
        whole.addWidget(self.cost)
        whole.addWidget(self.words)
        whole.addWidget(self.view, 1)
        whole.addWidget(self.status)

    def show_room(self, is_wide: bool) -> None:
        """Beside each other panes are narrow: two lines below, as many for all, so that pictures stay level; in rows they are low."""
        self.words.setVisible(not is_wide)
        self.status.setFixedHeight(18 if is_wide else 34)
