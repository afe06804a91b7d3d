"""Where the parts of the Calibrate page stand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout

from ddm_studio.gui.views.small_parts import label

if TYPE_CHECKING:
    from ddm_studio.gui.pages.calibrate_page import CalibratePage


def arrange_calibrate_page(page: CalibratePage) -> tuple[QScrollArea, QFrame]:
    """What to learn at the left; progress, grid, curves and notes beside it. Returns what the form scrolls in, and the left side."""
    scroll = QScrollArea()
    scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # what is inside takes it
    scroll.setWidget(page.form)
    scroll.setWidgetResizable(True)
    scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    left = QFrame()
    left.setProperty("look", "card")
    left.setFixedWidth(330)
    inside = QVBoxLayout(left)
    inside.setContentsMargins(16, 14, 14, 14)
    inside.setSpacing(8)
    inside.addWidget(scroll, 1)
    for part in (page.queue_list, page.why_not, page.left_to_do, page.go_on, page.start, page.enqueue):
        inside.addWidget(part)
    page.curves.setFixedHeight(180)
    page.notes.setFixedHeight(180)
    lower = QHBoxLayout()
    lower.setSpacing(10)
    lower.addWidget(page.curves, 3)
    lower.addWidget(page.notes, 2)
    right = QVBoxLayout()
    right.setSpacing(10)
    right.addWidget(page.strip)
    right.addWidget(page.evolution, 1)
    right.addLayout(lower)
    both = QHBoxLayout()
    both.setSpacing(16)
    both.addWidget(left)
    both.addLayout(right, 1)
    whole = QVBoxLayout(page)
    whole.setContentsMargins(24, 18, 24, 18)
    whole.setSpacing(10)
    whole.addWidget(label(page.tr("Calibrate"), "title"))
    whole.addLayout(both, 1)
    return scroll, left
