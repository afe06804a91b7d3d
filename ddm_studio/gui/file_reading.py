"""What the background thread reads: folders, thumbnails, photos, profiles. Without Qt widgets and without torch.

`photos/` and `profiles/` are imported inside, on the background thread, so that the window opens before rawpy and its kin are loaded.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QCoreApplication

from ddm_studio.errors import InputError, PhotoError
from ddm_studio.events import PhotoSkipped

if TYPE_CHECKING:
    from PySide6.QtGui import QImage

    from ddm_studio.gui.plot_files import PlotFile
    from ddm_studio.photos.library import Listing
    from ddm_studio.photos.photo import PhotoInfo
    from ddm_studio.profiles.choose_profile import ProfileChoice
    from ddm_studio.profiles.edit_facts import KnownFacts
    from ddm_studio.profiles.lens_measures import LensMeasures
    from ddm_studio.profiles.lens_profile import LensProfile
    from ddm_studio.profiles.match_frame import FittedProfile

PROFILE_SUFFIX = ".lens"


@dataclass(frozen=True, slots=True, eq=False)
class PhotoSet:
    """A folder as a person chose it: what is used of it, what is not and why, and what the person left out."""

    folder: Path
    photos: tuple[Path, ...]
    skipped: tuple[PhotoSkipped, ...]
    listing: Listing | None = None
    left_out: tuple[Path, ...] = ()

    @property
    def shown(self) -> tuple[Path, ...]:
        """Photos to look at: those used and those left out by hand, by name."""
        return tuple(sorted((*self.photos, *self.left_out)))

    @property
    def infos(self) -> dict[Path, PhotoInfo]:
        """What the headers say of each photo."""
        return {info.path: info for info in self.listing.photos} if self.listing else {}


@dataclass(frozen=True, slots=True)
class SetChoice:
    """How folders become sets: `one_lens` takes both from the first folder, sorted by aperture; `left_out` are not used."""

    one_lens: bool = False
    blurry_aperture: float | None = None
    left_out: frozenset[Path] = frozenset()


@dataclass(frozen=True, slots=True, eq=False)
class ChosenSets:
    """What a calibration would use. `sentence` says how one folder was sorted."""

    blurry: PhotoSet | None
    sharp: PhotoSet | None
    choice: SetChoice
    sentence: str = ""

    @property
    def are_ready(self) -> bool:
        """Whether both sets hold photos."""
        return bool(self.blurry and self.sharp and self.blurry.photos and self.sharp.photos)

    @property
    def sharp_folder(self) -> Path | None:
        """The second folder; None where one holds both sets."""
        return None if self.choice.one_lens or self.sharp is None else self.sharp.folder

    @property
    def left_out(self) -> tuple[Path, ...]:
        """Photos of these folders that are not used, because the person does not want them."""
        sets = (self.blurry,) if self.choice.one_lens else (self.blurry, self.sharp)
        return tuple(path for part in sets if part is not None for path in part.left_out)


@dataclass(frozen=True, slots=True, eq=False)
class OpenedProfile:
    """A lens profile with what it is called, its facts in words, its measures, and what these say of the field."""

    path: Path
    title: str
    profile: LensProfile
    facts: tuple[tuple[str, str], ...]
    measures: LensMeasures
    field_words: tuple[tuple[str, str], ...]
    relative_to: str


@dataclass(frozen=True, slots=True, eq=False)
class OpenedPhoto:
    """A photo for the screen: upright, at several sizes, largest first."""

    info: PhotoInfo
    width: int
    height: int
    levels: list[QImage]


def _tr(text: str) -> str:
    return QCoreApplication.translate("files", text)


def folder_of_drop(paths: Sequence[Path]) -> tuple[Path, str]:
    """The folder that a drop means, and a sentence when that was not obvious.

    Raises:
        InputError: The drop is no single folder, nor photos of one folder.
    """
    folders = [path for path in paths if path.is_dir()]
    if len(paths) == 1 and folders:
        return folders[0], ""
    if folders:
        raise InputError(_tr("Several folders were dropped"), _tr("A set of photos is one folder"), _tr("Drop one folder here"))
    parents = {path.parent for path in paths}
    if len(parents) != 1:
        raise InputError(
            _tr("The dropped photos lie in different folders"),
            _tr("A set of photos is one folder"),
            _tr("Put them into one folder and drop that"),
        )
    if any(path.suffix.lower() == PROFILE_SUFFIX for path in paths):
        raise InputError(_tr("This is a lens profile, not a photo"), _tr("Photos are chosen here"), _tr("Drop it on the Lens page"))
    parent = next(iter(parents))
    return parent, _tr("The whole folder “{name}” is used, with every photo in it.").format(name=parent.name)


def list_set(folder: Path) -> PhotoSet:
    """Look into a folder. Raises InputError as `photos.library.list_photos` does."""
    from ddm_studio.photos.library import list_photos

    listing = list_photos(folder)
    return PhotoSet(folder, tuple(info.path for info in listing.photos), listing.skipped, listing)


def match_sets(blurry: PhotoSet | None, sharp: PhotoSet | None, choice: SetChoice) -> ChosenSets:
    """What a calibration would use of both folders: one frame in the blurry set, one colour space in both.

    Raises InputError where no photo of the one folder was taken at the aperture asked for.
    """
    from ddm_studio.photos.library import choose_blurry, choose_sharp, leave_out
    from ddm_studio.photos.one_lens import split_one_lens

    if blurry is None or blurry.listing is None:
        return ChosenSets(blurry, None if choice.one_lens else sharp, choice)
    gone = tuple(choice.left_out)
    of_sharp = leave_out(sharp.listing, gone) if sharp is not None and sharp.listing is not None and not choice.one_lens else None
    chosen = choose_blurry(leave_out(blurry.listing, gone), of_sharp)
    if choice.one_lens:
        if not chosen.photos:
            return ChosenSets(_used(blurry, chosen), None, choice)
        split = split_one_lens(chosen, choice.blurry_aperture)
        return ChosenSets(_used(blurry, split.blurry), _used(blurry, split.sharp), choice, split.sentence)
    if sharp is not None and of_sharp is not None and chosen.photos:
        sharp = _used(sharp, choose_sharp(of_sharp, chosen.photos[0].colour))
    return ChosenSets(_used(blurry, chosen), sharp, choice)


def _used(photos: PhotoSet, chosen: Listing) -> PhotoSet:
    """A set of which only the photos chosen are used; those left out by hand are told apart from files that cannot be."""
    from ddm_studio.photos.library import LEFT_OUT

    gone = tuple(file.path for file in chosen.skipped if file.reason == LEFT_OUT)
    skipped = tuple(file for file in chosen.skipped if file.reason != LEFT_OUT)
    return replace(photos, photos=tuple(info.path for info in chosen.photos), skipped=skipped, left_out=gone)


def read_thumbnail(path: Path, max_side: int) -> NDArray[np.uint8]:
    """A small upright picture of a photo."""
    from ddm_studio.photos import thumbnails

    return thumbnails.read_thumbnail(path, max_side)


def open_profile(path: Path) -> OpenedProfile:
    """Read a lens profile. Raises ProfileError."""
    from ddm_studio.profiles.lens_measures import field_summary, measure_lens, summary_of_field_lines
    from ddm_studio.profiles.lens_names import title_of
    from ddm_studio.profiles.lens_profile import load_profile
    from ddm_studio.profiles.summary import relative_to, summarise, summary_lines

    profile = load_profile(path)
    measures = measure_lens(profile)
    field_words = tuple(summary_of_field_lines(field_summary(measures)))
    relative = relative_to(profile.facts)
    shown_elsewhere = {*field_words, ("Relative to", relative)}
    facts = tuple(line for line in summary_lines(summarise(profile, measures)) if line not in shown_elsewhere)
    return OpenedProfile(path, title_of(profile.facts, path), profile, facts, measures, field_words, relative)


def write_known_facts(source: Path, target: Path, facts: KnownFacts) -> Path:
    """Write a profile with other facts, all or nothing. Raises ProfileError."""
    from ddm_studio.profiles.edit_facts import write_facts

    write_facts(source, target, facts)
    return target


def write_plot(file: PlotFile) -> Path:
    """Write a plot, all or nothing. Raises InputError."""
    from ddm_studio.project import write_atomically

    write_atomically(file.path, file.content)
    return file.path


def preview_photo(path: Path) -> OpenedPhoto:
    """The photo's facts with a thumbnail, fast. Raises PhotoError."""
    from ddm_studio.gui.pictures import pyramid
    from ddm_studio.photos.reading import read_photo_info
    from ddm_studio.photos.rendering import upright_size

    info = read_photo_info(path)
    return OpenedPhoto(info, *upright_size(info), pyramid(read_thumbnail(path, 1024)))


