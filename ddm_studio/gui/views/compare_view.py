"""The compare board: one crop, blurry and restored by every method, under one zoom and pan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QTimer, Signal
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QComboBox, QFrame, QGridLayout, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from ddm_studio.deblur.blending import blend
from ddm_studio.deblur.mask import Mask, MaskSampler
from ddm_studio.events import DeblurPreview, ResultReblurred
from ddm_studio.gui.pictures import to_image
from ddm_studio.gui.views.compare_pane import ComparePane
from ddm_studio.gui.views.pair_view import PairMode, PairView
from ddm_studio.gui.views.picture_view import PictureView, Viewport
from ddm_studio.gui.views.small_parts import Segments, button, card, label, row, set_look
from ddm_studio.gui.wording import method_words
from ddm_studio.photos.rendering import screen_codes
from ddm_studio.settings import ANY_LENS_METHODS, BlendSettings, Method

METHODS = (*ANY_LENS_METHODS, Method.NETWORK)
BLURRY = "blurry"
_ROW, _GRID = "row", "grid"


@dataclass(frozen=True, slots=True)
class _Mixing:
    """How results are mixed with the photo."""

    blend: BlendSettings = field(default_factory=BlendSettings)
    mask: Mask | None = None


@dataclass(slots=True, eq=False)
class _Picture:
    """The newest picture of a method, and what is shown of it: mixed with the blurry one in a way."""

    preview: DeblurPreview
    shown: NDArray[np.uint8]
    mixing: _Mixing


class CompareView(QWidget):
    """`method_chosen(Method)` when a restored picture is clicked."""

    method_chosen = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.viewport = Viewport(self)
        self._pictures: dict[str, _Picture] = {}
        self._offered: tuple[Method, ...] = ANY_LENS_METHODS
        self._chosen = Method.WIENER
        self._mixing = _Mixing()
        self._corner = (0, 0)
        self._sampler: MaskSampler | None = None
        self._sampled: tuple[Mask, NDArray[np.float32]] | None = None
        self._draws = False
        self._mixes = QTimer(self)  # so that a slider that is dragged is answered once for all that has come in
        self._mixes.setSingleShot(True)
        self._mixes.timeout.connect(self._show_pictures)
        self._make_parts()
        self.viewport.changed.connect(self._show_zoom)
        self.offer(ANY_LENS_METHODS)
        self.show_chosen(Method.WIENER)
        self.start(None)

    def _make_parts(self) -> None:
        choices = [
            (_ROW, self.tr("Side by side")),
            (_GRID, self.tr("Two rows")),
            (PairMode.SPLIT.value, self.tr("Split")),
            (PairMode.BLINK.value, self.tr("Blink")),
            (PairMode.DIFFERENCE.value, self.tr("Difference")),
        ]
        self.layouts = Segments(choices, self.tr("Compare"))
        self.layouts.changed.connect(self._on_layout)
        self.against = QComboBox()
        self.against.setAccessibleName(self.tr("Compare the chosen method with"))
        self.against.setToolTip(self.tr("What the chosen method is compared with"))
        self.against.currentIndexChanged.connect(self._show_pictures)
        self.hint = label("", "small", wrap=True)
        self.blurry = ComparePane(self.tr("Blurry"), "", self.viewport)
        self.blurry.cost.setText(self.tr("The photo as it is."))
        self.panes: dict[Method, ComparePane] = {}
        for method in METHODS:
            pane = ComparePane(*method_words(method), self.viewport)
            pane.setProperty("method", method.value)
            pane.clicked.connect(self._on_pane_clicked)
            self.panes[method] = pane
        self.pair = PairView(self.tr("Two pictures of the crop"), self.viewport)
        self.pair_status = label("", "small")
        self.pair_status.setFixedHeight(18)  # so that the picture does not jump when there is something to tell
        several = QWidget()
        self._grid = QGridLayout(several)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(8)
        self.places = QStackedWidget()
        self.places.addWidget(several)
        self.places.addWidget(self._pair_card())
        self._zoom_label = label(self.tr("Fit"), "small")
        self._mouse_hint = label(self.tr("Wheel zooms, drag pans, all together."), "small")
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(8)
        tools = row(self.layouts, self.against)
        tools.addWidget(self.hint, 1)
        whole.addLayout(tools)
        whole.addWidget(self.places, 1)
        whole.addLayout(self._zoom_tools())

    def _pair_card(self) -> QFrame:
        frame = card()
        inside = QVBoxLayout(frame)
        inside.setContentsMargins(10, 8, 10, 8)
        inside.setSpacing(4)
        inside.addWidget(self.pair, 1)
        inside.addWidget(self.pair_status)
        return frame

    @property
    def mode(self) -> PairMode | None:
        """How two pictures share one place; None while every picture has its own."""
        return PairMode(self.layouts.key) if self.layouts.key in set(PairMode) else None

    def offer(self, methods: tuple[Method, ...]) -> None:
        """Which methods there are for the lens and the photo."""
        self._offered = methods
        before = self.against.currentData()
        self.against.blockSignals(True)
        self.against.clear()
        self.against.addItem(self.tr("with the blurry photo"), BLURRY)
        for method in methods:
            self.against.addItem(self.tr("with {method}").format(method=method_words(method)[0]), method.value)
        self.against.setCurrentIndex(max(0, self.against.findData(before)))
        self.against.blockSignals(False)
        self._on_layout()

    @property
    def views(self) -> tuple[PictureView, ...]:
        """All that show the crop or what became of it."""
        return self.blurry.view, *(pane.view for pane in self.panes.values()), self.pair

    @property
    def corner(self) -> QPointF:
        """The place of the crop's first pixel in the photo, in px."""
        return QPointF(*self._corner)

    def start(self, blurry: QImage | None, running: bool = False, corner: tuple[int, int] = (0, 0)) -> None:
        """Forget the results; show the blurry crop, whose first pixel lies at `corner` (column, row) of the photo."""
        self._pictures.clear()
        self._corner, self._sampler, self._sampled = corner, None, None
        self.blurry.view.show_levels([] if blurry is None else [blurry])
        self.blurry.view.set_hint(self.tr("Press Compare to see this crop restored by every method."))
        self.blurry.status.setText("" if blurry is None else f"{blurry.width()} × {blurry.height()} px")
        for pane in self.panes.values():
            pane.view.show_levels([])
            pane.view.set_hint(self.tr("Waiting for its turn…") if running else "")
            pane.status.setText("")
            pane.status.setToolTip("")
        self.pair.set_hint(self.tr("Waiting for its turn…") if running else self.blurry.view.hint)
        self._show_pictures()
        if blurry is None:
            self.viewport.fit()
        else:  # each photo pixel one of the screen: sharpness is judged, not composition
            self.viewport.look_at(QPointF(blurry.width() / 2, blurry.height() / 2), 1.0)

    def show_preview(self, preview: DeblurPreview) -> None:
        """A picture of one method, on its way or final."""
        self._pictures[preview.method] = _Picture(preview, preview.image, _Mixing())
        if preview.method == BLURRY:
            self.blurry.view.show_levels([to_image(preview.image)])
        else:
            pane = self.panes[Method(preview.method)]
            pane.view.show_levels([to_image(preview.image)])
            words = self.tr("{seconds:.1f} s") if preview.final else self.tr("{seconds:.0f} s, still working…")
            pane.status.setText(words.format(seconds=preview.seconds))
        self._show_pictures()

    def show_residual(self, residual: ResultReblurred) -> None:
        """Whether one method's final result, seen through the lens once more, gives the photo back."""
        status = self.panes[Method(residual.method)].status
        words = self.tr("⚠ does not fit the photo") if residual.doubt else self.tr("✓ fits the photo")
        status.setText(f"{status.text()} · {words}")
        status.setToolTip(residual.message)
        self._show_pictures()

    def end(self) -> None:
        """No more pictures will come."""
        for method, pane in self.panes.items():
            picture = self._pictures.get(method.value)
            if picture is None or not picture.preview.final:
                pane.view.set_hint(self.tr("Not finished."))
                pane.status.setText(self.tr("not finished"))

    def show_chosen(self, method: Method) -> None:
        """Mark the method that the full photo will be deblurred with."""
        self._chosen = method
        for one, pane in self.panes.items():
            pane.chosen.setText(self.tr("● chosen") if one is method else "")
            set_look(pane, "chosen", "true" if one is method else "false")
        self._show_pictures()

    def show_mixing(self, settings: BlendSettings, mask: Mask | None) -> None:
        """Mix every result with the blurry crop, and show it where the mask says, as it will be when the photo is saved."""
        mixing = _Mixing(settings, mask)
        if mixing != self._mixing:
            self._mixing = mixing
            self._mixes.start(0)

    def show_costs(self, costs: Mapping[Method, str]) -> None:
        """About what each method takes for the whole photo, in words."""
        for method, pane in self.panes.items():
            words = costs.get(method, "")
            pane.cost.setText(self.tr("Whole photo: {cost}").format(cost=words) if words else "")

    def show_drawing(self, is_on: bool) -> None:
        """The mouse draws on the pictures, or is for looking at them."""
        self._mouse_hint.setVisible(not is_on)
        self._draws = self.pair.is_drawn_on = is_on
        self._show_hint()

    def _show_pictures(self) -> None:
        if self.mode is not None:
            self._show_pair()
            return
        for method in self._offered:
            picture = self._pictures.get(method.value)
            if picture is not None and picture.mixing != self._mixing:
                self.panes[method].view.show_levels([to_image(self._mixed(method.value, picture))])

    def _show_pair(self) -> None:
        keys = str(self.against.currentData()), self._chosen.value
        names = self.blurry.name.text() if keys[0] == BLURRY else method_words(Method(keys[0]))[0], method_words(self._chosen)[0]
        first, second = (self._mixed(key, self._pictures[key]) if key in self._pictures else None for key in keys)
        self.pair.show_pair(first, second, names)
        self.pair_status.setText(self.panes[self._chosen].status.text())

    def _mixed(self, key: str, picture: _Picture) -> NDArray[np.uint8]:
        """What a picture looks like, mixed with the blurry one by the settings as they are now."""
        blurry, made = self._pictures.get(BLURRY), picture.preview
        if key == BLURRY or blurry is None or blurry.preview.light is None or made.light is None or made.to_srgb is None:
            return picture.shown
        if picture.mixing != self._mixing:
            mixing = picture.mixing = self._mixing
            picture.shown = made.image
            if mixing != _Mixing():
                shares = None if mixing.mask is None else self._shares(mixing.mask, made.light.shape[:2])
                picture.shown = screen_codes(blend(blurry.preview.light, made.light, mixing.blend, made.to_srgb, shares), made.to_srgb)
        return picture.shown

    def _shares(self, mask: Mask, shape: tuple[int, ...]) -> NDArray[np.float32]:
        """The mask's values on the crop, found once for all results."""
        if self._sampler is None:
            self._sampler = MaskSampler.over(*self._corner, shape[1], shape[0])
        if self._sampled is None or self._sampled[0] != mask:
            self._sampled = mask, self._sampler.values(mask)
        return self._sampled[1]

    def _on_layout(self) -> None:
        mode = self.mode
        self.against.setVisible(mode is not None)
        self.places.setCurrentIndex(0 if mode is None else 1)
        self._show_hint()
        if mode is None:
            self._arrange()
        else:
            self.pair.show_mode(mode)
        self._show_pictures()

    def _show_hint(self) -> None:
        hints = {
            None: "" if self._draws else self.tr("Click a result to choose it."),
            PairMode.SPLIT: self.tr("Drag the line by its knob, or move it with Shift and the arrow keys.")
            if self._draws
            else self.tr("Drag the line, or move it with Shift and the arrow keys."),
            PairMode.BLINK: self.tr("Press B for the other one.")
            if self._draws
            else self.tr("Click the picture or press B for the other one."),
            PairMode.DIFFERENCE: self.tr("What the chosen method changed."),
        }
        self.hint.setText(hints[self.mode])

    def _arrange(self) -> None:
        """Every pane beside or below the one before."""
        panes = [self.blurry, *(self.panes[method] for method in self._offered)]
        in_rows = self.layouts.key == _GRID
        columns = (len(panes) + 1) // 2 if in_rows else len(panes)
        for pane in (self.blurry, *self.panes.values()):
            self._grid.removeWidget(pane)
            pane.show_room(in_rows)
            pane.setVisible(pane in panes)
        for number, pane in enumerate(panes):
            self._grid.addWidget(pane, number // columns, number % columns)
        for column in range(len(METHODS) + 1):
            self._grid.setColumnStretch(column, 1 if column < columns else 0)

    def _zoom_tools(self) -> QHBoxLayout:
        fit = button(self.tr("Fit"))
        fit.clicked.connect(self.viewport.fit)
        tools = row(label(self.tr("Zoom"), "small"), fit)
        for percent in (100, 200, 400):
            one = button(f"{percent} %", name=self.tr("Zoom to {percent} percent").format(percent=percent))
            one.setProperty("percent", percent)
            one.clicked.connect(self._on_percent)
            tools.addWidget(one)
        tools.addWidget(self._zoom_label)
        tools.addStretch()
        tools.addWidget(self._mouse_hint)
        return tools

    def _on_percent(self) -> None:
        zoom = int(self.sender().property("percent")) / 100
        self.viewport.look_at(self.blurry.view.centre(), zoom)

    def _show_zoom(self) -> None:
        zoom = self.viewport.zoom
        self._zoom_label.setText("" if zoom is None else f"{zoom:.0%}".replace("%", " %"))

    def _on_pane_clicked(self) -> None:
        self.method_chosen.emit(Method(str(self.sender().property("method"))))
