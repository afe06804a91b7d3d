"""Where the photos of now are kept: in the project that was begun with them, or in a new one. Without widgets."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ddm_studio.engine.requests import CalibrationRequest
from ddm_studio.gui.file_reading import ChosenSets
from ddm_studio.gui.project_folder import can_be_resumed, default_project
from ddm_studio.project import ProjectContents


@dataclass(frozen=True, slots=True)
class Photos:
    """What tells the photos of one calibration from those of another."""

    blurry: Path
    sharp: Path | None
    left_out: frozenset[Path]
    blurry_aperture: float | None


def _photos(blurry: Path, sharp: Path | None, left_out: Iterable[Path], blurry_aperture: float | None) -> Photos:
    return Photos(blurry.resolve(), sharp and sharp.resolve(), frozenset(path.resolve() for path in left_out), blurry_aperture)


def photos_of_project(contents: ProjectContents) -> Photos:
    """Those that a project was begun with."""
    return _photos(contents.blurry, contents.sharp, contents.left_out, contents.settings.blurry_aperture)


def photos_of_request(request: CalibrationRequest) -> Photos:
    """Those that a calibration is begun with."""
    return _photos(request.blurry, request.sharp, request.left_out, request.settings.blurry_aperture)


def photos_chosen(sets: ChosenSets) -> Photos | None:
    """Those of now; None while a set is missing."""
    if sets.blurry is None or sets.sharp is None:
        return None
    return _photos(sets.blurry.folder, sets.sharp_folder, sets.left_out, sets.choice.blurry_aperture)


@dataclass(frozen=True, slots=True)
class Move:
    """To another folder.

    Attributes:
        folder: Which.
        left: The project that was begun with other photos than those of now, where that is why.
        is_back: Whether it holds a stopped project of these very photos.
    """

    folder: Path
    left: Path | None
    is_back: bool


class ProjectPlaces:
    """Knows what the projects of this visit were begun with.

    Args:
        home: Where new projects are suggested.
    """

    def __init__(self, home: Path) -> None:
        self._home = home
        self._begun: dict[Path, Photos] = {}
        self._suggested: Path | None = None

    def know(self, folder: Path, photos: Photos) -> None:
        """A project was opened, or is begun."""
        self._begun[folder.absolute()] = photos

    def move(self, sets: ChosenSets, now: Path | None, spoken_for: frozenset[Path]) -> Move | None:
        """Where the photos of now are to be kept; None where they may stay in the folder `now`.

        They stay in a folder that a person has given, unless it holds a project of other photos; such a project is left alone.
        One that is stopped and was begun with the very photos is found again.
        """
        here = now and now.absolute()
        photos, begun_with = photos_chosen(sets), self._begun.get(here) if here else None
        is_free = here not in spoken_for
        if sets.blurry is None or (begun_with is not None and is_free and photos in (None, begun_with)):
            return None
        others = begun_with is not None and photos is not None and photos != begun_with
        if not others and here not in (None, self._suggested):
            return None
        before = [
            folder for folder, theirs in self._begun.items() if theirs == photos and folder not in spoken_for and can_be_resumed(folder)
        ]
        self._suggested = before[-1] if before else default_project(sets.blurry.folder, self._home, spoken_for).absolute()
        return Move(self._suggested, here if others else None, bool(before))
