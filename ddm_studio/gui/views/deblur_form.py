"""How the full photo is deblurred: method, strength, denoiser, format, folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import cast

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QDoubleSpinBox, QFileDialog, QHBoxLayout, QLineEdit, QSpinBox, QVBoxLayout, QWidget

from ddm_studio.gui.icons import icon
from ddm_studio.gui.views.blend_form import BlendForm
from ddm_studio.gui.views.settings_form import bounds_of
from ddm_studio.gui.views.small_parts import button, label, number_field
from ddm_studio.gui.wording import denoiser_words, format_words, method_words
from ddm_studio.settings import ANY_LENS_METHODS, DeblurSettings, DenoiserName, JpegColour, Method, PhotoFormat


class DeblurForm(QWidget):
    """`changed()` when a person changes something."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.method = QComboBox()
        self.offer(ANY_LENS_METHODS)
        self.strength = number_field(QDoubleSpinBox)
        self.strength.setRange(0.1, 10.0)
        self.strength.setSingleStep(0.1)
        self.strength.setDecimals(1)
        self.strength.setValue(DeblurSettings().strength)
        self.denoiser = QComboBox()
        self.format = QComboBox()
        for photo_format in PhotoFormat:
            self.format.addItem(format_words(photo_format), photo_format.value)
        self.jpeg_quality = number_field(QSpinBox)
        self.jpeg_colour = QComboBox()
        self.blend = BlendForm()
        self.folder = QLineEdit()
        self.folder.setPlaceholderText(self.tr("Choose a photo first"))
        self.choose = button("", name=self.tr("Choose the folder for deblurred photos"))
        self.choose.setIcon(icon("folder"))
        self.choose.clicked.connect(self._choose)
        self.method.currentIndexChanged.connect(self.changed)
        self.denoiser.currentIndexChanged.connect(self.changed)
        self.strength.valueChanged.connect(self.changed)
        self.format.currentIndexChanged.connect(self.changed)
        self.folder.textChanged.connect(self.changed)
        self.blend.changed.connect(self.changed)
        fields = DeblurSettings.model_fields
        self.denoisers = QWidget()
        self._make_denoiser_part()
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(6)
        line = QHBoxLayout()
        line.setSpacing(8)
        for words, entry, sentence in (
            (self.tr("Method"), self.method, fields["method"].description),
            (self.tr("Strength"), self.strength, fields["strength"].description),
            (self.tr("Save as"), self.format, fields["photo_format"].description),
        ):
            entry.setAccessibleName(words)
            entry.setToolTip(sentence or "")
            line.addLayout(_captioned(words, entry))
            if entry is self.strength:
                line.addWidget(self.denoisers)
        self.jpeg = self._jpeg_part()
        line.addWidget(self.jpeg)
        self.folder.setAccessibleName(self.tr("Folder for deblurred photos"))
        line.addLayout(_captioned(self.tr("In the folder"), self.folder, self.choose), 1)
        whole.addLayout(line)
        whole.addWidget(self.blend)

    @property
    def settings(self) -> DeblurSettings:
        """The settings as they stand."""
        return DeblurSettings(
            method=Method(str(self.method.currentData())),
            strength=self.strength.value(),
            denoiser=self._denoiser(),
            photo_format=self._photo_format(),
            jpeg_quality=self.jpeg_quality.value(),
            jpeg_colour=JpegColour(str(self.jpeg_colour.currentData())),
            blend=self.blend.settings,
        )

    def _photo_format(self) -> PhotoFormat:
        return PhotoFormat(str(self.format.currentData()))

    def _denoiser(self) -> DenoiserName:
        return cast("DenoiserName", str(self.denoiser.currentData()))

    def _make_denoiser_part(self) -> None:
        """The choice of the denoiser, shown where there is one."""
        caption = _captioned(self.tr("Denoiser"), self.denoiser)
        caption.setContentsMargins(0, 0, 0, 0)
        self.denoisers.setLayout(caption)
        self.denoiser.setAccessibleName(self.tr("Denoiser of DPIR and DiffPIR"))
        self.denoiser.setToolTip(DeblurSettings.model_fields["denoiser"].description or "")
        self.offer_denoisers((DeblurSettings().denoiser,))

    def offer_denoisers(self, names: Sequence[DenoiserName]) -> None:
        """Which denoisers are on this computer; the chosen one stays where it is among them."""
        before = self.denoiser.currentData()
        self.denoiser.blockSignals(True)
        self.denoiser.clear()
        for name in names:
            words, sentence = denoiser_words(name)
            self.denoiser.addItem(words, name)
            self.denoiser.setItemData(self.denoiser.count() - 1, sentence, Qt.ItemDataRole.ToolTipRole)
        self.denoiser.setCurrentIndex(max(0, self.denoiser.findData(before)))
        self.denoiser.blockSignals(False)
        self.denoisers.setVisible(len(names) > 1)
        if self.denoiser.currentData() != before:
            self.changed.emit()

    def _jpeg_part(self) -> QWidget:
        """What only JPEGs have, shown while they are chosen."""
        fields = DeblurSettings.model_fields
        low, high = bounds_of(fields["jpeg_quality"])
        self.jpeg_quality.setRange(int(low), int(high))
        self.jpeg_quality.setValue(DeblurSettings().jpeg_quality)
        for colour in JpegColour:
            self.jpeg_colour.addItem(colour.value, colour.value)
        part = QWidget()
        line = QHBoxLayout(part)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(8)
        for words, entry, sentence in (
            (self.tr("Quality"), self.jpeg_quality, fields["jpeg_quality"].description),
            (self.tr("Chroma"), self.jpeg_colour, fields["jpeg_colour"].description),
        ):
            entry.setAccessibleName(words)
            entry.setToolTip(sentence or "")
            line.addLayout(_captioned(words, entry))
        self.jpeg_quality.valueChanged.connect(self.changed)
        self.jpeg_colour.currentIndexChanged.connect(self.changed)
        part.setVisible(self._photo_format() is PhotoFormat.JPEG)
        self.format.currentIndexChanged.connect(lambda: part.setVisible(self._photo_format() is PhotoFormat.JPEG))
        return part

    @property
    def out(self) -> Path | None:
        """Where to save; None while nothing is given."""
        text = self.folder.text().strip()
        return Path(text).expanduser() if text else None

    def show_settings(self, settings: DeblurSettings) -> None:
        """Take other settings."""
        self.show_method(settings.method)
        self.strength.setValue(settings.strength)
        self.denoiser.setCurrentIndex(max(0, self.denoiser.findData(settings.denoiser)))
        self.format.setCurrentIndex(self.format.findData(settings.photo_format.value))
        self.jpeg_quality.setValue(settings.jpeg_quality)
        self.jpeg_colour.setCurrentIndex(self.jpeg_colour.findData(settings.jpeg_colour.value))
        self.blend.show_settings(settings.blend)

    def offer(self, methods: tuple[Method, ...]) -> None:
        """Which methods there are for the lens and the photo; the chosen one stays where it is among them."""
        before = self.method.currentData()
        if [self.method.itemData(place) for place in range(self.method.count())] == [method.value for method in methods]:
            return
        self.method.blockSignals(True)
        self.method.clear()
        for method in methods:
            name, words = method_words(method)
            self.method.addItem(name, method.value)
            self.method.setItemData(self.method.count() - 1, words, Qt.ItemDataRole.ToolTipRole)
        self.method.setCurrentIndex(max(0, self.method.findData(before)))
        self.method.blockSignals(False)
        if self.method.currentData() != before:
            self.changed.emit()

    def show_method(self, method: Method) -> None:
        """Take a method, if it is offered."""
        self.method.setCurrentIndex(max(0, self.method.findData(method.value)))

    def _choose(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, self.tr("Folder for deblurred photos"), str(self.out or ""))
        if folder:
            self.folder.setText(folder)


def _captioned(words: str, *parts: QWidget) -> QVBoxLayout:
    caption = label(words, "small")
    line = QHBoxLayout()
    line.setSpacing(6)
    for part in parts:
        line.addWidget(part)
    made = QVBoxLayout()
    made.setSpacing(3)
    made.addWidget(caption)
    made.addLayout(line)
    return made
