"""The lens's own network: whether there is one, and the button that trains it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ddm_studio.engine.requests import TrainRestorerRequest
from ddm_studio.gui.views.small_parts import allow, button
from ddm_studio.gui.wording import duration
from ddm_studio.project import Project, restorer_beside
from ddm_studio.settings import RestorerSettings

_CHECKPOINT = "training_the_restorer.safetensors"


class NetworkTraining(QWidget):
    """`train_requested(TrainRestorerRequest)` when a person wants it trained, anew or on."""

    train_requested = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._profile: Path | None = None
        self._could_not_resume = False
        self.train = button("")
        self.train.clicked.connect(self._on_train)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self.train)
        self.show_lens(None)

    @property
    def is_trained(self) -> bool:
        """Whether the lens has its own network."""
        return self._profile is not None and restorer_beside(self._profile).is_file()

    @property
    def is_begun(self) -> bool:
        """Whether a stopped training can go on."""
        return self._project is not None and (self._project.checkpoints / _CHECKPOINT).is_file() and not self.is_trained

    @property
    def _project(self) -> Project | None:
        """The project that the profile came from; None where it lies elsewhere."""
        if self._profile is None:
            return None
        project = Project(self._profile.parent)
        return project if project.contents_file.is_file() and project.profile == self._profile else None

    def show_lens(self, profile: Path | None) -> None:
        """Look again what there is for a profile."""
        if profile != self._profile:
            self._profile, self._could_not_resume = profile, False
        if self.is_trained:
            words = self.tr("Train lens network anew ({time})")
        elif self.is_begun and not self._could_not_resume:
            words = self.tr("Go on training (up to {time})")
        else:
            words = self.tr("Train lens network ({time})")
        self.train.setText(words.format(time=duration(60 * RestorerSettings().minutes)))
        self.train.setAccessibleName(self.train.text())

    def show_rest(self, is_idle: bool) -> None:
        """Whether a job may be started."""
        why = ""
        if self._profile is None:
            why = self.tr("Choose a lens profile first.")
        elif self._project is None:
            why = self.tr("The network learns from the sharp photos of the project, and this profile lies outside of one.")
        elif not is_idle:
            why = self.tr("Another job is running.")
        allow(self.train, why, self.tr("Learns on the project's sharp photos to restore this very lens, faster than DPIR."))

    def show_failed(self) -> None:
        """A training that cannot go on, as when photos have changed, is begun anew the next time."""
        self._could_not_resume = True

    def _on_train(self) -> None:
        project = self._project
        if project is not None:
            resume = self.is_begun and not self._could_not_resume
            self.train_requested.emit(TrainRestorerRequest(project.folder, resume=resume))
