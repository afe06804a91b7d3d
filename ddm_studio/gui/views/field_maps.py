"""Maps over the frame: width, contrast, confidence; beside them what they say of the lens as a whole."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from ddm_studio.gui.file_reading import OpenedProfile
from ddm_studio.gui.plot_files import Table
from ddm_studio.gui.views.map_view import FieldMap, MapView, limits_of
from ddm_studio.gui.views.plot_frame import PlotFrame
from ddm_studio.gui.views.small_parts import Segments, column, label

Floats = NDArray[np.floating]

CHANNELS = ("red", "green", "blue")


def quantities(opened: OpenedProfile) -> dict[str, tuple[Floats, str]]:
    """Every quantity that can be mapped, by key: (rows, columns, 3) values and their unit."""
    measures, profile = opened.measures, opened.profile
    contrast = 1.0 if measures.pixel_pitch is None else 1000 / measures.pixel_pitch
    unit = "cycles/px" if measures.pixel_pitch is None else "lp/mm"
    return {
        "fwhm": (measures.fwhm, "px"),
        "mtf50": (measures.mtf50 * contrast, unit),
        "sagittal": (measures.mtf50_sagittal * contrast, unit),
        "meridional": (measures.mtf50_meridional * contrast, unit),
        "confidence": (profile.confidence, ""),
        "interval": (profile.confidence_high - profile.confidence_low, ""),
    }


class FieldMaps(QWidget):
    """`node_chosen(row, column)` when a cell is chosen; `save_requested(PlotFile)`."""

    node_chosen = Signal(int, int)
    save_requested = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._opened: OpenedProfile | None = None
        self._node = (0, 0)
        self.quantity = QComboBox()
        self.quantity.setAccessibleName(self.tr("What the map shows"))
        for key, words in self._names().items():
            self.quantity.addItem(words, key)
        self.quantity.currentIndexChanged.connect(self._refresh)
        self.channel = Segments(
            [("green", self.tr("Green")), ("red", self.tr("Red")), ("blue", self.tr("Blue")), ("mean", self.tr("Mean"))],
            self.tr("Colour channel"),
        )
        self.channel.changed.connect(self._refresh)
        self.map = MapView(self.tr("Map over the frame"))
        self.map.node_chosen.connect(self.node_chosen)
        self.frame = PlotFrame("", self.map, self.table, "map")
        self.frame.save_requested.connect(self.save_requested)
        self.reading = label("", "muted", wrap=True)
        self.explanation = label("", "small", wrap=True)
        self._words = QVBoxLayout()
        self._words.setSpacing(10)
        self._arrange()

    def show_profile(self, opened: OpenedProfile) -> None:
        """Map a profile, and say what its field looks like."""
        self._opened = opened
        self.frame.set_subject(opened.title)
        while (item := self._words.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        for name, words in opened.field_words:
            about = column(label(name, "small"), label(words[:1].upper() + words[1:] + ".", wrap=True), spacing=2)
            holder = QWidget()
            holder.setLayout(about)
            self._words.addWidget(holder)
        self._refresh()

    def mark(self, row: int, column: int) -> None:
        """Outline a node and read its value out."""
        self._node = (row, column)
        self.map.mark(self._node)
        self._read_out()

    def table(self) -> Table:
        """Every quantity of every node, whatever is mapped: one row a node and channel."""
        if self._opened is None:
            return Table((), ())
        every = quantities(self._opened)
        header = ("row", "column", "channel", *(f"{key} {unit}".strip().replace("/", " per ") for key, (_, unit) in every.items()))
        heights = self._opened.measures.heights
        rows = [
            (row + 1, column + 1, CHANNELS[channel], *(_plain(float(values[row, column, channel])) for values, _ in every.values()))
            for row, column, channel in np.ndindex(*heights.shape, 3)
        ]
        return Table(header, rows)

    def _names(self) -> dict[str, str]:
        return {
            "fwhm": self.tr("Width of the blur (FWHM)"),
            "mtf50": self.tr("MTF50, both directions"),
            "sagittal": self.tr("MTF50, sagittal"),
            "meridional": self.tr("MTF50, meridional"),
            "confidence": self.tr("Confidence"),
            "interval": self.tr("Confidence: width of its interval"),
        }

    def _explanations(self) -> dict[str, str]:
        return {
            "fwhm": self.tr("Full width at half maximum: the diameter of the bright core of a point of light. Smaller is sharper."),
            "mtf50": self.tr("The finest lines that keep half of their contrast, on average of both directions. Larger is sharper."),
            "sagittal": self.tr("MTF50 of lines that point to the middle of the frame. Larger is sharper."),
            "meridional": self.tr("MTF50 of lines across those: sharp one way and soft the other is astigmatism. Larger is sharper."),
            "confidence": self.tr("How much each kernel is expected to be like the true one; 1 is the same. A dash: not estimated."),
            "interval": self.tr("Between the ends of the 90 % interval of the confidence. Smaller is surer. A dash: not estimated."),
        }

    def _arrange(self) -> None:
        tools = QHBoxLayout()
        tools.addWidget(self.quantity)
        tools.addWidget(self.channel)
        tools.addStretch()
        left = QVBoxLayout()
        left.setSpacing(8)
        left.addLayout(tools)
        left.addWidget(self.frame, 1)
        left.addWidget(self.reading)
        left.addWidget(self.explanation)
        inside = QWidget()
        told = QVBoxLayout(inside)
        told.setContentsMargins(0, 0, 6, 0)
        told.setSpacing(8)
        told.addWidget(label(self.tr("The field as a whole"), "heading"))
        told.addLayout(self._words)
        told.addStretch()
        scroll = QScrollArea()
        scroll.setAccessibleName(self.tr("The field as a whole"))
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(inside)
        words = QFrame()
        words.setProperty("look", "card")
        words.setFixedWidth(296)
        around = QVBoxLayout(words)
        around.setContentsMargins(14, 12, 8, 12)
        around.addWidget(scroll)
        whole = QHBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(14)
        whole.addLayout(left, 1)
        whole.addWidget(words)

    def _refresh(self) -> None:
        key = str(self.quantity.currentData())
        self.explanation.setText(self._explanations()[key])
        channels = {"green": self.tr("green"), "red": self.tr("red"), "blue": self.tr("blue"), "mean": self.tr("mean of the colours")}
        self.frame.set_title(f"{self._names()[key]}, {channels[self.channel.key]}")
        if self._opened is None:
            return
        values, unit = quantities(self._opened)[key]
        taken = values.mean(-1) if self.channel.key == "mean" else values[..., CHANNELS.index(self.channel.key)]
        width, height = self._opened.profile.frame
        decimals = 0 if unit == "lp/mm" else 3 if key in ("confidence", "interval") else 2
        self.map.show_map(FieldMap(taken, unit, *limits_of(taken), width / height, decimals=decimals))
        self.mark(*self._node)

    def _read_out(self) -> None:
        shown = self.map.shown
        if shown is None or self._node[0] >= shown.values.shape[0] or self._node[1] >= shown.values.shape[1]:
            return
        words = self.tr("Row {row}, column {column}: {value} {unit}")
        row, column = self._node
        self.reading.setText(words.format(row=row + 1, column=column + 1, value=shown.words(row, column), unit=shown.unit).rstrip())


def _plain(value: float) -> float | str:
    """A number for a table; empty where it is unknown."""
    return f"{value:.5g}" if np.isfinite(value) else ""
