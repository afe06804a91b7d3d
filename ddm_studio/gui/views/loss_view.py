"""The loss of the running stage."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QStackedLayout, QWidget

from ddm_studio.events import LossCurve
from ddm_studio.gui.views.plots import curve, themed_plot
from ddm_studio.gui.views.small_parts import label


class LossView(QWidget):
    """A curve whose height follows the bulk of the points, so that the first steps do not flatten the rest.

    While there is no curve, words take its place: many stages have no loss.
    """

    def __init__(self) -> None:
        super().__init__()
        self._plot: Any = None
        self._curve: Any = None
        self._invitation = self.tr("How far the grid is from explaining the photos is drawn here while it is learned: lower is better.")
        self.hint = label(self._invitation, "hint", wrap=True)
        self.hint.setMargin(14)
        self.hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self.hint)

    @property
    def has_curve(self) -> bool:
        """Whether a curve is shown, not words."""
        return self._stack.currentIndex() == 1

    def prepare(self) -> None:
        """Make the plot, unless it is made."""
        if self._plot is None:
            self._plot = themed_plot(self.tr("step"), self.tr("misfit (loss)"))
            self._plot.setAccessibleName(self.tr("Misfit to the photos, step by step"))
            self._curve = curve(self._plot, "ACCENT")
            self._stack.addWidget(self._plot)

    def show_curve(self, history: LossCurve) -> None:
        """Draw a stage's history."""
        self.prepare()
        keep = np.isfinite(history.losses)
        steps, losses = history.steps[keep], history.losses[keep]
        self._curve.setData(steps, losses)
        if len(losses) < 2:
            return
        self._stack.setCurrentIndex(1)
        low, high = float(losses.min()), float(np.percentile(losses, 98))
        margin = max((high - low) * 0.08, abs(high) * 1e-6, 1e-9)
        self._plot.setYRange(low - margin, high + margin, padding=0)
        self._plot.setXRange(float(steps[0]), float(steps[-1]), padding=0.02)

    def clear(self, words: str = "") -> None:
        """Forget the curve; `words` say what is done meanwhile, or nothing does."""
        self.hint.setText(words or self._invitation)
        self._stack.setCurrentIndex(0)
