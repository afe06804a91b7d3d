"""A tour of the window in a few bubbles, each beside the part it is about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from ddm_studio.gui import theme
from ddm_studio.gui.views.small_parts import button, label

_WIDTH = 340
_GAP = 14


@dataclass(frozen=True, slots=True, eq=False)
class TourStop:
    """A part of the window, and what to know about it."""

    target: QWidget
    title: str
    words: str


class Tour(QWidget):
    """Covers the window while it lasts. Return or → goes on, ← back, Escape leaves. `ended()` either way."""

    ended = Signal()

    def __init__(self, window: QWidget, stops: Sequence[TourStop]) -> None:
        super().__init__(window)
        self._window = window
        self._stops = stops
        self._place = 0
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.bubble = QFrame(self)
        self.bubble.setObjectName("bubble")
        self.bubble.setAutoFillBackground(True)
        self.title = label("", "heading", wrap=True)
        self.words = label("", wrap=True)
        self.count = label("", "small")
        self.skip = button(self.tr("Skip the tour"), "link")
        self.next = button(self.tr("Next"), "primary")
        self.skip.clicked.connect(self.leave)
        self.next.clicked.connect(self.go_on)
        foot = QHBoxLayout()
        for part in (self.count, self.skip):
            foot.addWidget(part)
        foot.addStretch()
        foot.addWidget(self.next)
        self._inside = inside = QVBoxLayout(self.bubble)
        inside.setContentsMargins(18, 14, 18, 14)
        inside.setSpacing(8)
        inside.addWidget(self.title)
        inside.addWidget(self.words)
        inside.addLayout(foot)
        self.bubble.setFixedWidth(_WIDTH)
        window.installEventFilter(self)

    def begin(self) -> None:
        """Show the first bubble."""
        self.setGeometry(self._window.rect())
        self.show()
        self.raise_()
        self._show_stop(0)

    def go_on(self) -> None:
        """Show the next bubble, or leave after the last."""
        if self._place + 1 == len(self._stops):
            self.leave()
        else:
            self._show_stop(self._place + 1)

    def leave(self) -> None:
        """End it."""
        self.hide()
        self.ended.emit()

    def _show_stop(self, place: int) -> None:
        self._place = place
        stop = self._stops[place]
        self.title.setText(stop.title)
        self.words.setText(stop.words)
        self.count.setText(self.tr("{n} of {all}").format(n=place + 1, all=len(self._stops)))
        last = place + 1 == len(self._stops)
        self.next.setText(self.tr("Done") if last else self.tr("Next"))
        self.skip.setVisible(not last)
        self.bubble.setAccessibleName(f"{stop.title}. {stop.words}")
        self._arrange()
        self.next.setFocus()

    def _target(self) -> QRect:
        widget = self._stops[self._place].target
        return QRect(widget.mapTo(self._window, QPoint(0, 0)), widget.size()).adjusted(-4, -4, 4, 4).intersected(self.rect())

    def _arrange(self) -> None:
        height = self._inside.heightForWidth(_WIDTH)
        self.bubble.resize(_WIDTH, max(height, self.bubble.sizeHint().height()))
        target, bubble = self._target(), self.bubble.rect()
        middle = target.center()
        below, beside = target.bottom() + _GAP, target.right() + _GAP
        if beside + bubble.width() <= self.width():
            place = QPoint(beside, middle.y() - bubble.height() // 2)
        elif below + bubble.height() <= self.height():
            place = QPoint(middle.x() - bubble.width() // 2, below)
        else:
            place = middle - bubble.center()
        place.setX(min(max(place.x(), _GAP), self.width() - bubble.width() - _GAP))
        place.setY(min(max(place.y(), _GAP), self.height() - bubble.height() - _GAP))
        self.bubble.move(place)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Dim the window, but for the part in question."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        whole, hole = QPainterPath(), QPainterPath()
        whole.addRect(self.rect())
        hole.addRoundedRect(self._target(), 8, 8)
        painter.fillPath(whole.subtracted(hole), QColor(0, 0, 0, 140))
        painter.setPen(QPen(QColor(theme.ACCENT), 2))
        painter.drawPath(hole)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go on, back, or leave."""
        key = Qt.Key(event.key())
        if key is Qt.Key.Key_Escape:
            self.leave()
        elif key in (Qt.Key.Key_Right, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.go_on()
        elif key is Qt.Key.Key_Left and self._place:
            self._show_stop(self._place - 1)
        else:
            super().keyPressEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keep to the size of the window."""
        if event.type() == QEvent.Type.Resize and self.isVisible():
            self.setGeometry(self._window.rect())
            self._arrange()
        return False
