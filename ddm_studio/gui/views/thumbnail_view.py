"""A grid of thumbnails, read in the background when they come into view; thousands of photos are fine."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import cast

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QAbstractListModel, QItemSelection, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QKeySequence, QPixmap, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QListView, QWidget

from ddm_studio.events import HealthFound, Severity
from ddm_studio.gui.background import Answer, BackgroundReader
from ddm_studio.gui.pictures import to_image
from ddm_studio.gui.views.thumbnail_delegate import FACTS_ROLE, FINDING_ROLE, LEFT_OUT_ROLE, SIDE, Index, ThumbnailDelegate, cell_for

_KEPT = 1500
_WRAPS_AT = 5  # px that Qt wants free at the end of a line, measured: with fewer it takes the next line

ReadThumbnail = Callable[[Path, int], NDArray[np.uint8]]


class ThumbnailModel(QAbstractListModel):
    """Photos of a folder; a picture is asked for when the view first wants it, and the least recently seen are let go."""

    def __init__(self, reader: BackgroundReader, read: ReadThumbnail, parent: QWidget) -> None:
        super().__init__(parent)
        self._reader = reader
        self._read = read
        self._photos: Sequence[Path] = ()
        self._facts: Mapping[Path, str] = {}
        self._left_out: frozenset[Path] = frozenset()
        self._findings: dict[Path, list[HealthFound]] = {}
        self._rows: dict[Path, int] = {}
        self._pictures: OrderedDict[Path, QPixmap | None] = OrderedDict()
        self._asked: set[Path] = set()
        reader.answered.connect(self._on_answer)

    def show_photos(self, photos: Sequence[Path], facts: Mapping[Path, str], left_out: Collection[Path]) -> None:
        """Replace the photos, with what EXIF says of each in two lines and those that the person left out."""
        self._facts, self._left_out = facts, frozenset(left_out)
        if list(photos) == list(self._photos):
            self._tell_all([LEFT_OUT_ROLE, FACTS_ROLE])
            return
        self.beginResetModel()
        self._photos = photos
        self._rows = {photo: row for row, photo in enumerate(photos)}
        self._reader.forget_all()
        self._asked.clear()
        self.endResetModel()

    def show_findings(self, findings: Sequence[HealthFound]) -> None:
        """Replace what the health check found about single photos."""
        self._findings = {}
        for finding in findings:
            if finding.photo is not None:
                self._findings.setdefault(finding.photo, []).append(finding)
        self._tell_all([FINDING_ROLE, Qt.ItemDataRole.ToolTipRole])

    def photo_at(self, row: int) -> Path:
        """The photo of a row."""
        return self._photos[row]

    def row_of(self, photo: Path) -> int | None:
        """The row of a photo, None where it is not shown."""
        return self._rows.get(photo)

    def findings_of(self, photo: Path) -> list[HealthFound]:
        """What was found about a photo, the gravest first."""
        return sorted(self._findings.get(photo, []), key=lambda finding: finding.severity is Severity.NOTE)

    def _tell_all(self, roles: list[int]) -> None:
        if self._photos:
            self.dataChanged.emit(self.index(0), self.index(len(self._photos) - 1), roles)

    def rowCount(self, parent: Index | None = None) -> int:
        """How many photos."""
        return 0 if parent is not None and parent.isValid() else len(self._photos)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Name, or picture."""
        photo = self._photos[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return photo.name
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            lines = [photo.name, *self._facts.get(photo, "").split("\n"), *(finding.message for finding in self.findings_of(photo))]
            return "\n".join(line for line in lines if line)
        if role == FACTS_ROLE:
            return self._facts.get(photo, "\n")
        if role == FINDING_ROLE:
            return next((finding.what for finding in self.findings_of(photo)), "")
        if role == LEFT_OUT_ROLE:
            return photo in self._left_out
        if role == Qt.ItemDataRole.DecorationRole:
            return self._picture(photo)
        return None

    def _picture(self, photo: Path) -> QPixmap | None:
        if photo in self._pictures:
            self._pictures.move_to_end(photo)
            return self._pictures[photo]
        if photo not in self._asked:
            self._asked.add(photo)
            read = self._read
            forgotten = self._reader.ask(photo, lambda: read(photo, 2 * SIDE))
            self._asked.difference_update(cast("list[Path]", forgotten))
        return None

    def _on_answer(self, answer: Answer) -> None:
        photo = cast("Path", answer.key)
        self._asked.discard(photo)
        picture = None
        if answer.error is None:
            picture = QPixmap.fromImage(to_image(cast("NDArray[np.uint8]", answer.value)))
        self._pictures[photo] = picture
        while len(self._pictures) > _KEPT:
            self._pictures.popitem(last=False)
        row = self._rows.get(photo)
        if row is not None:
            index = self.index(row)
            self.dataChanged.emit(index, index, [Qt.ItemDataRole.DecorationRole])


class ThumbnailView(QListView):
    """The grid, or rows. `photo_chosen(Path | None)` when a photo is selected; `drop_toggled(Path)` by the Delete key or the menu."""

    photo_chosen = Signal(object)
    drop_toggled = Signal(object)

    def __init__(self, reader: BackgroundReader, read: ReadThumbnail, name: str) -> None:
        super().__init__()
        self.thumbnails = ThumbnailModel(reader, read, self)
        self.setModel(self.thumbnails)
        self._delegate = ThumbnailDelegate(self)
        self.setItemDelegate(self._delegate)
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setMovement(QListView.Movement.Static)
        self.setUniformItemSizes(True)
        self.setLayoutMode(QListView.LayoutMode.Batched)
        self.setBatchSize(400)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setAcceptDrops(False)
        self.setDragEnabled(False)
        self.setAccessibleName(name)

        toggle = QAction(self.tr("Leave out, or use again"), self)
        toggle.setShortcut(QKeySequence(Qt.Key.Key_Delete))
        toggle.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        toggle.triggered.connect(self._on_toggle)
        self.addAction(toggle)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        self.selectionModel().selectionChanged.connect(self._on_selected)
        self.thumbnails.modelReset.connect(self._on_reset)

    @property
    def chosen(self) -> Path | None:
        """The photo that is selected."""
        rows = self.selectionModel().selectedIndexes()
        return self.thumbnails.photo_at(rows[0].row()) if rows else None

    def show_photos(self, photos: Sequence[Path], facts: Mapping[Path, str], left_out: Collection[Path]) -> None:
        """Replace the photos; the view stays where it is when only those left out have changed."""
        changed = self.thumbnails.rowCount() != len(photos)
        self.thumbnails.show_photos(photos, facts, left_out)
        if changed:
            self.scrollToTop()

    def choose(self, photo: Path) -> None:
        """Select a photo and bring it into view; nothing happens where it is not among them."""
        row = self.thumbnails.row_of(photo)
        if row is None:
            return
        self.setCurrentIndex(self.thumbnails.index(row))
        # Once what is told of the photo has taken its room.
        QTimer.singleShot(0, self, lambda: self.scrollTo(self.currentIndex(), QAbstractItemView.ScrollHint.PositionAtCenter))

    def arrange(self, as_rows: bool) -> None:
        """As rows with EXIF, or as pictures."""
        self._delegate.as_rows = as_rows
        self.setViewMode(QListView.ViewMode.ListMode if as_rows else QListView.ViewMode.IconMode)
        self.setMovement(QListView.Movement.Static)
        self._fit_cells()
        self.scheduleDelayedItemsLayout()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Cells share the new width evenly."""
        self._fit_cells()
        super().resizeEvent(event)

    def _fit_cells(self) -> None:
        if self._delegate.as_rows:
            self.setGridSize(QSize())
            return
        bar = self.verticalScrollBar()
        kept_free = 0 if bar.isVisible() else bar.sizeHint().width()  # by Qt, too
        cell = cell_for(self.viewport().width() - kept_free - _WRAPS_AT)
        if cell != self.gridSize():
            self._delegate.cell = cell
            self.setGridSize(cell)

    def _on_selected(self, selected: QItemSelection) -> None:
        self.photo_chosen.emit(self.chosen)

    def _on_reset(self) -> None:
        self.photo_chosen.emit(None)

    def _on_toggle(self) -> None:
        if self.chosen is not None:
            self.drop_toggled.emit(self.chosen)
