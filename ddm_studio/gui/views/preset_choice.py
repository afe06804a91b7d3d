"""The presets in human words."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QPushButton, QVBoxLayout, QWidget

from ddm_studio.gui.views.small_parts import label, row, set_look
from ddm_studio.gui.wording import preset_words
from ddm_studio.settings import Preset


class _Choice(QPushButton):
    """A button with a name, a sentence and, once it is known, the time."""

    def __init__(self, name: str, words: str) -> None:
        super().__init__()
        self.setProperty("look", "choice")
        self.setCheckable(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(f"{name}: {words}")
        inside = QVBoxLayout(self)
        inside.setContentsMargins(12, 7, 12, 7)
        inside.setSpacing(1)
        self._name = f"{name}: {words}"
        self.setToolTip(words)
        self.time = label("", "small")
        title, self.sentence = label(name, "strong"), label(words, "small", wrap=True)
        for text in (title, self.sentence, self.time):
            text.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        head = row(title, spacing=6)
        head.addStretch()
        head.addWidget(self.time)
        inside.addLayout(head)
        inside.addWidget(self.sentence)
        inside.addStretch()

    def show_brief(self, is_brief: bool) -> None:
        self.sentence.setVisible(not is_brief)
        set_look(self, "brief", "true" if is_brief else "false")

    def show_time(self, words: str) -> None:
        self.time.setText(words)
        self.setAccessibleName(f"{self._name} {words}".rstrip())


class PresetChoice(QWidget):
    """`changed(Preset)` when a person takes another."""

    changed = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._group = QButtonGroup(self)
        self._buttons: dict[Preset, _Choice] = {}
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(6)
        for preset in Preset:
            choice = _Choice(*preset_words(preset))
            choice.setProperty("preset", preset.value)
            self._group.addButton(choice)
            self._buttons[preset] = choice
            whole.addWidget(choice)
        self._buttons[Preset.INSTANT].setChecked(True)
        self._is_brief = False
        self._group.buttonClicked.connect(self._on_clicked)
        self.setAccessibleName(self.tr("Preset"))

    @property
    def preset(self) -> Preset:
        """The preset taken."""
        return next(preset for preset, choice in self._buttons.items() if choice.isChecked())

    def choose(self, preset: Preset) -> None:
        """Take a preset silently."""
        self._buttons[preset].setChecked(True)
        self._show_sentences()

    def show_brief(self, is_brief: bool) -> None:
        """Where there is little room only the one that is taken has its sentence below its name; the others tell it to the mouse."""
        self._is_brief = is_brief
        self._show_sentences()

    def show_times(self, words: Mapping[Preset, str]) -> None:
        """Say how long each will take."""
        for preset, choice in self._buttons.items():
            choice.show_time(words.get(preset, ""))

    def button(self, preset: Preset) -> QPushButton:
        """The button of a preset."""
        return self._buttons[preset]

    def _on_clicked(self) -> None:
        self._show_sentences()
        self.changed.emit(self.preset)

    def _show_sentences(self) -> None:
        for choice in self._buttons.values():
            choice.show_brief(self._is_brief and not choice.isChecked())
