"""What the engine makes of patches beside real ones, while it learns."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from ddm_studio.events import PatchesCompared, PatchKind
from ddm_studio.gui.pictures import to_image
from ddm_studio.gui.views.small_parts import Segments, allow, label

_GAP = 3
_SMALLEST = 28


class PatchStrip(QWidget):
    """Square pictures in as few lines as leave them largest, enlarged by whole factors: smoothing would hide what is to be judged."""

    def __init__(self) -> None:
        super().__init__()
        self._images: list[QImage] = []
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(4 * _SMALLEST, _SMALLEST)

    def sizeHint(self) -> QSize:
        """Two lines of four."""
        return QSize(270, 132)

    @property
    def images(self) -> list[QImage]:
        """What is shown."""
        return self._images

    def show_patches(self, patches: NDArray[np.uint8]) -> None:
        """Show pictures (n, p, p, 3)."""
        self._images = [to_image(patch) for patch in patches]
        self.update()

    def cells(self) -> list[QRectF]:
        """Where each picture is drawn."""
        count = len(self._images)
        if count == 0:
            return []
        columns, side = max(((columns, self._side(columns)) for columns in range(1, count + 1)), key=lambda choice: choice[1])
        pitch = side + _GAP
        return [QRectF(number % columns * pitch, number // columns * pitch, side, side) for number in range(count)]

    def _side(self, columns: int) -> float:
        """Of a picture on the screen, with so many in a line."""
        lines = -(-len(self._images) // columns)
        room = min((self.width() + _GAP) / columns, (self.height() + _GAP) / lines) - _GAP
        enlarged = room * self.devicePixelRatioF() / self._images[0].width()
        return room if enlarged < 1 else np.floor(enlarged) * self._images[0].width() / self.devicePixelRatioF()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw all."""
        painter = QPainter(self)
        cells = self.cells()
        painter.setRenderHint(
            QPainter.RenderHint.SmoothPixmapTransform, bool(cells) and cells[0].width() * self.devicePixelRatioF() < self._images[0].width()
        )
        for image, cell in zip(self._images, cells, strict=True):
            painter.drawImage(cell, image)


class PatchesPanel(QWidget):
    """Samples of the flow, or sharp patches seen through the learned lens, above patches of the photos, and how to read them."""

    def __init__(self) -> None:
        super().__init__()
        self._newest: dict[PatchKind, PatchesCompared] = {}
        self._is_chosen = False
        self.kind = Segments(
            [(PatchKind.REBLURRED.value, self.tr("Through the grid")), (PatchKind.FLOW.value, self.tr("Diffusion model"))],
            self.tr("Compared patches"),
        )
        self.kind.changed.connect(self._on_kind)
        self.made_name = label("", "heading")
        self.made = PatchStrip()
        self.real_name = label(self.tr("From your photos"), "heading")
        self.real = PatchStrip()
        self.reading = label("", "small", wrap=True)
        self.real.setAccessibleName(self.real_name.text())
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(6)
        whole.addWidget(self.kind)
        whole.addWidget(self.made_name)
        whole.addWidget(self.made, 1)
        whole.addWidget(self.real_name)
        whole.addWidget(self.real, 1)
        whole.addWidget(self.reading)
        self._show()

    @property
    def has_patches(self) -> bool:
        """Whether there is anything to be seen."""
        return bool(self._newest)

    def clear(self) -> None:
        """Forget the last calibration."""
        self._newest = {}
        self._is_chosen = False

    def show_patches(self, event: PatchesCompared) -> None:
        """Show them; another stage's bring their kind to the front, unless a person has chosen one."""
        before = self._newest.get(event.kind)
        self._newest[event.kind] = event
        if (before is None or before.stage != event.stage) and not self._is_chosen:
            self.kind.choose(event.kind.value)
        self._show()

    def _on_kind(self) -> None:
        self._is_chosen = True
        self._show()

    def _show(self) -> None:
        for kind in PatchKind:
            allow(self.kind.button(kind.value), "" if kind in self._newest else self.tr("The run has not come so far yet."))
        kind = PatchKind(self.kind.key)
        if kind is PatchKind.FLOW:
            upper = self.tr("Drawn by the diffusion model")
            reading = self.tr("If the upper ones look smoother or noisier than the lower, the model has not learned your photos yet.")
        else:
            upper = self.tr("Sharp photos, seen through the grid")
            reading = self.tr("If the upper ones look crisper or softer than the lower, or have other fringes, the kernels are not right.")
        self.made_name.setText(upper)
        self.made.setAccessibleName(upper)
        self.reading.setText(self.tr("The scenes differ; only their look matters.") + " " + reading)
        event = self._newest.get(kind)
        if event is not None:
            self.made.show_patches(event.made)
            self.real.show_patches(event.real)
