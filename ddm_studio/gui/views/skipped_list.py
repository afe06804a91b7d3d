"""Files that are not used, each with its reason."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractItemView, QTreeWidget, QTreeWidgetItem

from ddm_studio.events import PhotoSkipped


class SkippedList(QTreeWidget):
    """Two columns: name and reason; the whole path and reason are in the tooltip. Hidden while nothing is skipped."""

    def __init__(self) -> None:
        super().__init__()
        self.setHeaderHidden(True)
        self.setColumnCount(2)
        self.setRootIsDecorated(False)
        self.setUniformRowHeights(False)
        self.setWordWrap(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(self.tr("Files that are not used, with the reason"))
        self.header().setStretchLastSection(True)
        self.setFixedHeight(104)
        self.hide()

    def show_skipped(self, skipped: Sequence[PhotoSkipped]) -> None:
        """Replace the list."""
        self.clear()
        for one in skipped:
            self.add(one)
        self.setVisible(bool(skipped))

    def add(self, one: PhotoSkipped) -> None:
        """Append a file."""
        item = QTreeWidgetItem([one.path.name, one.reason])
        for place in (0, 1):
            item.setToolTip(place, f"{one.path}\n{one.reason}")
            item.setTextAlignment(place, Qt.AlignmentFlag.AlignTop)
        self.addTopLevelItem(item)
        widest = max(self.fontMetrics().horizontalAdvance(one.path.name) + 24, self.columnWidth(0))
        self.setColumnWidth(0, min(widest, 180))
        self.show()
