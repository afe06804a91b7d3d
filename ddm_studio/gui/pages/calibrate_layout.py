"""Where the parts of the Calibrate page stand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout

if TYPE_CHECKING:
    from ddm_studio.gui.pages.calibrate_page import CalibratePage

_TOP, _BELOW_TITLE, _BELOW_MESSAGE = 18, 10, 8


def give_way(page: CalibratePage, taken: int) -> None:
    """Let a message of so many pixels above the page have the title's place; what it needs beyond that moves the page."""
    layout = page.layout()
    if layout is None:
        return
    room = _TOP + page.title.sizeHint().height()
    margins = layout.contentsMargins()
    margins.setTop(_TOP if not taken else max(room + _BELOW_TITLE - taken, _BELOW_MESSAGE))
    page.title.setVisible(not taken)
    layout.setContentsMargins(margins)


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
    whole.setContentsMargins(24, _TOP, 24, 18)
    whole.setSpacing(_BELOW_TITLE)
    whole.addWidget(page.title)
    whole.addLayout(both, 1)
    return scroll, left
