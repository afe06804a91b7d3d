"""The few signs of the window, drawn as strokes at any size, in a colour of the theme in use."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QIconEngine, QPainter, QPaintEvent, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QSizePolicy, QWidget

from ddm_studio.gui import theme

_STROKES = {
    "start": '<path d="M3.5 11L12 4l8.5 7"/><path d="M6 9.5V20h12V9.5"/><path d="M10 20v-5.5h4V20"/>',
    "photos": (
        '<rect x="3" y="5" width="18" height="14" rx="2.5"/><circle cx="8.5" cy="10" r="1.7"/><path d="M4 17.5l5-4.5 3.5 3 3-2.5 4.5 4"/>'
    ),
    "calibrate": '<circle cx="12" cy="12" r="8.5"/><circle cx="12" cy="12" r="3.2"/><path d="M12 1.5v4M12 18.5v4M1.5 12h4M18.5 12h4"/>',
    "lens": '<path d="M12 3c4 5 4 13 0 18c-4-5-4-13 0-18z"/><path d="M2.5 8.5L10 12l-7.5 3.5M21.5 12H14"/>',
    "deblur": '<path d="M4 20L14.5 9.5"/><path d="M13 8l3 3"/><path d="M18 2.5v4M16 4.5h4M20.5 11v3M19 12.5h3M9.5 3v3M8 4.5h3"/>',
    "demo": '<circle cx="12" cy="12" r="9"/><path d="M10 8.3l6 3.7l-6 3.7z"/>',
    "folder": (
        '<path d="M3 6.5a1.5 1.5 0 0 1 1.5-1.5h4.5l2 2.5h8.5a1.5 1.5 0 0 1 1.5 1.5v8.5a1.5 1.5 0 0 1-1.5 1.5h-15a1.5 1.5 0 0 1-1.5-1.5z"/>'
    ),
    "close": '<path d="M6 6l12 12M18 6L6 18"/>',
    "warning": '<path d="M12 4L2.8 20h18.4z"/><path d="M12 10v4.5M12 17v.3"/>',
    "note": '<circle cx="12" cy="12" r="9"/><path d="M12 11v6M12 7.3v.3"/>',
    "drop": '<path d="M12 3.5v11M7.5 10.5l4.5 4.5l4.5-4.5"/><path d="M4 15.5v3a2 2 0 0 0 2 2h12a2 2 0 0 0 2-2v-3"/>',
    "down": '<path d="M6 9.5l6 6l6-6"/>',
    "up": '<path d="M6 14.5l6-6l6 6"/>',
    "right": '<path d="M9.5 6l6 6l-6 6"/>',
}


def _draw(painter: QPainter, place: QRectF, name: str, colour: str) -> None:
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" fill="none" stroke="{QColor(colour).name()}" '
        f'stroke-width="1.7" stroke-linecap="round" stroke-linejoin="round">{_STROKES[name]}</svg>'
    )
    QSvgRenderer(QByteArray(svg.encode())).render(painter, place)


class _StrokeEngine(QIconEngine):
    """Draws a sign when it is asked for, so that it is crisp on any screen and follows the theme."""

    def __init__(self, name: str, role: str, checked: str) -> None:
        super().__init__()
        self._name, self._role, self._checked = name, role, checked

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        role = "FAINT" if mode is QIcon.Mode.Disabled else self._checked if state is QIcon.State.On else self._role
        _draw(painter, QRectF(rect), self._name, getattr(theme, role))

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        picture = QPixmap(size)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        self.paint(painter, QRect(QPoint(0, 0), size), mode, state)
        painter.end()
        return picture

    def clone(self) -> QIconEngine:
        return _StrokeEngine(self._name, self._role, self._checked)


def icon(name: str, role: str = "TEXT", checked: str | None = None) -> QIcon:
    """A sign for a button, in the colour that `theme` keeps under the name `role`; optionally in another while it is checked."""
    return QIcon(_StrokeEngine(name, role, checked or role))


class Sign(QWidget):
    """A sign to look at, of `size` device-independent pixels."""

    def __init__(self, name: str, size: int, role: str = "TEXT") -> None:
        super().__init__()
        self._name, self._role, self._side = name, role, size
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def show_sign(self, name: str, role: str) -> None:
        """Show another one."""
        self._name, self._role = name, role
        self.update()

    def sizeHint(self) -> QSize:
        """As asked for."""
        return QSize(self._side, self._side)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw it in the colour of the theme in use."""
        painter = QPainter(self)
        _draw(painter, QRectF(0, 0, self._side, self._side), self._name, getattr(theme, self._role))
