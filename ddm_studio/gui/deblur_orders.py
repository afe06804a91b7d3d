"""What the person orders on the Deblur page: a comparison, or photos deblurred, those in doubt only after a question."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from ddm_studio.engine.requests import CompareRequest, DeblurRequest
from ddm_studio.gui.lens_choice import Doubt
from ddm_studio.gui.views.question import Question

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from ddm_studio.gui.pages.deblur_page import DeblurPage

_NAMED = 3


class DeblurOrders(QObject):
    """Turns clicks into the page's requests; `question` is the one being asked, if any."""

    def __init__(self, page: DeblurPage) -> None:
        super().__init__(page)
        self._page = page
        self.question: Question | None = None
        self._asked_about: tuple[Path, ...] = ()
        page.compare.clicked.connect(self._on_compare)
        page.deblur.clicked.connect(self._on_deblur)
        page.batch.retry_requested.connect(self._consider)

    def why_no_comparison(self, is_idle: bool) -> str:
        """What stands in the way of one; nothing where none does. `is_idle`: no job is running."""
        page = self._page
        if not page.is_photo_ready:
            return self.tr("Drop a photo first.")
        if not page.has_profile():
            return self.tr("Choose a lens profile first.")
        if not page.fits:
            return self.tr("The profile does not fit this photo: the reason stands at the top of the page.")
        return "" if is_idle else self._busy_words()

    def why_no_deblurring(self, is_idle: bool) -> str:
        """The same of deblurring the photo, or all those of the list."""
        page, batch = self._page, self._page.batch
        count = len(batch.photos)
        if count <= 1 and (why := self.why_no_comparison(is_idle)):
            return why
        if not page.has_profile():
            return self.tr("Choose a lens profile first.")
        if page.form.out is None:
            return self.tr("Choose the folder to save in first.")
        if count > 1 and page.lens.is_looking:
            return self.tr("Looking whether the photos fit the profile…")
        if count > 1 and len(batch.in_doubt(Doubt.MISFIT)) == count:
            return self.tr("None of these photos fits the profile: the list says why.")
        return "" if is_idle else self._busy_words()

    def _busy_words(self) -> str:
        if self._page.foot.is_running:
            return self.tr("Wait until the running job has ended, or stop it.")
        return self.tr("Another job is running.")

    def _on_compare(self) -> None:
        page = self._page
        if page.path is not None and page.lens.opened is not None:
            request = CompareRequest(page.path, page.lens.opened.path, page.crop.crop, page.methods, page.form.settings)
            page.compare_requested.emit(request)

    def _on_deblur(self) -> None:
        page, photos = self._page, self._page.batch.photos
        if len(photos) > 1:
            self._consider(photos)
        elif page.path is not None:  # how the one fits is written above it
            self._deblur((page.path,))

    def _consider(self, photos: Sequence[Path]) -> None:
        """Leave out what cannot be deblurred, and ask where it is known that some photos may come out badly."""
        batch = self._page.batch
        misfits, others = set(batch.in_doubt(Doubt.MISFIT)), set(batch.in_doubt(Doubt.OTHER_SETTING))
        usable = tuple(photo for photo in photos if photo not in misfits)
        doubtful = [photo for photo in usable if photo in others]
        if doubtful:
            self._ask(usable, doubtful)
        else:
            self._deblur(usable)

    def _ask(self, photos: tuple[Path, ...], doubtful: Sequence[Path]) -> None:
        self._asked_about = photos
        words = self.tr("{n} of {all} photos were taken with another lens or aperture than the profile.")
        if len(doubtful) == 1:
            words = self.tr("1 of {all} photos was taken with another lens or aperture than the profile.")
        named = [f"{photo.name}: {self._page.lens.fit_of_photo(photo).words.removeprefix('⚠ ')}" for photo in doubtful[:_NAMED]]
        if len(doubtful) > _NAMED:
            named.append(self.tr("and {n} more").format(n=len(doubtful) - _NAMED))
        more = self.tr("Some blur may stay in them, or halos come.") + "\n\n" + "\n".join(named)
        answers = [("", self.tr("Cancel")), ("all", self.tr("Deblur all {n}").format(n=len(photos)))]
        if len(doubtful) < len(photos):
            answers.append(("others", self.tr("Leave them out: deblur {n}").format(n=len(photos) - len(doubtful))))
        text = words.format(n=len(doubtful), all=len(photos))
        self.question = Question(self._page.window(), self.tr("Photos of another lens"), text, more, answers)
        self.question.answered.connect(self._on_answered)
        self.question.open()

    def _on_answered(self, answer: str) -> None:
        others = set(self._page.batch.in_doubt(Doubt.OTHER_SETTING)) if answer == "others" else set()
        if answer:
            self._deblur(tuple(photo for photo in self._asked_about if photo not in others))

    def _deblur(self, photos: tuple[Path, ...]) -> None:
        page = self._page
        out, opened = page.form.out, page.lens.opened
        if photos and opened is not None and out is not None:
            masks = {path: mask for path, mask in page.drawing.masks.items() if path in photos}
            request = DeblurRequest(photos, opened.path, out, page.form.settings, profiles=page.lens.others, masks=masks)
            page.deblur_requested.emit(request)
