"""The loss of the running stage."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QStackedLayout, QWidget

from ddm_studio.events import LossCurve
from ddm_studio.gui import theme
from ddm_studio.gui.views.plots import dark_plot
from ddm_studio.gui.views.small_parts import label


class LossView(QWidget):
    """A curve whose height follows the bulk of the points, so that the first steps do not flatten the rest."""

    def __init__(self) -> None:
        super().__init__()
        self._plot = dark_plot(self.tr("step"), self.tr("loss"))
        self._plot.setAccessibleName(self.tr("Loss curve"))
        self._curve = self._plot.plot(pen=pg.mkPen(theme.ACCENT, width=2))
        hint = label(self.tr("The loss of each stage is drawn here."), "small")
        hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        hint.setStyleSheet(f"background: {theme.CANVAS}; border-radius: 8px;")
        self._stack = QStackedLayout(self)
        self._stack.addWidget(hint)
        self._stack.addWidget(self._plot)

    def show_curve(self, curve: LossCurve) -> None:
        """Draw a stage's history."""
        steps, losses = curve.steps, curve.losses
        keep = np.isfinite(losses)
        steps, losses = steps[keep], losses[keep]
        self._curve.setData(steps, losses)
        if len(losses) < 2:
            return
        self._stack.setCurrentIndex(1)
        low, high = float(losses.min()), float(np.percentile(losses, 98))
        margin = max((high - low) * 0.08, abs(high) * 1e-6, 1e-9)
        self._plot.setYRange(low - margin, high + margin, padding=0)
        self._plot.setXRange(0, float(steps[-1]), padding=0.02)

    def clear(self) -> None:
        """Forget the curve."""
        self._curve.setData([], [])
        self._stack.setCurrentIndex(0)
