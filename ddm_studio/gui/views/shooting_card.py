"""How to take the photos: four small drawings with a sentence each. Painted, so that they follow the theme at any size."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QDialog, QGridLayout, QVBoxLayout, QWidget

from ddm_studio.gui import theme
from ddm_studio.gui.views.small_parts import button, label

_WIDTH, _HEIGHT = 220, 120


class _Drawing(QWidget):
    """One drawing on a dark or light ground."""

    def __init__(self, draw: Callable[[QPainter], None], name: str) -> None:
        super().__init__()
        self._draw = draw
        self.setFixedSize(_WIDTH, _HEIGHT)
        self.setAccessibleName(name)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Ground, then the drawing."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.CANVAS))
        painter.drawRoundedRect(self.rect(), 8, 8)
        painter.setPen(_pen(theme.TEXT))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        self._draw(painter)


class ShootingCard(QDialog):
    """Opened by the Photos page; closed by Escape or its button."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("How to take the photos"))
        parts = (
            (
                _draw_textured_frame,
                self.tr("Texture up to the corners"),
                self.tr("Foliage, gravel, brick, streets. A smooth sky or wall looks the same through every lens. Do not crop."),
            ),
            (
                _draw_aperture,
                self.tr("One lens, one setting"),
                self.tr("Twenty to fifty blurry photos at the same aperture and zoom. Each setting is a profile of its own."),
            ),
            (
                _draw_focus,
                self.tr("Far away, in focus, held still"),
                self.tr("Things some way off, so that all of the frame is in focus; a short exposure. No chart and no tripod."),
            ),
            (
                _draw_two_sets,
                self.tr("Sharp photos of anything else"),
                self.tr("By a good lens, or by this one stopped down two stops or more. Same kind of file, best of all raws."),
            ),
        )
        grid = QGridLayout()
        grid.setHorizontalSpacing(24)
        grid.setVerticalSpacing(18)
        for place, (draw, title, words) in enumerate(parts):
            column = QVBoxLayout()
            column.setSpacing(6)
            column.addWidget(_Drawing(draw, title))
            column.addWidget(label(title, "heading"))
            told = label(words, "muted", wrap=True)
            told.setFixedWidth(_WIDTH + 40)
            column.addWidget(told)
            column.addStretch()
            grid.addLayout(column, place // 2, place % 2)
        self.close_button = button(self.tr("Got it"), "primary")
        self.close_button.clicked.connect(self.accept)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(24, 20, 24, 20)
        whole.setSpacing(16)
        whole.addLayout(grid)
        whole.addWidget(self.close_button, 0, Qt.AlignmentFlag.AlignRight)


def _pen(colour: str, width: float = 1.8) -> QPen:
    return QPen(QColor(colour), width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)


def _draw_textured_frame(painter: QPainter) -> None:
    """A frame full of leaves; a tick in every corner."""
    frame = QRectF(35, 14, 150, 92)
    painter.drawRoundedRect(frame, 3, 3)
    painter.setPen(_pen(theme.MUTED, 1.4))
    for row in range(6):
        for column in range(10):
            x, y = frame.left() + 9 + column * 14.5 + (row % 2) * 5, frame.top() + 9 + row * 15
            leaf = QPainterPath(QPointF(x, y + 4))
            leaf.quadTo(x + 1, y - 4, x + 7, y - 3)
            leaf.quadTo(x + 7, y + 4, x, y + 4)
            if x + 7 < frame.right():
                painter.drawPath(leaf)
    painter.setPen(_pen(theme.ACCENT, 3))
    for x in (frame.left() + 10, frame.right() - 18):
        for y in (frame.top() + 12, frame.bottom() - 12):
            painter.drawPolyline([QPointF(x, y), QPointF(x + 3, y + 4), QPointF(x + 9, y - 5)])


def _draw_aperture(painter: QPainter) -> None:
    """Six blades of an iris; the same three times."""
    for number in range(3):
        middle = QPointF(44 + number * 66, 60)
        painter.setPen(_pen(theme.TEXT))
        painter.drawEllipse(middle, 26, 26)
        painter.setPen(_pen(theme.ACCENT))
        for blade in range(6):
            painter.save()
            painter.translate(middle)
            painter.rotate(60 * blade)
            painter.drawLine(QPointF(12, -7), QPointF(12 * 0.5 - 12, -24))
            painter.restore()
    painter.setPen(_pen(theme.MUTED))
    for x in (77.0, 143.0):
        for y in (57.0, 63.0):
            painter.drawLine(QPointF(x - 4, y), QPointF(x + 4, y))


def _draw_focus(painter: QPainter) -> None:
    """A camera, and a row of trees far off inside the brackets of a focus point."""
    painter.drawRoundedRect(QRectF(18, 48, 44, 30), 4, 4)
    painter.drawEllipse(QPointF(40, 63), 9, 9)
    painter.drawRect(QRectF(30, 42, 14, 6))
    painter.setPen(_pen(theme.FAINT, 1.2))
    painter.drawLine(QPointF(66, 60), QPointF(120, 34))
    painter.drawLine(QPointF(66, 66), QPointF(120, 92))
    painter.setPen(_pen(theme.TEXT))
    for x, height in ((136.0, 30.0), (158.0, 38.0), (180.0, 28.0)):
        painter.drawPolyline([QPointF(x - 10, 82), QPointF(x, 82 - height), QPointF(x + 10, 82), QPointF(x - 10, 82)])
        painter.drawLine(QPointF(x, 82), QPointF(x, 88))
    painter.setPen(_pen(theme.ACCENT, 2.4))
    box, arm = QRectF(122, 36, 74, 56), 10
    for x, sideways in ((box.left(), 1), (box.right(), -1)):
        for y, down in ((box.top(), 1), (box.bottom(), -1)):
            painter.drawPolyline([QPointF(x + sideways * arm, y), QPointF(x, y), QPointF(x, y + down * arm)])


def _draw_two_sets(painter: QPainter) -> None:
    """A pile of soft photos and a pile of crisp ones, of different things."""
    for left in (26.0, 128.0):
        for back in (12.0, 6.0, 0.0):
            painter.setPen(_pen(theme.TEXT))
            painter.setBrush(QColor(theme.CANVAS))
            painter.drawRoundedRect(QRectF(left + back, 38 - back, 58, 46), 3, 3)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    soft = QColor(theme.MUTED)
    for width, alpha in ((14.0, 40), (9.0, 60), (5.0, 90)):
        soft.setAlpha(alpha)
        painter.setPen(QPen(soft, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        painter.drawPolyline([QPointF(36, 74), QPointF(50, 54), QPointF(60, 66), QPointF(74, 50)])
    painter.setPen(_pen(theme.ACCENT, 2.2))
    painter.drawPolyline([QPointF(136, 76), QPointF(136, 60), QPointF(150, 48), QPointF(164, 60), QPointF(164, 76), QPointF(136, 76)])
    painter.drawRect(QRectF(146, 64, 8, 12))
    painter.setPen(_pen(theme.MUTED))
    painter.drawLine(QPointF(104, 58), QPointF(116, 66))
    painter.drawLine(QPointF(104, 66), QPointF(116, 58))
