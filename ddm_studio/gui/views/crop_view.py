"""The whole photo with a crop rectangle to move and resize."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QKeyEvent, QMouseEvent, QPainter, QPen

from ddm_studio.gui.local_psf import LocalPsf
from ddm_studio.gui.pictures import to_image
from ddm_studio.gui.views.picture_marks import handle_brush, handle_pen, mark_pens
from ddm_studio.gui.views.picture_view import PictureView
from ddm_studio.gui.views.psf_mosaic import PsfLook, colours

SMALLEST, LARGEST, FIRST = 64, 1024, 320
_REACH = 9.0  # screen px round an edge that count as the edge
_KEY_STEP = 16
_LOUPE = 124  # screen px
_ON_BLACK = "#ededee"  # in both themes: a kernel's ground is black


class CropView(PictureView):
    """Dragging inside the rectangle moves it, at an edge or corner resizes it, elsewhere pans the photo.

    Keys: Shift with arrows moves the crop, Ctrl with arrows resizes it. `crop_changed` carries (left, top, width, height) in photo px.
    """

    crop_changed = Signal(tuple)

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self._crop = QRect()
        self._grip: tuple[int, int] | None = None  # (-1, 0, 1) for left/inside/right and top/inside/bottom
        self._start = QRect()
        self._grabbed_at = QPointF()
        self._psf: LocalPsf | None = None
        self._pointer: QPointF | None = None
        self._is_quiet = False
        self.setMouseTracking(True)

    @property
    def crop(self) -> tuple[int, int, int, int]:
        """Left, top, width, height in px of the upright photo."""
        return self._crop.left(), self._crop.top(), self._crop.width(), self._crop.height()

    def show_psf(self, psf: LocalPsf | None) -> None:
        """Show, in a corner, how the lens images a point where the mouse is, or in the middle of the crop."""
        self._psf = psf
        self.update()

    def show_quiet(self, is_quiet: bool) -> None:
        """Only outline the crop, while something else is looked at."""
        self._is_quiet = is_quiet
        self.update()

    def psf_place(self) -> QPointF:
        """The photo px whose PSF is shown."""
        left, top, width, height = self.crop
        place = QPointF(left + width / 2, top + height / 2)
        if self._pointer is not None:
            pointed = self.to_photo(self._pointer)
            if QRectF(0, 0, self.photo_size.width() - 1, self.photo_size.height() - 1).contains(pointed):
                place = pointed
        return place

    def show_levels(self, levels: list[QImage], size: QSize | None = None) -> None:
        """Show a photo; another size of photo starts with a crop in its middle."""
        before = self.photo_size
        super().show_levels(levels, size)
        if self.photo_size != before:
            self.reset_crop()

    def reset_crop(self) -> None:
        """A crop of the first size in the middle of the photo."""
        width, height = self.photo_size.width(), self.photo_size.height()
        side_x, side_y = min(FIRST, width), min(FIRST, height)
        self.set_crop(QRect((width - side_x) // 2, (height - side_y) // 2, side_x, side_y))

    def set_crop(self, crop: QRect) -> None:
        """Take a crop, kept inside the photo and between the smallest and the largest size."""
        frame = self.photo_size
        width = min(max(crop.width(), min(SMALLEST, frame.width())), LARGEST, frame.width())
        height = min(max(crop.height(), min(SMALLEST, frame.height())), LARGEST, frame.height())
        left = min(max(crop.left(), 0), frame.width() - width)
        top = min(max(crop.top(), 0), frame.height() - height)
        self._crop = QRect(left, top, width, height)
        self.setAccessibleDescription(
            self.tr("Crop of {width} by {height} pixels at {left}, {top}").format(width=width, height=height, left=left, top=top)
        )
        self.crop_changed.emit(self.crop)
        self.update()

    def crop_on_screen(self) -> QRectF:
        """The rectangle in view px."""
        left, top, width, height = self.crop
        return QRectF(self.to_screen(QPointF(left, top)), self.to_screen(QPointF(left + width, top + height)))

    def paint_over(self, painter: QPainter) -> None:
        """Dim what is outside, outline what is inside, draw handles."""
        shown = self.crop_on_screen()
        if self._is_quiet:
            for pen in mark_pens(1, Qt.PenStyle.DashLine):
                painter.setPen(pen)
                painter.drawRect(shown)
            return
        shade = QColor(0, 0, 0, 110)
        whole = QRectF(self.rect())
        painter.fillRect(QRectF(whole.left(), whole.top(), whole.width(), shown.top()), shade)
        painter.fillRect(QRectF(whole.left(), shown.bottom(), whole.width(), whole.bottom() - shown.bottom()), shade)
        painter.fillRect(QRectF(whole.left(), shown.top(), shown.left(), shown.height()), shade)
        painter.fillRect(QRectF(shown.right(), shown.top(), whole.right() - shown.right(), shown.height()), shade)
        for pen in mark_pens():
            painter.setPen(pen)
            painter.drawRect(shown)
        painter.setPen(handle_pen())
        painter.setBrush(handle_brush())
        for corner in (shown.topLeft(), shown.topRight(), shown.bottomLeft(), shown.bottomRight()):
            painter.drawRect(QRectF(corner.x() - 4, corner.y() - 4, 8, 8))
        if self._psf is not None:
            self._draw_psf(painter, self._psf)

    def _draw_psf(self, painter: QPainter, psf: LocalPsf) -> None:
        """The kernel enlarged, nearest neighbour, its roots so that its tails are seen; in the corner where the mouse is not."""
        place = self.psf_place()
        at_right = self._pointer is not None and self._pointer.x() < self.width() / 2
        cell = QRectF(self.width() - _LOUPE - 10 if at_right else 10, self.height() - _LOUPE - 10, _LOUPE, _LOUPE)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
        painter.drawImage(cell, to_image(colours(psf.at(place.x(), place.y()), PsfLook())))
        painter.setPen(QPen(QColor(_ON_BLACK), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(cell)
        words = self.tr("Lens at the mouse") if self._pointer is not None else self.tr("Lens at the crop")
        painter.drawText(cell.adjusted(6, 4, -4, -4), words)

    def _grip_at(self, place: QPointF) -> tuple[int, int] | None:
        shown = self.crop_on_screen()
        if self.photo_size.isEmpty() or not shown.adjusted(-_REACH, -_REACH, _REACH, _REACH).contains(place):
            return None
        across = -1 if place.x() < shown.left() + _REACH else 1 if place.x() > shown.right() - _REACH else 0
        down = -1 if place.y() < shown.top() + _REACH else 1 if place.y() > shown.bottom() - _REACH else 0
        return across, down

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take hold of the rectangle, or begin to pan."""
        self._grip = self._grip_at(event.position()) if event.button() is Qt.MouseButton.LeftButton else None
        self._start, self._grabbed_at = QRect(self._crop), event.position()
        if self._grip is None:
            super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Move or resize; else show what a press would do."""
        self._pointer = event.position()
        self.update()
        if self._grip is None:
            super().mouseMoveEvent(event)
            self._show_cursor(self._grip_at(event.position()))
            return
        step = (event.position() - self._grabbed_at) / self.zoom()
        self.set_crop(_dragged(self._start, self._grip, round(step.x()), round(step.y())))

    def leaveEvent(self, event: QEvent) -> None:
        """The loupe goes back to the crop."""
        self._pointer = None
        self.update()
        super().leaveEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go."""
        self._grip = None
        super().mouseReleaseEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Centre the crop where the person points."""
        if not self.photo_size.isEmpty():
            place = self.to_photo(event.position()).toPoint()
            moved = QRect(self._crop)
            moved.moveCenter(place)
            self.set_crop(moved)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move or resize the crop by keyboard."""
        steps = {Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0), Qt.Key.Key_Up: (0, -1), Qt.Key.Key_Down: (0, 1)}
        held = event.modifiers()
        step = steps.get(Qt.Key(event.key()))
        if step and held & Qt.KeyboardModifier.ShiftModifier:
            self.set_crop(self._crop.translated(step[0] * _KEY_STEP, step[1] * _KEY_STEP))
        elif step and held & Qt.KeyboardModifier.ControlModifier:
            self.set_crop(self._crop.adjusted(0, 0, step[0] * _KEY_STEP, step[1] * _KEY_STEP))
        else:
            super().keyPressEvent(event)

    def _show_cursor(self, grip: tuple[int, int] | None) -> None:
        if grip is None:
            shape = Qt.CursorShape.OpenHandCursor
        elif grip == (0, 0):
            shape = Qt.CursorShape.SizeAllCursor
        elif 0 in grip:
            shape = Qt.CursorShape.SizeHorCursor if grip[1] == 0 else Qt.CursorShape.SizeVerCursor
        else:
            shape = Qt.CursorShape.SizeFDiagCursor if grip[0] == grip[1] else Qt.CursorShape.SizeBDiagCursor
        self.setCursor(shape)


def _dragged(crop: QRect, grip: tuple[int, int], across: int, down: int) -> QRect:
    """The crop after a drag; an edge stops where the crop would become too small or too large."""
    if grip == (0, 0):
        return crop.translated(across, down)
    left, top, right, bottom = crop.left(), crop.top(), crop.left() + crop.width(), crop.top() + crop.height()
    if grip[0] < 0:
        left = min(max(left + across, right - LARGEST, 0), right - SMALLEST)
    elif grip[0] > 0:
        right = max(right + across, left + SMALLEST)
    if grip[1] < 0:
        top = min(max(top + down, bottom - LARGEST, 0), bottom - SMALLEST)
    elif grip[1] > 0:
        bottom = max(bottom + down, top + SMALLEST)
    return QRect(left, top, right - left, bottom - top)
