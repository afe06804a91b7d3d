"""A plot as the content of a file: pixels (PNG), strokes (SVG), or the numbers behind it (CSV).

Pictures and drawings are as large as on the screen, at the resolution of print, and dark on white in both themes.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QCoreApplication, QEvent, QIODevice, QMargins, QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QImage, QImageWriter, QPainter, QRegion
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QGraphicsView, QWidget

from ddm_studio.gui.colours import PAPER
from ddm_studio.gui.theme import other_colours

_SCREEN_DPI, _PRINT_DPI = 96, 300  # of a screen's pixels as Qt counts them
_METRES_PER_INCH = 0.0254
_MARGIN = 10
_WRAPPED = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop) | int(Qt.TextFlag.TextWordWrap)


@dataclass(frozen=True, slots=True)
class Table:
    """The numbers of a plot, one name for each column."""

    header: tuple[str, ...]
    rows: Sequence[Sequence[str | int | float]]


@dataclass(frozen=True, slots=True)
class PlotFile:
    """A file that is ready to be written."""

    path: Path
    content: bytes


def plot_file(path: Path, plot: QWidget, table: Callable[[], Table], title: str = "") -> PlotFile:
    """The plot in the format that the suffix names: .png, .svg or .csv. On the window's thread only, as it paints.

    The title stands above a picture or a drawing: away from the window nothing else tells what it shows, and of what.
    """
    writers = {".png": lambda: _png(plot, title), ".svg": lambda: _svg(plot, title), ".csv": lambda: _csv(table())}
    return PlotFile(path, writers[path.suffix.lower()]())


def _png(plot: QWidget, title: str) -> bytes:
    scale = _PRINT_DPI / _SCREEN_DPI
    image = QImage(_whole_size(plot, title) * scale, QImage.Format.Format_ARGB32)
    image.setDevicePixelRatio(scale)
    image.fill(PAPER.canvas)
    painter = QPainter(image)
    _paint(plot, painter, title)
    painter.end()
    image.setDotsPerMeterX(round(_PRINT_DPI / _METRES_PER_INCH))  # not before: Qt would scale what it draws by it, too
    image.setDotsPerMeterY(round(_PRINT_DPI / _METRES_PER_INCH))
    store = QByteArray()
    buffer = QBuffer(store)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    QImageWriter(buffer, QByteArray(b"PNG")).write(image)
    return bytes(store.data())


def _svg(plot: QWidget, title: str) -> bytes:
    store = QByteArray()
    buffer = QBuffer(store)
    generator = QSvgGenerator()
    generator.setOutputDevice(buffer)
    generator.setResolution(_SCREEN_DPI)  # else its own 72: axes, drawn as on a screen, would not meet their curves
    generator.setSize(_whole_size(plot, title))
    generator.setViewBox(QRect(QPoint(0, 0), _whole_size(plot, title)))
    generator.setTitle(title or plot.accessibleName())
    painter = QPainter(generator)
    _paint(plot, painter, title)
    painter.end()
    return bytes(store.data())


def _paint(plot: QWidget, painter: QPainter, title: str) -> None:
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    top = _title_height(plot, title)
    with other_colours(PAPER):
        painter.setFont(_title_font(plot))
        painter.setPen(QColor(PAPER.text))
        painter.drawText(_title_place(plot, top), _WRAPPED, title)
        _tell_colours(plot)
        if isinstance(plot, QGraphicsView):
            plot.render(painter, QRectF(plot.rect()).translated(0, top), plot.rect())
        else:
            painter.translate(0, top)
            plot.render(painter, QPoint(0, 0), QRegion(), QWidget.RenderFlag.DrawChildren)  # without the ground of the window
    _tell_colours(plot)


def _title_font(plot: QWidget) -> QFont:
    font = QFont(plot.font())
    font.setBold(True)
    return font


def _title_place(plot: QWidget, height: int) -> QRect:
    return QRect(_MARGIN, _MARGIN, plot.width() - 2 * _MARGIN, height - _MARGIN)


def _title_height(plot: QWidget, title: str) -> int:
    """Of the title in as many lines as it needs, and its margin above; 0 without one."""
    if not title:
        return 0
    room = _title_place(plot, plot.height())
    return _MARGIN + QFontMetrics(_title_font(plot)).boundingRect(room, _WRAPPED, title).height()


def _whole_size(plot: QWidget, title: str) -> QSize:
    return plot.size().grownBy(QMargins(0, _title_height(plot, title), 0, 0))


def _tell_colours(plot: QWidget) -> None:
    """As a change of the theme does."""
    QCoreApplication.sendEvent(plot, QEvent(QEvent.Type.PaletteChange))


def _csv(table: Table) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(table.header)
    writer.writerows(table.rows)
    return text.getvalue().encode()
