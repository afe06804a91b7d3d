"""pyqtgraph plots in our colours. pyqtgraph ships no types, so its objects are `Any` here."""

from __future__ import annotations

from typing import Any

import pyqtgraph as pg

from ddm_studio.gui import theme


def dark_plot(bottom: str, left: str) -> Any:
    """A plot without menu and buttons, axes labelled."""
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
