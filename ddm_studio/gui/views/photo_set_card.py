"""One of the two folders: an invitation while empty, then thumbnails, counts, and what is not used."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFileDialog, QFrame, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from ddm_studio.errors import InputError
from ddm_studio.events import HealthFound
from ddm_studio.gui.background import BackgroundReader
from ddm_studio.gui.file_reading import PROFILE_SUFFIX, PhotoSet, folder_of_drop
from ddm_studio.gui.icons import icon
from ddm_studio.gui.views.drop_area import DropArea, DropTaker
from ddm_studio.gui.views.photo_details import PhotoDetails, facts_of
from ddm_studio.gui.views.skipped_list import show_skipped, wrapped_list
from ddm_studio.gui.views.small_parts import button, label
from ddm_studio.gui.views.thumbnail_view import ReadThumbnail, ThumbnailView
from ddm_studio.gui.wording import plural, with_tilde

_SKIPPED_HEIGHT = 76  # px


class PhotoSetCard(QFrame):
    """`folder_chosen(Path)` when a person drops or chooses one; `refused(InputError)` when a drop makes no sense.

    `profile_dropped(Path)` when it is a lens profile, which belongs elsewhere; `drop_toggled(Path)` when a photo is to be left out or used.
    """

    folder_chosen = Signal(object)
    drop_toggled = Signal(object)
    refused = Signal(object)
    profile_dropped = Signal(object)

    def __init__(self, title: str, words: str, advice: str, reader: BackgroundReader, read: ReadThumbnail) -> None:
        super().__init__()
        self.setProperty("look", "card")
        self._title = title
        self.counts = label("", "muted")
        self.sentence = label("", "small", wrap=True)
        self.sentence.hide()
        self.skipped_heading = button("", "link")
        self.skipped_heading.setCheckable(True)
        self.skipped_heading.toggled.connect(self._on_skipped_shown)
        self.skipped = wrapped_list(self.tr("Files that are not used, with the reason"), most=_SKIPPED_HEIGHT)
        self.empty = DropArea(self.tr("Drop a folder here"), advice, self.tr("Choose folder…"))
        self.empty.choose.setAccessibleName(self.tr("Choose the folder: {title}").format(title=title))
        self.empty.choose_clicked.connect(self._choose)
        self._shown: PhotoSet | None = None
        self._told_of: Path | None = None
        self._facts: dict[Path, str] = {}
        self.details = PhotoDetails()
        self.details.drop_toggled.connect(self.drop_toggled)
        self.thumbnails = ThumbnailView(reader, read, title)
        self.thumbnails.photo_chosen.connect(self._on_photo)
        self.thumbnails.drop_toggled.connect(self.drop_toggled)
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
        self._words = label(words, "muted", wrap=True)
        whole.addWidget(self._words)
        whole.addWidget(self._stack, 1)
        DropTaker(self, self.empty).dropped.connect(self._on_dropped)

    def show_busy(self, folder: Path) -> None:
        """The folder is being read."""
        self.counts.setText(self.tr("Looking into “{name}”…").format(name=folder.name))

    def show_set(self, photos: PhotoSet | None) -> None:
        """Show what is used of the folder and what is not."""
        self._stack.setCurrentIndex(0 if photos is None else 1)
        self.counts.setText("")
        self._shown = photos
        if photos is None:
            return
        used = plural(len(photos.photos), self.tr("photo"), self.tr("photos"))
        gone = self.tr(", {n} left out").format(n=len(photos.left_out)) if photos.left_out else ""
        self.counts.setText(used + gone + (self.tr(", {n} skipped").format(n=len(photos.skipped)) if photos.skipped else ""))
        self.change.setText(f" {self._elided(photos.folder)}")
        self.change.setToolTip(self.tr("{folder}\nClick to choose another folder").format(folder=photos.folder))
        self._facts = {path: facts_of(info) for path, info in photos.infos.items()}
        self.thumbnails.show_photos(photos.shown, self._facts, photos.left_out)
        self._on_photo(self.thumbnails.chosen)
        show_skipped(self.skipped, photos.skipped)
        words = plural(len(photos.skipped), self.tr("file is not used"), self.tr("files are not used"))
        self.skipped_heading.setText(f" {words}")
        self.skipped_heading.setAccessibleName(words)
        self.skipped_heading.setVisible(bool(photos.skipped))
        self.skipped_heading.setChecked(self.details.isHidden())
        self._on_skipped_shown(self.skipped_heading.isChecked())

    def choose_photo(self, photo: Path) -> None:
        """Select a photo and bring it into view, if it is of this set."""
        self.thumbnails.choose(photo)

    def show_findings(self, findings: Sequence[HealthFound]) -> None:
        """Replace what the health check found about single photos."""
        self.thumbnails.thumbnails.show_findings(findings)
        self._on_photo(self.thumbnails.chosen)

    def set_second_half(self, is_second_half: bool) -> None:
        """Whether the photos come from the other card's folder, so that none is to be chosen here."""
        self.change.setEnabled(not is_second_half)
        self.empty.choose.setVisible(not is_second_half)
        self.setAcceptDrops(not is_second_half)

    def set_words(self, words: str, invitation: str, advice: str, stay: bool) -> None:
        """Say what belongs here; whether the words stay above the photos once they are there."""
        self._words.setText(words)
        self._words.setVisible(stay or self._shown is None)
        self.empty.set_words(invitation, advice)

    def _on_skipped_shown(self, shown: bool) -> None:
        self.skipped_heading.setIcon(icon("down" if shown else "right"))
        self.skipped.setVisible(shown and self.skipped.count() > 0)

    def _on_photo(self, photo: Path | None) -> None:
        shown = self._shown
        if photo is not None and photo != self._told_of:
            self.skipped_heading.setChecked(False)  # what is told of the photo needs the room
        self._told_of = photo
        if shown is None or photo is None:
            self.details.show_photo(None, "", (), False)
            return
        findings = self.thumbnails.thumbnails.findings_of(photo)
        self.details.show_photo(photo, self._facts.get(photo, "–\n–"), findings, photo in shown.left_out)

    def _filled(self) -> QWidget:
        page = QWidget()
        inside = QVBoxLayout(page)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(6)
        inside.addWidget(self.change)
        inside.addWidget(self.sentence)
        inside.addWidget(self.thumbnails, 1)
        inside.addWidget(self.details)
        inside.addWidget(self.skipped_heading)
        inside.addWidget(self.skipped)
        return page

    def _elided(self, folder: Path) -> str:
        words = with_tilde(folder)
        return words if len(words) <= 46 else f"…{words[-45:]}"

    def _choose(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, self._title)
        if folder:
            self._take(Path(folder), "")

    def _on_dropped(self, paths: list[Path]) -> None:
        if len(paths) == 1 and paths[0].suffix.lower() == PROFILE_SUFFIX:
            self.profile_dropped.emit(paths[0])
            return
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
