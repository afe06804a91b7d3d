"""What a person has open, kept for the next visit, with what of it is still there. Without Qt."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field, replace
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from ddm_studio.errors import StudioError
from ddm_studio.gui.dropped import OpenedProject, read_project
from ddm_studio.project import write_atomically
from ddm_studio.settings import CalibrationSettings


@dataclass(frozen=True, slots=True)
class OpenThings:
    """By pages.

    Attributes:
        page: The page shown.
        project: Of the Calibrate page; its photos and settings are those that it was begun with.
        blurry: The folder of the Photos page, as the next ones are; of no account where there is a project.
        sharp: The second folder.
        one_lens: Whether one folder holds both sets.
        left_out: Photos that the person left out.
        settings: Of the calibration to come.
        profile: The lens.
        is_picked: Whether the person picked it by hand for the photos to deblur.
        photos: To be deblurred.
    """

    page: str = "start"
    project: Path | None = None
    blurry: Path | None = None
    sharp: Path | None = None
    one_lens: bool = False
    left_out: frozenset[Path] = frozenset()
    settings: CalibrationSettings = field(default_factory=CalibrationSettings)
    profile: Path | None = None
    is_picked: bool = False
    photos: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True)
class FoundThings:
    """What of it is still there, the project read."""

    things: OpenThings
    project: OpenedProject | None

    @property
    def page(self) -> str:
        """The page that was left, unless it would be empty."""
        things = self.things
        has_photos = self.project is not None or things.blurry is not None or things.sharp is not None
        filled = {
            "photos": has_photos,
            "calibrate": has_photos,
            "lens": things.profile is not None,
            "deblur": things.profile is not None or bool(things.photos),
        }
        return things.page if filled.get(things.page, False) else "start"


def find_again(things: OpenThings) -> FoundThings:
    """Look for what was open; what is gone, or cannot be read any more, is passed over."""
    project = None
    if things.project is not None:
        try:
            project = read_project(things.project)
        except StudioError as error:
            _log().warning("%s is not opened again: %s", things.project, error)

    def folder(path: Path | None) -> Path | None:
        return path if path is not None and path.is_dir() else None

    profile = things.profile if things.profile is not None and things.profile.is_file() else None
    found = replace(
        things,
        project=None if project is None else project.folder,
        blurry=folder(things.blurry),
        sharp=folder(things.sharp),
        profile=profile,
        photos=tuple(photo for photo in things.photos if photo.is_file()),
    )
    return FoundThings(found, project)


_THINGS = TypeAdapter(OpenThings)


def read_things(file: Path) -> OpenThings:
    """What was open at the last visit; nothing where the file is missing or damaged."""
    try:
        return _THINGS.validate_json(file.read_bytes())
    except FileNotFoundError:
        return OpenThings()
    except (OSError, ValidationError) as error:
        _log().warning("%s cannot be read and is begun anew: %s", file, error)
        return OpenThings()


def write_things(file: Path, things: OpenThings) -> None:
    """Keep it. Raises InputError when the file cannot be written."""
    write_atomically(file, _THINGS.dump_json(things, indent=1))


def _log() -> logging.Logger:
    return logging.getLogger("ddm_studio")
