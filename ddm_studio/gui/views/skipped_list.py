"""Lists of sentences about photos: files that are not used, and what the health check found."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QTextOption
from PySide6.QtWidgets import QListView, QListWidget, QListWidgetItem

from ddm_studio.events import HealthFound, Note, PhotoSkipped, Severity
from ddm_studio.gui import theme
from ddm_studio.gui.icons import icon

_HINT_SIZE = 12


class _Sentences(QListWidget):
    """Says what belongs there while it is empty."""

    def __init__(self, empty: str) -> None:
        super().__init__()
        self._empty = empty

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self.count():
            painter = QPainter(self.viewport())
            font = painter.font()
            font.setPixelSize(_HINT_SIZE)
            painter.setFont(font)
            painter.setPen(QColor(theme.FAINT))
            place = QRectF(self.viewport().rect()).adjusted(14, 14, -14, -14)
            painter.drawText(place, self._empty, QTextOption(Qt.AlignmentFlag.AlignCenter))


def wrapped_list(name: str, empty: str = "") -> QListWidget:
    """A list of sentences to read, wrapped, without selection; `empty` is written in it while there are none."""
    made = _Sentences(empty)
    made.setAccessibleName(name)
    made.setWordWrap(True)
    made.setTextElideMode(Qt.TextElideMode.ElideNone)  # else a second line is cut off where the first is full
    made.setResizeMode(QListView.ResizeMode.Adjust)
    made.setSelectionMode(QListWidget.SelectionMode.NoSelection)
    made.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    made.setVerticalScrollMode(QListWidget.ScrollMode.ScrollPerPixel)
    made.setSpacing(2)
    return made


def show_skipped(into: QListWidget, skipped: Sequence[PhotoSkipped]) -> None:
    """Replace the sentences: name and reason; the whole path is in the tooltip. The list hides while there are none."""
    into.clear()
    for one in skipped:
        item = QListWidgetItem(f"{one.path.name}: {one.reason}")
        item.setToolTip(str(one.path))
        into.addItem(item)
    into.setVisible(bool(skipped))
    into.setFixedHeight(min(112, 14 + 24 * len(skipped)))


def add_finding(into: QListWidget, finding: HealthFound | Note) -> None:
    """Append a finding with the sign of its severity; the file's whole path is in the tooltip."""
    if finding.severity is Severity.NOTE:
        item = QListWidgetItem(icon("note", "MUTED"), finding.message)
    else:
        item = QListWidgetItem(icon("warning", "WARNING"), finding.message)
    photo = finding.photo if isinstance(finding, HealthFound) else None
    item.setToolTip("" if photo is None else str(photo))
    into.addItem(item)
