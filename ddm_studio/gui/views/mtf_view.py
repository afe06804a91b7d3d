"""Contrast against image height, as makers of lenses draw it: sagittal solid, meridional dashed, three finenesses of lines."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from ddm_studio.gui.file_reading import OpenedProfile
from ddm_studio.gui.plot_files import Table
from ddm_studio.gui.views.plot_frame import PlotFrame
from ddm_studio.gui.views.plots import Band, curve, themed_plot
from ddm_studio.gui.views.small_parts import Segments, label
from ddm_studio.optics.mtf import NYQUIST, ByHeight, by_image_height, cycles_per_pixel, meridional, mtf, sagittal
from ddm_studio.photos.pixel_pitch import PitchSource

Floats = NDArray[np.floating]

LINE_PAIRS = (10.0, 20.0, 40.0)
CYCLES = (0.05, 0.1, 0.2)
"""Where the pitch is unknown; with pixels of 5 µm, those of `LINE_PAIRS`."""
_ROLES = ("ACCENT", "WARNING", "BLUE")
_LOOKS = ("good", "warning", "blue")
_CHANNELS = ("red", "green", "blue")


class MtfView(QWidget):
    """`save_requested(PlotFile)`."""

    save_requested = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._opened: OpenedProfile | None = None
        self._curves: dict[tuple[int, str], Any] = {}
        self._bands: dict[tuple[int, str], Band] = {}
        self._plot: Any = None
        self.frame: PlotFrame | None = None
        self.channel = Segments(
            [("green", self.tr("Green")), ("red", self.tr("Red")), ("blue", self.tr("Blue"))], self.tr("Colour channel")
        )
        self.channel.changed.connect(self._refresh)
        self.keys: list[QLabel] = [label("", look) for look in _LOOKS]
        tools = QHBoxLayout()
        tools.setSpacing(16)
        tools.addWidget(self.channel)
        for key in self.keys:
            tools.addWidget(key)
        tools.addStretch()
        self.note = label("", "small", wrap=True)
        self._whole = QVBoxLayout(self)
        self._whole.setContentsMargins(0, 0, 0, 0)
        self._whole.setSpacing(8)
        self._whole.addLayout(tools)
        self._whole.addWidget(self.note)

    def show_profile(self, opened: OpenedProfile) -> None:
        """Draw the curves of a profile."""
        self._opened = opened
        self._prepare()
        self._refresh()

    def rings(self) -> dict[tuple[int, str], ByHeight]:
        """Contrast by image height (px) of each fineness and direction, of the chosen channel."""
        if self._opened is None:
            return {}
        profile = self._opened.profile
        rows, columns = profile.psf.shape[:2]
        kernels = profile.psf[:, :, _CHANNELS.index(self.channel.key)].astype(np.float64)
        directions = {"sagittal": sagittal, "meridional": meridional}
        found = {}
        for name, direction in directions.items():
            contrast = mtf(kernels, direction(rows, columns, profile.frame), np.array(self._frequencies()))
            for number in range(contrast.shape[-1]):
                if self._frequencies()[number] <= NYQUIST:
                    found[number, name] = by_image_height(self._opened.measures.heights, contrast[..., number])
        return found

    def table(self) -> Table:
        """One row a point of a curve."""
        unit, scale = self._height_unit()
        header = (f"image height {unit}", "lines", "direction", "contrast", "lowest", "highest", "nodes")
        rows = [
            (f"{height * scale:.5g}", self._line_words()[number], name, f"{mean:.4f}", f"{low:.4f}", f"{high:.4f}", int(count))
            for (number, name), ring in self.rings().items()
            for height, mean, low, high, count in zip(ring.height, ring.mean, ring.low, ring.high, ring.count, strict=True)
        ]
        return Table(header, rows)

    def _prepare(self) -> None:
        """Make the plot when it is first needed: pyqtgraph takes its time."""
        if self._plot is not None:
            return
        plot = themed_plot("", self.tr("contrast left (MTF)"))
        plot.setAccessibleName(self.tr("Contrast against image height"))
        plot.setYRange(0, 1, padding=0.02)
        plot.showGrid(x=True, y=True, alpha=0.15)
        for number, role in enumerate(_ROLES):
            for name in ("sagittal", "meridional"):
                self._bands[number, name] = Band(plot, role)
                self._curves[number, name] = curve(plot, role, dots=True, dashed=name == "meridional")
        self._plot = plot
        self.frame = PlotFrame(self.tr("MTF: contrast against image height"), plot, self.table, "mtf")
        self.frame.save_requested.connect(self.save_requested)
        self._whole.insertWidget(1, self.frame, 1)

    def _refresh(self) -> None:
        if self._opened is None:
            return
        rings = self.rings()
        unit, scale = self._height_unit()
        for key, drawn in self._curves.items():
            ring = rings.get(key)
            empty = np.empty(0)
            heights, mean, low, high = (empty,) * 4 if ring is None else (ring.height * scale, ring.mean, ring.low, ring.high)
            drawn.setData(heights, mean)
            self._bands[key].set_data(heights, low, high)
        for shown, words in zip(self.keys, self._line_words(), strict=True):
            shown.setText(words)
        self._plot.colouring.name_axis("bottom", self.tr("image height, {unit} from the middle").format(unit=unit))
        self._plot.setXRange(0, float(self._opened.measures.heights.max()) * scale, padding=0.02)
        self.note.setText(self._note())

    def _note(self) -> str:
        words = self.tr(
            "Solid: sagittal, lines that point to the middle. Dashed: meridional, lines across those. Nodes are gathered in rings; "
            "the shade spans the best and the worst node of a ring, so a lens that is askew has a wide one."
        )
        if self._opened is not None and self._opened.measures.pixel_pitch is None:
            words += " " + self.tr("Give the pixel pitch under Edit facts to see line pairs per millimetre.")
        elif self._opened is not None and self._opened.profile.facts.pixel_pitch_source == PitchSource.EQUIVALENT:
            words += " " + self.tr("Millimetres are right to a few per cent: the pixel pitch comes from the 35 mm-equivalent focal length.")
        return words

    def _frequencies(self) -> tuple[float, ...]:
        pitch = None if self._opened is None else self._opened.measures.pixel_pitch
        return CYCLES if pitch is None else tuple(cycles_per_pixel(pairs, pitch) for pairs in LINE_PAIRS)

    def _line_words(self) -> list[str]:
        if self._opened is None or self._opened.measures.pixel_pitch is None:
            return [f"{cycles:g} cycles/px" for cycles in CYCLES]
        beyond = self.tr(" (finer than the pixels)")
        return [
            f"{pairs:g} lp/mm{beyond if cycles > NYQUIST else ''}" for pairs, cycles in zip(LINE_PAIRS, self._frequencies(), strict=True)
        ]

    def _height_unit(self) -> tuple[str, float]:
        """Unit of image height, and how many of it a pixel is."""
        pitch = None if self._opened is None else self._opened.measures.pixel_pitch
        return ("px", 1.0) if pitch is None else ("mm", pitch / 1000)
