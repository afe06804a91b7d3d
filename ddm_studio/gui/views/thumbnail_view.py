"""A grid of thumbnails, read in the background when they come into view; thousands of photos are fine."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import cast

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPixmap
from PySide6.QtWidgets import QAbstractItemView, QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from ddm_studio.gui import theme
from ddm_studio.gui.background import Answer, BackgroundReader
from ddm_studio.gui.pictures import to_image

SIDE = 104
_CELL = QSize(SIDE + 12, SIDE - 8)
_KEPT = 1500
_WAITING = 120

ReadThumbnail = Callable[[Path, int], NDArray[np.uint8]]
Index = QModelIndex | QPersistentModelIndex


class ThumbnailModel(QAbstractListModel):
    """Photos of a folder; a picture is asked for when the view first wants it, and the least recently seen are let go."""

    def __init__(self, reader: BackgroundReader, read: ReadThumbnail, parent: QWidget) -> None:
        super().__init__(parent)
        self._reader = reader
        self._read = read
        self._photos: Sequence[Path] = ()
        self._rows: dict[Path, int] = {}
        self._pictures: OrderedDict[Path, QPixmap | None] = OrderedDict()
        self._asked: set[Path] = set()
        reader.answered.connect(self._on_answer)

    def show_photos(self, photos: Sequence[Path]) -> None:
        """Replace the photos."""
        self.beginResetModel()
        self._photos = photos
        self._rows = {photo: row for row, photo in enumerate(photos)}
        self._reader.forget_all()
        self._asked.clear()
        self.endResetModel()

    def rowCount(self, parent: Index | None = None) -> int:
        """How many photos."""
        return 0 if parent is not None and parent.isValid() else len(self._photos)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Name, or picture."""
        photo = self._photos[index.row()]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return photo.name
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


class _ThumbnailDelegate(QStyledItemDelegate):
    """A picture with round corners above its name."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        whole: QRect = option.rect
        space = whole.adjusted(5, 4, -5, -20)
        picture = index.data(Qt.ItemDataRole.DecorationRole)
        target = QRect(space)
        if isinstance(picture, QPixmap):
            target.setSize(picture.size().scaled(space.size(), Qt.AspectRatioMode.KeepAspectRatio))
            target.moveCenter(space.center())
        outline = QPainterPath()
        outline.addRoundedRect(target, 5, 5)
        painter.setClipPath(outline)
        painter.fillRect(target, QColor(theme.FIELD))
        if isinstance(picture, QPixmap):
            painter.drawPixmap(target, picture)
        painter.setClipping(False)
        state = option.state
        painter.setPen(QColor(theme.TEXT if state & QStyle.StateFlag.State_Selected else theme.FAINT))
        font = painter.font()
        font.setPixelSize(11)
        painter.setFont(font)
        line = QRect(whole.left() + 4, whole.bottom() - 18, whole.width() - 8, 16)
        name = painter.fontMetrics().elidedText(str(index.data()), Qt.TextElideMode.ElideMiddle, line.width())
        painter.drawText(line, Qt.AlignmentFlag.AlignCenter, name)
        painter.restore()

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return _CELL


class ThumbnailView(QListView):
    """The grid."""

    def __init__(self, reader: BackgroundReader, read: ReadThumbnail, name: str) -> None:
        super().__init__()
        self.thumbnails = ThumbnailModel(reader, read, self)
        self.setModel(self.thumbnails)
        self.setItemDelegate(_ThumbnailDelegate(self))
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setMovement(QListView.Movement.Static)
        self.setUniformItemSizes(True)
        self.setGridSize(_CELL)
        self.setLayoutMode(QListView.LayoutMode.Batched)
        self.setBatchSize(400)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setAcceptDrops(False)
        self.setDragEnabled(False)
        self.setAccessibleName(name)

    def show_photos(self, photos: Sequence[Path]) -> None:
        """Replace the photos."""
        self.thumbnails.show_photos(photos)
        self.scrollToTop()
