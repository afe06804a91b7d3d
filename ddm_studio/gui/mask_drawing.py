"""Drawing masks on pictures: a brush and a gradient that take the mouse of the views they are used on, and the masks of all photos."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum, StrEnum, auto
from pathlib import Path

import numpy as np
from PySide6.QtCore import QEvent, QObject, QPointF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPen

from ddm_studio.deblur.mask import Gradient, Mask, Part, Place, Stroke
from ddm_studio.gui.mask_tint import MaskTint, Rectangle
from ddm_studio.gui.views.picture_view import PictureView

SMALLEST_RADIUS = 2.0
_FIRST_RADIUS = 1 / 14  # of the photo's shorter side
_KEY_FACTOR = 1.25
_SPACING = 1 / 8  # of the radius, between points of a stroke that are kept
_TINTS_KEPT = 2  # of the photo, and of the crop that is compared


class Tool(StrEnum):
    """What the mouse draws."""

    BRUSH = "brush"
    GRADIENT = "gradient"


class _Drag(Enum):
    """What the mouse does while a button is held down."""

    DRAWS = auto()
    PANS = auto()
    IS_OF_VIEW = auto()


class MaskDrawing(QObject):
    """`changed()` while something is drawn and after; `drawn()` when a change is whole; `tool_changed()`.

    On a view that is watched the left button draws, the right one erases, [ and ] change the size of the brush, and with Ctrl the
    mouse moves the picture.
    """

    changed = Signal()
    drawn = Signal()
    tool_changed = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.tool = Tool.BRUSH
        self.erases = False
        self.radius = 40.0
        self.softness = 0.5
        self.tints = True
        """Whether the photo is tinted where it is restored."""
        self._is_on = False
        self._masks: dict[Path, Mask] = {}
        self._photo: Path | None = None
        self._size = QSize(0, 0)
        self._part: Part | None = None
        self._views: dict[PictureView, Callable[[], QPointF]] = {}
        self._pointer: tuple[PictureView, QPointF] | None = None
        self._tints: dict[Rectangle, MaskTint] = {}
        self._drag: _Drag | None = None

    @property
    def is_on(self) -> bool:
        """Whether the mouse draws."""
        return self._is_on

    @property
    def mask(self) -> Mask | None:
        """That of the photo shown, with what is just being drawn; None where there is none."""
        mask = Mask() if self._photo is None else self._masks.get(self._photo, Mask())
        if self._part is not None:
            mask = mask.model_copy(update={"parts": (*mask.parts, self._part)})
        return mask if mask.parts else None

    @property
    def masks(self) -> Mapping[Path, Mask]:
        """Those of all photos that have one."""
        return dict(self._masks)

    def watch(self, view: PictureView, corner: Callable[[], QPointF]) -> None:
        """Draw on a view, too, and tint it.

        Args:
            view: Shows the photo or a part of it.
            corner: The place in the photo of the first pixel that it shows, in px.
        """
        self._views[view] = corner
        view.installEventFilter(self)
        view.veils.append(self._paint_tint)
        view.layers.append(self._paint)

    def show_on(self, is_on: bool) -> None:
        """Begin or end drawing; masks stay."""
        self._is_on, self._pointer, self._part, self._drag = is_on, None, None, None
        for view in self._views:
            if is_on:
                view.setCursor(Qt.CursorShape.CrossCursor)
            else:
                view.unsetCursor()
            view.update()

    def show_photo(self, path: Path, size: QSize) -> None:
        """Another photo is looked at: its path, and its upright size in px."""
        if path == self._photo and size == self._size:
            return
        if size != self._size:
            self.radius = max(SMALLEST_RADIUS, min(size.width(), size.height()) * _FIRST_RADIUS)
        self._photo, self._size, self._part = path, size, None
        self._tints.clear()
        self.tool_changed.emit()
        self.changed.emit()

    def show_masks(self, masks: Mapping[Path, Mask]) -> None:
        """Take other masks."""
        self._masks, self._part = dict(masks), None
        self._tell()

    def use(self, **settings: object) -> None:
        """Draw otherwise from now on: `tool`, `erases`, `radius` in px, `softness`, `tints`."""
        for name, value in settings.items():
            setattr(self, name, value)
        self.radius = min(max(self.radius, SMALLEST_RADIUS), self.largest_radius)
        self.tool_changed.emit()
        self._update_views()

    @property
    def largest_radius(self) -> float:
        """px: the photo's longer side, halved."""
        return max(2 * SMALLEST_RADIUS, max(self._size.width(), self._size.height()) / 2)

    def invert(self) -> None:
        """Restore everywhere else."""
        if self._photo is not None and (mask := self.mask) is not None:
            self._keep(mask.model_copy(update={"inverted": not mask.inverted}))

    def clear(self) -> None:
        """Restore everywhere."""
        if self.mask is not None:
            self._keep(Mask())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take the mouse of a view while drawing is on."""
        if not self._is_on or not isinstance(watched, PictureView) or watched.photo_size.isEmpty():
            return False
        if isinstance(event, QMouseEvent):
            return self._on_mouse(watched, event)
        if event.type() == QEvent.Type.Leave:
            self._pointer = None
            self._update_views()
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            factor = {Qt.Key.Key_BracketLeft: 1 / _KEY_FACTOR, Qt.Key.Key_BracketRight: _KEY_FACTOR}.get(Qt.Key(event.key()))
            if factor is not None:
                self.use(radius=self.radius * factor)
                return True
        return False

    def _on_mouse(self, view: PictureView, event: QMouseEvent) -> bool:
        kind, place = event.type(), event.position()
        if kind in (QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonDblClick):
            self._drag = self._drag_of(view, event)
            if self._drag is _Drag.DRAWS:
                view.setFocus(Qt.FocusReason.MouseFocusReason)
                self._begin(self._in_photo(view, place), self.erases or event.button() is Qt.MouseButton.RightButton)
            elif self._drag is _Drag.PANS:
                PictureView.mousePressEvent(view, event)
        elif kind == QEvent.Type.MouseMove:
            self._pointer = (view, place)
            if self._drag is _Drag.DRAWS:
                self._go_on(self._in_photo(view, place))
            elif self._drag is _Drag.PANS:
                PictureView.mouseMoveEvent(view, event)
            self._update_views()
        elif kind == QEvent.Type.MouseButtonRelease:
            drag, self._drag = self._drag, None
            if drag is _Drag.DRAWS:
                self._go_on(self._in_photo(view, place), last=True)
                self._end()
            elif drag is _Drag.PANS:
                PictureView.mouseReleaseEvent(view, event)
            return drag is not _Drag.IS_OF_VIEW
        return self._drag is not _Drag.IS_OF_VIEW

    def _drag_of(self, view: PictureView, event: QMouseEvent) -> _Drag:
        if view.has_handle_at(event.position()):
            return _Drag.IS_OF_VIEW
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            return _Drag.PANS  # also where the view itself would move something else
        drawing = (Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton)
        return _Drag.DRAWS if event.button() in drawing else _Drag.IS_OF_VIEW

    def _in_photo(self, view: PictureView, place: QPointF) -> Place:
        """Column and row of the photo in px; a tenth is exact enough and keeps sidecars short."""
        there = view.to_photo(place) + self._views[view]()
        return round(there.x(), 1), round(there.y(), 1)

    def _begin(self, place: Place, erases: bool) -> None:
        if self._photo is None:
            return
        if self.tool is Tool.BRUSH:
            self._part = Stroke(points=(place,), radius=round(self.radius, 1), softness=self.softness, erases=erases)
        else:
            self._part = Gradient(start=place, end=place, erases=erases)
        self._tell()

    def _go_on(self, place: Place, last: bool = False) -> None:
        if isinstance(self._part, Gradient):
            self._part = self._part.model_copy(update={"end": place})
        elif self._part is not None:
            x, y = self._part.points[-1]
            away = float(np.hypot(place[0] - x, place[1] - y))
            if away < (0.1 if last else max(1.0, self._part.radius * _SPACING)):
                return
            self._part = self._part.model_copy(update={"points": (*self._part.points, place)})
        self._tell()

    def _end(self) -> None:
        mask = self.mask
        if isinstance(self._part, Gradient) and self._part.start == self._part.end:  # a click is no gradient
            self._part = None
            self._tell()
        elif mask is not None:
            self._keep(mask)

    def _keep(self, mask: Mask) -> None:
        if self._photo is None:
            return
        self._part = None
        self._masks.pop(self._photo, None)
        if mask.parts:
            self._masks[self._photo] = mask
        self._tell()
        self.drawn.emit()

    def _tell(self) -> None:
        self._update_views()
        self.changed.emit()

    def _update_views(self) -> None:
        for view in self._views:
            view.update()

    def _paint_tint(self, view: PictureView, painter: QPainter) -> None:
        mask = self.mask
        if self._is_on and self.tints and mask is not None:
            corner, size = self._views[view](), view.photo_size
            place = round(corner.x()), round(corner.y()), size.width(), size.height()
            if place not in self._tints:
                while len(self._tints) >= _TINTS_KEPT:
                    del self._tints[next(iter(self._tints))]
                self._tints[place] = MaskTint(place)
            view.draw_levels(painter, [self._tints[place].image(mask)])

    def _paint(self, view: PictureView, painter: QPainter) -> None:
        """The brush where the mouse is; of a gradient, the line that is drawn."""
        if not self._is_on:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for pen in (QPen(QColor(0, 0, 0, 160), 3), QPen(QColor(255, 255, 255), 1.2)):  # seen on light and dark
            painter.setPen(pen)
            if isinstance(self._part, Gradient):
                start, end = (view.to_screen(QPointF(*place) - self._views[view]()) for place in (self._part.start, self._part.end))
                painter.drawLine(start, end)
                painter.drawEllipse(start, 5, 5)
            elif self.tool is Tool.BRUSH and self._pointer is not None and self._pointer[0] is view:
                for radius in {self.radius, self.radius * (1 - self.softness)}:
                    painter.drawEllipse(self._pointer[1], radius * view.zoom(), radius * view.zoom())
