"""The numbers of a profile: of one node, of the grid, and the facts of camera and lens."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from ddm_studio.gui.file_reading import OpenedProfile
from ddm_studio.gui.lengths import Lengths, lengths_in
from ddm_studio.gui.views.small_parts import label
from ddm_studio.optics.psf_metrics import fwhm, lateral_shift
from ddm_studio.preferences import Units

_GREEN = 1
"""Where one figure stands for all three channels it is that of green, which eyes and sensors see best; on every page."""
_PITCH = "Pixel pitch"
_SHOWN_ABOVE = ("Noise", "Confidence", _PITCH)


class NumbersView(QWidget):
    """Three tables one below the other."""

    def __init__(self) -> None:
        super().__init__()
        self._opened: OpenedProfile | None = None
        self._psf: NDArray[np.float32] | None = None
        self._node = (0, 0)
        self._units = Units.PIXELS
        self._width_caption = label("", "muted")
        self.node_heading = label("", "heading")
        self._cells: dict[tuple[int, int], QLabel] = {}
        self.red_shift = label("", wrap=True)
        self.blue_shift = label("", wrap=True)
        self.grid_words = label("", "muted", wrap=True)
        self.pitch_words = label("", "muted", wrap=True)
        self._facts = QGridLayout()
        self._facts.setVerticalSpacing(5)
        self._facts.setHorizontalSpacing(10)
        self._facts.setColumnStretch(1, 1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 6, 0)
        whole.setSpacing(6)
        whole.addWidget(self.node_heading)
        whole.addLayout(self._table())
        whole.addWidget(label(self.tr("Red lands, relative to green"), "small"))
        whole.addWidget(self.red_shift)
        whole.addWidget(label(self.tr("Blue lands, relative to green"), "small"))
        whole.addWidget(self.blue_shift)
        whole.addSpacing(8)
        whole.addWidget(label(self.tr("Whole grid"), "heading"))
        whole.addWidget(self.grid_words)
        whole.addWidget(self.pitch_words)
        whole.addSpacing(8)
        self._facts_heading = label(self.tr("Profile"), "heading")
        whole.addWidget(self._facts_heading)
        whole.addLayout(self._facts)
        whole.addStretch()

    def show_profile(self, opened: OpenedProfile) -> None:
        """The facts and the summary of the grid."""
        self._clear_facts()
        self._opened, self._psf = opened, opened.profile.psf
        self._facts_heading.show()
        self._tell_pitch(dict(opened.facts).get(_PITCH, ""))
        for line, (name, value) in enumerate(opened.facts):
            if name in _SHOWN_ABOVE:
                continue
            caption, text = label(name, "small"), label(value, wrap=True)
            text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            self._facts.addWidget(caption, line, 0, Qt.AlignmentFlag.AlignTop)
            self._facts.addWidget(text, line, 1)
        self.grid_words.setText(self._grid_summary(opened.profile.psf))

    def show_units(self, units: Units) -> None:
        """Tell widths and shifts in pixels, or in micrometres where the pitch is known."""
        self._units = units
        if self._psf is not None:
            self.grid_words.setText(self._grid_summary(self._psf))
            self.show_node(*self._node)

    def show_learning(self, psf: NDArray[np.float32]) -> None:
        """A grid that is no profile yet: only what the kernels tell."""
        self._clear_facts()
        self._opened, self._psf = None, psf
        self._facts_heading.hide()
        self._tell_pitch("")
        self.grid_words.setText(self._grid_summary(psf))

    def show_node(self, row: int, column: int) -> None:
        """The numbers of one node."""
        if self._psf is None:
            return
        self._node = row, column
        node, lengths = self._psf[row, column], self._lengths
        self._width_caption.setText(self.tr("FWHM, {unit}").format(unit=lengths.unit))
        self.node_heading.setText(self.tr("Node: row {row}, column {column}").format(row=row + 1, column=column + 1))
        for channel in range(3):
            told = [f"{float(fwhm(node[channel])) * lengths.per_pixel:.2f}", *["–"] * 6]
            if self._opened is not None:
                profile, measures = self._opened.profile, self._opened.measures
                place = row, column, channel
                told[1] = f"{float(measures.mtf50_sagittal[place]):.2f}"
                told[2] = f"{float(measures.mtf50_meridional[place]):.2f}"
                told[3] = f"{float(profile.noise_sigma[channel]):.4f}"
                likeness = (profile.confidence, profile.confidence_low, profile.confidence_high)
                told[4:] = ["–" if np.isnan(values[place]) else f"{float(values[place]):.3f}" for values in likeness]
            for line, words in enumerate(told, 1):
                self._cells[line, channel].setText(words)
        shifts = lateral_shift(node[None, None])[0, 0]
        self.red_shift.setText(self._shift_words(shifts[0]))
        self.blue_shift.setText(self._shift_words(shifts[1]))

    def _table(self) -> QGridLayout:
        table = QGridLayout()
        table.setHorizontalSpacing(12)
        table.setVerticalSpacing(4)
        table.setColumnStretch(0, 1)
        names = (self.tr("R"), self.tr("G"), self.tr("B"))
        for channel, (name, look) in enumerate(zip(names, ("red", "green", "blue"), strict=True)):
            head = label(name, look)
            table.addWidget(head, 0, channel + 1, Qt.AlignmentFlag.AlignRight)
        rows = (
            (
                self.tr("FWHM, {unit}").format(unit=self._lengths.unit),
                self.tr("Full width at half maximum: the diameter of the bright core"),
            ),
            (self.tr("MTF50 sag."), self.tr("Cycles per pixel at which lines that point to the middle keep half of their contrast")),
            (self.tr("MTF50 mer."), self.tr("Cycles per pixel at which lines across those keep half of their contrast")),
            (self.tr("Noise"), self.tr("Standard deviation of the noise in the file's values, where 1 is white")),
            (
                self.tr("Confidence"),
                self.tr("How much the kernel is expected to be like the true one: 1 is the same, a dash unknown"),
            ),
            (self.tr("    lowest"), self.tr("Lower end of the 90 % interval of the confidence")),
            (self.tr("    highest"), self.tr("Upper end of the 90 % interval of the confidence")),
        )
        for line, (name, words) in enumerate(rows, 1):
            caption = self._width_caption if line == 1 else label(name, "muted")
            caption.setText(name)
            caption.setToolTip(words)
            table.addWidget(caption, line, 0)
            for channel in range(3):
                cell = label("–")
                self._cells[line, channel] = cell
                table.addWidget(cell, line, channel + 1, Qt.AlignmentFlag.AlignRight)
        return table

    def _tell_pitch(self, words: str) -> None:
        """How large a pixel is and how that is known, where it is."""
        self.pitch_words.setText(self.tr("Pixel pitch: {pitch}.").format(pitch=words))
        self.pitch_words.setVisible(bool(words))

    def _clear_facts(self) -> None:
        while (item := self._facts.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()

    def _grid_summary(self, psf: NDArray[np.float32]) -> str:
        widths = fwhm(psf[..., _GREEN, :, :])
        shifts, tell = lateral_shift(psf), self._lengths.words
        low, high = np.unravel_index(widths.argmin(), widths.shape), np.unravel_index(widths.argmax(), widths.shape)
        words = self.tr(
            "Sharpest at row {r0}, column {c0}: {low} wide (green). Softest at row {r1}, column {c1}: {high}. Largest colour shift {shift}."
        )
        return words.format(
            r0=low[0] + 1, c0=low[1] + 1, low=tell(widths.min()), r1=high[0] + 1, c1=high[1] + 1, high=tell(widths.max()),
            shift=tell(np.hypot(shifts[..., 0], shifts[..., 1]).max()),
        )  # fmt: skip

    def _shift_words(self, shift: NDArray[np.floating]) -> str:
        across = self.tr("to the right") if shift[1] >= 0 else self.tr("to the left")
        down = self.tr("down") if shift[0] >= 0 else self.tr("up")
        tell = self._lengths.words
        words = self.tr("{x} {across}, {y} {down}")
        return words.format(x=tell(abs(shift[1])), across=across, y=tell(abs(shift[0])), down=down)

    @property
    def _lengths(self) -> Lengths:
        return lengths_in(self._units, None if self._opened is None else self._opened.measures.pixel_pitch)
