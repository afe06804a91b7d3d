"""pyqtgraph plots in our colours. pyqtgraph ships no types, so its objects are `Any` here.

It takes half a second to load, so it is loaded when the first plot is made: after the window has been shown.
"""

from __future__ import annotations

from typing import Any

from ddm_studio.gui import theme


def dark_plot(bottom: str, left: str) -> Any:
    """A plot without menu and buttons, axes labelled."""
    import pyqtgraph as pg

    plot = pg.PlotWidget(background=theme.CANVAS)
    plot.setMenuEnabled(False)
    plot.hideButtons()
    plot.setMouseEnabled(x=False, y=False)
    plot.setFrameShape(pg.QtWidgets.QFrame.Shape.NoFrame)
    plot.showGrid(x=False, y=True, alpha=0.15)
    for side, text in (("bottom", bottom), ("left", left)):
        axis = plot.getAxis(side)
        axis.setPen(theme.BORDER)
        axis.setTextPen(theme.MUTED)
        axis.setStyle(tickLength=-4)
        axis.enableAutoSIPrefix(False)
        plot.setLabel(side, text, color=theme.MUTED)
    plot.setMinimumHeight(90)
    return plot


def curve(plot: Any, colour: str, dots: bool = False) -> Any:
    """An empty curve in a plot."""
    import pyqtgraph as pg

    marks = {"symbol": "o", "symbolSize": 4, "symbolBrush": colour, "symbolPen": None} if dots else {}
    return plot.plot(pen=pg.mkPen(colour, width=2), **marks)
