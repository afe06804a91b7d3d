"""What a person chooses for the program as a whole: colours, units, cache folder, networks. Every choice is taken at once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import platformdirs
from PySide6.QtCore import Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QFileDialog, QFormLayout, QLabel, QTabWidget, QVBoxLayout, QWidget

from ddm_studio.deblur.weights import DIFFUNET, DRUNET, MODEL_HUB
from ddm_studio.gui.memory import Memory
from ddm_studio.gui.views.message_bar import message_of_error
from ddm_studio.gui.views.small_parts import Segments, button, label, row
from ddm_studio.gui.views.weight_card import WeightCard
from ddm_studio.gui.weight_store import WeightStore
from ddm_studio.gui.wording import with_tilde
from ddm_studio.preferences import Preferences, Theme, Units


class SettingsDialog(QDialog):
    """Not in the way of the window: it stays open beside it. `message(Message)` for what goes wrong."""

    message = Signal(object)

    def __init__(self, parent: QWidget, memory: Memory, hub: str = MODEL_HUB) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Settings"))
        self.setMinimumWidth(560)
        self._memory = memory
        self.store = WeightStore(self._cache() / "weights", hub, self)
        self.store.failed.connect(self._on_failed)
        self.theme = Segments([(Theme.DARK.value, self.tr("Dark")), (Theme.LIGHT.value, self.tr("Light"))], self.tr("Colours"))
        units = [(Units.PIXELS.value, self.tr("Pixels")), (Units.MICROMETRES.value, self.tr("Micrometres"))]
        self.units = Segments(units, self.tr("Lengths"))
        self.folder = label("", wrap=True)
        self.choose = button(self.tr("Choose…"), name=self.tr("Choose the cache folder"))
        self.default = button(self.tr("Use the system's"), "link", name=self.tr("Use the system's cache folder"))
        self.profiles = label("", wrap=True)
        self.choose_profiles = button(self.tr("Choose…"), name=self.tr("Choose the folder of lens profiles"))
        self.no_profiles = button(self.tr("None"), "link", name=self.tr("No folder of lens profiles"))
        self.failure = label("", "warning", wrap=True)
        self.failure.hide()
        tabs = QTabWidget()
        tabs.addTab(self._general(), self.tr("General"))
        tabs.addTab(self._networks(), self.tr("Networks"))
        tabs.tabBar().setAccessibleName(self.tr("Parts of the settings"))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.button(QDialogButtonBox.StandardButton.Close).setIcon(QIcon())  # the desktop's may be black on our dark
        buttons.rejected.connect(self.close)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(16, 14, 16, 14)
        whole.setSpacing(12)
        whole.addWidget(tabs, 1)
        whole.addWidget(self.failure)
        whole.addWidget(buttons)
        self.tabs = tabs
        self.theme.changed.connect(self._on_theme)
        self.units.changed.connect(self._on_units)
        self.choose.clicked.connect(self._on_choose)
        self.default.clicked.connect(self._on_default)
        self.choose_profiles.clicked.connect(self._on_choose_profiles)
        self.no_profiles.clicked.connect(self._on_no_profiles)
        memory.preferences_changed.connect(self._show)
        self._show()

    def use_cache(self, folder: Path | None) -> None:
        """Keep downloads in a folder, or in the system's own. What is there already is not moved."""
        self._prefer(cache=folder)

    def shut_down(self) -> None:
        """Stop a download, and end the thread."""
        self.store.shut_down()

    def _general(self) -> QWidget:
        page = QWidget()
        form = QFormLayout(page)
        form.setContentsMargins(16, 16, 16, 16)
        form.setVerticalSpacing(16)
        form.setHorizontalSpacing(20)
        fields = Preferences.model_fields
        for words, field, part, buttons in (
            (self.tr("Colours"), "theme", self.theme, ()),
            (self.tr("Lengths"), "units", self.units, ()),
            (self.tr("Lens profiles"), "profiles", self.profiles, (self.choose_profiles, self.no_profiles)),
            (self.tr("Cache folder"), "cache", self.folder, (self.choose, self.default)),
        ):
            caption = label(words, "muted")
            for one in (caption, part):
                one.setToolTip(fields[field].description or "")
            form.addRow(caption, part)
            if buttons:
                line = row(*buttons)
                line.addStretch()
                form.addRow(QLabel(), line)
        return page

    def _networks(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(10)
        words = self.tr(
            "The bundled denoiser needs nothing from here. These larger networks can take its place in DPIR and DiffPIR; each is "
            "checked by its hash before it is used."
        )
        column.addWidget(label(words, "muted", wrap=True))
        names = {DRUNET: self.tr("DRUNet, a denoiser"), DIFFUNET: self.tr("Diffusion network for faces")}
        self.cards = [WeightCard(weight, name, self.store) for weight, name in names.items()]
        for one in self.cards:
            column.addWidget(one)
        column.addStretch()
        return page

    def _cache(self) -> Path:
        return self._memory.preferences.cache or Path(platformdirs.user_cache_dir("ddm-studio"))

    def _show(self) -> None:
        preferences = self._memory.preferences
        self.theme.choose(preferences.theme.value)
        self.units.choose(preferences.units.value)
        self.folder.setText(with_tilde(self._cache()))
        self.default.setEnabled(preferences.cache is not None)
        none = self.tr("Those opened lately are known; a folder of profiles can be added.")
        self.profiles.setText(none if preferences.profiles is None else with_tilde(preferences.profiles))
        self.no_profiles.setEnabled(preferences.profiles is not None)
        self.store.use_folder(self._cache() / "weights")

    def _prefer(self, **changes: object) -> None:
        self._memory.prefer(self._memory.preferences.model_copy(update=changes))

    def _on_theme(self, key: str) -> None:
        self._prefer(theme=Theme(key))

    def _on_units(self, key: str) -> None:
        self._prefer(units=Units(key))

    def _on_choose(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, self.tr("Cache folder"), str(self._cache()))
        if folder:
            self.use_cache(Path(folder))

    def _on_default(self) -> None:
        self.use_cache(None)

    def use_profiles(self, folder: Path | None) -> None:
        """Look for the profiles of photos in this folder, too."""
        self._prefer(profiles=folder)

    def _on_choose_profiles(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, self.tr("Folder of lens profiles"), str(self._memory.preferences.profiles or ""))
        if folder:
            self.use_profiles(Path(folder))

    def _on_no_profiles(self) -> None:
        self.use_profiles(None)

    def _on_failed(self, error: Exception) -> None:
        self.failure.setText(str(error))
        self.failure.show()
        self.message.emit(replace(message_of_error(error), stays=True))  # a download may fail long after it was begun
