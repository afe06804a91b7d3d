"""Which lens profile the Deblur page works with: picked by hand, or told by the photo's EXIF; with the reason in words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QObject, Signal

from ddm_studio.errors import ProfileError
from ddm_studio.gui.background import Answer, BackgroundReader
from ddm_studio.gui.file_reading import OpenedProfile, choose_profiles, fit_of

if TYPE_CHECKING:
    from ddm_studio.photos.photo import PhotoInfo
    from ddm_studio.profiles.choose_profile import ProfileChoice, ProfileMatch
    from ddm_studio.profiles.match_frame import FittedProfile


@dataclass(frozen=True, slots=True)
class LensFit:
    """How the open profile suits the photo that is shown.

    Attributes:
        words: For a person; `is_good` tells whether they are a reason for doubt.
        fitted: The profile in the photo's frame; None where it does not fit, or one of the two is missing.
    """

    words: str
    is_good: bool = False
    fitted: FittedProfile | None = None


class Doubt(Enum):
    """What speaks against a photo of a batch."""

    NOTHING = auto()
    OTHER_SETTING = auto()  # another lens or aperture: it can be deblurred, but perhaps badly
    MISFIT = auto()  # another size or other colours: it cannot be deblurred


@dataclass(frozen=True, slots=True)
class PhotoFit:
    """What is to be said of a photo of a batch before it is deblurred, and at length; nothing where the open profile suits it."""

    words: str = ""
    reason: str = ""
    doubt: Doubt = Doubt.NOTHING


class LensChoice(QObject):
    """`changed()` when something else is to be said; `profile_wanted(Path)` to have a profile opened; `failed(error)`.

    What the person did last counts: a profile picked here stays; one opened elsewhere stays for the photo that is shown.

    Args:
        parent: Owner.
    """

    changed = Signal()
    profile_wanted = Signal(object)
    failed = Signal(object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.known: Callable[[], Sequence[Path]] = tuple
        """Profiles to choose from, asked when a photo comes; folders stand for all profiles in them."""
        self.opened: OpenedProfile | None = None
        self._picked: Path | None = None
        self._info: PhotoInfo | None = None
        self._photos: tuple[Path, ...] = ()
        self._choices: dict[Path, ProfileChoice] = {}
        self._questions: set[tuple[str, tuple[Path, ...], bool]] = set()
        self._reader = BackgroundReader(parent=self)
        self._reader.answered.connect(self._on_answer)

    @property
    def is_by_hand(self) -> bool:
        """Whether a person picked the profile here."""
        return self._picked is not None

    @property
    def others(self) -> tuple[Path, ...]:
        """What the photos of a batch may be restored with instead of the open profile, as their EXIF tells."""
        choice = self._choice
        shown_is_other = choice is not None and choice.best is not None and self.opened is not None and choice.best.path != self.opened.path
        if self.is_by_hand or choice is None or shown_is_other:
            return ()
        return tuple(match.path for match in choice.ranked if match.is_usable)

    @property
    def ranked(self) -> tuple[ProfileMatch, ...]:
        """How the known profiles compare with the photo that is shown, best first."""
        return () if self._choice is None else self._choice.ranked

    @property
    def _choice(self) -> ProfileChoice | None:
        return None if self._info is None else self._choices.get(self._info.path)

    def pick(self, path: Path) -> None:
        """A person wants this profile, whatever EXIF says."""
        self._picked = path
        self.profile_wanted.emit(path)

    def choose_by_exif(self) -> None:
        """From now on by EXIF again."""
        self._picked = None
        self._follow()
        self.changed.emit()

    def show_profile(self, opened: OpenedProfile) -> None:
        """This profile is open."""
        self.opened = opened
        if opened.path != self._picked:
            self._picked = None
        shown = () if self._info is None else (self._info.path,)
        self._ask(tuple(dict.fromkeys((*shown, *self._photos))), follow=False)
        self.changed.emit()

    def close_profile(self) -> None:
        """None is open."""
        self.opened = self._picked = None
        self.changed.emit()

    def show_photo(self, info: PhotoInfo | None) -> None:
        """This photo is shown."""
        is_new = info is not None and (self._info is None or self._info.path != info.path)
        self._info = info
        if is_new and info is not None:
            self._ask((info.path,), follow=True)
        self.changed.emit()

    def show_photos(self, photos: Sequence[Path]) -> None:
        """These are to be deblurred together."""
        self._photos = tuple(photos) if len(photos) > 1 else ()
        self._ask(tuple(path for path in self._photos if path not in self._choices), follow=False)

    def fit(self) -> LensFit:
        """How the open profile suits the photo, and why it is this one."""
        if self.opened is None:
            missing = self.tr("Calibrate a lens or choose a profile.")
            return LensFit(f"{self._choice.reason}." if self._choice is not None and self._choice.ranked else missing)
        if self._info is None:
            return LensFit("")
        try:
            fitted = fit_of(self.opened.profile, self._info)
        except ProfileError as error:
            return LensFit(str(error))
        choice, match = self._choice, None if self._choice is None else self._choice.match_of(self.opened.path)
        assumed = f"{fitted.assumption}." if fitted.assumption else ""
        if match is not None and match.differs:
            words = self.tr("The profile is for {what}: some blur may stay, or halos come.").format(what=", ".join(match.differs))
            return LensFit(f"⚠ {words} {assumed}".strip(), fitted=fitted)
        if choice is not None and choice.best is not None and choice.best.path == self.opened.path and not self.is_by_hand:
            words = self.tr("✓ {reason}.").format(reason=choice.reason)
        else:
            words = self.tr("✓ The profile fits this photo.")
        return LensFit(f"{assumed} {words}" if assumed else words, not assumed, fitted)

    @property
    def is_looking(self) -> bool:
        """Whether it is not known yet of some photo of the batch how it fits the open profile."""
        asked = {photo for _, photos, _ in self._questions for photo in photos}
        return any(photo in asked and not self._is_known(photo) for photo in self._photos)

    def _is_known(self, photo: Path) -> bool:
        choice = self._choices.get(photo)
        return choice is not None and (self.opened is None or choice.match_of(self.opened.path) is not None)

    def fit_of_photo(self, photo: Path) -> PhotoFit:
        """How a photo of the batch fits what it would be restored with; no doubt while it has not been looked at."""
        choice = self._choices.get(photo)
        if choice is None or self.opened is None:
            return PhotoFit()
        own = choice.match_of(self.opened.path)
        if choice.best is not None and choice.best.path != self.opened.path and choice.best.path in self.others:
            return PhotoFit(self.tr("with {name}").format(name=choice.best.name), choice.reason)
        if own is not None and not own.is_usable:
            return PhotoFit(own.misfit, own.misfit, Doubt.MISFIT)
        if own is not None and own.differs:
            words = self.tr("⚠ the profile is for {what}").format(what=", ".join(own.differs))
            return PhotoFit(words, choice.reason, Doubt.OTHER_SETTING)
        return PhotoFit()

    def shut_down(self) -> None:
        """End the background thread."""
        self._reader.shut_down()

    def _ask(self, photos: tuple[Path, ...], follow: bool) -> None:
        if not photos:
            return
        known = tuple(self.known())
        preferred = None if self.opened is None else self.opened.path
        profiles = known if preferred is None else (preferred, *known)
        key = ("choose", photos, follow)
        self._questions.add(key)
        self._reader.ask(key, lambda: choose_profiles(profiles, photos, preferred))

    def _on_answer(self, answer: Answer) -> None:
        key = cast("tuple[str, tuple[Path, ...], bool]", answer.key)
        self._questions.discard(key)
        if answer.error is not None:
            self.failed.emit(answer.error)
            return
        self._choices.update(cast("dict[Path, ProfileChoice]", answer.value))
        if key[2]:
            self._follow()
        self.changed.emit()

    def _follow(self) -> None:
        """Open what EXIF tells for the photo that is shown, unless the person picked one."""
        best = None if self._choice is None else self._choice.best
        if best is not None and not self.is_by_hand and (self.opened is None or self.opened.path != best.path):
            self.profile_wanted.emit(best.path)
