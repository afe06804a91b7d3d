"""The loss of a calibration, stage by stage."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QStackedLayout, QVBoxLayout, QWidget

from ddm_studio.events import LossCurve
from ddm_studio.gui.stage_words import stage_words
from ddm_studio.gui.views.plots import curve, themed_plot
from ddm_studio.gui.views.small_parts import label


class LossView(QWidget):
    """The curve of one stage, the newest unless a person looks at another: no two stages measure the same misfit.

    Its height follows the bulk of the points, so that the first steps do not flatten the rest. While there is no curve, words take
    its place: many stages have no loss.
    """

    def __init__(self) -> None:
        super().__init__()
        self._plot: Any = None
        self._curve: Any = None
        self._histories: dict[str, LossCurve] = {}
        self._invitation = self.tr("How far the grid is from explaining the photos is drawn here while it is learned: lower is better.")
        self.hint = label(self._invitation, "hint", wrap=True)
        self.hint.setMargin(14)
        self.hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.stages = QComboBox()
        self.stages.setAccessibleName(self.tr("Stage whose misfit is shown"))
        self.stages.activated.connect(self._on_stage)
        self.stages.hide()
        self._stack = QStackedLayout()
        self._stack.addWidget(self.hint)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(4)
        whole.addLayout(self._stack, 1)
        whole.addWidget(self.stages, 0, Qt.AlignmentFlag.AlignLeft)

    @property
    def has_curve(self) -> bool:
        """Whether a curve is shown, not words."""
        return self._stack.currentIndex() == 1

    @property
    def shown(self) -> LossCurve | None:
        """The curve that is shown; None while words are."""
        return self._histories.get(str(self.stages.currentData())) if self.has_curve else None

    def prepare(self) -> None:
        """Make the plot, unless it is made."""
        if self._plot is None:
            self._plot = themed_plot(self.tr("step"), self.tr("misfit (loss)"))
            self._plot.setAccessibleName(self.tr("Misfit to the photos, step by step"))
            self._curve = curve(self._plot, "ACCENT")
            self._stack.addWidget(self._plot)

    def show_curve(self, history: LossCurve) -> None:
        """Take a stage's history; a stage that begins is turned to, whatever was looked at."""
        is_new = history.stage not in self._histories
        self._histories[history.stage] = history
        if is_new:
            self.stages.addItem(stage_words(history.stage), history.stage)
        if is_new or not self.has_curve:
            self.stages.setCurrentIndex(self.stages.findData(history.stage))
        if self.stages.currentData() == history.stage:
            self._draw(history)
        self._show_stages()

    def show_kept(self, histories: Iterable[LossCurve]) -> None:
        """Histories of an earlier visit, before those that were told in this one."""
        told = self._histories
        kept = {history.stage: history for history in histories}
        chosen, had_curve, words = self.stages.currentData(), self.has_curve, self.hint.text()
        self.clear()
        for history in (kept | told).values():
            self.show_curve(history)
        if not had_curve and words != self._invitation:
            self.show_words(words)  # of a stage that runs
        elif chosen in told:
            self._turn_to(str(chosen))

    def show_words(self, words: str) -> None:
        """Say what is done meanwhile; without words the last curve is shown, if there is one."""
        if not words and self._histories:
            self._turn_to(list(self._histories)[-1])
            return
        self.hint.setText(words or self._invitation)
        self._stack.setCurrentIndex(0)
        self._show_stages()

    def clear(self) -> None:
        """Forget the curves."""
        self._histories = {}
        self.stages.clear()
        self.show_words("")

    def _on_stage(self) -> None:
        self._turn_to(str(self.stages.currentData()))

    def _turn_to(self, stage: str) -> None:
        self.stages.setCurrentIndex(self.stages.findData(stage))
        self._draw(self._histories[stage])
        self._show_stages()

    def _show_stages(self) -> None:
        """One needs no choice."""
        self.stages.setVisible(self.stages.count() > 1)

    def _draw(self, history: LossCurve) -> None:
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
