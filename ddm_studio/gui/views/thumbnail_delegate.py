"""How one photo of a list is drawn: as a small picture above its name, or as a row with what EXIF says of it."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPixmap
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from ddm_studio.gui import theme
from ddm_studio.gui.icons import icon

Index = QModelIndex | QPersistentModelIndex

SIDE = 104
"""Of a picture in the narrowest cell."""
_NARROWEST = SIDE + 12
_BESIDE, _BELOW = 10, 24  # what a cell has besides its picture of 3 : 2
ROW_HEIGHT = 62
_ROW_PICTURE = 78

FACTS_ROLE = int(Qt.ItemDataRole.UserRole)
"""Camera, lens and exposure in two lines."""
FINDING_ROLE = FACTS_ROLE + 1
"""The gravest finding in words; empty where there is none."""
LEFT_OUT_ROLE = FACTS_ROLE + 2
"""Whether the person left the photo out."""


def cell_for(width: int) -> QSize:
    """A cell, of which a whole number fills a list of so many pixels to the last few."""
    columns = max(width // _NARROWEST, 1)
    across = max(width // columns, _NARROWEST)
    return QSize(across, (across - _BESIDE) * 2 // 3 + _BELOW)


class ThumbnailDelegate(QStyledItemDelegate):
    """Draws cells of the size `cell`, or rows while `as_rows`."""

    as_rows = False
    cell = cell_for(_NARROWEST)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw one photo."""
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        whole: QRect = option.rect
        if option.state & QStyle.StateFlag.State_Selected:
            painter.setPen(QPen(QColor(theme.ACCENT), 1.5))
            painter.setBrush(QColor(theme.HOVER))
            painter.drawRoundedRect(QRectF(whole).adjusted(1.5, 1.5, -1.5, -1.5), 6, 6)
        font = painter.font()
        font.setPixelSize(11)
        painter.setFont(font)
        if self.as_rows:
            space = QRect(whole.left() + 6, whole.top() + 5, _ROW_PICTURE, whole.height() - 10)
            self._draw_words(painter, whole.adjusted(_ROW_PICTURE + 16, 4, -8, -4), index)
        else:
            space = whole.adjusted(5, 4, -5, -20)
            line = QRect(whole.left() + 4, whole.bottom() - 18, whole.width() - 8, 16)
            self._draw_line(painter, line, str(index.data()), theme.TEXT, Qt.AlignmentFlag.AlignCenter)
        self._draw_picture(painter, space, index)
        painter.restore()

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """The size of a cell, or of a row."""
        return QSize(240, ROW_HEIGHT) if self.as_rows else self.cell

    def _draw_picture(self, painter: QPainter, space: QRect, index: Index) -> None:
        picture = index.data(Qt.ItemDataRole.DecorationRole)
        target = QRect(space)
        if isinstance(picture, QPixmap):
            target.setSize(picture.size().scaled(space.size(), Qt.AspectRatioMode.KeepAspectRatio))
            target.moveCenter(space.center())
        outline = QPainterPath()
        outline.addRoundedRect(QRectF(target), 5, 5)
        left_out = bool(index.data(LEFT_OUT_ROLE))
        painter.setClipPath(outline)
        painter.fillRect(target, QColor(theme.FIELD))
        painter.setOpacity(0.35 if left_out else 1)
        if isinstance(picture, QPixmap):
            painter.drawPixmap(target, picture)
        painter.setOpacity(1)
        painter.setClipping(False)
        if left_out:
            painter.setPen(QPen(QColor(theme.ERROR), 2))
            painter.drawLine(target.topLeft(), target.bottomRight())
            painter.drawLine(target.topRight(), target.bottomLeft())
        elif index.data(FINDING_ROLE):
            corner = QRect(target.right() - 20, target.top() + 2, 18, 18)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.CARD))
            painter.drawEllipse(corner.adjusted(-2, -2, 2, 2))
            icon("warning", "WARNING").paint(painter, corner)

    def _draw_words(self, painter: QPainter, space: QRect, index: Index) -> None:
        finding = str(index.data(FINDING_ROLE) or "")
        camera, exposure = str(index.data(FACTS_ROLE) or "\n").split("\n")
        rows = [(str(index.data()), theme.TEXT), (exposure, theme.TEXT), (camera, theme.MUTED)]
        if finding:
            rows[2] = (finding, theme.WARNING)
        for number, (words, colour) in enumerate(rows):
            line = QRect(space.left(), space.top() + number * 18, space.width(), 17)
            self._draw_line(painter, line, words, colour, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)

    @staticmethod
    def _draw_line(painter: QPainter, line: QRect, words: str, colour: str, alignment: Qt.AlignmentFlag) -> None:
        painter.setPen(QColor(colour))
        painter.drawText(line, alignment, painter.fontMetrics().elidedText(words, Qt.TextElideMode.ElideMiddle, line.width()))
