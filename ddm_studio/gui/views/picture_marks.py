"""Lines and handles on photos, kernels and maps, whose brightness no theme knows: bright, with a dark rim, in both themes alike."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QBrush, QColor, QPen

from ddm_studio.gui.colours import ON_PICTURES

_RIM = QColor(0, 0, 0, 170)


def mark_pens(width: float = 2.0, style: Qt.PenStyle = Qt.PenStyle.SolidLine) -> tuple[QPen, QPen]:
    """To be drawn with one after the other: the rim, then the line."""
    return QPen(_RIM, width + 2), QPen(QColor(ON_PICTURES), width, style)


def handle_pen() -> QPen:
    """The rim of something to take hold of."""
    return QPen(_RIM, 1)


def handle_brush() -> QBrush:
    """What it is filled with."""
    return QBrush(QColor(ON_PICTURES))
