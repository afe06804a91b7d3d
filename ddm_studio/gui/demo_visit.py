"""The demo stands in for what a person has open, and gives it back: by a click, or as soon as they open something of their own."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from ddm_studio.engine.requests import DemoResult
from ddm_studio.gui.file_reading import OpenedProfile
from ddm_studio.gui.run_state import JobKind
from ddm_studio.gui.views.demo_bar import DemoBar

if TYPE_CHECKING:
    from ddm_studio.gui.main_window import MainWindow


@dataclass(frozen=True, slots=True)
class OwnThings:
    """What the demo's lens and photo stand in for: the person's lens, whether they picked it by hand, and their photos to deblur."""

    profile: Path | None = None
    is_picked: bool = False
    photos: tuple[Path, ...] = ()


class DemoVisit(QObject):
    """The Calibrate page shows the demo from its beginning, the Lens and Deblur pages show it from its end; Photos is never touched.

    Args:
        window: Whose pages these are.
        bar: Stands above the pages meanwhile.
    """

    def __init__(self, window: MainWindow, bar: DemoBar) -> None:
        super().__init__(window)
        self._window, self._bar = window, bar
        self.is_on = False
        """Whether it is the demo that the pages show."""
        self._profile: Path | None = None  # the demo's own, once it is learned
        self._kept = OwnThings()
        self._is_leaving = False
        bar.left.connect(self._on_left)
        window.job.ended.connect(self._on_ended)
        window.lens.profile_opened.connect(self._on_profile)

    @property
    def own(self) -> OwnThings:
        """What the person has open, or had when the demo took its place."""
        if self._profile is not None:
            return self._kept
        deblur = self._window.deblur
        opened = deblur.lens.opened
        path = None if opened is None else opened.path.absolute()
        return OwnThings(path, deblur.lens.is_by_hand, tuple(photo.absolute() for photo in deblur.batch.photos))

    def begin(self) -> None:
        """The demo starts."""
        self.is_on, self._is_leaving = True, False
        project = self._window.calibrate.project_begun
        self._bar.show_way_back("" if project is None else project.name)
        self._bar.show()

    def show_result(self, result: DemoResult) -> None:
        """Show its lens, and one of its photos, so that there is something to compare."""
        self._kept, self._profile = self.own, result.profile.absolute()
        self._window.deblur.close_photos()
        self._window.show_profile(result.profile)
        if result.to_deblur:
            self._window.deblur.take_photos(result.to_deblur[:1])

    def leave(self) -> None:
        """Give the pages back; a demo that still runs is stopped first. The page shown stays."""
        if not self.is_on:
            return
        if self._runs:
            self._is_leaving = True
            self._window.job.stop()
        else:
            self._give_back()

    @property
    def _runs(self) -> bool:
        return self._window.job.runner.is_running and self._window.job.kind is JobKind.DEMO

    def _on_left(self) -> None:
        window = self._window
        self.leave()
        window.messages.go_on()
        window.show_page("start" if window.calibrate.project_begun is None and not window.photos.has_folders else "calibrate")

    def _on_ended(self) -> None:
        if self._is_leaving and not self._runs:
            self._give_back()

    def _on_profile(self, opened: OpenedProfile) -> None:
        """Another lens than the demo's was opened: the person goes on with their own."""
        if self._profile is not None and opened.path.absolute() != self._profile:
            self._kept = OwnThings(opened.path.absolute(), self._window.deblur.lens.is_by_hand, self._kept.photos)
            self.leave()

    def _give_back(self) -> None:
        window, own, stood_in = self._window, self.own, self._profile is not None
        self.is_on, self._is_leaving, self._profile = False, False, None
        self._bar.hide()
        window.calibrate.leave_demo()
        if not stood_in:
            return
        deblur = window.deblur
        deblur.close_photos()
        if own.profile is None:
            window.lens.close_profile()
            deblur.lens.close_profile()
        elif deblur.lens.opened is None or deblur.lens.opened.path.absolute() != own.profile:
            (deblur.lens.pick if own.is_picked else window.lens.open_file)(own.profile)
        if own.photos:
            deblur.take_photos(own.photos)
