"""Lateral chromatic aberration: at each node, where red and blue land relative to green."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QTextOption
from PySide6.QtWidgets import QSizePolicy, QWidget

from ddm_studio.gui import theme
from ddm_studio.optics.psf_metrics import lateral_shift

_NICE_LENGTHS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
_LEGEND = 58


class AberrationView(QWidget):
    """Arrows of red minus green and blue minus green, enlarged; the enlargement is stated and a scale bar drawn."""

    def __init__(self) -> None:
        super().__init__()
        self._shift: NDArray[np.floating] | None = None
        self._hint = ""
        self._pitch: float | None = None
        self._aspect: float | None = None
        self._node: tuple[int, int] | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(160, 160)
        self.setAccessibleName(self.tr("Colour shift"))

    def sizeHint(self) -> QSize:
        """A comfortable square."""
        return QSize(420, 420)

    def set_hint(self, text: str) -> None:
        """What is written while there is no grid."""
        self._hint = text
        self.update()

    def show_psf(self, psf: NDArray[np.float32] | None) -> None:
        """Draw the arrows of a grid (rows, columns, 3, k, k)."""
        self._shift = None if psf is None else lateral_shift(psf)
        if self._shift is not None:
            longest = self.tr("longest shift {longest:.2f} pixels").format(longest=self.longest())
            self.setAccessibleDescription(longest)
        self.update()

    def set_aspect(self, aspect: float) -> None:
        """Width / height of the frame, so that nodes lie as they do on the sensor; without it cells are square, as kernels are."""
        self._aspect = aspect
        self.update()

    def set_pixel_pitch(self, pitch: float | None) -> None:
        """The pixel pitch in µm, by which lengths are stated in µm as well."""
        self._pitch = pitch
        self.update()

    def mark(self, node: tuple[int, int] | None) -> None:
        """Mark a node (row, column)."""
        self._node = node
        self.update()

    def longest(self) -> float:
        """Length in px of the longest arrow."""
        return 0.0 if self._shift is None else float(np.hypot(self._shift[..., 0], self._shift[..., 1]).max())

    def enlargement(self) -> float:
        """Screen pixels per pixel of shift: the longest arrow spans almost half of a cell."""
        if self._shift is None:
            return 1.0
        rows, columns = self._shift.shape[:2]
        area = self._area()
        cell = min(area.width() / columns, area.height() / rows)
        return float(0.47 * cell / max(self.longest(), 1e-3))

    def _area(self) -> QRectF:
        space = QRectF(self.rect()).adjusted(14, 10, -14, -_LEGEND)
        rows, columns = (1, 1) if self._shift is None else self._shift.shape[:2]
        aspect = self._aspect or columns / rows
        width = max(min(space.width(), space.height() * aspect), 1.0)
        shown = QRectF(0, 0, width, width / aspect)
        shown.moveCenter(space.center())
        return shown

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw every node's two arrows, then the legend."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(QColor(theme.CANVAS))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.drawRoundedRect(self.rect(), 8, 8)
        if self._shift is None:
            painter.setPen(QColor(theme.FAINT))
            painter.drawText(QRectF(self.rect()).adjusted(24, 24, -24, -24), self._hint, QTextOption(Qt.AlignmentFlag.AlignCenter))
            return
        area, scale = self._area(), self.enlargement()
        rows, columns = self._shift.shape[:2]
        for row in range(rows):
            for column in range(columns):
                foot = QPointF(area.left() + (column + 0.5) * area.width() / columns, area.top() + (row + 0.5) * area.height() / rows)
                self._draw_node(painter, foot, self._shift[row, column] * scale, (row, column) == self._node)
        self._draw_legend(painter, scale)

    def _draw_node(self, painter: QPainter, foot: QPointF, arrows: NDArray[np.floating], marked: bool) -> None:
        painter.setPen(QPen(QColor(theme.ACCENT), 1.5) if marked else Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.FAINT))
        painter.drawEllipse(foot, 4 if marked else 2, 4 if marked else 2)
        for arrow, colour in zip(arrows, (theme.CHANNELS[0], theme.CHANNELS[2]), strict=True):
            _draw_arrow(painter, foot, QPointF(float(arrow[1]), float(arrow[0])), QColor(colour))

    def _draw_legend(self, painter: QPainter, scale: float) -> None:
        left, top = 16.0, self.height() - _LEGEND + 12.0
        unit = max((n for n in _NICE_LENGTHS if n <= 1.5 * self.longest()), default=_NICE_LENGTHS[0])
        painter.setPen(QPen(QColor(theme.TEXT), 1.5))
        painter.drawLine(QPointF(left, top + 8), QPointF(left + unit * scale, top + 8))
        for end in (left, left + unit * scale):
            painter.drawLine(QPointF(end, top + 4), QPointF(end, top + 12))
        words = self.tr("{unit:g} px   (arrows enlarged {times:.0f} ×, longest {longest:.2f} px)")
        if self._pitch:
            words = self.tr("{unit:g} px = {unit_um:.2g} µm   (enlarged {times:.0f} ×, longest {longest:.2f} px = {longest_um:.1f} µm)")
        lengths = {"unit_um": unit * (self._pitch or 0), "longest_um": self.longest() * (self._pitch or 0)}
        painter.setPen(QColor(theme.MUTED))
        told = words.format(unit=unit, times=scale, longest=self.longest(), **lengths)
        painter.drawText(QPointF(left + unit * scale + 10, top + 12), told)
        place = left
        for words, colour in ((self.tr("red − green"), theme.CHANNELS[0]), (self.tr("blue − green"), theme.CHANNELS[2])):
            _draw_arrow(painter, QPointF(place, top + 30), QPointF(22, 0), QColor(colour))
            painter.setPen(QColor(theme.MUTED))
            painter.drawText(QPointF(place + 29, top + 34), words)
            place += 45 + painter.fontMetrics().horizontalAdvance(words)


def _draw_arrow(painter: QPainter, foot: QPointF, along: QPointF, colour: QColor) -> None:
    length = float(np.hypot(along.x(), along.y()))
    if length < 0.5:
        return
    tip = foot + along
    painter.setPen(QPen(colour, 1.8, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    painter.drawLine(foot, tip)
    head = min(6.0, length * 0.45)
    unit = along / length
    across = QPointF(-unit.y(), unit.x())
    for side in (1, -1):
        painter.drawLine(tip, tip - unit * head + across * (side * head * 0.6))
