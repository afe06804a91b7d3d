"""What the engine makes of patches beside real ones, while it learns."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QStackedLayout, QWidget

from ddm_studio.events import PatchesCompared, PatchKind
from ddm_studio.gui.pictures import to_image
from ddm_studio.gui.views.small_parts import Segments, allow, column, label

_GAP = 3
_SMALLEST = 28
# Sides of a picture on the screen from which blur and fringes are well seen: rather fewer pictures than smaller ones, but not only one.
_WELL_SEEN, _FEWEST = 96, 2


class PatchStrip(QWidget):
    """Square pictures, as many as can be seen well, enlarged by whole factors: smoothing would hide what is to be judged.

    Another strip, its `partner`, shows those of the same places: as many.
    """

    def __init__(self) -> None:
        super().__init__()
        self._images: list[QImage] = []
        self.partner: PatchStrip | None = None
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

    def shown(self) -> list[int]:
        """Numbers of the pictures that there is room for, evenly from the flattest to the busiest."""
        count = self.room_for()
        if self.partner is not None and self.partner.images:
            count = min(count, self.partner.room_for())
        return [int((place + 0.5) * len(self._images) / count) for place in range(count)]

    def room_for(self) -> int:
        """How many pictures can be seen well; a few in any case."""
        fewest = min(_FEWEST, len(self._images))
        if not fewest:
            return 0
        wanted = min(_WELL_SEEN, self._columns(fewest)[1])
        return next(count for count in range(len(self._images), 0, -1) if count == fewest or self._columns(count)[1] >= wanted)

    def cells(self) -> list[QRectF]:
        """Where each picture that is shown is drawn."""
        count = len(self.shown())
        if count == 0:
            return []
        columns, side = self._columns(count)
        pitch = side + _GAP
        return [QRectF(number % columns * pitch, number // columns * pitch, side, side) for number in range(count)]

    def _columns(self, count: int) -> tuple[int, float]:
        """In how many columns so many pictures are largest, and their side then."""
        return max(((columns, self._side(columns, count)) for columns in range(1, count + 1)), key=lambda choice: choice[1])

    def _side(self, columns: int, count: int) -> float:
        lines = -(-count // columns)
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
        for number, cell in zip(self.shown(), cells, strict=True):
            painter.drawImage(cell, self._images[number])


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
        self.made.partner, self.real.partner = self.real, self.made
        self.reading = label("", "small", wrap=True)
        self.real.setAccessibleName(self.real_name.text())
        compared = QWidget()
        both = column(self.kind, self.made_name, spacing=6)
        both.addWidget(self.made, 1)
        both.addWidget(self.real_name)
        both.addWidget(self.real, 1)
        both.addWidget(self.reading)
        compared.setLayout(both)
        self.hint = label(
            self.tr("Pieces of sharp photos, seen through the grid, appear here beside pieces of your blurry ones."), "hint", True
        )
        self.hint.setMargin(14)
        self.hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self.hint)
        self._stack.addWidget(compared)
        self._show()

    @property
    def has_patches(self) -> bool:
        """Whether there is anything to be seen."""
        return bool(self._newest)

    def clear(self) -> None:
        """Forget the last calibration."""
        self._newest = {}
        self._is_chosen = False
        self._show()

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
        self._stack.setCurrentIndex(1 if self.has_patches else 0)
        for kind in PatchKind:
            allow(self.kind.button(kind.value), "" if kind in self._newest else self.tr("The run has not come so far yet."))
        kind = PatchKind(self.kind.key)
        if kind is PatchKind.FLOW:
            upper = self.tr("Drawn by the diffusion model")
            reading = self.tr("Upper ones smoother or noisier than the lower? Then the model has not learned your photos yet.")
        else:
            upper = self.tr("Sharp photos, seen through the grid")
            reading = self.tr("Upper ones crisper or softer than the lower, or with other fringes? Then the kernels are not right.")
        self.made_name.setText(upper)
        self.made.setAccessibleName(upper)
        self.reading.setText(self.tr("Scenes differ; compare their look.") + " " + reading)
        event = self._newest.get(kind)
        if event is not None:
            self.made.show_patches(event.made)
            self.real.show_patches(event.real)
