"""The photos to deblur, one a line: which wait, which is worked on, what has become of the others."""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHeaderView, QTreeWidget, QTreeWidgetItem, QVBoxLayout, QWidget

from ddm_studio.events import BatchProgress, Event, PhotoAlreadyDone, PhotoSaved, PhotoSkipped, PhotosQueued, PhotoStarted, Progress
from ddm_studio.gui.lens_choice import Doubt, PhotoFit
from ddm_studio.gui.views.small_parts import allow, button, label, row
from ddm_studio.gui.wording import plural

_ROW_HEIGHT = 26


class PhotoState(Enum):
    """What has become of a photo."""

    WAITING = auto()
    RUNNING = auto()
    SAVED = auto()
    DONE_BEFORE = auto()
    FAILED = auto()


@dataclass(slots=True, eq=False)
class _Line:
    state: PhotoState
    item: QTreeWidgetItem
    doubt: Doubt = Doubt.NOTHING


class _Lines(QTreeWidget):
    """`removed()` on Delete."""

    removed = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Delete takes photos off the list."""
        if event.key() == Qt.Key.Key_Delete:
            self.removed.emit()
        else:
            super().keyPressEvent(event)


class BatchList(QWidget):
    """`changed()`: photos came or went; `photo_chosen(Path)`: Enter or a double click; `retry_requested(photos)`; `add_clicked()`."""

    changed = Signal()
    photo_chosen = Signal(object)
    retry_requested = Signal(object)
    add_clicked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._lines: dict[Path, _Line] = {}
        self._running: Path | None = None
        self._is_idle = True
        self.lines = _Lines()
        self.lines.setAccessibleName(self.tr("Photos to deblur"))
        self.lines.setHeaderLabels([self.tr("Photo"), self.tr("State"), self.tr("Result")])
        self.lines.setRootIsDecorated(False)
        self.lines.setUniformRowHeights(True)
        self.lines.setSelectionMode(QTreeWidget.SelectionMode.ExtendedSelection)
        header = self.lines.header()
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Interactive)
        header.resizeSection(0, 260)
        header.resizeSection(1, 170)
        self.add = button(self.tr("Add photos…"))
        self.remove = button(self.tr("Remove"))
        self.retry = button(self.tr("Retry failed"))
        self.total = label("", "small")
        self.lenses = label("", "warning", wrap=True)
        self.remove_doubtful = button(self.tr("Take off the list"))
        self.doubts = QWidget()
        notice = row(spacing=12)
        notice.addWidget(self.lenses, 1)
        notice.addWidget(self.remove_doubtful)
        self.doubts.setLayout(notice)
        tools = row(self.add, self.remove, self.retry)
        tools.addStretch()
        tools.addWidget(self.total)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(8)
        whole.addWidget(self.doubts)
        whole.addWidget(self.lines, 1)
        whole.addLayout(tools)
        self.add.clicked.connect(self.add_clicked)
        self.remove.clicked.connect(self.remove_selected)
        self.retry.clicked.connect(lambda: self.retry_requested.emit(self.in_state(PhotoState.FAILED)))
        self.lines.removed.connect(self.remove_selected)
        self.lines.itemSelectionChanged.connect(self._show_buttons)
        self.lines.itemActivated.connect(self._on_activated)
        self.remove_doubtful.clicked.connect(self._remove_doubtful)
        self.doubts.hide()
        self._show_buttons()
        self._show_total(None)

    @property
    def photos(self) -> tuple[Path, ...]:
        """All of them, in their order."""
        return tuple(self._lines)

    def in_state(self, *states: PhotoState) -> tuple[Path, ...]:
        """Those of which this has become."""
        return tuple(path for path, line in self._lines.items() if line.state in states)

    def in_doubt(self, doubt: Doubt) -> tuple[Path, ...]:
        """Those against which this speaks."""
        return tuple(path for path, line in self._lines.items() if line.doubt is doubt)

    def show_photos(self, photos: Sequence[Path]) -> None:
        """Other photos, all waiting."""
        self._lines.clear()
        self.lines.clear()
        self.add_photos(photos)

    def add_photos(self, photos: Sequence[Path]) -> None:
        """More photos; those that are listed stay as they are."""
        for path in photos:
            if path not in self._lines:
                item = QTreeWidgetItem([path.name, "", ""])
                item.setToolTip(0, str(path))
                item.setSizeHint(0, QSize(0, _ROW_HEIGHT))
                item.setData(0, Qt.ItemDataRole.UserRole, str(path))
                self.lines.addTopLevelItem(item)
                self._lines[path] = _Line(PhotoState.WAITING, item)
                self._show(path, PhotoState.WAITING)
        self._after_change()

    def remove_selected(self) -> None:
        """Take the selected photos off the list."""
        if not self._is_idle:
            return
        self._remove([Path(str(item.data(0, Qt.ItemDataRole.UserRole))) for item in self.lines.selectedItems()])

    def _remove_doubtful(self) -> None:
        self._remove([*self.in_doubt(Doubt.MISFIT), *self.in_doubt(Doubt.OTHER_SETTING)])

    def _remove(self, photos: Sequence[Path]) -> None:
        for path in photos:
            self.lines.takeTopLevelItem(self.lines.indexOfTopLevelItem(self._lines.pop(path).item))
        self._after_change()

    def show_rest(self, is_idle: bool) -> None:
        """Whether no job is running."""
        self._is_idle = is_idle
        self._show_buttons()

    def show_event(self, event: Event) -> None:
        """Show what a deblurring says."""
        match event:
            case PhotosQueued():
                for path in event.photos:
                    self._show(path, PhotoState.WAITING)
                self._show_total(None)
            case PhotoStarted():
                self._running = event.source
                self._show(event.source, PhotoState.RUNNING)
            case Progress() if self._running is not None:
                share = event.step / max(event.total_steps, 1)
                self._show(self._running, PhotoState.RUNNING, percent=round(100 * share))
            case PhotoSaved():
                words = self.tr("{name}  ·  replaced").format(name=event.path.name) if event.replaced else event.path.name
                self._show(event.source, PhotoState.SAVED, words, str(event.path))
            case PhotoAlreadyDone():
                self._show(event.source, PhotoState.DONE_BEFORE, event.path.name, str(event.path))
            case PhotoSkipped():
                self._show(event.path, PhotoState.FAILED, event.reason, event.reason)
            case BatchProgress():
                self._show_total(event)
            case _:
                pass

    def show_lenses(self, fit_of_photo: Callable[[Path], PhotoFit], masked: Container[Path]) -> None:
        """Say how waiting photos fit the open profile, and which are masked. Those that cannot be deblurred with it are left out."""
        for path, line in self._lines.items():
            fit = fit_of_photo(path)
            line.doubt = fit.doubt
            if line.state is PhotoState.WAITING:
                is_out = fit.doubt is Doubt.MISFIT
                line.item.setText(1, self.tr("⚠ left out") if is_out else self.tr("waiting"))
                line.item.setText(2, "  ·  ".join(filter(None, (fit.words, self.tr("masked") if path in masked else ""))))
                line.item.setToolTip(2, fit.reason)
        told = self._doubt_words(len(self.in_doubt(Doubt.MISFIT)), len(self.in_doubt(Doubt.OTHER_SETTING)))
        self.lenses.setText(told)
        self.doubts.setVisible(bool(told))

    def _doubt_words(self, misfits: int, others: int) -> str:
        count, told = len(self._lines), []
        if misfits == count and misfits:
            return self.tr("None of these photos fits the profile: they are left out.")
        if misfits:
            one = self.tr("1 of {all} photos does not fit the profile and is left out.")
            many = self.tr("{n} of {all} photos do not fit the profile and are left out.")
            told.append((one if misfits == 1 else many).format(n=misfits, all=count))
        if others:
            one = self.tr("1 of {all} photos was taken with another lens or aperture: you are asked before it is deblurred.")
            many = self.tr("{n} of {all} photos were taken with another lens or aperture: you are asked before they are deblurred.")
            told.append((one if others == 1 else many).format(n=others, all=count))
        return " ".join(told)

    def end(self) -> None:
        """The job has ended: what it had not finished waits."""
        if self._running is not None and self._running in self.in_state(PhotoState.RUNNING):
            self._show(self._running, PhotoState.WAITING)
        self._running = None
        self._show_buttons()

    def _show(self, path: Path, state: PhotoState, words: str = "", tip: str = "", percent: int = 0) -> None:
        line = self._lines.get(path)
        if line is None:
            return
        names = {
            PhotoState.WAITING: self.tr("waiting"),
            PhotoState.RUNNING: self.tr("running, {percent} %").format(percent=percent),
            PhotoState.SAVED: self.tr("✓ saved"),
            PhotoState.DONE_BEFORE: self.tr("✓ already done"),
            PhotoState.FAILED: self.tr("⚠ failed"),
        }
        line.state = state
        for column, text in ((1, names[state]), (2, words)):
            line.item.setText(column, text)
        line.item.setToolTip(2, tip)
        if state is PhotoState.RUNNING and percent == 0:
            self.lines.scrollToItem(line.item)

    def _show_total(self, progress: BatchProgress | None) -> None:
        count = len(self._lines)
        if progress is None:
            self.total.setText(plural(count, self.tr("photo"), self.tr("photos")))
            return
        parts = [self.tr("{done} of {total} done").format(done=progress.done - progress.failed, total=progress.total)]
        if progress.failed:
            parts.append(self.tr("{n} failed").format(n=progress.failed))
        self.total.setText("  ·  ".join(parts))

    def _after_change(self) -> None:
        self._show_total(None)
        self._show_buttons()
        self.changed.emit()

    def _show_buttons(self) -> None:
        busy = "" if self._is_idle else self.tr("Wait until the running job has ended, or stop it.")
        nothing_chosen = "" if self.lines.selectedItems() else self.tr("Choose photos of the list first.")
        none_failed = "" if self.in_state(PhotoState.FAILED) else self.tr("No photo has failed.")
        allow(self.add, busy)
        allow(self.remove_doubtful, busy, self.tr("No file is touched."))
        allow(self.remove, busy or nothing_chosen, self.tr("Takes the selected photos off this list; no file is touched (Delete)."))
        allow(self.retry, busy or none_failed)

    def _on_activated(self, item: QTreeWidgetItem) -> None:
        self.photo_chosen.emit(Path(str(item.data(0, Qt.ItemDataRole.UserRole))))
