"""One node of the grid, large: red, green, blue and composite, and cross-sections through the centre tap."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from ddm_studio.gui import theme
from ddm_studio.gui.pictures import to_image
from ddm_studio.gui.views.plots import curve, themed_plot
from ddm_studio.gui.views.psf_mosaic import CHANNELS, PsfLook, colours
from ddm_studio.gui.views.small_parts import Segments, label

_ON_BLACK = "#ededee"


class KernelPicture(QWidget):
    """Four pictures of one node in a square, each with its name."""

    def __init__(self) -> None:
        super().__init__()
        self._node: NDArray[np.float32] | None = None
        self._square_root = True
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(180, 180)
        self.setAccessibleName(self.tr("Kernel of the chosen node"))

    def sizeHint(self) -> QSize:
        """A comfortable square."""
        return QSize(320, 320)

    def show_node(self, node: NDArray[np.float32] | None, square_root: bool) -> None:
        """Show one node (3, k, k)."""
        self._node, self._square_root = node, square_root
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw composite, red, green and blue, nearest neighbour, with a cross at the centre tap."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.CANVAS))
        painter.drawRoundedRect(self.rect(), 8, 8)
        if self._node is None:
            return
        names = (self.tr("Composite"), self.tr("Red"), self.tr("Green"), self.tr("Blue"))
        side = (min(self.width(), self.height()) - 3 * 10) / 2
        left, top = (self.width() - 2 * side - 10) / 2, (self.height() - 2 * side - 10) / 2
        font = painter.font()
        font.setPixelSize(13 if side > 90 else 10)
        painter.setFont(font)
        for place, (channel, name) in enumerate(zip(CHANNELS, names, strict=True)):
            cell = QRectF(left + (place % 2) * (side + 10), top + (place // 2) * (side + 10), side, side)
            painter.drawImage(cell, to_image(colours(self._node, PsfLook(channel, self._square_root, True))))
            middle = cell.center()
            painter.setPen(QPen(QColor(255, 255, 255, 70), 1))
            painter.drawLine(QPointF(middle.x(), cell.top()), QPointF(middle.x(), cell.bottom()))
            painter.drawLine(QPointF(cell.left(), middle.y()), QPointF(cell.right(), middle.y()))
            painter.setPen(QColor(_ON_BLACK))  # in both themes: a kernel's ground is black
            painter.drawText(cell.adjusted(7, 5, -5, -5), name)


class NodeView(QWidget):
    """The pictures above the cross-sections."""

    def __init__(self) -> None:
        super().__init__()
        self._node: NDArray[np.float32] | None = None
        self._pictures = KernelPicture()
        self._direction = Segments([("row", self.tr("Horizontal")), ("column", self.tr("Vertical"))], self.tr("Cross-section"))
        self._direction.changed.connect(self._draw_curves)
        self._curves: list[Any] = []
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(8)
        whole.addWidget(self._pictures, 3)
        whole.addWidget(label(self.tr("Cross-section through the centre"), "small"))
        whole.addWidget(self._direction)
        self._whole = whole

    def prepare(self) -> None:
        """Make the plot, unless it is made."""
        if not self._curves:
            plot = themed_plot(self.tr("px from the centre"), self.tr("share of light"))
            plot.setAccessibleName(self.tr("Cross-sections of red, green and blue through the centre"))
            plot.setMinimumHeight(120)
            self._curves = [curve(plot, role, dots=True) for role in ("RED", "GREEN", "BLUE")]
            self._whole.addWidget(plot, 2)

    def show_node(self, node: NDArray[np.float32] | None, square_root: bool = True) -> None:
        """Show one node (3, k, k)."""
        self._node = node
        self._pictures.show_node(node, square_root)
        self._draw_curves()

    def _draw_curves(self) -> None:
        if self._node is None:
            return
        self.prepare()
        for channel, drawn in enumerate(self._curves):
            centre = self._node.shape[-1] // 2
            places = np.arange(self._node.shape[-1]) - centre
            kernel = self._node[channel]
            drawn.setData(places, kernel[centre] if self._direction.key == "row" else kernel[:, centre])
