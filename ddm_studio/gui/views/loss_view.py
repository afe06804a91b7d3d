"""The loss of a calibration, stage by stage."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QStackedLayout, QVBoxLayout, QWidget

from ddm_studio.events import LossCurve
from ddm_studio.gui.stage_words import stage_words
from ddm_studio.gui.views.plot_shares import bulk, still_ahead
from ddm_studio.gui.views.plots import curve, themed_plot
from ddm_studio.gui.views.small_parts import label


class LossView(QWidget):
    """The curve of one stage, the newest unless a person looks at another: no two stages measure the same.

    A loss has no unit that a photographer knows, and no zero: shown is what part of the stage's way was still ahead. While there is no
    curve, words take its place: many stages have no loss.
    """

    def __init__(self) -> None:
        super().__init__()
        self._plot: Any = None
        self._curve: Any = None
        self._moment: Any = None
        self._is_looking_back = False
        self._running_words = ""
        self._histories: dict[str, LossCurve] = {}
        self._invitation = self.tr("What is still to gain is drawn here while the grid is learned: lower is better.")
        self.hint = label(self._invitation, "hint", wrap=True)
        self.hint.setMargin(14)
        self.hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.stages = QComboBox()
        self.stages.setAccessibleName(self.tr("Stage whose course is shown"))
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
            self._plot = themed_plot(self.tr("step"), self.tr("still to gain, %"))
            self._plot.setAccessibleName(self.tr("What was still to gain, step by step"))
            self._plot.setToolTip(
                self.tr(
                    "How far the kernels were, at each step, from the best of this stage so far.\n"
                    "100 % is where the stage began, 0 % its best: lower is better.\n"
                    "Once the curve is flat, more steps bring little."
                )
            )
            self._moment = curve(self._plot, "MUTED", dashed=True)
            self._curve = curve(self._plot, "ACCENT")
            self._stack.addWidget(self._plot)

    def show_curve(self, history: LossCurve) -> None:
        """Take a stage's history; a stage that begins is turned to, whatever was looked at."""
        is_new = history.stage not in self._histories
        self._histories[history.stage] = history
        if is_new:
            self._running_words = ""
        if is_new:
            self.stages.addItem(stage_words(history.stage), history.stage)
        if (is_new or not self.has_curve) and not self._is_looking_back:
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
        """Say what is done meanwhile; without words the last curve is shown, if there is one. Who looks back is not disturbed."""
        self._running_words = words
        if self._is_looking_back:
            return
        if not words and self._histories:
            self._turn_to(list(self._histories)[-1])
            return
        self.hint.setText(words or self._invitation)
        self._stack.setCurrentIndex(0)
        self._show_stages()

    def show_moment(self, stage: str, step: int) -> None:
        """Mark an earlier moment, in the curve of its stage where there is one."""
        self._is_looking_back = True
        if stage in self._histories:
            self._turn_to(stage)
            self._mark(step)
        elif self.has_curve:
            self._mark(None)

    def show_now(self) -> None:
        """Return from an earlier moment to what is done now."""
        if self._is_looking_back:
            self._is_looking_back = False
            self._mark(None)
            self.show_words(self._running_words)

    def clear(self) -> None:
        """Forget the curves."""
        self._is_looking_back = False
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
        """One needs no choice, but its plot stays where it is when a second stage comes."""
        room = self.stages.sizePolicy()
        room.setRetainSizeWhenHidden(self.has_curve)
        self.stages.setSizePolicy(room)
        self.stages.setVisible(self.stages.count() > 1)

    def _mark(self, step: int | None) -> None:
        if self._plot is not None:
            low, high = self._plot.viewRange()[1]
            self._moment.setData([] if step is None else [step, step], [] if step is None else [low, high])

    def _draw(self, history: LossCurve) -> None:
        self.prepare()
        keep = np.isfinite(history.losses)
        steps, losses = history.steps[keep], history.losses[keep]
        if len(losses) < 2:
            self._curve.setData([], [])
            return
        shares = still_ahead(losses)
        self._curve.setData(steps, shares)
        self._stack.setCurrentIndex(1)
        self._plot.setYRange(*bulk(shares), padding=0)
        self._plot.setXRange(0, float(steps[-1]), padding=0.02)  # grids are seen from the first step on, also where a loss comes later
