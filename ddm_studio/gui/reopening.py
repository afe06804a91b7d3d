"""Opens again what was open when the window was closed: photos, calibration, lens, photos to deblur, and the page."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QObject

from ddm_studio.gui.background import Answer, BackgroundReader
from ddm_studio.gui.file_reading import SetChoice
from ddm_studio.gui.open_things import FoundThings, OpenThings, find_again

if TYPE_CHECKING:
    from ddm_studio.gui.main_window import MainWindow


class Reopening(QObject):
    """Keeps what is open whenever that changes, so that it is not lost where the program ends in another way than being closed.

    Args:
        window: Whose pages they are open on.
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.is_recalling = False
        """Whether it is still being looked for."""
        self._photos: tuple[Path, ...] = ()  # to be shown once the lens is
        self._reader = BackgroundReader(parent=self)
        self._reader.answered.connect(self._on_answer)
        window.photos.sets_changed.connect(self.keep)
        window.lens.profile_opened.connect(self._on_profile)
        window.job.state_changed.connect(self.keep)

    def recall(self) -> None:
        """Open in the background what the last visit left."""
        things = self._window.memory.open_things
        self.is_recalling = True
        self._reader.ask("recall", lambda: find_again(things))

    def keep(self) -> None:
        """Remember what is open."""
        if not self.is_recalling:
            self._window.memory.keep_open_things(self.now())

    def now(self) -> OpenThings:
        """What is open."""
        window = self._window
        photos, calibrate, own = window.photos, window.calibrate, window.demo.own
        return OpenThings(
            "calibrate" if window.demo.is_on else window.page,
            calibrate.project_begun,
            photos.folder_of("blurry"),
            photos.folder_of("sharp"),
            photos.choice.one_lens,
            photos.choice.left_out,
            calibrate.form.settings.model_copy(update={"blurry_aperture": photos.choice.blurry_aperture}),
            own.profile,
            own.is_picked,
            own.photos,
        )

    def shut_down(self) -> None:
        """End the background thread."""
        self._reader.shut_down()

    def _on_answer(self, answer: Answer) -> None:
        self.is_recalling = False
        if answer.error is None:
            self._show(cast("FoundThings", answer.value))

    def _on_profile(self) -> None:
        photos, self._photos = self._photos, ()
        if photos:
            self._window.deblur.take_photos(photos)
        self.keep()

    def _show(self, found: FoundThings) -> None:
        window, things = self._window, found.things
        if found.project is not None:
            window.show_project(found.project)
        elif things.blurry is not None or things.sharp is not None:
            choice = SetChoice(things.one_lens, things.settings.blurry_aperture, things.left_out)
            window.photos.show_folders(things.blurry, things.sharp, choice)
            window.calibrate.form.show_settings(things.settings)
            window.history.look_again()
        if things.profile is not None and things.is_picked:
            window.deblur.lens.pick(things.profile)
        elif things.profile is not None:
            window.lens.open_file(things.profile)
        if things.photos and things.profile is not None:
            self._photos = things.photos  # after it: else EXIF would choose another
        elif things.photos:
            window.deblur.take_photos(things.photos)
        if window.page == "start":  # else the person has turned to another meanwhile
            window.show_page(found.page)
