"""What was opened lately: each with its place, greyed with the reason where it is missing, and a button to take it off the list."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QScrollArea, QVBoxLayout, QWidget

from ddm_studio.gui.icons import Sign, icon
from ddm_studio.gui.recent import Fate, RecentKind, RecentThing
from ddm_studio.gui.views.elided_label import ElidedLabel
from ddm_studio.gui.views.small_parts import button, label
from ddm_studio.gui.wording import fate_words, with_tilde


class RecentRow(QWidget):
    """One of them. `opened(RecentThing)`, `forgotten(RecentThing)`."""

    opened = Signal(object)
    forgotten = Signal(object)

    def __init__(self, thing: RecentThing, fate: Fate) -> None:
        super().__init__()
        self._thing = thing
        is_there = fate is Fate.THERE
        reason = "" if is_there else fate_words(fate)
        self.open = QPushButton()
        self.open.setProperty("look", "recent")
        self.open.setEnabled(is_there)
        self.open.setAccessibleName(self.tr("Open {name}").format(name=thing.name) if is_there else f"{thing.name}: {reason}")
        self.open.setToolTip(str(thing.path) if is_there else f"{reason}\n{thing.path}")
        self.open.clicked.connect(self._on_open)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(ElidedLabel(thing.name, "strong" if is_there else "small"))
        words.addWidget(ElidedLabel(_place(thing.path) if is_there else reason, "small"))
        inside = QHBoxLayout(self.open)
        inside.setContentsMargins(8, 4, 8, 4)
        inside.setSpacing(10)
        inside.addWidget(Sign("lens" if thing.kind is RecentKind.PROFILE else "folder", 20, "ACCENT" if is_there else "FAINT"))
        inside.addLayout(words, 1)
        self.forget = button("", "link", name=self.tr("Take {name} off this list").format(name=thing.name))
        self.forget.setIcon(icon("close", "MUTED"))
        self.forget.setToolTip(self.tr("Take it off this list; the file stays"))
        self.forget.clicked.connect(self._on_forget)
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(2)
        line.addWidget(self.open, 1)
        line.addWidget(self.forget)

    def _on_open(self) -> None:
        self.opened.emit(self._thing)

    def _on_forget(self) -> None:
        self.forgotten.emit(self._thing)


class RecentList(QFrame):
    """A card with the recent things of one kind, or a sentence while there are none."""

    opened = Signal(object)
    forgotten = Signal(object)

    def __init__(self, title: str, empty: str) -> None:
        super().__init__()
        self.setProperty("look", "card")
        self._empty = empty
        self.rows: list[RecentRow] = []
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        inside = QVBoxLayout(self)
        inside.setContentsMargins(14, 12, 8, 10)
        inside.setSpacing(6)
        inside.addWidget(label(title, "heading"))
        inside.addWidget(self._scroll, 1)
        self.show_things([])

    def show_things(self, things: Sequence[tuple[RecentThing, Fate]]) -> None:
        """Replace what is shown."""
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 6, 0)
        column.setSpacing(2)
        self.rows = [RecentRow(thing, fate) for thing, fate in things]
        for row in self.rows:
            row.opened.connect(self.opened)
            row.forgotten.connect(self.forgotten)
            column.addWidget(row)
        if not things:
            column.addWidget(label(self._empty, "muted", wrap=True))
        column.addStretch()
        before = self._scroll.takeWidget()
        if before is not None:
            before.deleteLater()  # not at once: the click that took a row off the list comes from inside it
        self._scroll.setWidget(inside)


def _place(path: Path) -> str:
    return with_tilde(path.parent if path.suffix else path)
