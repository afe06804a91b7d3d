"""The first page: three doors, and what was opened lately."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from ddm_studio.gui.memory import Memory
from ddm_studio.gui.recent import RecentKind
from ddm_studio.gui.views.recent_list import RecentList
from ddm_studio.gui.views.small_parts import label
from ddm_studio.gui.views.start_door import StartDoor


class StartPage(QWidget):
    """`recent_chosen(RecentThing)`, and a signal for each door."""

    calibrate_clicked = Signal()
    deblur_clicked = Signal()
    demo_clicked = Signal()
    recent_chosen = Signal(object)

    def __init__(self, memory: Memory) -> None:
        super().__init__()
        self._memory = memory
        self._running: Path | None = None
        self.calibrate = StartDoor(
            "calibrate",
            self.tr("Calibrate a lens"),
            self.tr("From two folders of ordinary photos: blurry ones taken with the lens, and sharp ones of anything. No chart."),
        )
        self.deblur = StartDoor(
            "deblur",
            self.tr("Deblur photos"),
            self.tr("With a lens profile you have: choose it, drop a photo, compare three methods, and save."),
        )
        self.demo = StartDoor(
            "demo",
            self.tr("Try the demo"),
            self.tr("A made-up lens is calibrated before your eyes, and compared with the truth. A minute or two, no photos needed."),
        )
        self.projects = RecentList(self.tr("Recent projects"), self.tr("Calibrations you begin are listed here."))
        self.profiles = RecentList(self.tr("Recent lens profiles"), self.tr("Lens profiles you open are listed here."))
        self.calibrate.clicked.connect(self.calibrate_clicked)
        self.deblur.clicked.connect(self.deblur_clicked)
        self.demo.clicked.connect(self.demo_clicked)
        for shown in (self.projects, self.profiles):
            shown.opened.connect(self.recent_chosen)
            shown.forgotten.connect(memory.forget_recent)
        memory.recent_changed.connect(self._on_recent)
        self._arrange()
        self._on_recent()

    def showEvent(self, event: QShowEvent) -> None:
        """See what of the list is still there."""
        super().showEvent(event)
        self._memory.look_for_recent()

    def show_running(self, project: Path | None) -> None:
        """The project of this folder is being calibrated, or none is."""
        if project != self._running:
            self._running = project
            self._on_recent()

    def sizeHint(self) -> QSize:
        """The window decides."""
        return QSize(1000, 700)

    def _arrange(self) -> None:
        doors, lists = QHBoxLayout(), QHBoxLayout()
        for line, parts in ((doors, (self.calibrate, self.deblur, self.demo)), (lists, (self.projects, self.profiles))):
            line.setSpacing(16)
            for part in parts:
                line.addWidget(part, 1)
        inside = QVBoxLayout()
        inside.setSpacing(14)
        inside.addWidget(label(self.tr("Where would you like to begin?"), "title"))
        inside.addWidget(
            label(self.tr("Or drop photos, a folder, a lens profile or a project anywhere in this window."), "muted", wrap=True)
        )
        inside.addLayout(doors)
        inside.addSpacing(4)
        inside.addLayout(lists, 1)
        column = QWidget()
        column.setLayout(inside)
        column.setMaximumWidth(1200)
        whole = QHBoxLayout(self)
        whole.setContentsMargins(24, 18, 24, 18)
        whole.addWidget(column)

    def _on_recent(self) -> None:
        for kind, shown in ((RecentKind.PROJECT, self.projects), (RecentKind.PROFILE, self.profiles)):
            things = [(thing, self._memory.condition(thing)) for thing in self._memory.recent if thing.kind is kind]
            shown.show_things(things, self._running)
