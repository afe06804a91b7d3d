"""Lateral chromatic aberration: the arrows large, with their numbers to keep."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ddm_studio.gui.file_reading import OpenedProfile
from ddm_studio.gui.plot_files import Table
from ddm_studio.gui.views.aberration_view import AberrationView
from ddm_studio.gui.views.plot_frame import PlotFrame
from ddm_studio.gui.views.small_parts import label


class ColourFringes(QWidget):
    """`save_requested(PlotFile)`."""

    save_requested = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._opened: OpenedProfile | None = None
        self.arrows = AberrationView()
        self.frame = PlotFrame(self.tr("Colour shift over the frame"), self.arrows, self.table, "colour_shift")
        self.frame.save_requested.connect(self.save_requested)
        words = self.tr(
            "Arrows lead from where green lands to where red and blue land: lateral chromatic aberration. Each node is centred as a whole, "
            "so a shift that all three colours share is lost; the shift between them is kept, and is taken out when a photo is deblurred."
        )
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(8)
        whole.addWidget(self.frame, 1)
        whole.addWidget(label(words, "small", wrap=True))

    def show_profile(self, opened: OpenedProfile) -> None:
        """Draw the arrows of a profile."""
        self._opened = opened
        self.frame.set_subject(opened.title)
        width, height = opened.profile.frame
        self.arrows.set_aspect(width / height)
        self.arrows.set_pixel_pitch(opened.measures.pixel_pitch)
        self.arrows.show_psf(opened.profile.psf)

    def mark(self, row: int, column: int) -> None:
        """Mark a node."""
        self.arrows.mark((row, column))

    def table(self) -> Table:
        """One row a node: columns to the right, rows down."""
        if self._opened is None:
            return Table((), ())
        pitch, shift = self._opened.measures.pixel_pitch, self._opened.measures.shift
        names = ("red-green right", "red-green down", "blue-green right", "blue-green down")
        header = ["row", "column", *(f"{name} px" for name in names)]
        header += [f"{name} um" for name in names] if pitch else []
        rows = []
        for row, column in np.ndindex(*shift.shape[:2]):
            pixels = [float(shift[row, column, colour, axis]) for colour in (0, 1) for axis in (1, 0)]
            microns = [f"{length * pitch:.4f}" for length in pixels] if pitch else []
            rows.append((row + 1, column + 1, *(f"{length:.4f}" for length in pixels), *microns))
        return Table(tuple(header), rows)
