"""How far the running job is, put together from what it says: one share and one line of words for every place that shows it."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from ddm_studio.events import BatchProgress, Event, PhotosQueued, PhotoStarted, Progress, StageStarted
from ddm_studio.gui.stage_words import stage_words
from ddm_studio.gui.wording import time_left


def _tr(text: str) -> str:
    return QCoreApplication.translate("progress", text)


class JobProgress:
    """Takes the events of one job after the other.

    Args:
        in_parts: The job goes through several stages, none of which knows how long the others take: then numbers are those of the part
            in hand, and say so.
    """

    def __init__(self, in_parts: bool = True) -> None:
        self._in_parts = in_parts
        self._photos = BatchProgress(0, 0, 0, 0)
        self.what = _tr("Starting…")
        """What is being done."""
        self.share: float | None = None
        """How much of it is done, 0 to 1; None while that is not known."""
        self.told: tuple[str, ...] = ()
        """The same and the time left, in words; nothing while that is not known."""

    @property
    def numbers(self) -> str:
        """What is told, in one line."""
        return "  ·  ".join(self.told)

    @property
    def brief_numbers(self) -> str:
        """The same for a narrow place that names the part they belong to."""
        return "  ·  ".join((_tr("{n} %").format(n=int(100 * (self.share or 0.0))), *self.told[1:])) if self.told else ""

    def take(self, event: Event) -> bool:
        """Listen to an event; whether it told anything about the progress."""
        match event:
            case PhotosQueued():
                self._photos = BatchProgress(0, len(event.photos), 0, 0)
            case BatchProgress():
                self._photos = event
                self._show_photos(0.0)
            case PhotoStarted() if self._is_batch:
                self.what = _tr("Photo {n} of {all}: {name}").format(n=event.number, all=event.total, name=event.source.name)
            case StageStarted() if not self._is_batch:
                self.what, self.share, self.told = stage_words(event.stage), None, ()
            case Progress() if self._is_batch:
                self._show_photos(_share_of(event))
            case Progress():
                self.what, self.share = stage_words(event.stage), _share_of(event)
                self._tell(event.seconds_left)
            case _:
                return False
        return True

    @property
    def _is_batch(self) -> bool:
        """Whether photos of a list are under way: then their stages are no parts of their own."""
        return self._photos.total > 1 and self._photos.done < self._photos.total

    def _show_photos(self, of_this: float) -> None:
        if self._photos.total > 1:
            self.share = min((self._photos.done + of_this) / self._photos.total, 1.0)
            self._tell(self._photos.seconds_left)

    def _tell(self, seconds_left: float | None) -> None:
        share = self.share or 0.0
        percent = _tr("{n} % of this part") if self._in_parts else _tr("{n} %")
        done = percent.format(n=int(100 * share))
        self.told = (done,) if share >= 1 else (done, time_left(seconds_left))


def _share_of(progress: Progress) -> float:
    return min(progress.step / max(progress.total_steps, 1), 1.0)
