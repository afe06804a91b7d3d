"""Opens whatever is dropped anywhere in the window: finds out what it is in the background, asks where it cannot be told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import cast

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from ddm_studio.gui.background import Answer, BackgroundReader
from ddm_studio.gui.dropped import Dropped, OpenedProject, read_project, sort_drop
from ddm_studio.gui.placing import SETS, place_folders
from ddm_studio.gui.views.message_bar import Message, message_of_error
from ddm_studio.gui.views.question import Question
from ddm_studio.gui.wording import plural

_DROP, _PROJECT = "drop", "project"


class Openings(QObject):
    """Signals say what is to be opened where; `question` is the one being asked, if any.

    Args:
        window: Owner of questions.
        folder_of: The folder that the set "blurry" or "sharp" has already.
        has_profile: Whether a lens profile is open, so that photos are there to be deblurred.
    """

    profile_dropped = Signal(object)
    project_opened = Signal(object)
    folder_placed = Signal(str, object)
    photos_dropped = Signal(object)
    message = Signal(object)

    def __init__(self, window: QWidget, folder_of: Callable[[str], Path | None], has_profile: Callable[[], bool]) -> None:
        super().__init__(window)
        self._window = window
        self._folder_of = folder_of
        self._has_profile = has_profile
        self._asked_about: Sequence[Path] = ()
        self.question: Question | None = None
        self._reader = BackgroundReader(parent=self)
        self._reader.answered.connect(self._on_answer)

    def take(self, paths: Sequence[Path]) -> None:
        """Open what was dropped."""
        self._reader.ask(_DROP, lambda: sort_drop(paths))

    def open_project(self, folder: Path) -> None:
        """Read a project."""
        self._reader.ask(_PROJECT, lambda: read_project(folder))

    def shut_down(self) -> None:
        """End the background thread."""
        self._reader.shut_down()

    def _on_answer(self, answer: Answer) -> None:
        if answer.error is not None:
            self.message.emit(message_of_error(answer.error))
        elif answer.key == _PROJECT:
            self.project_opened.emit(cast("OpenedProject", answer.value))
        else:
            self._open(cast("Dropped", answer.value))

    def _open(self, dropped: Dropped) -> None:
        if dropped.strange:
            self.message.emit(self._strange_words(dropped))
        if dropped.folders and dropped.photos:
            self.message.emit(self._loose_words(len(dropped.photos)))
        if dropped.projects:
            self.open_project(dropped.projects[0])
        if dropped.profiles and (dropped.folders or not dropped.photos):
            self.profile_dropped.emit(dropped.profiles[0])
        if dropped.folders:
            self._place(dropped.folders)
        elif dropped.photos and (dropped.profiles or self._has_profile()):
            self.photos_dropped.emit((*dropped.profiles, *dropped.photos))  # a profile with its photos was picked by hand
        elif dropped.photos:
            self._place(tuple({photo.parent: None for photo in dropped.photos}))

    def _place(self, folders: Sequence[Path]) -> None:
        if len(folders) > len(SETS):
            why = self.tr("A calibration is made from two: one of blurry photos, one of sharp ones")
            self.message.emit(Message(self.tr("These photos lie in more than two folders"), why, self.tr("Drop one or two folders")))
            return
        placed = place_folders(folders, [name for name in SETS if self._folder_of(name) is not None])
        if placed is None:
            self._ask(folders)
            return
        for name, folder in placed.items():
            self.folder_placed.emit(name, folder)

    def _ask(self, folders: Sequence[Path]) -> None:
        self._asked_about = folders
        first = folders[0].name
        more = self.tr("Blurry photos are taken with the lens to measure; sharp ones show other scenes, without its blur.")
        if len(folders) == 1:
            text = self.tr("What kind of photos does “{name}” hold?").format(name=first)
            answers = [("", self.tr("Cancel")), ("sharp", self.tr("Sharp photos")), ("blurry", self.tr("Blurry photos"))]
        else:
            text = self.tr("Which of the two folders holds the blurry photos?")
            answers = [("", self.tr("Cancel")), ("sharp", f"“{folders[1].name}”"), ("blurry", f"“{first}”")]
        self.question = Question(self._window, self.tr("Folder of photos"), text, more, answers)
        self.question.answered.connect(self._on_answered)
        self.question.open()

    def _on_answered(self, name: str) -> None:
        if not name:
            return
        others = [other for other in SETS if other != name]
        for which, folder in zip([name, *others], self._asked_about, strict=False):
            self.folder_placed.emit(which, folder)

    def _loose_words(self, count: int) -> Message:
        what = self.tr("The folders were taken, the single photos dropped with them were not")
        why = self.tr("They are {photos}, and a set is a whole folder").format(photos=plural(count, self.tr("photo"), self.tr("photos")))
        return Message(what, why, self.tr("To deblur single photos, drop them on the Deblur page"), is_error=False, is_warning=True)

    def _strange_words(self, dropped: Dropped) -> Message:
        path, reason = dropped.strange[0]
        what = self.tr("“{name}” cannot be opened here").format(name=path.name)
        advice = self.tr("Drop photos (raw, TIFF, PNG, JPEG), folders of photos, a lens profile (.lens) or a project folder")
        details = "\n".join(f"{one}: {why}" for one, why in dropped.strange)
        return Message(what, reason, advice, details)
