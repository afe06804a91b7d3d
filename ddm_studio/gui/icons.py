"""The few signs of the window, drawn as strokes in whatever colour is asked for."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from ddm_studio.gui import theme

_STROKES = {
    "photos": (
        '<rect x="3" y="5" width="18" height="14" rx="2.5"/><circle cx="8.5" cy="10" r="1.7"/><path d="M4 17.5l5-4.5 3.5 3 3-2.5 4.5 4"/>'
    ),
    "calibrate": '<circle cx="12" cy="12" r="8.5"/><circle cx="12" cy="12" r="3.2"/><path d="M12 1.5v4M12 18.5v4M1.5 12h4M18.5 12h4"/>',
    "lens": '<path d="M12 3c4 5 4 13 0 18c-4-5-4-13 0-18z"/><path d="M2.5 8.5L10 12l-7.5 3.5M21.5 12H14"/>',
    "deblur": '<path d="M4 20L14.5 9.5"/><path d="M13 8l3 3"/><path d="M18 2.5v4M16 4.5h4M20.5 11v3M19 12.5h3M9.5 3v3M8 4.5h3"/>',
    "folder": (
        '<path d="M3 6.5a1.5 1.5 0 0 1 1.5-1.5h4.5l2 2.5h8.5a1.5 1.5 0 0 1 1.5 1.5v8.5a1.5 1.5 0 0 1-1.5 1.5h-15a1.5 1.5 0 0 1-1.5-1.5z"/>'
    ),
    "close": '<path d="M6 6l12 12M18 6L6 18"/>',
    "warning": '<path d="M12 4L2.8 20h18.4z"/><path d="M12 10v4.5M12 17v.3"/>',
    "note": '<circle cx="12" cy="12" r="9"/><path d="M12 11v6M12 7.3v.3"/>',
    "drop": '<path d="M12 3.5v11M7.5 10.5l4.5 4.5l4.5-4.5"/><path d="M4 15.5v3a2 2 0 0 0 2 2h12a2 2 0 0 0 2-2v-3"/>',
    "down": '<path d="M6 9.5l6 6l6-6"/>',
    "right": '<path d="M9.5 6l6 6l-6 6"/>',
}


def pixmap(name: str, size: int, colour: str = theme.TEXT, ratio: float = 2.0) -> QPixmap:
    """A sign of `size` device-independent pixels."""
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" fill="none" stroke="{QColor(colour).name()}" '
        f'stroke-width="1.7" stroke-linecap="round" stroke-linejoin="round">{_STROKES[name]}</svg>'
    )
    picture = QPixmap(QSize(round(size * ratio), round(size * ratio)))
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    QSvgRenderer(QByteArray(svg.encode())).render(painter)
    painter.end()
    picture.setDevicePixelRatio(ratio)
    return picture


def icon(name: str, colour: str = theme.TEXT, checked: str | None = None) -> QIcon:
    """A sign for a button, optionally in another colour while it is checked."""
    made = QIcon(pixmap(name, 20, colour))
    made.addPixmap(pixmap(name, 20, theme.FAINT), QIcon.Mode.Disabled)
    if checked is not None:
        made.addPixmap(pixmap(name, 20, checked), QIcon.Mode.Normal, QIcon.State.On)
    return made
