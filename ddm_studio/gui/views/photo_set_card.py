"""One of the two folders: an invitation while empty, then thumbnails, counts, and what is not used."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFileDialog, QFrame, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from ddm_studio.errors import InputError
from ddm_studio.gui.background import BackgroundReader
from ddm_studio.gui.file_reading import PhotoSet, folder_of_drop
from ddm_studio.gui.views.drop_area import DropArea, DropTaker
from ddm_studio.gui.views.skipped_list import show_skipped, wrapped_list
from ddm_studio.gui.views.small_parts import button, label
from ddm_studio.gui.views.thumbnail_view import ReadThumbnail, ThumbnailView
from ddm_studio.gui.wording import plural


class PhotoSetCard(QFrame):
    """`folder_chosen(Path)` when a person drops or chooses one; `refused(InputError)` when a drop makes no sense."""

    folder_chosen = Signal(object)
    refused = Signal(object)

    def __init__(self, title: str, words: str, advice: str, reader: BackgroundReader, read: ReadThumbnail) -> None:
        super().__init__()
        self.setProperty("look", "card")
        self._title = title
        self.counts = label("", "muted")
        self.sentence = label("", "small", wrap=True)
        self.sentence.hide()
        self.skipped_heading = label("", "warning")
        self.skipped = wrapped_list(self.tr("Files that are not used, with the reason"))
        self.empty = DropArea(self.tr("Drop a folder here"), advice, self.tr("Choose folder…"))
        self.empty.choose.setAccessibleName(self.tr("Choose the folder: {title}").format(title=title))
        self.empty.choose_clicked.connect(self._choose)
        self.thumbnails = ThumbnailView(reader, read, title)
        self.change = button(self.tr("Choose folder…"), sign="folder", name=self.tr("Choose another folder: {title}").format(title=title))
        self.change.clicked.connect(self._choose)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.empty)
        self._stack.addWidget(self._filled())
        head = QHBoxLayout()
        head.addWidget(label(title, "heading"))
        head.addStretch()
        head.addWidget(self.counts)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(16, 14, 16, 14)
        whole.setSpacing(8)
        whole.addLayout(head)
        whole.addWidget(label(words, "muted", wrap=True))
        whole.addWidget(self._stack, 1)
        DropTaker(self, self.empty).dropped.connect(self._on_dropped)

    def show_busy(self, folder: Path) -> None:
        """The folder is being read."""
        self.counts.setText(self.tr("Looking into “{name}”…").format(name=folder.name))

    def show_set(self, photos: PhotoSet | None) -> None:
        """Show what is used of the folder and what is not."""
        self._stack.setCurrentIndex(0 if photos is None else 1)
        self.counts.setText("")
        if photos is None:
            return
        used = plural(len(photos.photos), self.tr("photo"), self.tr("photos"))
        self.counts.setText(used + (self.tr(", {n} skipped").format(n=len(photos.skipped)) if photos.skipped else ""))
        self.change.setText(f" {self._elided(photos.folder)}")
        self.change.setToolTip(self.tr("{folder}\nClick to choose another folder").format(folder=photos.folder))
        self.thumbnails.show_photos(photos.photos)
        show_skipped(self.skipped, photos.skipped)
        self.skipped_heading.setVisible(bool(photos.skipped))
        self.skipped_heading.setText(plural(len(photos.skipped), self.tr("file is not used:"), self.tr("files are not used:")))

    def _filled(self) -> QWidget:
        page = QWidget()
        inside = QVBoxLayout(page)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(6)
        inside.addWidget(self.change)
        inside.addWidget(self.sentence)
        inside.addWidget(self.thumbnails, 1)
        inside.addWidget(self.skipped_heading)
        inside.addWidget(self.skipped)
        return page

    def _elided(self, folder: Path) -> str:
        return str(folder) if len(str(folder)) <= 46 else f"…{str(folder)[-45:]}"

    def _choose(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, self._title)
        if folder:
            self._take(Path(folder), "")

    def _on_dropped(self, paths: list[Path]) -> None:
        try:
            folder, sentence = folder_of_drop(paths)
        except InputError as error:
            self.refused.emit(error)
            return
        self._take(folder, sentence)

    def _take(self, folder: Path, sentence: str) -> None:
        self.sentence.setText(sentence)
        self.sentence.setVisible(bool(sentence))
        self.folder_chosen.emit(folder)
