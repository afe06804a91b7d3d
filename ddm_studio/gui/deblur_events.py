"""Shows in the parts of the Deblur page what its jobs say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from ddm_studio.engine.requests import DeblurResult, TrainRestorerResult
from ddm_studio.events import (
    DeblurPreview,
    Event,
    MethodTimed,
    Note,
    PhotoAlreadyDone,
    PhotoSaved,
    PhotoSkipped,
    ResultReblurred,
    RunFailed,
    RunFinished,
    RunStopped,
)
from ddm_studio.gui.result_words import failed_message, not_deblurred_message, trained_message
from ddm_studio.gui.run_state import JobKind
from ddm_studio.gui.views.message_bar import Message

if TYPE_CHECKING:
    from ddm_studio.gui.pages.deblur_page import DeblurPage


class DeblurEvents(QObject):
    """For the jobs of one page: comparing, deblurring, training the network."""

    def __init__(self, page: DeblurPage) -> None:
        super().__init__(page)
        self._page = page

    def begin(self, kind: JobKind) -> None:
        """A job of ours starts."""
        self._page.foot.begin(in_parts=kind is not JobKind.DEBLUR)
        if kind is JobKind.COMPARE:
            self._page.comparison.start(self._page.crop_image(), running=True, corner=self._page.crop.crop[:2])
            self._page.show_view("compare")
        elif kind is JobKind.DEBLUR and len(self._page.batch.photos) > 1:
            self._page.show_view("batch")

    def show_event(self, event: Event, kind: JobKind) -> None:
        """Show what our job says."""
        if kind is JobKind.DEBLUR:
            self._page.batch.show_event(event)
        self._page.foot.strip.show_event(event)
        match event:
            case DeblurPreview() if kind is JobKind.COMPARE:
                self._page.comparison.show_preview(event)
            case ResultReblurred() if kind is JobKind.COMPARE:
                self._page.comparison.show_residual(event)
            case MethodTimed():
                self._page.timing.take(event)
            case PhotoSaved() | PhotoAlreadyDone():
                self._page.foot.keep_result(event.path)
            case Note():
                self._page.message.emit(Message(event.message, is_error=False))
            case PhotoSkipped() if len(self._page.batch.photos) <= 1:
                self._page.message.emit(not_deblurred_message(event.path, event.reason))
            case RunFinished() | RunStopped() | RunFailed():
                self._show_ending(event, kind)
            case _:
                pass

    def _show_ending(self, event: Event, kind: JobKind) -> None:
        if kind is JobKind.DEBLUR:
            self._page.batch.end()
            self._show_deblurred(event)
        elif kind is JobKind.COMPARE:
            self._page.comparison.end()
        else:
            self._show_trained(event)

    def _show_deblurred(self, event: Event) -> None:
        foot = self._page.foot
        if isinstance(event, RunFinished) and isinstance(event.result, DeblurResult) and event.result.failed:
            self._page.message.emit(failed_message(event.result))
        if not isinstance(event, RunFailed):
            foot.tell_result(was_stopped=isinstance(event, RunStopped))

    def _show_trained(self, event: Event) -> None:
        if isinstance(event, RunFinished) and isinstance(event.result, TrainRestorerResult):
            self._page.message.emit(trained_message(event.result))
        elif isinstance(event, RunFailed):
            self._page.training.show_failed()
        self._page.show_fit()
