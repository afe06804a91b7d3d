"""Calibrations one after another: which has ended how, which runs, which wait."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHeaderView, QPushButton, QTreeWidget, QTreeWidgetItem, QVBoxLayout, QWidget

from ddm_studio.gui.calibration_queue import CalibrationQueue, Entry, Place
from ddm_studio.gui.icons import icon
from ddm_studio.gui.outlook import Outlook
from ddm_studio.gui.run_state import RunState
from ddm_studio.gui.views.small_parts import allow, button, label, row
from ddm_studio.gui.wording import duration, expected_time_words, preset_words, with_tilde

_ROW_HEIGHT = 24
_HEADER_HEIGHT = 26
_FEWEST_LINES, _MOST_LINES = 2, 4


class QueueList(QWidget):
    """Shows a queue and lets a person change it; seen while there is more than one calibration, or one that waits.

    `seen(bool)` when it comes or goes.
    """

    seen = Signal(bool)

    def __init__(self, queue: CalibrationQueue) -> None:
        super().__init__()
        self._queue = queue
        self._outlook: Outlook | None = None
        self._shown: list[Entry] = []
        self._run = RunState.IDLE
        self.lines = QTreeWidget()
        self.lines.setAccessibleName(self.tr("Queue of calibrations"))
        self.lines.setHeaderLabels([self.tr("Calibration"), self.tr("State"), self.tr("Time")])
        self.lines.setRootIsDecorated(False)
        self.lines.setUniformRowHeights(True)
        self.lines.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        header = self.lines.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        for column in (1, 2):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)
        self.earlier = _tool("up", self.tr("Start earlier"))
        self.later = _tool("down", self.tr("Start later"))
        self.remove = _tool("close", self.tr("Take off the list (Delete); no file is touched"))
        self.again = button(self.tr("Again"))
        self.hold = button(self.tr("Hold"))
        self.hold.setToolTip(self.tr("Start nothing that waits, so that the computer is free for something else"))
        self.hold.setCheckable(True)
        self.hold.setProperty("look", "segment")
        self.hold.setProperty("place", "alone")
        tools = row(self.earlier, self.later, self.remove, self.again, spacing=6)
        tools.addStretch()
        tools.addWidget(self.hold)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 8, 0, 0)
        whole.setSpacing(6)
        whole.addWidget(label(self.tr("Queue"), "heading"))
        whole.addWidget(self.lines)
        whole.addLayout(tools)
        queue.changed.connect(self._show)
        queue.told.connect(self._show_time)
        self.lines.itemSelectionChanged.connect(self._show_buttons)
        self.earlier.clicked.connect(lambda: self._move(-1))
        self.later.clicked.connect(lambda: self._move(1))
        self.remove.clicked.connect(self._on_remove)
        self.again.clicked.connect(self._on_again)
        self.hold.clicked.connect(queue.hold)
        self._show()

    @property
    def is_needed(self) -> bool:
        """Whether there is anything to be seen."""
        return len(self._shown) > 1 or bool(self._queue.waiting)

    def show_outlook(self, outlook: Outlook) -> None:
        """Say how long those that wait will take."""
        self._outlook = outlook
        self._show()

    def show_state(self, state: RunState) -> None:
        """Say what is confirmed of the calibration that runs."""
        self._run = state
        for place, entry in enumerate(self._shown):
            item = self.lines.topLevelItem(place)
            if entry.place is Place.RUNNING and item is not None:
                item.setText(1, self._state(entry))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Delete takes the selected one off the list."""
        if event.key() == Qt.Key.Key_Delete:
            self._on_remove()
        else:
            super().keyPressEvent(event)

    def _show(self) -> None:
        chosen, before = self._chosen(), self._shown
        self._shown = list(self._queue.entries)
        if chosen is not None and chosen not in self._shown:  # removed: the next one is at hand
            chosen = self._shown[min(before.index(chosen), len(self._shown) - 1)] if self._shown else None
        self.lines.blockSignals(True)
        self.lines.clear()
        for entry in self._shown:
            item = QTreeWidgetItem([_title(entry), self._state(entry), self._time(entry)])
            item.setSizeHint(0, QSize(0, _ROW_HEIGHT))
            item.setToolTip(0, self._places(entry))
            item.setToolTip(1, entry.reason)
            self.lines.addTopLevelItem(item)
            item.setSelected(entry is chosen)
            if entry.place is Place.RUNNING or entry is chosen:
                self.lines.scrollToItem(item)
        self.lines.blockSignals(False)
        lines = min(max(len(self._shown), _FEWEST_LINES), _MOST_LINES)
        self.lines.setFixedHeight(_HEADER_HEIGHT + lines * _ROW_HEIGHT)
        self.setVisible(self.is_needed)
        self.seen.emit(self.is_needed)
        self._show_buttons()

    def _show_time(self) -> None:
        for place, entry in enumerate(self._shown):
            item = self.lines.topLevelItem(place)
            if entry.place is Place.RUNNING and item is not None:
                item.setText(2, self._time(entry))

    def _show_buttons(self) -> None:
        chosen, waiting = self._chosen(), [entry for entry in self._shown if entry.place is Place.WAITING]
        none = "" if chosen is not None else self.tr("Choose a calibration of the list first.")
        waits = none or ("" if chosen in waiting else self.tr("Only calibrations that wait can be moved."))
        allow(self.earlier, waits or ("" if chosen in waiting[1:] else self.tr("It is the next already.")), self.tr("Start earlier"))
        allow(self.later, waits or ("" if chosen in waiting[:-1] else self.tr("It is the last already.")), self.tr("Start later"))
        runs = chosen is not None and chosen.place is Place.RUNNING
        takes_off = self.tr("Take off the list (Delete); no file is touched")
        allow(self.remove, none or (self.tr("It is running: stop it first.") if runs else ""), takes_off)
        ended = chosen is not None and chosen.place in (Place.STOPPED, Place.FAILED)
        again = self.tr("Wait once more, to go on where it ended")
        allow(self.again, none or ("" if ended else self.tr("Only calibrations that were stopped or failed can go on.")), again)
        self.hold.setChecked(self._queue.is_held)
        self.hold.setText(self.tr("Held") if self._queue.is_held else self.tr("Hold"))

    def _chosen(self) -> Entry | None:
        """The entry that is selected."""
        items = self.lines.selectedItems()
        return self._shown[self.lines.indexOfTopLevelItem(items[0])] if items else None

    def _state(self, entry: Entry) -> str:
        words = {
            Place.WAITING: self.tr("held") if self._queue.is_held else self.tr("waiting"),
            Place.RUNNING: self.tr("paused") if self._run in (RunState.PAUSED, RunState.RESUMING) else self.tr("running"),
            Place.DONE: self.tr("✓ done"),
            Place.STOPPED: self.tr("stopped"),
            Place.FAILED: self.tr("⚠ failed"),
        }
        return words[entry.place]

    def _time(self, entry: Entry) -> str:
        if entry.place is not Place.WAITING:
            return duration(entry.seconds)
        preset = entry.request.settings.preset
        return "" if self._outlook is None else expected_time_words(self._outlook.seconds.get(preset))

    def _places(self, entry: Entry) -> str:
        request = entry.request
        lines = [self.tr("Project: {folder}").format(folder=with_tilde(request.project))]
        lines.append(self.tr("Blurry photos: {folder}").format(folder=with_tilde(request.blurry)))
        if request.sharp is not None:
            lines.append(self.tr("Sharp photos: {folder}").format(folder=with_tilde(request.sharp)))
        return "\n".join(lines)

    def _move(self, by: int) -> None:
        chosen = self._chosen()
        if chosen is not None:
            self._queue.move(chosen, by)

    def _on_remove(self) -> None:
        chosen = self._chosen()
        if chosen is not None:
            self._queue.remove(chosen)

    def _on_again(self) -> None:
        chosen = self._chosen()
        if chosen is not None:
            self._queue.again(chosen)


def _tool(sign: str, name: str) -> QPushButton:
    made = button("", name=name)
    made.setIcon(icon(sign))
    made.setToolTip(name)
    return made


def _title(entry: Entry) -> str:
    return f"{entry.request.project.name}  ·  {preset_words(entry.request.settings.preset)[0]}"
