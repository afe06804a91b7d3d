"""Photos of a lens: blurry ones and sharp ones, from two folders or from one; looked through, checked, and kept or left out."""

from __future__ import annotations

from pathlib import Path
from typing import cast

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QVBoxLayout, QWidget

from ddm_studio.engine.requests import CheckRequest
from ddm_studio.events import Event, HealthFound, RunFinished
from ddm_studio.gui.background import Answer, BackgroundReader
from ddm_studio.gui.file_reading import ChosenSets, PhotoSet, SetChoice, list_set, match_sets, read_thumbnail
from ddm_studio.gui.run_state import RunState
from ddm_studio.gui.views.message_bar import Message, message_of_error
from ddm_studio.gui.views.photo_set_card import PhotoSetCard
from ddm_studio.gui.views.set_summary import SetSummary
from ddm_studio.gui.views.shooting_card import ShootingCard
from ddm_studio.gui.views.small_parts import Segments, button, label
from ddm_studio.project import ProjectContents

_MATCH = "match"


class PhotosPage(QWidget):
    """`sets_changed(ChosenSets)` after the folders have been looked into, or a photo was left out; `check_requested(CheckRequest)`.

    `begun()` when the person does something that may be answered by a `message`.
    """

    sets_changed = Signal(object)
    check_requested = Signal(object)
    message = Signal(object)
    begun = Signal()
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
        self._choice = SetChoice()
        self._sets = ChosenSets(None, None, self._choice)
        self._state, self._is_checking = RunState.IDLE, False
        self.mode = Segments([("two", self.tr("Two folders")), ("one", self.tr("One folder"))], self.tr("Where the photos are"))
        self.mode.changed.connect(self._on_mode)
        self.arrangement = Segments([("pictures", self.tr("Pictures")), ("rows", self.tr("With EXIF"))], self.tr("How photos are listed"))
        self.arrangement.changed.connect(self._on_arrangement)
        self.aperture = QComboBox()
        self.aperture.setAccessibleName(self.tr("Aperture of the blurry photos"))
        self.aperture.currentIndexChanged.connect(self._on_aperture)
        self.how = button(self.tr("How to take the photos"), "link")
        self.how.clicked.connect(self.show_how)
        self.blurry, self.sharp = self._make_cards()
        self.sentence = label("", "muted", wrap=True)
        self.summary = SetSummary()
        self.summary.check_clicked.connect(self._on_check)
        self.summary.photo_wanted.connect(self._on_photo_wanted)
        self.next = button(self.tr("Continue to Calibrate"), "primary")
        self.next.setEnabled(False)
        self.next.clicked.connect(self.next_clicked)
        self.demo = button(self.tr("No photos at hand? Watch the demo"), "link")
        self.demo.setToolTip(self.tr("A synthetic lens is made, learned and compared with the truth; a few minutes"))
        self.demo.clicked.connect(self.demo_clicked)
        self.advice = label("", "muted", wrap=True)
        self._arrange()
        self._show_mode()
        self._show_apertures()
        self._show_advice()

    def choose_folder(self, which: str, folder: Path) -> None:
        """Look into a folder for the "blurry" or the "sharp" set, in the background."""
        self._wanted[which] = folder
        self._card(which).show_busy(folder)
        self._folders.ask((which, folder), lambda: list_set(folder))

    def show_project(self, contents: ProjectContents) -> None:
        """Take the folders of a project that was opened again, with what was left out of them."""
        choice = SetChoice(contents.sharp is None, contents.settings.blurry_aperture, frozenset(contents.left_out))
        self.show_folders(contents.blurry, contents.sharp, choice)

    def show_folders(self, blurry: Path | None, sharp: Path | None, choice: SetChoice) -> None:
        """Take these instead of those of before, with what was chosen of them."""
        self.mode.choose("one" if choice.one_lens else "two")
        self._choice = choice
        self._listed = {"blurry": None, "sharp": None}
        self._wanted.clear()
        self._take_sets(ChosenSets(None, None, choice))  # those of before are not among its photos
        for name, folder in (("blurry", blurry), ("sharp", sharp)):
            if folder is not None:
                self.choose_folder(name, folder)

    def show_how(self) -> None:
        """Open the card that tells how to take photos."""
        self.card = ShootingCard(self)
        self.card.open()

    def show_state(self, state: RunState, own: bool) -> None:
        """Set the buttons; `own` when a check is running."""
        self._state, self._is_checking = state, own
        self.summary.show_state(state, own, self._sets.are_ready)

    def begin(self, is_check: bool) -> None:
        """A check, of its own or of a calibration, starts."""
        if is_check:
            self.summary.begin_check()
        else:
            self.summary.begin()
        self._show_findings()

    def show_event(self, event: Event, is_check: bool) -> None:
        """Show what a check says; of a calibration only what its own check found."""
        if is_check:
            self.summary.show_check(event)
        else:
            self.summary.show_event(event)
        if isinstance(event, HealthFound | RunFinished):
            self._show_findings()

    @property
    def choice(self) -> SetChoice:
        """How the folders become sets."""
        return self._choice

    @property
    def has_folders(self) -> bool:
        """Whether any was chosen."""
        return bool(self._wanted)

    def folder_of(self, which: str) -> Path | None:
        """The folder chosen for the "blurry" or the "sharp" set, whether it has been looked into yet or not."""
        return self._wanted.get(which)

    def choose(self) -> None:
        """Ask for the folder that is missing; for the blurry one when none is."""
        is_sharp_missing = not self._choice.one_lens and self._listed["blurry"] is not None and self._listed["sharp"] is None
        (self.sharp if is_sharp_missing else self.blurry).change.click()

    def shut_down(self) -> None:
        """End the background threads."""
        for reader in (self._folders, self._blurry_thumbnails, self._sharp_thumbnails):
            reader.shut_down()

    def _make_cards(self) -> tuple[PhotoSetCard, PhotoSetCard]:
        blurry = PhotoSetCard(self.tr("Blurry photos"), "", "", self._blurry_thumbnails, read_thumbnail)
        sharp = PhotoSetCard(self.tr("Sharp photos"), "", "", self._sharp_thumbnails, read_thumbnail)
        blurry.folder_chosen.connect(self._on_blurry_folder)
        sharp.folder_chosen.connect(self._on_sharp_folder)
        for card in (blurry, sharp):
            card.refused.connect(self._on_refused)
            card.drop_toggled.connect(self._on_drop_toggled)
        return blurry, sharp

    def _arrange(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(12)
        head.addWidget(label(self.tr("Photos"), "title"))
        head.addWidget(self.mode)
        head.addWidget(self.aperture)
        head.addStretch()
        head.addWidget(self.how)
        head.addWidget(self.arrangement)
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
        whole.addLayout(head)
        whole.addWidget(self.sentence)
        whole.addLayout(cards, 1)
        whole.addWidget(self.summary)
        whole.addLayout(foot)

    def _show_mode(self) -> None:
        one = self._choice.one_lens
        self.aperture.setVisible(one)
        self.sharp.set_second_half(one)
        invitation = self.tr("Drop a folder here")
        if one:
            self.blurry.set_words(
                self.tr("At the widest aperture, or the one chosen above."),
                invitation,
                self.tr(
                    "Photos by one lens: wide open, and stopped down by a stop or more. Of a folder at one aperture, the middle is sharp."
                ),
                stay=True,
            )
            blurry, sharp = self._sets.blurry, self._sets.sharp
            are_same = blurry is not None and sharp is not None and blurry.photos == sharp.photos
            self.sharp.set_words(
                self.tr("The middle of the same photos.") if are_same else self.tr("The middle of those stopped down."),
                self.tr("From the same folder"),
                self.tr("Chosen by aperture, as EXIF tells it."),
                stay=True,
            )
        else:
            self.blurry.set_words(
                self.tr("Taken with the lens to measure, at one aperture and zoom."),
                invitation,
                self.tr("Twenty or more ordinary photos with texture all over the frame, uncropped. No chart, no tripod."),
                stay=False,
            )
            self.sharp.set_words(
                self.tr("Of other scenes: by a good lens, or this one stopped down."),
                invitation,
                self.tr("They show what the world looks like without the blur. Any size; the same kind of file as the blurry ones."),
                stay=False,
            )
        self._show_sentence()

    def _show_sentence(self) -> None:
        only_read = self.tr("Your photos are only read, never changed.")
        if self._choice.one_lens:
            told = f"{self._sets.sentence}." if self._sets.sentence else self.tr("One folder of one lens, sorted by aperture.")
        else:
            told = self.tr("Two folders of different scenes.")
        self.sentence.setText(f"{told} {only_read}")

    def _card(self, which: str) -> PhotoSetCard:
        return self.blurry if which == "blurry" else self.sharp

    def _on_blurry_folder(self, folder: Path) -> None:
        self.begun.emit()
        self.choose_folder("blurry", folder)

    def _on_sharp_folder(self, folder: Path) -> None:
        self.begun.emit()
        self.choose_folder("sharp", folder)

    def _on_refused(self, error: Exception) -> None:
        self.message.emit(message_of_error(error))

    def _on_mode(self) -> None:
        self._forget_findings()
        self._take(SetChoice(self.mode.key == "one", None, self._choice.left_out))
        self._show_mode()

    def _on_aperture(self) -> None:
        wanted = self.aperture.currentData()
        if self._choice.one_lens and wanted != self._choice.blurry_aperture:
            self._forget_findings()
            self._take(SetChoice(True, wanted, self._choice.left_out))

    def _on_drop_toggled(self, photo: Path) -> None:
        self._take(SetChoice(self._choice.one_lens, self._choice.blurry_aperture, self._choice.left_out ^ {photo}))

    def _on_arrangement(self) -> None:
        for card in (self.blurry, self.sharp):
            card.thumbnails.arrange(as_rows=self.arrangement.key == "rows")

    def _take(self, choice: SetChoice) -> None:
        self.begun.emit()
        self._choice = choice
        self._match()

    def _match(self) -> None:
        blurry, sharp, choice = self._listed["blurry"], self._listed["sharp"], self._choice
        self._folders.ask(_MATCH, lambda: match_sets(blurry, sharp, choice))

    def _on_photo_wanted(self, which: str, photo: Path) -> None:
        self._card(which).choose_photo(photo)

    def _on_check(self) -> None:
        sets = self._sets
        if sets.blurry is not None:
            self.check_requested.emit(CheckRequest(sets.blurry.folder, sets.sharp_folder, sets.choice.blurry_aperture, sets.left_out))

    def _on_answer(self, answer: Answer) -> None:
        if answer.key == _MATCH:
            self._on_matched(answer)
            return
        which, folder = cast("tuple[str, Path]", answer.key)
        if self._wanted.get(which) != folder:
            return  # another folder was chosen meanwhile
        if answer.error is not None:
            self._card(which).show_set(self._sets.blurry if which == "blurry" else self._sets.sharp)
            self.message.emit(message_of_error(answer.error))
            return
        self._listed[which] = cast("PhotoSet", answer.value)
        self._forget_findings()
        self._match()

    def _on_matched(self, answer: Answer) -> None:
        if answer.error is not None:
            self.message.emit(message_of_error(answer.error))
            return
        self._take_sets(cast("ChosenSets", answer.value))

    def _take_sets(self, sets: ChosenSets) -> None:
        self._sets = sets
        self.blurry.show_set(sets.blurry)
        self.sharp.show_set(sets.sharp)
        self.summary.show_left_out(sets.choice.left_out)
        folders = [part.folder.resolve() for part in (sets.blurry, sets.sharp) if part is not None]
        if len(folders) == 2 and folders[0] == folders[1] and not sets.choice.one_lens:
            advice = self.tr("A lens can only be learned from the difference between the two sets")
            self.message.emit(
                Message(
                    self.tr("Both sets are the same folder"),
                    advice,
                    self.tr("Choose another folder for one of them, or “One folder” above"),
                )
            )
        self.next.setEnabled(sets.are_ready)
        self._show_apertures()
        self._show_mode()
        self._show_advice()
        self.show_state(self._state, self._is_checking)
        self.sets_changed.emit(sets)

    def _show_apertures(self) -> None:
        """Offer the apertures of the one folder; the widest is taken unless a person says otherwise."""
        infos = () if self._sets.blurry is None else self._sets.blurry.infos.values()
        found = sorted({info.aperture for info in infos if info.aperture is not None})
        self.aperture.blockSignals(True)
        self.aperture.clear()
        self.aperture.addItem(self.tr("Widest aperture"), None)
        for aperture in found:
            self.aperture.addItem(self.tr("f/{aperture:g}").format(aperture=aperture), aperture)
        self.aperture.setCurrentIndex(max(self.aperture.findData(self._choice.blurry_aperture), 0))
        self.aperture.blockSignals(False)

    def _forget_findings(self) -> None:
        """They were about other sets."""
        self.summary.forget()
        self._show_findings()

    def _show_findings(self) -> None:
        for name in ("blurry", "sharp"):
            self._card(name).show_findings([finding for finding in self.summary.findings if finding.set_name == name])

    def _show_advice(self) -> None:
        blurry, sharp = self._sets.blurry, self._sets.sharp
        self.demo.setVisible(blurry is None and sharp is None)
        if blurry is None and sharp is None:
            first = self.tr("the photos") if self._choice.one_lens else self.tr("the blurry photos")
            self.advice.setText(self.tr("Start with {missing}: drop their folder above.").format(missing=first))
        elif blurry is None or sharp is None:
            missing = self.tr("the blurry photos") if blurry is None else self.tr("the sharp photos")
            self.advice.setText(self.tr("Now {missing}: drop their folder above.").format(missing=missing))
        elif len(blurry.photos) < 10:
            self.advice.setText(self.tr("More blurry photos give a better grid: twenty or more are comfortable."))
        else:
            self.advice.setText("")
