"""A plot as the content of a file: pixels (PNG), strokes (SVG), or the numbers behind it (CSV)."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QPoint, QRectF
from PySide6.QtGui import QImage, QImageWriter, QPainter
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QGraphicsView, QWidget

_PIXELS_PER_PIXEL = 2


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


def plot_file(path: Path, plot: QWidget, table: Callable[[], Table]) -> PlotFile:
    """The plot in the format that the suffix names: .png, .svg or .csv. On the window's thread only, as it paints."""
    writers = {".png": lambda: _png(plot), ".svg": lambda: _svg(plot), ".csv": lambda: _csv(table())}
    return PlotFile(path, writers[path.suffix.lower()]())


def _png(plot: QWidget) -> bytes:
    image = QImage(plot.size() * _PIXELS_PER_PIXEL, QImage.Format.Format_ARGB32)
    image.setDevicePixelRatio(_PIXELS_PER_PIXEL)
    image.fill(0)
    painter = QPainter(image)
    _paint(plot, painter)
    painter.end()
    store = QByteArray()
    buffer = QBuffer(store)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    QImageWriter(buffer, QByteArray(b"PNG")).write(image)
    return bytes(store.data())


def _svg(plot: QWidget) -> bytes:
    store = QByteArray()
    buffer = QBuffer(store)
    generator = QSvgGenerator()
    generator.setOutputDevice(buffer)
    generator.setSize(plot.size())
    generator.setViewBox(plot.rect())
    generator.setTitle(plot.accessibleName())
    painter = QPainter(generator)
    _paint(plot, painter)
    painter.end()
    return bytes(store.data())


def _paint(plot: QWidget, painter: QPainter) -> None:
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if isinstance(plot, QGraphicsView):
        plot.render(painter, QRectF(plot.rect()), plot.rect())
    else:
        plot.render(painter, QPoint(0, 0))


def _csv(table: Table) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(table.header)
    writer.writerows(table.rows)
    return text.getvalue().encode()
