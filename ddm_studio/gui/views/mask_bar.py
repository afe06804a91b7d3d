"""What masks are drawn with: brush or gradient, its size and softness; inverted, cleared, shown."""

from __future__ import annotations

import math

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QWidget

from ddm_studio.gui.mask_drawing import SMALLEST_RADIUS, MaskDrawing, Tool
from ddm_studio.gui.views.blend_form import ClickSlider, ShareSlider
from ddm_studio.gui.views.small_parts import Segments, allow, button, label

_STEPS = 200


class MaskBar(QWidget):
    """Controls of a `MaskDrawing`, which may also change by itself."""

    def __init__(self, drawing: MaskDrawing) -> None:
        super().__init__()
        self._drawing = drawing
        tools = [(Tool.BRUSH.value, self.tr("Brush")), (Tool.GRADIENT.value, self.tr("Gradient"))]
        self.tool = Segments(tools, self.tr("Draw the mask with"))
        self.way = Segments([("paint", self.tr("Paint")), ("erase", self.tr("Erase"))], self.tr("What drawing does"))
        self.brush_size = ClickSlider(Qt.Orientation.Horizontal)
        self.brush_size.setRange(0, _STEPS)
        self.brush_size.setMinimumWidth(60)
        self.brush_size.setAccessibleName(self.tr("Size of the brush"))
        self.pixels = label("", "small")
        self.pixels.setFixedWidth(self.pixels.fontMetrics().horizontalAdvance("8888 px") + 2)
        self.softness = ShareSlider(self.tr("Softness"), self.tr("Share of the radius over which the brush fades"))
        self.inverted = button(self.tr("Invert"))
        self.cleared = button(self.tr("Clear"))
        self.tints = button(self.tr("Show in red"), "toggle")
        self.tints.setCheckable(True)
        self.tints.setToolTip(self.tr("Tint the photo and the comparison where they are sharpened, while the mask is drawn"))
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(10)
        parts: list[tuple[QWidget, int]] = [
            (self.tool, 0), (self.way, 0), (label(self.tr("Size"), "small"), 0), (self.brush_size, 1), (self.pixels, 0),
            (self.softness, 1), (self.inverted, 0), (self.cleared, 0), (self.tints, 0),
        ]  # fmt: skip
        for part, stretch in parts:
            line.addWidget(part, stretch)
        self.tool.changed.connect(lambda key: drawing.use(tool=Tool(key)))
        self.way.changed.connect(lambda key: drawing.use(erases=key == "erase"))
        self.brush_size.valueChanged.connect(self._on_size)
        self.softness.changed.connect(self._on_softness)
        self.inverted.clicked.connect(drawing.invert)
        self.cleared.clicked.connect(drawing.clear)
        self.tints.toggled.connect(lambda on: drawing.use(tints=on))
        drawing.tool_changed.connect(self._show)
        drawing.changed.connect(self._show_mask)
        self._show()
        self._show_mask()

    @property
    def words(self) -> str:
        """What dragging does with the tool as it is, in one line."""
        drawing = self._drawing
        mask = drawing.mask
        sharpens = drawing.erases == (mask is not None and mask.inverted)  # what was painted is left as it is when inverted
        if drawing.tool is Tool.BRUSH and sharpens:
            drags = self.tr("Drag to draw where the photo is sharpened")
        elif drawing.tool is Tool.BRUSH:
            drags = self.tr("Drag to draw where the photo is left as it is")
        elif sharpens:
            drags = self.tr("Drag from where the photo is sharpened to where nothing changes")
        else:
            drags = self.tr("Drag from where the photo is left as it is to where nothing changes")
        return self.tr("{drags} · right button erases · Ctrl and dragging moves the picture").format(drags=drags)

    def _show(self) -> None:
        drawing, controls = self._drawing, (self.brush_size, self.softness, self.tints)
        for control in controls:
            control.blockSignals(True)
        self.tool.choose(drawing.tool.value)
        self.way.choose("erase" if drawing.erases else "paint")
        reach = math.log(drawing.largest_radius / SMALLEST_RADIUS)
        self.brush_size.setValue(round(_STEPS * math.log(drawing.radius / SMALLEST_RADIUS) / reach))
        self.pixels.setText(self.tr("{n:.0f} px").format(n=drawing.radius))
        self.softness.show_share(drawing.softness)
        self.tints.setChecked(drawing.tints)
        for control in controls:
            control.blockSignals(False)
        why_not = "" if drawing.tool is Tool.BRUSH else self.tr("A gradient is as wide and soft as it is drawn.")
        allow(self.brush_size, why_not, self.tr("Radius of the brush in pixels of the photo ([ and ])"))
        self.softness.allow(why_not)

    def _show_mask(self) -> None:
        why_not = "" if self._drawing.mask is not None else self.tr("Nothing is masked yet: draw on the photo.")
        allow(self.inverted, why_not, self.tr("Sharpen everywhere else"))
        allow(self.cleared, why_not, self.tr("Without a mask the whole photo is sharpened"))

    def _on_size(self, step: int) -> None:
        reach = self._drawing.largest_radius / SMALLEST_RADIUS
        self._drawing.use(radius=SMALLEST_RADIUS * reach ** (step / _STEPS))

    def _on_softness(self) -> None:
        self._drawing.use(softness=self.softness.share)
