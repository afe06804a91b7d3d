"""The PSF grid with its choices: channel or chromatic aberration, scale, shared or per node."""

from __future__ import annotations

from typing import cast

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from ddm_studio.gui.views.aberration_view import AberrationView
from ddm_studio.gui.views.psf_grid_view import PsfGridView
from ddm_studio.gui.views.psf_mosaic import Channel, PsfLook
from ddm_studio.gui.views.small_parts import Segments, allow, button, row


class GridPanel(QWidget):
    """`node_chosen(row, column)` when a node is clicked or chosen by keyboard; `node_marked` when the arrow keys move."""

    node_chosen = Signal(int, int)
    node_marked = Signal(int, int)
    look_changed = Signal(object)

    def __init__(self, hint: str) -> None:
        super().__init__()
        self._psf: NDArray[np.float32] | None = None
        self._trust: NDArray[np.floating] | None = None
        self.grid = PsfGridView()
        self.arrows = AberrationView()
        self._stack = QStackedWidget()
        for view in (self.grid, self.arrows):
            view.set_hint(hint)
            self._stack.addWidget(view)
        self.view = Segments(
            [
                ("composite", self.tr("Composite")),
                ("red", self.tr("R")),
                ("green", self.tr("G")),
                ("blue", self.tr("B")),
                ("difference", self.tr("Difference")),
                ("aberration", self.tr("Colour shift")),
            ],
            self.tr("Shown"),
        )
        self.view.button("composite").setToolTip(self.tr("Red, green and blue on top of each other: coloured fringes show"))
        self.view.button("difference").setToolTip(self.tr("Grey: the channels agree. Reddish: red has more light there than the others"))
        self.view.button("aberration").setToolTip(
            self.tr("Lateral chromatic aberration: arrows from where green lands to where red and blue land")
        )
        self.square_root = button(self.tr("√ scale"))
        self.square_root.setToolTip(self.tr("Square root of the brightness: faint tails become visible. Off: linear."))
        self.shared = button(self.tr("Shared scale"))
        self.shared.setToolTip(self.tr("One brightness for the whole grid. Off: each node by its own peak."))
        self.confidence = button(self.tr("Confidence"))
        for switch in (self.square_root, self.shared, self.confidence):
            switch.setCheckable(True)
            switch.setProperty("look", "segment")
            switch.setProperty("place", "alone")
            switch.setChecked(True)
            switch.toggled.connect(self._on_look)
        self.shared.setChecked(False)
        self.confidence.setChecked(False)
        self._arrange()
        self.view.changed.connect(self._on_look)
        self.grid.node_chosen.connect(self.node_chosen)
        self.grid.node_marked.connect(self.node_marked)
        self._on_look()

    def show_psf(self, psf: NDArray[np.float32] | None) -> None:
        """Show a grid (rows, columns, 3, k, k), or the hint. What is not visible is drawn when it becomes so."""
        self._psf = psf
        self._refresh()

    def show_confidence(self, expected: NDArray[np.floating] | None) -> None:
        """Offer to shade by the confidence (rows, columns, 3), expected NCC; None where nothing is known of any node."""
        self._trust = None if expected is None or np.isnan(expected).all() else expected
        self._allow_confidence()
        self._shade()

    def mark(self, node: tuple[int, int] | None) -> None:
        """Outline a node."""
        self.grid.mark(node)
        self.arrows.mark(node)

    @property
    def look(self) -> PsfLook:
        """How kernels are coloured now."""
        channel = cast("Channel", self.view.key) if self.view.key != "aberration" else "composite"
        return PsfLook(channel, self.square_root.isChecked(), self.shared.isChecked())

    def _arrange(self) -> None:
        switches = row(self.confidence, self.square_root, self.shared)
        self._switches = QWidget()
        self._switches.setLayout(switches)
        self._switches.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._tools = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._tools.setSpacing(8)
        self._tools.addWidget(self.view)
        self._tools.addStretch()
        self._tools.addWidget(self._switches)
        self.setMinimumWidth(self.view.sizeHint().width())
        self._whole = QVBoxLayout(self)
        self._whole.setContentsMargins(0, 0, 0, 0)
        self._whole.setSpacing(8)
        self._whole.addLayout(self._tools)
        self._whole.addWidget(self._stack, 1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where there is little room, the switches go below the choice."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        needed = self.view.sizeHint().width() + self._switches.sizeHint().width() + 2 * self._tools.spacing()
        fits = self.width() >= needed
        direction = QBoxLayout.Direction.LeftToRight if fits else QBoxLayout.Direction.TopToBottom
        if direction != self._tools.direction():
            self._tools.setDirection(direction)
            self._whole.activate()  # at once: else the first picture shows words that are cut off

    def _on_look(self) -> None:
        aberration = self.view.key == "aberration"
        self._stack.setCurrentWidget(self.arrows if aberration else self.grid)
        self.square_root.setEnabled(not aberration)
        self._allow_confidence()
        self._shade()
        self.shared.setEnabled(not aberration)
        if not aberration:
            self.grid.show_look(self.look)
            self.look_changed.emit(self.look)
        self._refresh()

    def _allow_confidence(self) -> None:
        """It is there before it is known: nothing is to move when it comes."""
        why_not = ""
        if self._trust is None:
            why_not = self.tr("How far each kernel can be trusted is not known here.")
        elif self._stack.currentWidget() is self.arrows:
            why_not = self.tr("Arrows are not shaded: choose another view.")
        allow(self.confidence, why_not, self.tr("Darken each node the less it can be trusted; hatched: not known"))

    def _shade(self) -> None:
        self.grid.show_confidence(self._trust if self.confidence.isChecked() else None)

    def _refresh(self) -> None:
        if self._stack.currentWidget() is self.arrows:
            self.arrows.show_psf(self._psf)
        else:
            self.grid.show_psf(self._psf)
