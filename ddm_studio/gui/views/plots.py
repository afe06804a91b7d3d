"""pyqtgraph plots in the colours of the theme in use. pyqtgraph ships no types, so its objects are `Any` here.

It takes half a second to load, so it is loaded when the first plot is made: after the window has been shown.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QColor

from ddm_studio.gui import theme

_BAND_ALPHA = 40


class _Colouring(QObject):
    """Paints a plot again when the theme changes."""

    def __init__(self, plot: Any, labels: dict[str, str]) -> None:
        super().__init__(plot)
        self._plot = plot
        self._labels = labels
        self._curves: list[tuple[Any, str, bool, bool]] = []
        self._bands: list[tuple[Any, str]] = []
        self._ground = ""
        plot.installEventFilter(self)
        self._paint()

    def add(self, curve: Any, role: str, dots: bool, dashed: bool) -> None:
        self._curves.append((curve, role, dots, dashed))
        self._paint_curve(curve, role, dots, dashed)

    def add_band(self, band: Any, role: str) -> None:
        self._bands.append((band, role))
        self._paint_band(band, role)

    def name_axis(self, side: str, text: str) -> None:
        """Say what an axis measures now."""
        self._labels[side] = text
        self._plot.setLabel(side, text, color=theme.MUTED)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Look for a change of the palette."""
        if event.type() == QEvent.Type.PaletteChange and self._ground != theme.CANVAS:
            self._paint()
        return False

    def _paint(self) -> None:
        self._ground = theme.CANVAS
        self._plot.setBackground(theme.CANVAS)
        for side, text in self._labels.items():
            axis = self._plot.getAxis(side)
            axis.setPen(theme.FAINT)
            axis.setTextPen(theme.MUTED)
            self._plot.setLabel(side, text, color=theme.MUTED)
        for curve in self._curves:
            self._paint_curve(*curve)
        for band in self._bands:
            self._paint_band(*band)

    @staticmethod
    def _paint_curve(curve: Any, role: str, dots: bool, dashed: bool) -> None:
        import pyqtgraph as pg

        colour = getattr(theme, role)
        curve.setPen(pg.mkPen(colour, width=2, style=Qt.PenStyle.DashLine if dashed else Qt.PenStyle.SolidLine))
        if dots:
            curve.setSymbolBrush(colour)

    @staticmethod
    def _paint_band(band: Any, role: str) -> None:
        colour = QColor(getattr(theme, role))
        colour.setAlpha(_BAND_ALPHA)
        band.setBrush(colour)


def themed_plot(bottom: str, left: str) -> Any:
    """A plot without menu and buttons, axes labelled."""
    import pyqtgraph as pg

    plot = pg.PlotWidget()
    plot.setMenuEnabled(False)
    plot.hideButtons()
    plot.setFocusPolicy(pg.QtCore.Qt.FocusPolicy.NoFocus)  # nothing in it answers to keys
    plot.setMouseEnabled(x=False, y=False)
    plot.setFrameShape(pg.QtWidgets.QFrame.Shape.NoFrame)
    plot.showGrid(x=False, y=True, alpha=0.15)
    for side in ("bottom", "left"):
        axis = plot.getAxis(side)
        axis.setStyle(tickLength=-4)
        axis.enableAutoSIPrefix(False)
    plot.setMinimumHeight(90)
    plot.colouring = _Colouring(plot, {"bottom": bottom, "left": left})
    return plot


def curve(plot: Any, role: str, dots: bool = False, dashed: bool = False) -> Any:
    """An empty curve in a plot, in the colour that `theme` keeps under the name `role`."""
    marks = {"symbol": "o", "symbolSize": 4, "symbolPen": None} if dots else {}
    made = plot.plot(**marks)
    plot.colouring.add(made, role, dots, dashed)
    return made


class Band:
    """A shaded range between two curves, such as a spread."""

    def __init__(self, plot: Any, role: str) -> None:
        import pyqtgraph as pg

        self._edges = pg.PlotCurveItem(), pg.PlotCurveItem()
        filled = pg.FillBetweenItem(*self._edges)
        plot.addItem(filled)
        plot.colouring.add_band(filled, role)

    def set_data(self, x: NDArray[np.floating], low: NDArray[np.floating], high: NDArray[np.floating]) -> None:
        """Draw it."""
        for edge, values in zip(self._edges, (low, high), strict=True):
            edge.setData(x, values)
