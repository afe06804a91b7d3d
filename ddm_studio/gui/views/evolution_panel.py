"""The grid while it is learned, and every moment before."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ddm_studio.events import ConfidenceEstimated, KernelsLearned
from ddm_studio.gui.grid_history import GridFrame, GridHistory
from ddm_studio.gui.grid_movie import GridMovie
from ddm_studio.gui.views.grid_panel import GridPanel
from ddm_studio.gui.views.replay_bar import ReplayBar


class EvolutionPanel(QWidget):
    """`movie_wanted(GridMovie)`: whoever owns the panel writes it, off the window's thread."""

    movie_wanted = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.history = GridHistory()
        self.panel = GridPanel(self.tr("The grid of point-spread functions appears here while it is learned."))
        self.replay = ReplayBar()
        self.replay.moment_changed.connect(self._on_moment)
        self.replay.movie_wanted.connect(self._on_movie)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(8)
        whole.addWidget(self.panel, 1)
        whole.addWidget(self.replay)

    def clear(self) -> None:
        """Forget the last calibration."""
        self.history.clear()
        self.replay.show_frames(())
        self.panel.show_psf(None)
        self.panel.show_confidence(None)

    def show_event(self, event: KernelsLearned | ConfidenceEstimated) -> None:
        """Take a grid, shown at once unless an earlier moment is looked at; or how far the grid can be trusted."""
        if isinstance(event, ConfidenceEstimated):
            self.panel.show_confidence(event.expected)
            return
        self.history.add(event)
        follows = self.replay.is_live
        self.replay.show_frames(self.history.frames)
        if follows:
            self.panel.show_psf(event.kernels)

    def _on_moment(self, frame: GridFrame) -> None:
        self.panel.show_psf(frame.kernels.astype(np.float32))

    def _on_movie(self, path: Path) -> None:
        self.movie_wanted.emit(GridMovie(path, self.history.frames, self.panel.look))
