"""What a calibration should do: preset, where to keep it, and the advanced settings."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFileDialog, QLineEdit, QVBoxLayout, QWidget

from ddm_studio.gui.icons import icon
from ddm_studio.gui.outlook import Outlook
from ddm_studio.gui.views.preset_choice import PresetChoice
from ddm_studio.gui.views.settings_form import SettingsForm
from ddm_studio.gui.views.small_parts import button, label, row
from ddm_studio.gui.wording import card_words, expected_time_words
from ddm_studio.settings import CalibrationSettings, Preset, preset_settings


class CalibrationForm(QWidget):
    """`project_changed()` when another project folder is given; `edited()` when a person changes a setting; `advanced_shown(bool)`."""

    project_changed = Signal()
    edited = Signal()
    advanced_shown = Signal(bool)

    def __init__(self) -> None:
        super().__init__()
        self.presets = PresetChoice()
        self.presets.changed.connect(self._on_preset)
        self.project = QLineEdit()
        self.project.setAccessibleName(self.tr("Project folder"))
        self.project.setPlaceholderText(self.tr("Choose the blurry photos first"))
        self.project.setToolTip(self.tr("Checkpoints and the finished profile are kept here"))
        self.project.textChanged.connect(self.project_changed)
        self.project.textEdited.connect(self._on_folder_typed)
        self.project_note = label("", "small", wrap=True)
        self.project_note.hide()
        self.choose = button("", name=self.tr("Choose the project folder"))
        self.choose.setIcon(icon("folder"))
        self.choose.clicked.connect(self._choose)
        self.advanced_button = button(self.tr("Advanced"), "link")
        self.advanced_button.setIcon(icon("right"))
        self.advanced_button.setCheckable(True)
        self.advanced_button.toggled.connect(self._on_advanced)
        self.advanced = SettingsForm(
            [
                ("grid_rows", self.tr("Grid rows")),
                ("grid_columns", self.tr("Grid columns")),
                ("kernel_size", self.tr("Kernel size")),
                ("colour", self.tr("Colour")),
                ("noise", self.tr("Noise")),
                ("sharp_crop", self.tr("Sharp crop")),
                ("matching.until_settled", self.tr("End early")),
                ("device", self.tr("Compute on")),
                ("seed", self.tr("Seed")),
            ]
        )
        self.device_words = label("", "small", wrap=True)
        self.advanced.hide()
        self.device_words.hide()
        self.advanced.edited.connect(self.edited)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(8)
        whole.addWidget(label(self.tr("How much work"), "heading"))
        whole.addWidget(self.presets)
        whole.addSpacing(4)
        whole.addWidget(label(self.tr("Keep the project in"), "heading"))
        whole.addLayout(row(self.project, self.choose, spacing=6))
        whole.addWidget(self.project_note)
        whole.addWidget(self.advanced_button)
        whole.addWidget(self.advanced)
        whole.addWidget(self.device_words)
        whole.addStretch()

    @property
    def settings(self) -> CalibrationSettings:
        """The settings as they stand."""
        return self.advanced.settings

    def show_settings(self, settings: CalibrationSettings) -> None:
        """Take other settings, silently."""
        self.presets.choose(settings.preset)
        self.advanced.show_settings(settings)

    def show_outlook(self, outlook: Outlook) -> None:
        """Say how long the presets take, and where they compute."""
        self.presets.show_times({preset: expected_time_words(seconds) for preset, seconds in outlook.seconds.items()})
        self.device_words.setText(card_words(outlook.card))

    @property
    def project_folder(self) -> Path | None:
        """Where to keep it; None while nothing is given."""
        text = self.project.text().strip()
        return Path(text).expanduser() if text else None

    def tell_of_project(self, words: str) -> None:
        """Say below the project folder why it is another one now; nothing without words."""
        self.project_note.setText(words)
        self.project_note.setVisible(bool(words))

    def _on_folder_typed(self) -> None:
        self.tell_of_project("")

    def _on_preset(self, preset: Preset) -> None:
        """Another preset changes budgets only; what a person set by hand stays."""
        shown = self.advanced.settings
        kept = {
            name: getattr(shown, name)
            for name in ("grid_rows", "grid_columns", "kernel_size", "colour", "noise", "sharp_crop", "device", "seed")
        }
        taken = preset_settings(preset, **kept)
        matching = taken.matching.model_copy(update={"until_settled": shown.matching.until_settled})
        self.advanced.show_settings(taken.model_copy(update={"matching": matching}))
        self.edited.emit()

    def _on_advanced(self, shown: bool) -> None:
        self.advanced.setVisible(shown)
        self.device_words.setVisible(shown)
        self.advanced_button.setIcon(icon("down" if shown else "right"))
        self.advanced_shown.emit(shown)

    def _choose(self) -> None:
        start = self.project_folder
        existing = next((str(folder) for folder in (start, *start.parents) if folder.is_dir()), "") if start else ""
        folder = QFileDialog.getExistingDirectory(self, self.tr("Project folder"), existing)
        if folder:
            self.tell_of_project("")
            self.project.setText(folder)
