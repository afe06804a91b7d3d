"""The grid while it is learned, and every moment before; beside it patches that show how good it is."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ddm_studio.events import ConfidenceEstimated, KernelsLearned, PatchesCompared
from ddm_studio.gui.grid_history import GridFrame, GridHistory
from ddm_studio.gui.grid_movie import GridMovie
from ddm_studio.gui.views.grid_panel import GridPanel
from ddm_studio.gui.views.patches_panel import PatchesPanel
from ddm_studio.gui.views.replay_bar import ReplayBar
from ddm_studio.gui.views.small_parts import allow, button, row

_BETWEEN = 14


class EvolutionPanel(QWidget):
    """`movie_wanted(GridMovie)`: whoever owns the panel writes it, off the window's thread.

    `moment_changed(GridFrame)`: this one is looked at, or None where it is the newest, whatever comes.
    """

    movie_wanted = Signal(object)
    moment_changed = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.history = GridHistory()
        self.panel = GridPanel(self.tr("The grid of point-spread functions appears here while it is learned."))
        self.replay = ReplayBar()
        self.replay.moment_changed.connect(self._on_moment)
        self.replay.movie_wanted.connect(self._on_movie)
        self.patches = PatchesPanel()
        self.patches_wanted = button(self.tr("Patches"))
        self.patches_wanted.setCheckable(True)
        self.patches_wanted.setChecked(True)
        self.patches_wanted.setProperty("look", "segment")
        self.patches_wanted.setProperty("place", "alone")
        self.patches_wanted.toggled.connect(self._show_patches)
        self.patches.setMinimumWidth(1)  # where there is not so much room they go, rather than to make the window wider
        upper = row(spacing=_BETWEEN)
        upper.addWidget(self.panel, 1)
        upper.addWidget(self.patches, 1)
        lower = row()
        lower.addWidget(self.replay, 1)
        lower.addWidget(self.patches_wanted, 0, Qt.AlignmentFlag.AlignRight)  # also where there is nothing to replay yet
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(8)
        whole.addLayout(upper, 1)
        whole.addLayout(lower)
        self._show_patches()

    def clear(self) -> None:
        """Forget the last calibration."""
        self.history.clear()
        self.replay.show_frames(())
        self.panel.show_psf(None)
        self.panel.show_confidence(None)
        self.patches.clear()

    def show_event(self, event: KernelsLearned | ConfidenceEstimated | PatchesCompared) -> None:
        """Take a grid, shown at once unless an earlier moment is looked at; how far it can be trusted; or patches."""
        if isinstance(event, PatchesCompared):
            self.patches.show_patches(event)
            return
        if isinstance(event, ConfidenceEstimated):
            self.panel.show_confidence(event.expected)
            return
        self.history.add(event)
        follows = self.replay.is_live
        self.replay.show_frames(self.history.frames)
        if follows:
            self.panel.show_psf(event.kernels)
            self.moment_changed.emit(None)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Help beside the page may leave too little room for the patches."""
        super().resizeEvent(event)
        self._show_patches()

    def _show_patches(self) -> None:
        """They have their room before there are any: nothing is to move while a person watches."""
        has_room = self.width() >= self.panel.minimumWidth() + _BETWEEN + self.patches.minimumSizeHint().width()
        why_not = "" if has_room else self.tr("There is no room for patches beside the grid: make the window wider.")
        allow(self.patches_wanted, why_not, self.tr("Pieces that the program makes beside pieces of your photos, to judge the grid by eye"))
        self.patches.setVisible(has_room and self.patches_wanted.isChecked())

    def _on_moment(self, frame: GridFrame) -> None:
        self.panel.show_psf(frame.kernels.astype(np.float32))
        self.moment_changed.emit(None if self.replay.is_live else frame)

    def _on_movie(self, path: Path) -> None:
        self.movie_wanted.emit(GridMovie(path, self.history.frames, self.panel.look))
