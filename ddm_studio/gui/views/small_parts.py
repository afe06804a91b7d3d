"""Labels, buttons and cards as the theme knows them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QDoubleSpinBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from ddm_studio.gui.icons import icon

_INSET = 7
Field = TypeVar("Field", QSpinBox, QDoubleSpinBox)


def label(text: str, look: str = "", wrap: bool = False) -> QLabel:
    """A label; `look` is one of the stylesheet's (title, heading, muted, small, warning, number, good)."""
    made = QLabel(text)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setWordWrap(wrap)
    made.setProperty("look", look)
    if wrap:
        made.setMinimumWidth(1)  # else its longest line, not the layout, decides the width
    return made


def number_field(kind: type[Field]) -> Field:
    """A spin box whose number stands as far from the edge as words in a line edit; the stylesheet's padding does not reach inside."""
    made = kind()
    made.lineEdit().setTextMargins(_INSET, 0, 0, 0)
    return made


def set_look(widget: QWidget, name: str, value: object) -> None:
    """Set a property that the stylesheet looks at, and have it look again."""
    if widget.property(name) == value:
        return
    widget.setProperty(name, value)
    widget.style().unpolish(widget)
    widget.style().polish(widget)


def allow(widget: QWidget, why_not: str, tip: str = "") -> None:
    """Enable a widget where nothing stands in its way; else the tooltip, and a screen reader, say what does."""
    widget.setEnabled(not why_not)
    widget.setToolTip(why_not or tip)
    widget.setAccessibleDescription(why_not or tip)


def button(text: str, look: str = "", sign: str = "", name: str = "") -> QPushButton:
    """A push button; `name` is what a screen reader says where the text alone is not enough."""
    made = QPushButton(text)
    made.setProperty("look", look)
    made.setCursor(Qt.CursorShape.PointingHandCursor)
    if sign:
        made.setIcon(icon(sign))
        made.setText(f" {text}")  # the style leaves too little room after the sign
    made.setAccessibleName(name or text)
    return made


def card(parent: QWidget | None = None) -> QFrame:
    """A framed area."""
    made = QFrame(parent)
    made.setProperty("look", "card")
    return made


def column(*parts: QWidget, spacing: int = 8, margin: int = 0) -> QVBoxLayout:
    """Widgets from top to bottom."""
    made = QVBoxLayout()
    made.setSpacing(spacing)
    made.setContentsMargins(margin, margin, margin, margin)
    for part in parts:
        made.addWidget(part)
    return made


def row(*parts: QWidget, spacing: int = 8, margin: int = 0) -> QHBoxLayout:
    """Widgets from left to right."""
    made = QHBoxLayout()
    made.setSpacing(spacing)
    made.setContentsMargins(margin, margin, margin, margin)
    for part in parts:
        made.addWidget(part)
    return made


class Segments(QWidget):
    """A few choices side by side, one of which is taken.

    Args:
        choices: Pairs of key and text.
        name: What a screen reader calls the whole.
    """

    changed = Signal(str)

    def __init__(self, choices: Iterable[tuple[str, str]], name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._group = QButtonGroup(self)
        self._buttons: dict[str, QPushButton] = {}
        line = row(spacing=0)
        pairs = list(choices)
        for place, (key, text) in enumerate(pairs):
            segment = button(text, "segment", name=f"{name}: {text}")
            segment.setCheckable(True)
            segment.setProperty("place", "first" if place == 0 else "last" if place == len(pairs) - 1 else "middle")
            segment.setProperty("key", key)
            self._group.addButton(segment)
            self._buttons[key] = segment
            line.addWidget(segment)
        self.setLayout(line)
        self._buttons[pairs[0][0]].setChecked(True)
        self._group.buttonClicked.connect(self._on_clicked)

    @property
    def key(self) -> str:
        """The choice taken."""
        return next(key for key, segment in self._buttons.items() if segment.isChecked())

    def choose(self, key: str) -> None:
        """Take a choice silently."""
        self._buttons[key].setChecked(True)

    def button(self, key: str) -> QPushButton:
        """The button of a choice."""
        return self._buttons[key]

    def _on_clicked(self) -> None:
        self.changed.emit(self.key)
