"""A line of text that gives way: it is shortened, paths in the middle as they are read, instead of making the window wider."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel

_LEAST_WIDTH = 40


class ElidedLabel(QLabel):
    """`text()` is the whole text, also where less is shown; `look` is one of the stylesheet's, `where` the part that gives way."""

    def __init__(self, text: str = "", look: str = "", where: Qt.TextElideMode = Qt.TextElideMode.ElideMiddle) -> None:
        super().__init__(text)
        self._where = where
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("look", look)

    def minimumSizeHint(self) -> QSize:
        """A few letters."""
        least = super().minimumSizeHint()
        return QSize(min(_LEAST_WIDTH, least.width()), least.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw as much as there is room for."""
        place = self.contentsRect()
        words = self.fontMetrics().elidedText(self.text(), self._where, place.width())
        painter = QPainter(self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        painter.drawText(place, self.alignment(), words)
