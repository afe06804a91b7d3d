"""A slider over the moments of a calibration."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QSlider, QWidget

from ddm_studio.gui.grid_history import GridFrame
from ddm_studio.gui.icons import icon
from ddm_studio.gui.save_dialog import ask_where_to_save
from ddm_studio.gui.stage_words import stage_words
from ddm_studio.gui.views.small_parts import button, label

_PLAY_MS = 80


class ReplayBar(QWidget):
    """At its right end it follows the newest grid; anywhere else it stays at a moment.

    `moment_changed(GridFrame)`: show this one. `movie_wanted(Path)`: write all of them as a GIF.
    """

    moment_changed = Signal(object)
    movie_wanted = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._frames: Sequence[GridFrame] = ()
        self._shown = -1
        self.play = button("", name=self.tr("Play how the grid was learned"))
        self.play.setIcon(icon("demo"))
        self.play.setToolTip(self.play.accessibleName())
        self.play.setCheckable(True)
        self.play.toggled.connect(self._on_play)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(0, 0)
        self.slider.setAccessibleName(self.tr("Moment of the calibration"))
        self.slider.valueChanged.connect(self._on_moved)
        self.words = label("", "small")
        self.words.setMinimumWidth(190)
        self.save = button(self.tr("Save as GIF…"))
        self.save.clicked.connect(self._on_save)
        self._timer = QTimer(self)
        self._timer.setInterval(_PLAY_MS)
        self._timer.timeout.connect(self._on_tick)
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(8)
        line.addWidget(self.play)
        line.addWidget(self.slider, 1)
        line.addWidget(self.words)
        line.addWidget(self.save)
        self.hide()

    @property
    def is_live(self) -> bool:
        """Whether the newest grid is shown."""
        return self.slider.value() == self.slider.maximum() and not self.play.isChecked()

    def show_frames(self, frames: Sequence[GridFrame]) -> None:
        """Take what is kept now; a moment that was chosen stays, or the one after it where it was thinned out."""
        was_live = self.is_live
        self._frames = frames
        self.setVisible(len(frames) > 1)
        if len(frames) < 2:
            self.play.setChecked(False)
        place = len(frames) - 1
        if not was_live:
            place = next((index for index, frame in enumerate(frames) if frame.number >= self._shown), place)
        self.slider.blockSignals(True)
        self.slider.setRange(0, max(len(frames) - 1, 0))
        self.slider.setValue(place)
        self.slider.blockSignals(False)
        if frames:
            self._tell(place)

    def save_to(self, path: Path) -> None:
        """Ask for the GIF."""
        self.movie_wanted.emit(path)

    def _tell(self, place: int) -> None:
        frame = self._frames[place]
        self._shown = frame.number
        self.words.setText(self.tr("{stage}, step {step}").format(stage=stage_words(frame.stage), step=frame.step))

    def _on_moved(self, place: int) -> None:
        if place < len(self._frames):
            self._tell(place)
            self.moment_changed.emit(self._frames[place])

    def _on_play(self, wanted: bool) -> None:
        if wanted:
            if self.slider.value() == self.slider.maximum():
                self.slider.setValue(0)
            self._timer.start()
        else:
            self._timer.stop()

    def _on_tick(self) -> None:
        self.slider.setValue(self.slider.value() + 1)
        if self.slider.value() == self.slider.maximum():
            self.play.setChecked(False)

    def _on_save(self) -> None:
        path = ask_where_to_save(self, self.tr("Save how the grid was learned"), "grid.gif")
        if path is not None:
            self.save_to(path)
