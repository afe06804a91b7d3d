"""A door of the Start page: a large button with a sign, a name and a sentence."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QPushButton, QSizePolicy, QVBoxLayout

from ddm_studio.gui.icons import Sign
from ddm_studio.gui.views.small_parts import label


class StartDoor(QPushButton):
    """Where to begin."""

    def __init__(self, sign: str, name: str, words: str) -> None:
        super().__init__()
        self.setProperty("look", "door")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(name)
        self.setAccessibleDescription(words)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        inside = QVBoxLayout(self)
        inside.setContentsMargins(20, 20, 20, 20)
        inside.setSpacing(8)
        heading, sentence = label(name, "heading", wrap=True), label(words, "muted", wrap=True)
        sentence.setAlignment(Qt.AlignmentFlag.AlignTop)
        for part in (Sign(sign, 36, "ACCENT"), heading, sentence):
            part.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
            inside.addWidget(part)
        inside.addStretch()

    def sizeHint(self) -> QSize:
        """The layout inside decides; a push button would only measure its text."""
        return QSize(260, 176)
