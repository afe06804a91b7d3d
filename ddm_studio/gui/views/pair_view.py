"""Two pictures of one crop in one place: with a line to drag between them, in turns, or their difference."""

from __future__ import annotations

from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QKeyEvent, QMouseEvent, QPainter

from ddm_studio.gui.pictures import to_image
from ddm_studio.gui.views.picture_marks import handle_brush, handle_pen, mark_pens
from ddm_studio.gui.views.picture_view import PictureView, Viewport

DIFFERENCE_GAIN = 4
_REACH = 9.0  # screen px around the line, or its knob, that count as it
_KNOB = 7.0
_KEY_STEP = 0.02


class PairMode(StrEnum):
    """How two pictures share one place."""

    SPLIT = "split"
    BLINK = "blink"
    DIFFERENCE = "difference"


class PairView(PictureView):
    """The line is dragged, or moved by Shift with the left and right arrows; B, or a click, blinks. All else is as in any picture."""

    def __init__(self, name: str, viewport: Viewport) -> None:
        super().__init__(name, viewport)
        self.mode = PairMode.SPLIT
        self.line = 0.5
        """Where the line is, as a share of the view's width."""
        self.second_is_shown = False
        """While blinking."""
        self.is_drawn_on = False
        """Whether the mouse draws: then only the knob moves the line, as strokes begin anywhere."""
        self._first: QImage | None = None
        self._second: QImage | None = None
        self._difference: QImage | None = None
        self._names = ("", "")
        self._holds_line = False
        self.setMouseTracking(True)
        self.clicked.connect(self.blink)

    def show_pair(self, first: NDArray[np.uint8] | None, second: NDArray[np.uint8] | None, names: tuple[str, str]) -> None:
        """Show two 8-bit RGB pictures (height, width, 3) of one size; either may be missing."""
        self._first = None if first is None else to_image(first)
        self._second = None if second is None else to_image(second)
        both = first is not None and second is not None and first.shape == second.shape
        self._difference = to_image(difference_of(first, second)) if both and first is not None and second is not None else None
        self._names = names
        self._show()

    def show_mode(self, mode: PairMode) -> None:
        """Compare in another way."""
        self.mode = mode
        self._show()

    def blink(self) -> None:
        """Show the other picture."""
        if self.mode is PairMode.BLINK:
            self.second_is_shown = not self.second_is_shown
            self._show()

    def _show(self) -> None:
        if self.mode is PairMode.DIFFERENCE:
            shown = self._difference
        else:
            shown = self._second if self.mode is PairMode.BLINK and self.second_is_shown else self._first
        self.show_levels([] if shown is None else [shown])
        spoken = self._names[self.second_is_shown] if self.mode is PairMode.BLINK else " | ".join(self._names)
        self.setAccessibleDescription(spoken)

    def paint_photo(self, painter: QPainter) -> None:
        """Right of the line, the second picture."""
        super().paint_photo(painter)
        if self.mode is PairMode.SPLIT and self._second is not None:
            place = self.width() * self.line
            painter.save()
            painter.setClipRect(QRectF(place, 0, self.width() - place, self.height()))
            self.draw_levels(painter, [self._second])
            painter.restore()

    def paint_over(self, painter: QPainter) -> None:
        """The line, and whose picture is where."""
        if self.mode is PairMode.SPLIT and self._second is not None:
            place = self.width() * self.line
            for pen in mark_pens():
                painter.setPen(pen)
                painter.drawLine(QPointF(place, 0), QPointF(place, self.height()))
            painter.setPen(handle_pen())
            painter.setBrush(handle_brush())
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.drawEllipse(QPointF(place, self.height() / 2), _KNOB, _KNOB)
        first, second = self._names
        if self.mode is PairMode.SPLIT:
            _write(painter, QRectF(self.rect()), Qt.AlignmentFlag.AlignLeft, first)
            _write(painter, QRectF(self.rect()), Qt.AlignmentFlag.AlignRight, second if self._second is not None else "")
        elif self.mode is PairMode.BLINK:
            _write(painter, QRectF(self.rect()), Qt.AlignmentFlag.AlignLeft, second if self.second_is_shown else first)
        else:
            words = self.tr("{second} less {first}, × {gain}; grey is no difference")
            _write(
                painter,
                QRectF(self.rect()),
                Qt.AlignmentFlag.AlignLeft,
                words.format(second=second, first=first, gain=DIFFERENCE_GAIN),
            )

    def has_handle_at(self, place: QPointF) -> bool:
        """The line, or its knob alone."""
        at_line = self.mode is PairMode.SPLIT and abs(place.x() - self.width() * self.line) <= _REACH
        return at_line and (not self.is_drawn_on or abs(place.y() - self.height() / 2) <= _REACH)

    def move_line(self, share: float) -> None:
        """Put the line at a share of the view's width."""
        self.line = min(max(share, 0.0), 1.0)
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take hold of the line, or begin to pan."""
        self._holds_line = event.button() is Qt.MouseButton.LeftButton and self.has_handle_at(event.position())
        if not self._holds_line:
            super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Move the line, or pan."""
        if self._holds_line:
            self.move_line(event.position().x() / max(1, self.width()))
            return
        self.setCursor(Qt.CursorShape.SplitHCursor if self.has_handle_at(event.position()) else Qt.CursorShape.OpenHandCursor)
        super().mouseMoveEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go."""
        if self._holds_line:
            self._holds_line = False
        else:
            super().mouseReleaseEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move the line, blink; else zoom and pan."""
        steps = {Qt.Key.Key_Left: -_KEY_STEP, Qt.Key.Key_Right: _KEY_STEP}
        step = steps.get(Qt.Key(event.key()))
        if step and self.mode is PairMode.SPLIT and event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self.move_line(self.line + step)
        elif event.key() == Qt.Key.Key_B:
            self.blink()
        else:
            super().keyPressEvent(event)


def difference_of(first: NDArray[np.uint8], second: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """What the second 8-bit picture has more than the first, enlarged, about middle grey."""
    change = second.astype(np.int16) - first.astype(np.int16)
    return np.clip(128 + DIFFERENCE_GAIN * change, 0, 255).astype(np.uint8)


def _write(painter: QPainter, place: QRectF, side: Qt.AlignmentFlag, words: str) -> None:
    """Words in an upper corner, legible on any picture."""
    if not words:
        return
    where = place.adjusted(10, 8, -10, -8)
    needed = painter.boundingRect(where, side | Qt.AlignmentFlag.AlignTop, words)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(0, 0, 0, 170))
    painter.drawRoundedRect(needed.adjusted(-5, -3, 5, 3), 4, 4)
    painter.setPen(QColor(255, 255, 255))
    painter.drawText(needed, side | Qt.AlignmentFlag.AlignTop, words)
