"""pyqtgraph plots in the colours of the theme in use. pyqtgraph ships no types, so its objects are `Any` here.

It takes half a second to load, so it is loaded when the first plot is made: after the window has been shown.
"""

from __future__ import annotations

from collections.abc import Collection
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
        self._legends: list[Legend] = []
        self._ground = ""
        plot.installEventFilter(self)
        self._paint()

    def add(self, curve: Any, role: str, dots: bool, dashed: bool) -> None:
        self._curves.append((curve, role, dots, dashed))
        self._paint_curve(curve, role, dots, dashed)

    def add_band(self, band: Any, role: str) -> None:
        self._bands.append((band, role))
        self._paint_band(band, role)

    def add_legend(self, legend: Legend) -> None:
        self._legends.append(legend)
        legend.paint()

    def show_second_axis(self, text: str, scale: float) -> None:
        """The same places counted in another unit along the upper edge, `scale` of it for one of the lower; none without a text."""
        axis = self._plot.getAxis("top")
        self._plot.showAxis("top", bool(text))
        if not text:
            self._labels.pop("top", None)
            return
        axis.enableAutoSIPrefix(False)
        axis.setStyle(tickLength=-4)
        axis.setScale(scale)
        axis.setPen(_axis_pen())
        axis.setTextPen(theme.MUTED)
        self.name_axis("top", text)

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
            axis.setPen(_axis_pen())
            axis.setTextPen(theme.MUTED)
            self._plot.setLabel(side, text, color=theme.MUTED)
        for curve in self._curves:
            self._paint_curve(*curve)
        for band in self._bands:
            self._paint_band(*band)
        for legend in self._legends:
            legend.paint()

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


def _axis_pen() -> Any:
    import pyqtgraph as pg

    return pg.mkPen(theme.FAINT, width=1, cosmetic=False)


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


def curve(plot: Any, role: str, dots: bool = False, dashed: bool = False, symbol: str = "o") -> Any:
    """An empty curve in a plot, in the colour that `theme` keeps under the name `role`; `symbol` is pyqtgraph's name of its dots."""
    from ddm_studio.gui.views.plot_lines import Line

    marks = {"symbol": symbol, "symbolSize": 4, "symbolPen": None} if dots else {}
    made = Line(**marks)
    plot.addItem(made)
    plot.colouring.add(made, role, dots, dashed)
    return made


class Band:
    """A shaded range between two curves, such as a spread."""

    def __init__(self, plot: Any, role: str) -> None:
        import pyqtgraph as pg

        self._edges = pg.PlotCurveItem(), pg.PlotCurveItem()
        self._filled = pg.FillBetweenItem(*self._edges)
        plot.addItem(self._filled)
        plot.colouring.add_band(self._filled, role)

    def set_data(self, x: NDArray[np.floating], low: NDArray[np.floating], high: NDArray[np.floating]) -> None:
        """Draw it."""
        for edge, values in zip(self._edges, (low, high), strict=True):
            edge.setData(x, values)
        self._filled.setVisible(len(x) > 0)  # an empty one would be no valid path in an SVG


class Legend:
    """Names of curves beside a short piece of each, in the upper right or the lower left corner of the plot."""

    def __init__(self, plot: Any) -> None:
        from ddm_studio.gui.views.plot_lines import Sample

        self._plot = plot
        self._legend = plot.addLegend(sampleType=Sample)
        self._samples: dict[str, tuple[Any, str]] = {}
        plot.colouring.add_legend(self)

    def add(self, key: str, words: str, role: str, dashed: bool = False, symbol: str = "") -> None:
        """A line of the legend, in the colour that `theme` keeps under the name `role`."""
        from ddm_studio.gui.views.plot_lines import Line

        marks = {"symbol": symbol, "symbolSize": 8, "symbolPen": None} if symbol else {}
        sample = Line(**marks)
        self._samples[key] = sample, words
        self._plot.colouring.add(sample, role, bool(symbol), dashed)

    def show(self, keys: Collection[str], is_low: bool) -> None:
        """Show the lines of these keys, in the lower left corner or the upper right."""
        self._legend.clear()
        for key, (sample, words) in self._samples.items():
            if key in keys:
                self._legend.addItem(sample, words)
        corner, offset = ((0, 1), (12, -12)) if is_low else ((1, 0), (-12, 12))
        self._legend.anchor(itemPos=corner, parentPos=corner, offset=offset)
        self.paint()

    @property
    def words(self) -> list[str]:
        """What it reads, from the top."""
        return [words.text for _, words in self._legend.items]

    def paint(self) -> None:
        """In the colours of the theme in use."""
        self._legend.setBrush(QColor(theme.CANVAS))
        for _, words in self._legend.items:
            words.setText(words.text, color=theme.TEXT, size="9pt")