def open_photo(path: Path) -> OpenedPhoto:
    """Read a photo for the screen. Raises PhotoError."""
    from ddm_studio.gui.pictures import pyramid
    from ddm_studio.photos.reading import read_photo
    from ddm_studio.photos.rendering import render_for_display

    photo = read_photo(path)
    upright = render_for_display(photo.pixels, photo, photo.info.orientation)
    height, width = upright.shape[:2]
    return OpenedPhoto(photo.info, width, height, pyramid(upright))


def fit_of(profile: LensProfile, info: PhotoInfo) -> FittedProfile:
    """The profile in the photo's own frame, and what is assumed for that; raises ProfileError when it does not fit."""
    from ddm_studio.profiles.match_frame import fit_profile

    return fit_profile(profile, info)


def choose_profiles(known: Sequence[Path], photos: Sequence[Path], preferred: Path | None) -> dict[Path, ProfileChoice]:
    """For each photo that can be read, which of the known profiles it belongs to; folders stand for the profiles in them."""
    from ddm_studio.photos.reading import read_photo_info
    from ddm_studio.profiles.choose_profile import choose_profile
    from ddm_studio.profiles.known_profiles import profiles_in, read_known

    paths: list[Path] = []
    for path in known:
        with suppress(InputError):  # an empty folder, or one whose drive is not plugged in, has none
            paths.extend(profiles_in(path) if path.is_dir() else (path,))
    profiles, _ = read_known(paths)
    choices = {}
    for photo in photos:
        with suppress(PhotoError):
            choices[photo] = choose_profile(profiles, read_photo_info(photo), preferred)
    return choices


def export_to(profile: LensProfile, path: Path) -> Path:
    """Write a profile in the format of the suffix. Raises ProfileError."""
    from ddm_studio.profiles.export_profile import export_profile

    export_profile(profile, path)
    return path
