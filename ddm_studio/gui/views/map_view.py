"""A number of every node over the frame, as coloured cells with the number in them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from ddm_studio.gui import theme
from ddm_studio.gui.colours import ON_PICTURES, contrast
from ddm_studio.gui.pictures import to_image

Floats = NDArray[np.floating]

_BAR, _BAR_GAP, _MARGIN = 14, 12, 10
_STEPS = {Qt.Key.Key_Left: (0, -1), Qt.Key.Key_Right: (0, 1), Qt.Key.Key_Up: (-1, 0), Qt.Key.Key_Down: (1, 0)}
_LARGEST_TEXT, _SMALLEST_TEXT = 13, 9


@dataclass(frozen=True, slots=True, eq=False)
class FieldMap:
    """What is drawn: (rows, columns) values, NaN where unknown, the unit, the limits of the colours, and width / height of the frame.

    A difference is coloured from blue over white to red, anything else from dark to bright.
    """

    values: Floats
    unit: str
    low: float
    high: float
    aspect: float
    is_difference: bool = False
    decimals: int = 2

    def words(self, row: int, column: int) -> str:
        """One value as text; a dash where it is unknown."""
        value = float(self.values[row, column])
        sign = "+" if self.is_difference else ""
        return f"{value:{sign}.{self.decimals}f}" if np.isfinite(value) else "–"


def limits_of(*values: Floats) -> tuple[float, float]:
    """Least and greatest of everything known, never the same."""
    known = np.concatenate([part[np.isfinite(part)] for part in values])
    if not known.size:
        return 0.0, 1.0
    low, high = float(known.min()), float(known.max())
    return (low, high) if high - low > 1e-9 else (low - 0.5e-3, high + 0.5e-3)


class MapView(QWidget):
    """`node_chosen(row, column)` when a cell is clicked or reached by the arrow keys."""

    node_chosen = Signal(int, int)

    def __init__(self, name: str) -> None:
        super().__init__()
        self._map: FieldMap | None = None
        self._node: tuple[int, int] | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(180, 100)
        self.setAccessibleName(name)

    def sizeHint(self) -> QSize:
        """A frame of 3:2."""
        return QSize(480, 340)

    @property
    def shown(self) -> FieldMap | None:
        """What is drawn."""
        return self._map

    def show_map(self, shown: FieldMap | None) -> None:
        """Draw a map."""
        self._map = shown
        if shown is not None:
            low, high = limits_of(shown.values)
            words = self.tr("from {low:.2f} to {high:.2f} {unit}").format(low=low, high=high, unit=shown.unit)
            self.setAccessibleDescription(words)
        self.update()

    def mark(self, node: tuple[int, int] | None) -> None:
        """Outline a cell, silently."""
        self._node = node
        self.update()

    def cell_rect(self, row: int, column: int) -> QRectF:
        """Where a cell is drawn."""
        area = self._area()
        rows, columns = (1, 1) if self._map is None else self._map.values.shape
        width, height = area.width() / columns, area.height() / rows
        return QRectF(area.left() + column * width, area.top() + row * height, width, height)

    def _area(self) -> QRectF:
        digits = max((self.fontMetrics().horizontalAdvance(words) for words in _bar_words(self._map)), default=0) + 6
        space = QRectF(self.rect()).adjusted(_MARGIN, _MARGIN, -_MARGIN - _BAR - _BAR_GAP - digits, -_MARGIN)
        aspect = 1.5 if self._map is None else self._map.aspect
        width = max(min(space.width(), space.height() * aspect), 1.0)
        area = QRectF(0, 0, width, width / aspect)
        area.moveCenter(space.center())
        return area

    def paintEvent(self, event: QPaintEvent) -> None:
        """Cells, numbers, the bar of colours."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.CANVAS))
        painter.drawRoundedRect(self.rect(), 8, 8)
        shown = self._map
        if shown is None:
            return
        cells = colours_of(shown.values, shown)
        fits = self._choose_font(painter, shown)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        for row, column in np.ndindex(*shown.values.shape):
            rect = self.cell_rect(row, column)
            known = bool(np.isfinite(shown.values[row, column]))
            ground = QColor(*(int(part) for part in cells[row, column])) if known else QColor(theme.FIELD)
            painter.fillRect(rect, ground)
            if fits:
                painter.setPen(QColor("#000000" if _is_bright(ground) else "#ffffff"))
                painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, shown.words(row, column))
        painter.setFont(self.font())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._node is not None:
            self._outline(painter, self.cell_rect(*self._node))
        self._draw_bar(painter, shown)

    def _choose_font(self, painter: QPainter, shown: FieldMap) -> bool:
        """Take the largest font whose longest number fits into a cell; False where none does."""
        longest = max((shown.words(*node) for node in np.ndindex(*shown.values.shape)), key=len)
        cell, font = self.cell_rect(0, 0), self.font()
        for size in range(_LARGEST_TEXT, _SMALLEST_TEXT - 1, -1):
            font.setPixelSize(size)
            painter.setFont(font)
            metrics = painter.fontMetrics()
            if metrics.horizontalAdvance(longest) + 6 <= cell.width() and metrics.height() <= cell.height():
                return True
        return False

    def _outline(self, painter: QPainter, rect: QRectF) -> None:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for colour, width in (("#000000", 4.0), (ON_PICTURES, 2.0)):
            painter.setPen(QPen(QColor(colour), width + self.hasFocus()))
            painter.drawRect(rect.adjusted(1, 1, -1, -1))

    def _draw_bar(self, painter: QPainter, shown: FieldMap) -> None:
        area = self._area()
        bar = QRectF(area.right() + _BAR_GAP, area.top(), _BAR, area.height())
        painter.drawImage(bar, _bar_picture(shown))
        painter.setPen(QColor(theme.MUTED))
        for share, words in zip((0.0, 0.5, 1.0), _bar_words(shown), strict=True):
            baseline = bar.top() + share * bar.height() + (11 if share == 0 else 4 if share == 0.5 else -1)
            painter.drawText(QPointF(bar.right() + 6, baseline), words)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose a cell."""
        area = self._area()
        if self._map is None or not area.contains(event.position()) or event.button() != Qt.MouseButton.LeftButton:
            super().mousePressEvent(event)
            return
        rows, columns = self._map.values.shape
        place = event.position() - area.topLeft()
        row, column = int(place.y() / area.height() * rows), int(place.x() / area.width() * columns)
        self.node_chosen.emit(min(row, rows - 1), min(column, columns - 1))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrow keys walk over the cells."""
        step = _STEPS.get(Qt.Key(event.key()))
        if self._map is None or step is None:
            super().keyPressEvent(event)
            return
        rows, columns = self._map.values.shape
        row, column = self._node or (0, 0)
        self.node_chosen.emit(min(max(row + step[0], 0), rows - 1), min(max(column + step[1], 0), columns - 1))

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show where the keys act."""
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Show that they no longer do."""
        super().focusOutEvent(event)
        self.update()


