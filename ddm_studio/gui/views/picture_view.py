"""A photo to zoom and pan; several views can share one viewport and then move together."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent, QTextOption, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ddm_studio.gui import theme

_MAX_ZOOM = 32.0


class Viewport(QObject):
    """Which part of a photo is looked at: a zoom in px of the screen itself per photo px and a centre in photo px, or all of it.

    Where the desktop is enlarged, a view px is several px of the screen: 100 % is one of these for each photo px all the same.
    """

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.zoom: float | None = None  # None: as large as it fits
        self.centre = QPointF(0, 0)

    def fit(self) -> None:
        """Look at everything."""
        self.zoom = None
        self.changed.emit()

    def look_at(self, centre: QPointF, zoom: float) -> None:
        """Look at a place."""
        self.centre, self.zoom = centre, min(zoom, _MAX_ZOOM)
        self.changed.emit()


class PictureView(QWidget):
    """Wheel zooms about the mouse, dragging pans, a double click changes between fit and 100 %.

    Keys: + and − zoom, 0 fits, 1 shows each photo pixel as one pixel of the screen, arrows pan.
    """

    clicked = Signal()

    def __init__(self, name: str, viewport: Viewport | None = None) -> None:
        super().__init__()
        self._levels: list[QImage] = []
        self._size = QSize(0, 0)
        self._hint = ""
        self._dragged_from: QPointF | None = None
        self._moved = False
        self.veils: list[Callable[[PictureView, QPainter], None]] = []
        """Painted on the photo, under what a subclass draws on it."""
        self.layers: list[Callable[[PictureView, QPainter], None]] = []
        """Painted over everything, in this order."""
        self.viewport = viewport or Viewport(self)
        self.viewport.changed.connect(self.update)
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(120, 120)

    @property
    def photo_size(self) -> QSize:
        """Size in photo px; (0, 0) while empty."""
        return self._size

    @property
    def hint(self) -> str:
        """What is written while there is no photo."""
        return self._hint

    def set_hint(self, text: str) -> None:
        """What is written while there is no photo."""
        self._hint = text
        self.update()

    def show_levels(self, levels: list[QImage], size: QSize | None = None) -> None:
        """Show a picture given at several sizes, largest first; `size` when it stands for a larger photo."""
        self._levels = levels
        self._size = QSize(0, 0) if not levels else size or levels[0].size()
        self.update()

    def fit_zoom(self) -> float:
        """The zoom at which the photo just fits."""
        if self._size.isEmpty():
            return 1.0
        return max(1e-3, min((self.width() - 4) / self._size.width(), (self.height() - 4) / self._size.height()))

    def zoom(self) -> float:
        """View px per photo px now."""
        if self.viewport.zoom is None:
            return self.fit_zoom()
        return max(self.viewport.zoom / self.devicePixelRatioF(), min(self.fit_zoom(), 1.0) * 0.5)

    def centre(self) -> QPointF:
        """The photo px in the middle of the view."""
        if self.viewport.zoom is None:
            return QPointF(self._size.width() / 2, self._size.height() / 2)
        return self.viewport.centre

    def to_screen(self, place: QPointF) -> QPointF:
        """Photo px to view px."""
        return place * self.zoom() + self._origin()

    def to_photo(self, place: QPointF) -> QPointF:
        """View px to photo px."""
        return (place - self._origin()) / self.zoom()

    def _origin(self) -> QPointF:
        """Where the photo's corner lies in view px: on a whole px of the screen, as between two of them sharp edges become soft."""
        ratio = self.devicePixelRatioF()
        exact = (QPointF(self.width() / 2, self.height() / 2) - self.centre() * self.zoom()) * ratio
        return QPointF(round(exact.x()), round(exact.y())) / ratio

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the visible part from the level that is just large enough."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(theme.CANVAS))
        if not self._levels:
            painter.setPen(QColor(theme.FAINT))
            painter.drawText(QRectF(self.rect()).adjusted(16, 16, -16, -16), self._hint, QTextOption(Qt.AlignmentFlag.AlignCenter))
            return
        self.paint_photo(painter)
        for veil in self.veils:
            veil(self, painter)
        self.paint_over(painter)
        for layer in self.layers:
            layer(self, painter)
        if self.hasFocus():
            painter.setPen(QColor(theme.ACCENT))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))

    def draw_levels(self, painter: QPainter, levels: list[QImage]) -> None:
        """Draw what is seen of a picture of the photo's size, given at several sizes."""
        zoom = self.zoom()
        photo = QRectF(0, 0, self._size.width(), self._size.height())
        seen = QRectF(self.to_photo(QPointF(0, 0)), self.to_photo(QPointF(self.width(), self.height()))).intersected(photo)
        if seen.isEmpty():
            return
        level = self._level_for(levels, zoom * self.devicePixelRatioF())
        share = level.width() / self._size.width()
        tall = level.height() / self._size.height()
        enlarged = zoom * self.devicePixelRatioF() / share
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, enlarged < 3 and abs(enlarged - 1) > 1e-6)
        source = QRectF(seen.left() * share, seen.top() * tall, seen.width() * share, seen.height() * tall)
        painter.drawImage(QRectF(self.to_screen(seen.topLeft()), self.to_screen(seen.bottomRight())), level, source)

    def paint_photo(self, painter: QPainter) -> None:
        """Draw the photo; for subclasses: or several."""
        self.draw_levels(painter, self._levels)

    def paint_over(self, painter: QPainter) -> None:
        """For subclasses: draw on top of the photo."""

    def has_handle_at(self, place: QPointF) -> bool:
        """For subclasses: whether there is something of theirs to take hold of, at a place in view px."""
        return False

    def _level_for(self, levels: list[QImage], zoom: float) -> QImage:
        chosen = levels[0]
        for level in levels:
            if level.width() >= zoom * self._size.width():
                chosen = level
        return chosen

    def zoom_about(self, factor: float, place: QPointF) -> None:
        """Zoom so that the photo px under `place` stays there."""
        away = place - QPointF(self.width() / 2, self.height() / 2)
        before = self.centre() + away / self.zoom()  # not by `to_photo`, whose rounding would add up
        zoom = min(max(self.zoom() * factor, min(self.fit_zoom(), 1.0) * 0.5), _MAX_ZOOM / self.devicePixelRatioF())
        self._look_at(before - away / zoom, zoom)

    def _show_full_size(self, place: QPointF) -> None:
        """Each photo px as one px of the screen."""
        self.zoom_about(1 / (self.zoom() * self.devicePixelRatioF()), place)

    def _look_at(self, centre: QPointF, zoom: float) -> None:
        """The zoom in view px per photo px."""
        self.viewport.look_at(centre, zoom * self.devicePixelRatioF())

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom about the mouse."""
        if self._levels:
            self.zoom_about(1.2 ** (event.angleDelta().y() / 120), event.position())
            event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin to pan."""
        if event.button() is Qt.MouseButton.LeftButton:
            self._dragged_from, self._moved = event.position(), False

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Pan."""
        if self._dragged_from is not None and self._levels:
            step = event.position() - self._dragged_from
            if self._moved or step.manhattanLength() > 3:
                self._moved = True
                self._dragged_from = event.position()
                self._look_at(self.centre() - step / self.zoom(), self.zoom())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End of a pan, or a click."""
        if self._dragged_from is not None and not self._moved:
            self.clicked.emit()
        self._dragged_from = None

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Change between fit and 100 %."""
        if self.viewport.zoom is None:
            self._show_full_size(event.position())
        else:
            self.viewport.fit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Zoom and pan by keyboard."""
        middle = QPointF(self.width() / 2, self.height() / 2)
        pan = {Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0), Qt.Key.Key_Up: (0, -1), Qt.Key.Key_Down: (0, 1)}
        key = Qt.Key(event.key())
        if key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.zoom_about(1.25, middle)
        elif key is Qt.Key.Key_Minus:
            self.zoom_about(0.8, middle)
        elif key is Qt.Key.Key_0:
            self.viewport.fit()
        elif key is Qt.Key.Key_1:
            self._show_full_size(middle)
        elif key in pan:
            self._look_at(self.centre() + QPointF(*pan[key]) * (60 / self.zoom()), self.zoom())
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Nothing to keep: the transform follows from the viewport."""
        super().resizeEvent(event)
        self.update()
