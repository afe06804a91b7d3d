"""Two folders of ordinary photos: blurry and sharp."""

from __future__ import annotations

from pathlib import Path
from typing import cast

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from ddm_studio.gui.background import Answer, BackgroundReader
from ddm_studio.gui.file_reading import PhotoSet, list_set, match_sets, read_thumbnail
from ddm_studio.gui.views.message_bar import Message, message_of_error
from ddm_studio.gui.views.photo_set_card import PhotoSetCard
from ddm_studio.gui.views.small_parts import button, label

_MATCH = "match"


class PhotosPage(QWidget):
    """`sets_changed(blurry, sharp)`: `PhotoSet`s or None, after both have been looked into."""

    sets_changed = Signal(object, object)
    message = Signal(object)
    next_clicked = Signal()
    demo_clicked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._folders = BackgroundReader(parent=self)
        self._folders.answered.connect(self._on_answer)
        self._blurry_thumbnails = BackgroundReader(newest_first=True, limit=150, parent=self)
        self._sharp_thumbnails = BackgroundReader(newest_first=True, limit=150, parent=self)
        self._listed: dict[str, PhotoSet | None] = {"blurry": None, "sharp": None}
        self._wanted: dict[str, Path] = {}
        self.blurry = PhotoSetCard(
            self.tr("Blurry photos"),
            self.tr("Taken with the lens to measure, at one aperture and zoom."),
            self.tr("Twenty or more ordinary photos with texture all over the frame, uncropped. No chart, no tripod."),
            self._blurry_thumbnails,
            read_thumbnail,
        )
        self.sharp = PhotoSetCard(
            self.tr("Sharp photos"),
            self.tr("Of other scenes: by a good lens, or this one stopped down."),
            self.tr("They show what the world looks like without the blur. Any size; the same kind of file as the blurry ones."),
            self._sharp_thumbnails,
            read_thumbnail,
        )
        self.blurry.folder_chosen.connect(self._on_blurry_folder)
        self.sharp.folder_chosen.connect(self._on_sharp_folder)
        for card in (self.blurry, self.sharp):
            card.refused.connect(self._on_refused)
        self.next = button(self.tr("Continue to Calibrate"), "primary")
        self.next.setEnabled(False)
        self.next.clicked.connect(self.next_clicked)
        self.demo = button(self.tr("No photos at hand? Watch the demo"), "link")
        self.demo.setToolTip(self.tr("A synthetic lens is made, learned and compared with the truth; a few minutes"))
        self.demo.clicked.connect(self.demo_clicked)
        self.advice = label("", "muted", wrap=True)
        self._arrange()
        self._show_advice()

    def choose_folder(self, which: str, folder: Path) -> None:
        """Look into a folder for the "blurry" or the "sharp" set, in the background."""
        self._wanted[which] = folder
        self._card(which).show_busy(folder)
        self._folders.ask((which, folder), lambda: list_set(folder))

    def folder_of(self, which: str) -> Path | None:
        """The folder chosen for the "blurry" or the "sharp" set, whether it has been looked into yet or not."""
        return self._wanted.get(which)

    def choose(self) -> None:
        """Ask for the folder that is missing; for the blurry one when none is."""
        card = self.sharp if self._listed["blurry"] is not None and self._listed["sharp"] is None else self.blurry
        card.change.click()

    def shut_down(self) -> None:
        """End the background threads."""
        for reader in (self._folders, self._blurry_thumbnails, self._sharp_thumbnails):
            reader.shut_down()

    def _arrange(self) -> None:
        cards = QHBoxLayout()
        cards.setSpacing(16)
        cards.addWidget(self.blurry, 1)
        cards.addWidget(self.sharp, 1)
        foot = QHBoxLayout()
        foot.addWidget(self.advice, 1)
        foot.addWidget(self.demo)
        foot.addWidget(self.next)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(24, 18, 24, 18)
        whole.setSpacing(10)
        whole.addWidget(label(self.tr("Photos"), "title"))
        whole.addWidget(label(self.tr("Two folders of different scenes. Your photos are only read, never changed."), "muted", wrap=True))
        whole.addLayout(cards, 1)
        whole.addLayout(foot)

    def _card(self, which: str) -> PhotoSetCard:
        return self.blurry if which == "blurry" else self.sharp

    def _on_blurry_folder(self, folder: Path) -> None:
        self.choose_folder("blurry", folder)

    def _on_sharp_folder(self, folder: Path) -> None:
        self.choose_folder("sharp", folder)

    def _on_refused(self, error: Exception) -> None:
        self.message.emit(message_of_error(error))

    def _on_answer(self, answer: Answer) -> None:
        if answer.key == _MATCH:
            self._on_matched(answer)
            return
        which, folder = cast("tuple[str, Path]", answer.key)
        if self._wanted.get(which) != folder:
            return  # another folder was chosen meanwhile
        if answer.error is not None:
            self._card(which).show_set(self._listed[which])
            self.message.emit(message_of_error(answer.error))
            return
        self._listed[which] = cast("PhotoSet", answer.value)
        blurry, sharp = self._listed["blurry"], self._listed["sharp"]
        self._folders.ask(_MATCH, lambda: match_sets(blurry, sharp))

    def _on_matched(self, answer: Answer) -> None:
        if answer.error is not None:
            self.message.emit(message_of_error(answer.error))
            return
        blurry, sharp = cast("tuple[PhotoSet | None, PhotoSet | None]", answer.value)
        self.blurry.show_set(blurry)
        self.sharp.show_set(sharp)
        if blurry is not None and sharp is not None and blurry.folder.resolve() == sharp.folder.resolve():
            advice = self.tr("A lens can only be learned from the difference between the two sets")
            self.message.emit(Message(self.tr("Both sets are the same folder"), advice, self.tr("Choose another folder for one of them")))
        self.next.setEnabled(bool(blurry and sharp and blurry.photos and sharp.photos))
        self._show_advice()
        self.sets_changed.emit(blurry, sharp)

    def _show_advice(self) -> None:
        self.demo.setVisible(self._listed["blurry"] is None and self._listed["sharp"] is None)
        blurry, sharp = self._listed["blurry"], self._listed["sharp"]
        if blurry is None or sharp is None:
            missing = self.tr("the blurry photos") if blurry is None else self.tr("the sharp photos")
            words = (
                self.tr("Start with {missing}: drop their folder above.")
                if sharp is None and blurry is None
                else self.tr("Now {missing}: drop their folder above.")
            )
            self.advice.setText(words.format(missing=missing))
        elif len(blurry.photos) < 10:
            self.advice.setText(self.tr("More blurry photos give a better grid: twenty or more are comfortable."))
        else:
            self.advice.setText("")