def colours_of(values: Floats, shown: FieldMap) -> NDArray[np.uint8]:
    """(..., 3) the colour of each value, by a perceptually uniform scale; unknown values get that of the lowest."""
    import pyqtgraph as pg  # slow to load, so not before the first map is drawn

    scale = pg.colormap.get("CET-D1A" if shown.is_difference else "viridis")
    share = np.clip((np.nan_to_num(values, nan=shown.low) - shown.low) / (shown.high - shown.low), 0, 1)
    mapped: NDArray[np.uint8] = scale.map(share.ravel(), mode=pg.ColorMap.BYTE)[:, :3].reshape(*values.shape, 3)
    return mapped


def _bar_words(shown: FieldMap | None) -> list[str]:
    """What stands at the upper end, the middle and the lower end of the bar; the unit once."""
    if shown is None:
        return []
    sign = "+" if shown.is_difference else ""
    values = (shown.high, (shown.high + shown.low) / 2, shown.low)
    top, *rest = (f"{value:{sign}.{shown.decimals}f}" for value in values)
    return [f"{top} {shown.unit}".rstrip(), *rest]


def _bar_picture(shown: FieldMap) -> QImage:
    return to_image(colours_of(np.linspace(shown.high, shown.low, 128)[:, None], shown))


def _is_bright(colour: QColor) -> bool:
    return contrast(colour.name(), "#000000") > contrast(colour.name(), "#ffffff")
