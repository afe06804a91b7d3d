"""Lines of plots that are as thick everywhere: on a screen of any scale, in a picture of many pixels, and in a drawing.

pyqtgraph's pens count pixels of the device, as its curves are drawn in the units of their axes: on a device that is twice as fine its
lines are half as thick, and a drawing that is enlarged keeps them. These are drawn in the plot's own units instead. Slow to load.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pyqtgraph as pg
from pyqtgraph.graphicsItems.LegendItem import ItemSample
from pyqtgraph.graphicsItems.ScatterPlotItem import drawSymbol
from PySide6.QtCore import QLineF, Qt
from PySide6.QtGui import QPainter, QPen, QTransform

_MANY = 200  # points: with smooth joints and edges more take too long for a curve that is drawn again ten times a second


def steady(pen: QPen) -> QPen:
    """The pen with its width in the units of the plot."""
    made = QPen(pen)
    made.setCosmetic(False)
    return made


class _Stroke(pg.PlotCurveItem):  # type: ignore[misc]  # pyqtgraph ships no types
    def paint(self, painter: QPainter, option: object, widget: object) -> None:
        """Called by Qt."""
        if self.xData is None or not len(self.xData):
            return
        path, pen = painter.worldTransform().map(self.getPath()), steady(self.opts["pen"])
        are_many = len(self.xData) > _MANY and pen.style() is Qt.PenStyle.SolidLine
        painter.save()
        painter.setWorldTransform(QTransform())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, not are_many)
        painter.setPen(pen)
        if are_many:
            for piece in path.toSubpathPolygons():
                painter.drawLines([QLineF(*ends) for ends in pairwise(piece)])
        else:
            painter.drawPath(path)
        painter.restore()


class Line(pg.PlotDataItem):  # type: ignore[misc]
    """A curve with or without dots."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options, useCache=False)  # else a drawing would hold small pictures of the dots, in pieces
        self.curve.setParentItem(None)
        self.curve: Any = _Stroke()
        self.curve.setParentItem(self)
        self.curve.setZValue(-1)  # behind the dots


class Sample(ItemSample):  # type: ignore[misc]
    """A short piece of a `Line` in a legend."""

    def paint(self, painter: QPainter, *args: object) -> None:
        """Called by Qt."""
        opts = self.item.opts
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(steady(pg.mkPen(opts["pen"])))
        painter.drawLine(0, 11, 20, 11)
        if opts["symbol"] is not None:
            painter.translate(10, 10)
            drawSymbol(painter, opts["symbol"], opts["symbolSize"], pg.mkPen(opts["symbolPen"]), pg.mkBrush(opts["symbolBrush"]))

    def mouseClickEvent(self, event: object) -> None:
        """A legend only explains."""
