"""MTF as makers of lenses draw it, channels in their colours: against image height, and against the fineness of lines at a node."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from ddm_studio.gui.file_reading import OpenedProfile
from ddm_studio.gui.mtf_curves import (
    CHANNELS,
    DIRECTIONS,
    KEYS,
    Channel,
    Direction,
    Fineness,
    Key,
    against_fineness,
    against_height,
    fineness_table,
    finenesses,
    height_table,
    height_unit,
)
from ddm_studio.gui.plot_files import Table
from ddm_studio.gui.views.plot_frame import PlotFrame
from ddm_studio.gui.views.plots import Band, Legend, curve, themed_plot
from ddm_studio.gui.views.small_parts import Segments, button, label
from ddm_studio.optics.mtf import NYQUIST, line_pairs_per_mm
from ddm_studio.photos.pixel_pitch import PitchSource

_SYMBOLS: dict[Channel, str] = {"red": "o", "green": "t1", "blue": "s"}
"""So that curves are told apart without their colours, too."""
_DOT, _DOT_EVERY = 6, 5
_LEGEND_ROOM = 0.35
_USUAL = 1  # of the finenesses: neither the coarsest, which all lenses keep, nor the finest


class MtfView(QWidget):
    """`save_requested(PlotFile)`."""

    save_requested = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._opened: OpenedProfile | None = None
        self._node = (0, 0)
        self._curves: dict[Key, Any] = {}
        self._bands: dict[Key, Band] = {}
        self._plot: Any = None
        self._legend: Legend | None = None
        self.frame: PlotFrame | None = None
        against = [("height", self.tr("Over the frame")), ("fineness", self.tr("At a node"))]
        self.against = Segments(against, self.tr("What the contrast is drawn against"))
        self.against.button("height").setToolTip(self.tr("Contrast of lines of one width, from the middle of the frame to its corners"))
        self.against.button("fineness").setToolTip(self.tr("Contrast of coarse and fine lines at the node that is chosen under Kernels"))
        self.against.changed.connect(self._refresh)
        self.lines = Segments([(str(number), "") for number in range(len(finenesses(None)))], self.tr("Fineness of the lines"))
        self.lines.choose(str(_USUAL))
        self.lines.changed.connect(self._refresh)
        self.channels = self._channel_buttons()
        tools = QHBoxLayout()
        tools.setSpacing(12)
        tools.addWidget(self.against)
        tools.addWidget(self.lines)
        tools.addStretch()
        for channel in CHANNELS:
            tools.addWidget(self.channels[channel])
        self.note = label("", "small", wrap=True)
        self._whole = QVBoxLayout(self)
        self._whole.setContentsMargins(0, 0, 0, 0)
        self._whole.setSpacing(8)
        self._whole.addLayout(tools)
        self._whole.addWidget(self.note)

    def show_profile(self, opened: OpenedProfile) -> None:
        """Draw the curves of a profile."""
        self._opened = opened
        rows, columns = opened.profile.psf.shape[:2]
        self._node = min(self._node[0], rows - 1), min(self._node[1], columns - 1)
        self._prepare().set_subject(opened.title)
        self._refresh()

    def mark(self, row: int, column: int) -> None:
        """Draw this node against fineness."""
        self._node = (row, column)
        if self.against.key == "fineness":
            self._refresh()

    @property
    def shown(self) -> tuple[Channel, ...]:
        """The channels drawn."""
        return tuple(channel for channel in CHANNELS if self.channels[channel].isChecked())

    def table(self) -> Table:
        """The numbers of every channel as they are drawn now, against height of every fineness."""
        if self._opened is None:
            return Table((), ())
        return height_table(self._opened) if self.against.key == "height" else fineness_table(self._opened, self._node)

    def _names(self) -> dict[Channel | Direction, str]:
        return {
            "red": self.tr("Red"),
            "green": self.tr("Green"),
            "blue": self.tr("Blue"),
            "sagittal": self.tr("sagittal"),
            "meridional": self.tr("meridional"),
        }

    def _channel_buttons(self) -> dict[Channel, QPushButton]:
        made = {}
        for channel in CHANNELS:
            words = self._names()[channel]
            switch = made[channel] = button(words, "channel", name=self.tr("Draw {channel}").format(channel=words.lower()))
            switch.setProperty("channel", channel)
            switch.setCheckable(True)
            switch.setChecked(True)
            switch.toggled.connect(self._refresh)
        return made

    def _prepare(self) -> PlotFrame:
        """The plot, made when it is first needed: pyqtgraph takes its time."""
        if self.frame is not None:
            return self.frame
        plot = themed_plot("", "")
        plot.setAccessibleName(self.tr("MTF curves"))
        plot.setYRange(0, 1, padding=0.02)
        plot.showGrid(x=True, y=True, alpha=0.15)
        for channel, direction in KEYS:
            role, dashed = channel.upper(), direction == "meridional"
            self._bands[channel, direction] = Band(plot, role)
            self._curves[channel, direction] = curve(plot, role, dots=True, dashed=dashed, symbol=_SYMBOLS[channel])
        names = self._names()
        self._legend = Legend(plot)
        for channel in CHANNELS:
            self._legend.add(channel, names[channel], channel.upper(), symbol=_SYMBOLS[channel])
        for direction in DIRECTIONS:
            self._legend.add(direction, names[direction], "MUTED", dashed=direction == "meridional")
        self._plot = plot
        self.frame = PlotFrame("", plot, self.table, "mtf")
        self.frame.save_requested.connect(self.save_requested)
        self._whole.insertWidget(1, self.frame, 1)
        return self.frame

    def _refresh(self) -> None:
        if self._opened is None or self._legend is None or self.frame is None:
            return
        pitch, by_height = self._opened.measures.pixel_pitch, self.against.key == "height"
        every = finenesses(pitch)
        self.lines.setVisible(by_height)
        for number, one in enumerate(every):
            segment = self.lines.button(str(number))
            segment.setText(one.short)
            segment.setAccessibleName(one.full)
            segment.setToolTip(one.full if one.is_resolved else self.tr("{lines}: finer than the pixels").format(lines=one.full))
            segment.setEnabled(one.is_resolved)
        fineness = every[int(self.lines.key)]
        if not fineness.is_resolved:
            self.lines.choose("0")
            fineness = every[0]
        if by_height:
            self._draw_height(self._opened, fineness)
        else:
            self._draw_fineness(self._opened)
        drawn = [contrast for one in self._curves.values() if (contrast := one.getData()[1]) is not None]
        lowest = min((float(contrast.min()) for contrast in drawn if len(contrast)), default=0.0)
        self._legend.show((*self.shown, *DIRECTIONS), is_low=lowest > _LEGEND_ROOM)  # where no curve passes
        self.note.setText(self._note())

    def _draw_height(self, opened: OpenedProfile, fineness: Fineness) -> None:
        unit, scale = height_unit(opened.measures.pixel_pitch)
        rings, alone = against_height(opened, fineness), len(self.shown) == 1
        empty = np.empty(0)
        for key, drawn in self._curves.items():
            ring = rings.get(key) if key[0] in self.shown else None
            heights, mean, low, high = (empty,) * 4 if ring is None else (ring.height * scale, ring.mean, ring.low, ring.high)
            drawn.setData(heights, mean, symbolSize=_DOT)
            self._bands[key].set_data(*((heights, low, high) if alone else (empty,) * 3))
        colouring = self._plot.colouring
        colouring.name_axis("bottom", self.tr("image height, {unit} from the middle").format(unit=unit))
        colouring.name_axis("left", self.tr("contrast (MTF) at {lines}").format(lines=fineness.full))
        colouring.show_second_axis("", 1.0)
        self._plot.setXRange(0, float(opened.measures.heights.max()) * scale, padding=0.02)
        self._title(self.tr("Contrast of {lines} against image height").format(lines=fineness.full))

    def _draw_fineness(self, opened: OpenedProfile) -> None:
        pitch, empty = opened.measures.pixel_pitch, np.empty(0)
        frequencies, curves = against_fineness(opened, self._node)
        for key, drawn in self._curves.items():
            data = (frequencies, curves[key]) if key[0] in self.shown else (empty, empty)
            drawn.setData(*data, symbolSize=np.where(np.arange(len(data[0])) % _DOT_EVERY, 0, _DOT))
            self._bands[key].set_data(empty, empty, empty)
        colouring = self._plot.colouring
        colouring.name_axis("bottom", self.tr("fineness of lines, cycles/px"))
        colouring.name_axis("left", self.tr("contrast (MTF)"))
        colouring.show_second_axis("" if pitch is None else self.tr("lp/mm"), 1.0 if pitch is None else line_pairs_per_mm(1.0, pitch))
        self._plot.setXRange(0, NYQUIST, padding=0.02)
        row, column = self._node
        self._title(self.tr("Contrast against fineness at row {row}, column {column}").format(row=row + 1, column=column + 1))

    def _title(self, words: str) -> None:
        assert self.frame is not None
        self.frame.set_title(words)

    def _note(self) -> str:
        words = self.tr("Solid: sagittal, lines that point to the middle. Dashed: meridional, lines across those.")
        if self.against.key == "height":
            words += " " + self.tr("Nodes are gathered in rings around the middle.")
        if self.against.key == "height" and len(self.shown) == 1:
            words += " " + self.tr("The shade spans the best and the worst node of a ring: a lens that is askew has a wide one.")
        elif self.against.key == "height":
            words += " " + self.tr("With one channel alone a shade spans the best and the worst node of a ring.")
        if self._opened is not None and self._opened.measures.pixel_pitch is None:
            words += " " + self.tr("Give the pixel pitch under Edit facts to see line pairs per millimetre.")
        elif self._opened is not None and self._opened.profile.facts.pixel_pitch_source == PitchSource.EQUIVALENT:
            words += " " + self.tr("Millimetres are right to a few per cent: the pixel pitch comes from the 35 mm-equivalent focal length.")
        return words
