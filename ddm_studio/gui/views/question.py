"""A question with a few answers, asked without stopping the window."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QMessageBox, QWidget


class Question(QMessageBox):
    """`answered(key)` for the answer taken. The first answer is also that of Escape, the last that of Return unless it ends something.

    Args:
        parent: The window.
        title: Its title.
        text: The question.
        more: What to know for the answer.
        answers: Pairs of key and words.
        ends: Whether the last one ends what cannot be brought back: then Return takes the first, too.
    """

    answered = Signal(str)

    def __init__(self, parent: QWidget, title: str, text: str, more: str, answers: Sequence[tuple[str, str]], ends: bool = False) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setText(text)
        self.setInformativeText(more)
        for place, (key, words) in enumerate(answers):
            role = QMessageBox.ButtonRole.RejectRole if place == 0 else QMessageBox.ButtonRole.AcceptRole
            answer = self.addButton(words, role)
            answer.clicked.connect(self._on_clicked)
            answer.setProperty("key", key)
            if place == 0:
                self.setEscapeButton(answer)
            if place == 0 or not ends:
                self.setDefaultButton(answer)

    def _on_clicked(self) -> None:
        self.answered.emit(str(self.sender().property("key")))
