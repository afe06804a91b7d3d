"""Lists of sentences about photos: files that are not used, and what the health check found."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QResizeEvent, QTextOption
from PySide6.QtWidgets import QListView, QListWidget, QListWidgetItem

from ddm_studio.events import HealthFound, Note, PhotoSkipped, Severity
from ddm_studio.gui import theme
from ddm_studio.gui.icons import icon

_HINT_SIZE = 12
_NAMED, _IN_TOOLTIP = 2, 40


class _Sentences(QListWidget):
    """Says what belongs there while it is empty; is as high as its sentences are, up to `most` px where that is given."""

    def __init__(self, empty: str, most: int | None) -> None:
        super().__init__()
        self._empty, self._most = empty, most

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.fit()

    def fit(self) -> None:
        """Take the height that the sentences need at this width."""
        if self._most is not None:
            self.doItemsLayout()
            self.setFixedHeight(min(self._most, self.contentsSize().height() + 2 * self.frameWidth()))

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


def wrapped_list(name: str, empty: str = "", most: int | None = None) -> _Sentences:
    """A list of sentences to read, wrapped, without selection.

    `empty` is written in it while there are none; `most` is its greatest height in px, where it is to be no higher than its sentences.
    """
    made = _Sentences(empty, most)
    made.setAccessibleName(name)
    made.setWordWrap(True)
    made.setTextElideMode(Qt.TextElideMode.ElideNone)  # else a second line is cut off where the first is full
    made.setResizeMode(QListView.ResizeMode.Adjust)
    made.setSelectionMode(QListWidget.SelectionMode.NoSelection)
    made.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    made.setVerticalScrollMode(QListWidget.ScrollMode.ScrollPerPixel)
    made.setSpacing(2)
    return made


def show_skipped(into: _Sentences, skipped: Sequence[PhotoSkipped]) -> None:
    """Replace the sentences: each reason once, after the names; all paths are in the tooltip. The list hides while there are none."""
    into.clear()
    by_reason: dict[str, list[Path]] = {}
    for one in skipped:
        by_reason.setdefault(one.reason, []).append(one.path)
    for reason, paths in by_reason.items():
        item = QListWidgetItem(f"{_names(paths)}: {reason}")
        item.setToolTip("\n".join(map(str, paths[:_IN_TOOLTIP])) + ("\n…" if len(paths) > _IN_TOOLTIP else ""))
        into.addItem(item)
    into.setVisible(bool(skipped))
    into.fit()


def _names(paths: Sequence[Path]) -> str:
    named = ", ".join(path.name for path in paths[:_NAMED])
    rest = QCoreApplication.translate("skipped", " and {n} more").format(n=len(paths) - _NAMED) if len(paths) > _NAMED else ""
    return named + rest


def add_finding(into: QListWidget, finding: HealthFound | Note) -> QListWidgetItem:
    """Append a finding with the sign of its severity; the file's whole path is in the tooltip."""
    if finding.severity is Severity.NOTE:
        item = QListWidgetItem(icon("note", "MUTED"), finding.message)
    else:
        item = QListWidgetItem(icon("warning", "WARNING"), finding.message)
    photo = finding.photo if isinstance(finding, HealthFound) else None
    item.setToolTip("" if photo is None else str(photo))
    into.addItem(item)
    return item
