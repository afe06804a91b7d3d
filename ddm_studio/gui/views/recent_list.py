"""What was opened lately: each with its place, greyed with the reason where it is missing, and a button to take it off the list."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from ddm_studio.gui.icons import Sign, icon
from ddm_studio.gui.recent import Condition, Fate, RecentKind, RecentThing
from ddm_studio.gui.standing_words import standing_words
from ddm_studio.gui.views.elided_label import ElidedLabel
from ddm_studio.gui.views.small_parts import button, label, row
from ddm_studio.gui.wording import fate_words, with_tilde


class RecentRow(QWidget):
    """One of them. `opened(RecentThing)`, `forgotten(RecentThing)`.

    Args:
        thing: Which.
        condition: What has become of it.
        runs: Whether it is a project that is being calibrated.
    """

    opened = Signal(object)
    forgotten = Signal(object)

    def __init__(self, thing: RecentThing, condition: Condition, runs: bool) -> None:
        super().__init__()
        self._thing = thing
        is_there = condition.fate is Fate.THERE
        reason = "" if is_there else fate_words(condition.fate)
        if runs:
            state = self.tr("Being calibrated now")
        else:
            state = "" if condition.standing is None else standing_words(condition.standing, thing.failure)
        self.open = QPushButton()
        self.open.setProperty("look", "recent")
        self.open.setEnabled(is_there)
        self.open.setAccessibleName(self.tr("Open {name}").format(name=thing.name) if is_there else f"{thing.name}: {reason}")
        self.open.setAccessibleDescription(state)
        self.open.setToolTip("\n".join(filter(None, (reason or state, str(thing.path)))))
        self.open.clicked.connect(self._on_open)
        place = ElidedLabel(_place(thing.path), "small")
        words = QVBoxLayout()
        words.setSpacing(0)
        name = ElidedLabel(thing.name, "strong" if is_there else "small")
        if state:  # then the place makes room for it
            place.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
            head = row(name)
            head.addWidget(place, 1)
            words.addLayout(head)
        else:
            words.addWidget(name)
        self.told = ElidedLabel(reason or state, "small", Qt.TextElideMode.ElideRight) if reason or state else place
        words.addWidget(self.told)
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

    def show_things(self, things: Sequence[tuple[RecentThing, Condition]], running: Path | None = None) -> None:
        """Replace what is shown; `running` is the folder of the project that is being calibrated."""
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 6, 0)
        column.setSpacing(2)
        self.rows = [RecentRow(thing, condition, thing.path == running) for thing, condition in things]
        for one in self.rows:
            one.opened.connect(self.opened)
            one.forgotten.connect(self.forgotten)
            column.addWidget(one)
        if not things:
            column.addWidget(label(self._empty, "muted", wrap=True))
        column.addStretch()
        before = self._scroll.takeWidget()
        if before is not None:
            before.deleteLater()  # not at once: the click that took a row off the list comes from inside it
        self._scroll.setWidget(inside)


def _place(path: Path) -> str:
    return with_tilde(path.parent if path.suffix else path)
