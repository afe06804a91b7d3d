"""How far the grid is from photos that nothing was learned from, look by look, and what follows from it."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ddm_studio.events import ConvergenceCurve
from ddm_studio.gui.views.plots import curve, themed_plot
from ddm_studio.gui.views.small_parts import label, set_look


class ConvergenceView(QWidget):
    """A dot for every look, the best one larger, and advice in words. The measure has no unit: the axis names the looks that matter."""

    def __init__(self) -> None:
        super().__init__()
        self._plot: Any = None
        self._curve: Any = None
        self._best: Any = None
        self.advice = label("", "small", wrap=True)
        self._whole = QVBoxLayout(self)
        self._whole.setContentsMargins(0, 0, 0, 0)
        self._whole.setSpacing(4)
        self._whole.addWidget(self.advice)
        self.hide()

    def prepare(self) -> None:
        """Make the plot, unless it is made."""
        if self._plot is None:
            self._plot = themed_plot(self.tr("step"), self.tr("← better"))  # turned, the arrow points down
            self._plot.setAccessibleName(self.tr("Distance from photos that nothing is learned from"))
            self._plot.setToolTip(
                self.tr(
                    "How far the kernels are from photos that nothing is learned from, look by look: lower is better.\n"
                    "“start” is the grid that this stage began with; the best one is kept."
                )
            )
            self._curve = curve(self._plot, "MUTED", dots=True)
            self._best = curve(self._plot, "ACCENT", dots=True)
            self._best.setSymbolSize(9)
            self._whole.insertWidget(0, self._plot, 1)

    def show_curve(self, looks: ConvergenceCurve) -> None:
        """Draw all looks of a stage; the view is hidden while there is none."""
        if not len(looks.values):
            self.clear()
            return
        self.prepare()
        steps, values = looks.steps.astype(float), looks.values.astype(float)
        best = int(np.argmin(values))
        self._curve.setData(steps, values)
        self._best.setData(steps[best : best + 1], values[best : best + 1])
        low, high = float(values.min()), float(values.max())
        margin = max((high - low) * 0.12, abs(high) * 1e-6, 1e-9)
        self._plot.setYRange(low - margin, high + margin, padding=0)
        self._plot.getAxis("left").setTicks([self._ticks(float(values[0]), low, margin)])
        self._plot.setXRange(float(steps[0]), max(float(steps[-1]), float(steps[0]) + 1), padding=0.04)
        self.advice.setText(self._words(looks, best))
        set_look(self.advice, "look", "good" if looks.has_settled else "small")
        self.show()

    def clear(self) -> None:
        """Forget the looks."""
        self.hide()

    def _ticks(self, first: float, best: float, apart: float) -> list[tuple[float, str]]:
        """The first look and the best, where there is room for both."""
        if first == best:
            return [(best, self.tr("start, best"))]
        if first - best < apart:
            return [(best, self.tr("best"))]
        return [(best, self.tr("best")), (first, self.tr("start"))]

    def _words(self, looks: ConvergenceCurve, best: int) -> str:
        step, since = int(looks.steps[best]), len(looks.steps) - 1 - best
        if looks.has_settled:
            words = self.tr("Settled: nothing better since step {step}. That grid is kept; more steps are not likely to help.")
        elif since:
            words = self.tr("Best at step {step}. Looks since then that were not better: {since}.")
        else:
            words = self.tr("Still getting better: the best is the newest, step {step}.")
        return words.format(step=step, since=since)
