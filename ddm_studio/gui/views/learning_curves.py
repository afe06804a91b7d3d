"""The curves of a running calibration side by side, or in words what a stage without curves does."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtWidgets import QHBoxLayout, QWidget

from ddm_studio.events import ConvergenceCurve, LossCurve, StageStarted
from ddm_studio.gui.grid_history import GridFrame
from ddm_studio.gui.stage_words import stage_sentence
from ddm_studio.gui.views.convergence_view import ConvergenceView
from ddm_studio.gui.views.loss_view import LossView


class LearningCurves(QWidget):
    """Loss and, in the stage that has it, convergence."""

    def __init__(self) -> None:
        super().__init__()
        self.loss = LossView()
        self.convergence = ConvergenceView()
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(10)
        line.addWidget(self.loss, 1)
        line.addWidget(self.convergence, 1)

    def prepare(self) -> None:
        """Make the plots, which takes long the first time."""
        self.loss.prepare()
        self.convergence.prepare()

    def show_event(self, event: StageStarted | LossCurve | ConvergenceCurve) -> None:
        """Draw what is told; a new stage begins with words, if there are any."""
        match event:
            case StageStarted():
                self.loss.show_words(stage_sentence(event.stage))
                self.convergence.clear()
            case LossCurve():
                self.loss.show_curve(event)
            case ConvergenceCurve():
                self.convergence.show_curve(event)

    def show_rest(self) -> None:
        """Nothing is learned any more: the last curves stay to be looked at."""
        self.loss.show_words("")

    def show_kept(self, losses: Iterable[LossCurve]) -> None:
        """The losses of a run's stages until it was left, beneath what it has told since."""
        self.loss.show_kept(losses)

    def show_moment(self, moment: GridFrame | None) -> None:
        """Mark when a grid was learned that is looked at; None where that is the newest."""
        if moment is None:
            self.loss.show_now()
        else:
            self.loss.show_moment(moment.stage, moment.step)

    def clear(self) -> None:
        """Forget the curves."""
        self.loss.clear()
        self.convergence.clear()
