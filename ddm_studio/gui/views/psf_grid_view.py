"""The PSF grid, nearest neighbour, one node selectable by mouse and keyboard."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QBrush, QColor, QFocusEvent, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QTextOption
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from ddm_studio.gui import theme
from ddm_studio.gui.pictures import to_image
from ddm_studio.gui.views.picture_marks import mark_pens
from ddm_studio.gui.views.psf_mosaic import PsfLook, gap_of, mosaic

_STEPS = {
    Qt.Key.Key_Left: (0, -1),
    Qt.Key.Key_Right: (0, 1),
    Qt.Key.Key_Up: (-1, 0),
    Qt.Key.Key_Down: (1, 0),
}

# A kernel that is 0.8 like the true one is hardly shown at all: lenses are learned to 0.95 and better where the photos tell.
_VEILED_AT, _THICKEST_VEIL = 0.25, 0.85


class PsfGridView(QWidget):
    """Draws the grid as large as it fits, aspect kept.

    `node_chosen(row, column)`: clicked, or Enter pressed. `node_marked(row, column)`: moved to by the arrow keys.
    """

    node_chosen = Signal(int, int)
    node_marked = Signal(int, int)

    def __init__(self) -> None:
        super().__init__()
        self._psf: NDArray[np.float32] | None = None
        self._look = PsfLook()
        self._image = to_image(np.zeros((1, 1, 3), np.uint8))
        self._node: tuple[int, int] | None = None
        self._hint = ""
        self._trust: NDArray[np.floating] | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(160, 160)
        self.setAccessibleName(self.tr("PSF grid"))

    def sizeHint(self) -> QSize:
        """A comfortable square."""
        return QSize(420, 420)

    def set_hint(self, text: str) -> None:
        """What is written while there is no grid."""
        self._hint = text
        self.update()

    def show_psf(self, psf: NDArray[np.float32] | None) -> None:
        """Draw a grid (rows, columns, 3, k, k), or the hint."""
        self._psf = psf
        if psf is not None and self._node is not None:
            self._node = (min(self._node[0], psf.shape[0] - 1), min(self._node[1], psf.shape[1] - 1))
        self._redraw()

    def show_look(self, look: PsfLook) -> None:
        """Change channel or scale."""
        self._look = look
        self._redraw()

    def show_confidence(self, expected: NDArray[np.floating] | None) -> None:
        """Veil nodes by their confidence (rows, columns, 3), the mean of their channels; None lifts all veils."""
        self._trust = None if expected is None else expected.mean(-1)
        self.update()

    def mark(self, node: tuple[int, int] | None) -> None:
        """Outline a node (row, column), silently."""
        self._node = node
        self.update()

    def node_rect(self, row: int, column: int) -> QRectF:
        """Where a node is drawn."""
        area, scale = self._area()
        size = 0 if self._psf is None else self._psf.shape[-1]
        pitch = size + gap_of(size)
        return QRectF(area.left() + column * pitch * scale, area.top() + row * pitch * scale, size * scale, size * scale)

    def _redraw(self) -> None:
        if self._psf is not None:
            self._image = to_image(mosaic(self._psf, self._look))
            rows, columns = self._psf.shape[:2]
            self.setAccessibleDescription(self.tr("{rows} rows by {columns} columns of kernels").format(rows=rows, columns=columns))
        self.update()

    def _area(self) -> tuple[QRectF, float]:
        """The rectangle of the mosaic and pixels per tap."""
        margin = 10.0
        width, height = self._image.width(), self._image.height()
        scale = max(0.1, min((self.width() - 2 * margin) / width, (self.height() - 2 * margin) / height))
        if scale > 3:
            scale = np.floor(scale * 4) / 4
        shown = QRectF(0, 0, width * scale, height * scale)
        shown.moveCenter(QRectF(self.rect()).center())
        return shown, float(scale)

    def _node_at(self, place: QPoint) -> tuple[int, int] | None:
        if self._psf is None:
            return None
        for row in range(self._psf.shape[0]):
            for column in range(self._psf.shape[1]):
                if self.node_rect(row, column).contains(place):
                    return row, column
        return None

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the mosaic and the outline."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(QColor(theme.CANVAS))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.drawRoundedRect(self.rect(), 8, 8)
        if self._psf is None:
            painter.setPen(QColor(theme.FAINT))
            painter.drawText(QRectF(self.rect()).adjusted(24, 24, -24, -24), self._hint, QTextOption(Qt.AlignmentFlag.AlignCenter))
        else:
            painter.drawImage(self._area()[0], self._image)
            self._veil(painter)
        if self._psf is not None and self._node is not None:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            for pen in mark_pens():
                painter.setPen(pen)
                painter.drawRoundedRect(self.node_rect(*self._node).adjusted(-2, -2, 2, 2), 3, 3)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(theme.ACCENT), 2))
            painter.drawRoundedRect(self.rect().adjusted(1, 1, -1, -1), 8, 8)

    def _veil(self, painter: QPainter) -> None:
        if self._psf is None or self._trust is None or self._trust.shape != self._psf.shape[:2]:
            return
        for row, column in np.ndindex(*self._trust.shape):
            trust = float(self._trust[row, column])
            veil = QColor(theme.CANVAS)
            if np.isfinite(trust):
                veil.setAlphaF(min(max((1 - trust) / _VEILED_AT, 0.0), _THICKEST_VEIL))
                painter.fillRect(self.node_rect(row, column), veil)
            else:
                painter.fillRect(self.node_rect(row, column), QBrush(QColor(theme.MUTED), Qt.BrushStyle.BDiagPattern))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose the node under the mouse."""
        node = self._node_at(event.position().toPoint())
        if node is not None and event.button() is Qt.MouseButton.LeftButton:
            self.mark(node)
            self.node_chosen.emit(*node)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows move the mark, Enter chooses it."""
        if self._psf is None:
            super().keyPressEvent(event)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._node is not None:
            self.node_chosen.emit(*self._node)
        elif Qt.Key(event.key()) in _STEPS:
            rows, columns = self._psf.shape[:2]
            down, across = _STEPS[Qt.Key(event.key())]
            row, column = self._node or (0, 0)
            self.mark((min(max(row + down, 0), rows - 1), min(max(column + across, 0), columns - 1)))
            self.node_marked.emit(*(self._node or (0, 0)))
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show the focus frame."""
        super().focusInEvent(event)
        self.update()

    def event(self, event: QEvent) -> bool:
        """Name the node under the mouse."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            node = self._node_at(event.pos())
            if node is not None:
                words = self.tr("Row {row}, column {column}: click for the details").format(row=node[0] + 1, column=node[1] + 1)
                if self._trust is not None and np.isfinite(self._trust[node]):
                    words += "\n" + self.tr("Expected likeness to the true kernel: {trust:.3f} of 1").format(trust=self._trust[node])
                QToolTip.showText(event.globalPos(), words, self)
                return True
        return super().event(event)
