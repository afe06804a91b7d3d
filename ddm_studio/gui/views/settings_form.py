"""A form made from the declarations in `settings`: bounds, unit and sentence of each field come from there."""

from __future__ import annotations

import types
import typing
from collections.abc import Sequence
from enum import StrEnum
from operator import attrgetter
from typing import Any, TypeAlias, cast

from annotated_types import Ge, Le
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QDoubleSpinBox, QFormLayout, QHBoxLayout, QSpinBox, QWidget

from ddm_studio.gui.views.small_parts import label, number_field
from ddm_studio.settings import CalibrationSettings


class _Entry(QWidget):
    """The widget around the control of one field. `edited` only when a person changes it."""

    edited = Signal()

    def _line(self, *parts: QWidget) -> None:
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(6)
        for part in parts:
            line.addWidget(part)
        line.addStretch()


class _NumberEntry(_Entry):
    """A whole number."""

    def __init__(self, field: FieldInfo, name: str) -> None:
        super().__init__()
        self._box = number_field(QSpinBox)
        low, high = bounds_of(field)
        self._box.setRange(int(low), int(high))
        self._box.setAccessibleName(name)
        self._only_odd = "odd" in (field.description or "")
        self._box.setSingleStep(2 if self._only_odd else 1)
        extra = field.json_schema_extra
        if isinstance(extra, dict) and extra.get("unit"):
            self._box.setSuffix(f" {extra['unit']}")
        self._box.setFixedWidth(124)
        self._box.valueChanged.connect(self.edited)
        self._line(self._box)

    def value(self) -> int:
        number = self._box.value()
        return number + 1 if self._only_odd and number % 2 == 0 else number

    def show_value(self, value: int) -> None:
        self._box.setValue(value)


class _SwitchEntry(_Entry):
    """Yes or no."""

    def __init__(self, words: str, name: str) -> None:
        super().__init__()
        self._box = QCheckBox(words)
        self._box.setAccessibleName(f"{name}: {words}")
        self._box.toggled.connect(self.edited)
        self._line(self._box)

    def value(self) -> bool:
        return self._box.isChecked()

    def show_value(self, value: bool) -> None:
        self._box.setChecked(value)


class _ChoiceEntry(_Entry):
    """One of a few words."""

    def __init__(self, choices: Sequence[str], name: str) -> None:
        super().__init__()
        self._choices = list(choices)
        self._box = QComboBox()
        self._box.addItems([choice.upper() if len(choice) <= 4 and choice != "auto" else choice.capitalize() for choice in choices])
        self._box.setAccessibleName(name)
        self._box.setFixedWidth(124)
        self._box.currentIndexChanged.connect(self.edited)
        self._line(self._box)

    def value(self) -> str:
        return self._choices[self._box.currentIndex()]

    def show_value(self, value: str) -> None:
        self._box.setCurrentIndex(self._choices.index(str(value)))


class _OptionalEntry(_Entry):
    """Numbers that may be left out: the box ticked means "decided for you"."""

    def __init__(self, boxes: Sequence[QSpinBox | QDoubleSpinBox], words: str, name: str, start: Sequence[float]) -> None:
        super().__init__()
        self._boxes = boxes
        self._start = start
        self._left_out = QCheckBox(words)
        self._left_out.setAccessibleName(f"{name}: {words}")
        self._left_out.toggled.connect(self._on_toggled)
        for box in boxes:
            box.setAccessibleName(name)
            box.valueChanged.connect(self.edited)
        self._line(self._left_out, *boxes)

    def value(self) -> object:
        if self._left_out.isChecked():
            return None
        return self._boxes[0].value() if len(self._boxes) == 1 else tuple(box.value() for box in self._boxes)

    def show_value(self, value: Any) -> None:
        self._left_out.setChecked(value is None)
        shown = self._start if value is None else (value,) if len(self._boxes) == 1 else value
        for box, number in zip(self._boxes, shown, strict=True):
            box.setValue(number)
        self._enable()

    def _on_toggled(self) -> None:
        self._enable()
        self.edited.emit()

    def _enable(self) -> None:
        for box in self._boxes:
            box.setVisible(not self._left_out.isChecked())


_AnyEntry: TypeAlias = _NumberEntry | _SwitchEntry | _ChoiceEntry | _OptionalEntry


class SettingsForm(QWidget):
    """Fields of `CalibrationSettings` by name, those of a part of it as "part.name".

    Filling it is silent; `edited` carries new settings when a person changes one.
    """

    edited = Signal(object)

    def __init__(self, fields: Sequence[tuple[str, str]]) -> None:
        super().__init__()
        self._settings = CalibrationSettings()
        self._entries: dict[str, _AnyEntry] = {}
        form = QFormLayout(self)
        form.setContentsMargins(0, 0, 0, 0)
        form.setSpacing(8)
        for field_name, words in fields:
            field = _field_of(field_name)
            entry = _entry_for(field, words, self.tr("learn"), self.tr("none"), self.tr("yes"))
            entry.setToolTip(field.description or "")
            caption = label(words, "muted")
            caption.setToolTip(field.description or "")
            form.addRow(caption, entry)
            entry.edited.connect(self._on_edited)
            self._entries[field_name] = entry
        self.show_settings(self._settings)

    @property
    def settings(self) -> CalibrationSettings:
        """The settings as they stand."""
        return self._settings

    def show_settings(self, settings: CalibrationSettings) -> None:
        """Fill the form silently."""
        self._settings = settings
        for name, entry in self._entries.items():
            entry.blockSignals(True)
            entry.show_value(attrgetter(name)(settings))
            entry.blockSignals(False)

    def _on_edited(self) -> None:
        changed = self._settings.model_dump()
        for name, entry in self._entries.items():
            part, _, field = name.rpartition(".")
            (changed[part] if part else changed)[field] = entry.value()
        self._settings = CalibrationSettings.model_validate(changed)
        self.edited.emit(self._settings)


def bounds_of(field: FieldInfo) -> tuple[float, float]:
    """Lowest and highest value of a number; wide where the declaration says nothing."""
    low, high = 0.0, 2.0**31 - 1
    for rule in field.metadata:
        if isinstance(rule, Ge):
            low = float(cast("float", rule.ge))
        if isinstance(rule, Le):
            high = float(cast("float", rule.le))
    return low, high


def _field_of(name: str) -> FieldInfo:
    part, _, field = name.rpartition(".")
    declared = CalibrationSettings.model_fields[part].annotation if part else CalibrationSettings
    return cast("type[BaseModel]", declared).model_fields[field]


def _entry_for(field: FieldInfo, name: str, learn: str, none: str, yes: str) -> _AnyEntry:
    kind = field.annotation
    if kind is bool:
        return _SwitchEntry(yes, name)
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return _ChoiceEntry([member.value for member in kind], name)
    if typing.get_origin(kind) is typing.Literal:
        return _ChoiceEntry([str(choice) for choice in typing.get_args(kind)], name)
    if kind is int:
        return _NumberEntry(field, name)
    if isinstance(kind, types.UnionType) and float in typing.get_args(kind):
        box = number_field(QDoubleSpinBox)
        box.setRange(*bounds_of(field))
        box.setDecimals(4)
        box.setSingleStep(0.001)
        return _OptionalEntry([box], learn, name, [0.01])
    sides = []
    for _ in range(2):
        side = number_field(QSpinBox)
        side.setRange(64, 20_000)
        side.setSuffix(" px")
        sides.append(side)
    return _OptionalEntry(sides, none, name, [768, 768])
