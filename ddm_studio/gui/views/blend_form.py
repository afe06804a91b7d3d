"""How much of a result is mixed with its blurry photo: sliders that are answered at once."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QHBoxLayout, QSlider, QStyle, QStyleOptionSlider, QWidget

from ddm_studio.gui.icons import icon
from ddm_studio.gui.views.small_parts import allow, button, label
from ddm_studio.settings import BlendSettings


class ClickSlider(QSlider):
    """Goes where its groove is clicked, and on from there with the mouse, as sliders of photo editors do."""

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take the handle to the mouse, then hold it as ever."""
        if event.button() is Qt.MouseButton.LeftButton:
            option = QStyleOptionSlider()
            self.initStyleOption(option)
            control, style = QStyle.ComplexControl.CC_Slider, self.style()
            handle = style.subControlRect(control, option, QStyle.SubControl.SC_SliderHandle, self)
            groove = style.subControlRect(control, option, QStyle.SubControl.SC_SliderGroove, self)
            if not handle.contains(event.position().toPoint()):
                way = round(event.position().x()) - groove.left() - handle.width() // 2
                self.setValue(QStyle.sliderValueFromPosition(self.minimum(), self.maximum(), way, groove.width() - handle.width()))
        super().mousePressEvent(event)


class ShareSlider(QWidget):
    """A share from 0 to 100 %."""

    changed = Signal()

    def __init__(self, words: str, sentence: str, look: str = "small") -> None:
        super().__init__()
        self.slider = ClickSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(0, 100)
        self.slider.setPageStep(10)
        self.slider.setValue(100)
        self.slider.setMinimumWidth(30)
        self.slider.setAccessibleName(words)
        self._sentence = sentence
        self.slider.setToolTip(sentence)
        self._number = label("", "small")
        self._number.setFixedWidth(self._number.fontMetrics().horizontalAdvance("100 %") + 2)
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(4)
        line.addWidget(label(words, look))
        line.addWidget(self.slider, 1)
        line.addWidget(self._number)
        self.slider.valueChanged.connect(self._on_value)
        self._on_value()

    @property
    def share(self) -> float:
        """0 to 1."""
        return self.slider.value() / 100

    def allow(self, why_not: str) -> None:
        """Enable it where nothing stands in its way."""
        self.setEnabled(not why_not)
        allow(self.slider, why_not, self._sentence)

    def show_share(self, share: float) -> None:
        """Take a share."""
        self.slider.setValue(round(100 * share))

    def _on_value(self) -> None:
        self._number.setText(f"{self.slider.value()} %")
        self.changed.emit()


class BlendForm(QWidget):
    """`changed()` when a person moves a slider."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        names = {
            "strength": (self.tr("Opacity"), "small"),
            "colour": (self.tr("Colour"), "small"),
            "red": (self.tr("Red"), "red"),
            "green": (self.tr("Green"), "green"),
            "blue": (self.tr("Blue"), "blue"),
        }
        fields = BlendSettings.model_fields
        self.sliders = {key: ShareSlider(words, fields[key].description or "", look) for key, (words, look) in names.items()}
        self.channels = button(self.tr("Channels"), "link", sign="right")
        self.channels.setCheckable(True)
        self.channels.setToolTip(self.tr("Another opacity for red, green and blue"))
        self.channels.toggled.connect(self._on_channels)
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(8)
        for key, slider in self.sliders.items():
            slider.changed.connect(self.changed)
            if key == "red":
                line.addWidget(self.channels)
            line.addWidget(slider, 1)
        self._on_channels(False)

    @property
    def settings(self) -> BlendSettings:
        """As the sliders stand."""
        return BlendSettings(**{key: slider.share for key, slider in self.sliders.items()})

    def show_settings(self, settings: BlendSettings) -> None:
        """Take other settings; channels are opened where they differ."""
        for key, slider in self.sliders.items():
            slider.show_share(getattr(settings, key))
        if not settings.red == settings.green == settings.blue == 1:
            self.channels.setChecked(True)

    def _on_channels(self, opened: bool) -> None:
        self.channels.setIcon(icon("down" if opened else "right"))
        for key in ("red", "green", "blue"):
            self.sliders[key].setVisible(opened)
