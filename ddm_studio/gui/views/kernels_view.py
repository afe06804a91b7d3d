"""The kernels themselves: the grid, one node large, the numbers."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from ddm_studio.gui.views.grid_panel import GridPanel
from ddm_studio.gui.views.node_view import NodeView
from ddm_studio.gui.views.numbers_view import NumbersView
from ddm_studio.gui.views.psf_mosaic import PsfLook


class KernelsView(QWidget):
    """Lays the three side by side; a change of the grid's look is followed by the large node."""

    def __init__(self) -> None:
        super().__init__()
        self.panel = GridPanel("")
        self.node = NodeView()
        self.numbers = NumbersView()
        self.look = PsfLook()
        scroll = QScrollArea()
        scroll.setAccessibleName(self.tr("Numbers of the lens"))
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(self.numbers)
        facts = QFrame()
        facts.setProperty("look", "card")
        facts.setFixedWidth(296)
        inside = QVBoxLayout(facts)
        inside.setContentsMargins(14, 12, 8, 12)
        inside.addWidget(scroll)
        parts = QHBoxLayout(self)
        parts.setContentsMargins(0, 0, 0, 0)
        parts.setSpacing(14)
        parts.addWidget(self.panel, 5)
        parts.addWidget(self.node, 3)
        parts.addWidget(facts)
