"""Two profiles: the map of each, their difference, and the chosen node of both side by side."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QStackedLayout, QVBoxLayout, QWidget

from ddm_studio.gui.file_reading import OpenedProfile
from ddm_studio.gui.plot_files import Table
from ddm_studio.gui.views.drop_area import DropArea
from ddm_studio.gui.views.elided_label import ElidedLabel
from ddm_studio.gui.views.field_maps import quantities
from ddm_studio.gui.views.map_view import FieldMap, MapView, limits_of
from ddm_studio.gui.views.node_view import KernelPicture
from ddm_studio.gui.views.plot_frame import PlotFrame
from ddm_studio.gui.views.small_parts import Segments, button, column, label
from ddm_studio.optics.mtf import resample_map

Floats = NDArray[np.floating]

_GREEN = 1


class CompareProfiles(QWidget):
    """`other_wanted()`: a person wants to choose the second profile; `node_chosen(row, column)`; `save_requested(PlotFile)`."""

    other_wanted = Signal()
    node_chosen = Signal(int, int)
    save_requested = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._first: OpenedProfile | None = None
        self._second: OpenedProfile | None = None
        self._node = (0, 0)
        self.choose = button(self.tr("Compare with…"), sign="folder")
        self.choose.clicked.connect(self.other_wanted)
        self.empty = DropArea(
            self.tr("Drop a second profile here"),
            self.tr("Another aperture, another copy of the lens, before and after a repair: what differs is drawn as a map."),
            self.tr("Compare with…"),
        )
        self.empty.choose_clicked.connect(self.other_wanted)
        self.quantity = Segments([("fwhm", self.tr("FWHM")), ("mtf50", self.tr("MTF50"))], self.tr("Quantity compared"))
        self.quantity.changed.connect(self._refresh)
        self.verdict = label("", wrap=True)
        self.warning = label("", "warning", wrap=True)
        self.maps = [MapView(name) for name in (self.tr("This profile"), self.tr("The other profile"), self.tr("Difference"))]
        self.frames = [PlotFrame("", shown, self.table, "comparison") for shown in self.maps]
        for shown, frame in zip(self.maps, self.frames, strict=True):
            shown.setMinimumHeight(70)  # two rows of them, and sentences above, on a screen of 800 rows
            shown.node_chosen.connect(self.node_chosen)
            frame.save_requested.connect(self.save_requested)
        self.kernels = [KernelPicture(), KernelPicture()]
        self.kernel_names = [ElidedLabel(look="small"), ElidedLabel(look="small")]
        self._arrange()
        self._refresh()

    def show_profile(self, opened: OpenedProfile) -> None:
        """The profile that the page shows."""
        self._first = opened
        self._refresh()

    def show_other(self, opened: OpenedProfile) -> None:
        """The profile that it is compared with."""
        self._second = opened
        self._refresh()

    @property
    def other_path(self) -> Path | None:
        """The file of the profile that it is compared with."""
        return None if self._second is None else self._second.path

    def mark(self, row: int, column: int) -> None:
        """Outline a node in every map and show its kernels."""
        self._node = (row, column)
        for shown in self.maps:
            shown.mark(self._node)
        self._show_kernels()

    def table(self) -> Table:
        """One row a node: both values and the difference, of green."""
        if self._first is None or self._second is None:
            return Table((), ())
        first, second, unit = self._values()
        key = self.quantity.key
        rows = [
            (row + 1, column + 1, *(f"{values[row, column]:.5g}" for values in (first, second, second - first)))
            for row, column in np.ndindex(*first.shape)
        ]
        return Table(("row", "column", *(f"{key} {name} {unit}" for name in (*self._names(), "difference"))), rows)

    def _arrange(self) -> None:
        tools = QHBoxLayout()
        tools.setSpacing(10)
        tools.addWidget(self.choose)
        tools.addWidget(self.quantity)
        tools.addStretch()
        grid = QGridLayout()
        grid.setSpacing(12)
        grid.addWidget(self.frames[0], 0, 0)
        grid.addWidget(self.frames[1], 0, 1)
        grid.addWidget(self.frames[2], 1, 0)
        grid.addLayout(self._side_by_side(), 1, 1)
        for part in (0, 1):
            grid.setColumnStretch(part, 1)
            grid.setRowStretch(part, 1)
        filled = QWidget()
        inside = column(self.verdict, self.warning)
        inside.insertLayout(0, tools)
        inside.addLayout(grid, 1)
        filled.setLayout(inside)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self.empty)
        self._stack.addWidget(filled)

    def _side_by_side(self) -> QVBoxLayout:
        self.node_heading = label("", "heading")
        pair = QHBoxLayout()
        pair.setSpacing(10)
        for name, kernel in zip(self.kernel_names, self.kernels, strict=True):
            kernel.setMinimumSize(90, 80)
            shown = QVBoxLayout()
            shown.addWidget(name)
            shown.addWidget(kernel, 1)
            pair.addLayout(shown)
        beside = QVBoxLayout()
        beside.addWidget(self.node_heading)
        beside.addLayout(pair, 1)
        return beside

    def _refresh(self) -> None:
        self._stack.setCurrentIndex(0 if self._second is None else 1)
        if self._first is None or self._second is None:
            return
        first, second, unit = self._values()
        width, height = self._first.profile.frame
        difference = second - first
        reach = max(float(np.abs(difference).max()), 1e-3)
        limits = limits_of(first, second)
        decimals = 0 if unit == "lp/mm" else 2
        names = self._names()
        titles = (*names, self.tr("Difference: right minus left"))
        in_files = (*names, self.tr("{second} minus {first}").format(first=names[0], second=names[1]))
        what = self.tr("Width of the blur (FWHM), green") if self.quantity.key == "fwhm" else self.tr("MTF50, green")
        for shown, frame, values, title, in_file in zip(self.maps, self.frames, (first, second, difference), titles, in_files, strict=True):
            ends = (-reach, reach) if values is difference else limits
            shown.show_map(FieldMap(values, unit, *ends, width / height, values is difference, decimals))
            frame.set_title(title, f"{what}  ·  {in_file}")
        for caption, name in zip(self.kernel_names, names, strict=True):
            caption.setText(name)
        beyond = self.tr("Which of the two is sharper cannot be told.")
        self.verdict.setText(self._verdict(first, second, names[1]) if self._warn() else beyond)
        self.mark(*self._node)

    def _names(self) -> tuple[str, str]:
        """What both are called; where that is the same, the shortest ends of their paths that tell them apart."""
        assert self._first is not None
        assert self._second is not None
        if self._first.title != self._second.title or self._first.path == self._second.path:
            return self._first.title, self._second.title
        first, second = (opened.path.with_suffix("").parts for opened in (self._first, self._second))
        if first == second or first[-1] != second[-1]:
            return first[-1], second[-1]
        longest = min(len(first), len(second))
        differs = next((back for back in range(2, longest) if first[-back] != second[-back]), longest)
        return first[-differs], second[-differs]

    def _values(self) -> tuple[Floats, Floats, str]:
        """The green maps of both, the second at the nodes of the first, and their unit."""
        assert self._first is not None
        assert self._second is not None
        ours, theirs = (quantities(opened)[self.quantity.key] for opened in (self._first, self._second))
        if ours[1] != theirs[1]:  # one pitch is unknown: both in cycles per pixel
            ours = (self._first.measures.mtf50, "cycles/px")
            theirs = (self._second.measures.mtf50, "cycles/px")
        first, second = ours[0][..., _GREEN], theirs[0][..., _GREEN]
        return first, resample_map(second, *first.shape), ours[1]

    def _verdict(self, first: Floats, second: Floats, name: str) -> str:
        change = float(second.mean() / first.mean() - 1)
        sharper = (change < 0) == (self.quantity.key == "fwhm")
        if abs(change) < 0.005:
            return self.tr("On average over the frame both are equally sharp (green).")
        words = (
            self.tr("On average over the frame “{name}” is {change:.0%} sharper (green).")
            if sharper
            else self.tr("On average over the frame “{name}” is {change:.0%} softer (green).")
        )
        return words.format(name=name, change=abs(change))

    def _warn(self) -> bool:
        """Say what stands in the way of a comparison; whether their sharpness can be compared at all."""
        assert self._first is not None
        assert self._second is not None
        faults = []
        if self._first.profile.frame != self._second.profile.frame:
            words = self.tr("The photos of the two differ in size, {first} and {second} px: a pixel of one is not a pixel of the other.")
            sizes = ("{} × {}".format(*opened.profile.frame) for opened in (self._first, self._second))
            faults.append(words.format(**dict(zip(("first", "second"), sizes, strict=True))))
        if self._first.relative_to != self._second.relative_to:
            faults.append(self.tr("The two do not count from the same: what each is compared with stands at the top of its page."))
        is_comparable = not faults
        if self._first.path == self._second.path:
            faults.append(self.tr("Both are the same file."))
        ours, theirs = (opened.profile.psf.shape[:2] for opened in (self._first, self._second))
        if ours != theirs:
            words = self.tr("The other profile has {theirs} nodes, this one {ours}: its values are interpolated.")
            faults.append(words.format(ours="{} × {}".format(*ours), theirs="{} × {}".format(*theirs)))
        self.warning.setText(" ".join(faults))
        self.warning.setVisible(bool(faults))
        return is_comparable

    def _show_kernels(self) -> None:
        if self._first is None or self._second is None:
            return
        rows, columns = self._first.profile.psf.shape[:2]
        row, column = min(self._node[0], rows - 1), min(self._node[1], columns - 1)
        self.node_heading.setText(self.tr("Node: row {row}, column {column}").format(row=row + 1, column=column + 1))
        for opened, kernel in zip((self._first, self._second), self.kernels, strict=True):
            there_rows, there_columns = opened.profile.psf.shape[:2]
            place = round(row * (there_rows - 1) / max(rows - 1, 1)), round(column * (there_columns - 1) / max(columns - 1, 1))
            kernel.show_node(opened.profile.psf[place], square_root=True)
