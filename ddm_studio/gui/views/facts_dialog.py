"""What the photos did not say of a lens: names and numbers to be given by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDialog, QDoubleSpinBox, QFormLayout, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from ddm_studio.gui.views.small_parts import button, label, number_field

if TYPE_CHECKING:
    from ddm_studio.profiles.edit_facts import KnownFacts


class FactsDialog(QDialog):
    """`save_clicked(KnownFacts, as_new)`: into the profile itself, or into a new file."""

    save_clicked = Signal(object, bool)

    def __init__(self, facts: KnownFacts, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Facts of the lens"))
        self.setModal(True)
        self.camera, self.lens = QLineEdit(facts.camera), QLineEdit(facts.lens)
        self.focal_length = _number(facts.focal_length, " mm", 2000, 1)
        self.aperture = _number(facts.aperture, "", 100, 1, self.tr("f/"))
        self.focus_distance = _number(facts.focus_distance, " m", 100_000, 2)
        self.pixel_pitch = _number(facts.pixel_pitch, " µm", 50, 2)
        rows = (
            (self.tr("Camera"), self.camera),
            (self.tr("Lens"), self.lens),
            (self.tr("Focal length"), self.focal_length),
            (self.tr("Aperture"), self.aperture),
            (self.tr("Focus distance"), self.focus_distance),
            (self.tr("Pixel pitch"), self.pixel_pitch),
        )
        form = QFormLayout()
        form.setVerticalSpacing(8)
        for name, field in rows:
            field.setAccessibleName(name)
            if isinstance(field, QDoubleSpinBox):
                field.setSpecialValueText(self.tr("unknown"))
            form.addRow(label(name, "muted"), field)
        self.pixel_pitch.setToolTip(self.tr("Width of the sensor divided by the pixels across it. 36 mm and 6000 pixels make 6 µm."))
        self.cancel = button(self.tr("Cancel"))
        self.cancel.clicked.connect(self.reject)
        self.save_new = button(self.tr("Save as a new file…"))
        self.save_new.clicked.connect(self._on_save_new)
        self.save = button(self.tr("Save"), "primary")
        self.save.setDefault(True)
        self.save.clicked.connect(self._on_save)
        buttons = QHBoxLayout()
        buttons.addWidget(self.cancel)
        buttons.addStretch()
        buttons.addWidget(self.save_new)
        buttons.addWidget(self.save)
        advice = self.tr(
            "For manual lenses, which tell the camera nothing. What was learned is not touched. A number that you do not know may stay 0."
        )
        whole = QVBoxLayout(self)
        whole.setContentsMargins(20, 18, 20, 18)
        whole.setSpacing(14)
        whole.addWidget(label(advice, "muted", wrap=True))
        whole.addLayout(form)
        whole.addLayout(buttons)
        self.setMinimumWidth(460)

    def facts(self) -> KnownFacts:
        """The facts as they stand."""
        from ddm_studio.profiles.edit_facts import KnownFacts  # with safetensors and pydantic, so not before it is needed

        numbers = (self.focal_length, self.aperture, self.focus_distance, self.pixel_pitch)
        return KnownFacts(self.camera.text().strip(), self.lens.text().strip(), *(field.value() or None for field in numbers))

    def _on_save(self) -> None:
        self.save_clicked.emit(self.facts(), False)
        self.accept()

    def _on_save_new(self) -> None:
        self.save_clicked.emit(self.facts(), True)
        self.accept()


def _number(value: float | None, suffix: str, most: float, decimals: int, prefix: str = "") -> QDoubleSpinBox:
    """A field whose lowest value, 0, stands for unknown."""
    field = number_field(QDoubleSpinBox)
    # As exactly as the file says it: 6.021 µm must not come back as 6.02.
    field.setDecimals(max(decimals, _decimals_of(value)))
    field.setRange(0, most)
    field.setPrefix(prefix)
    field.setSuffix(suffix)
    field.setValue(value or 0)
    return field


def _decimals_of(value: float | None) -> int:
    text = f"{value or 0:.6f}".rstrip("0")
    return len(text.split(".")[1])
