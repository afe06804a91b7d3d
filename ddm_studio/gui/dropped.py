"""What a heap of dropped files and folders is. Touches the disc, so it is asked in the background. Without Qt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ddm_studio.errors import StudioError
from ddm_studio.gui.file_reading import PROFILE_SUFFIX
from ddm_studio.project import Project, ProjectContents

_ENOUGH = 40
"""A folder is one of photos as soon as one is found among so many of its files."""


@dataclass(frozen=True, slots=True)
class Dropped:
    """The heap, sorted. `strange` has what cannot be opened, each with the reason."""

    projects: tuple[Path, ...] = ()
    profiles: tuple[Path, ...] = ()
    folders: tuple[Path, ...] = ()
    photos: tuple[Path, ...] = ()
    strange: tuple[tuple[Path, str], ...] = ()


@dataclass(frozen=True, slots=True)
class OpenedProject:
    """A project's folder, what it was begun with, and whether it has a profile."""

    folder: Path
    contents: ProjectContents
    is_finished: bool


def sort_drop(paths: Sequence[Path]) -> Dropped:
    """Tell projects, profiles, folders of photos and photos apart."""
    projects, profiles, folders, photos, strange = [], [], [], [], []
    for path in paths:
        if path.suffix.lower() == PROFILE_SUFFIX:
            profiles.append(path)
        elif Project(path).contents_file.is_file():
            projects.append(path)
        elif path.is_dir():
            reason = _why_no_photos(path)
            (strange.append((path, reason)) if reason else folders.append(path))
        else:
            reason = _why_no_photo(path)
            (strange.append((path, reason)) if reason else photos.append(path))
    return Dropped(tuple(projects), tuple(profiles), tuple(folders), tuple(photos), tuple(strange))


def read_project(folder: Path) -> OpenedProject:
    """Read a project. Raises InputError."""
    project = Project(folder.absolute())
    return OpenedProject(project.folder, project.read(), project.profile.is_file())


def _why_no_photo(path: Path) -> str:
    from ddm_studio.photos.reading import read_photo_info

    try:
        read_photo_info(path)
    except StudioError as error:
        return error.why or error.what
    return ""


def _why_no_photos(folder: Path) -> str:
    try:
        files = sorted(entry for entry in folder.iterdir() if entry.is_file())
    except OSError as error:
        return error.strerror or str(error)
    if not files:
        return "there are no files in it"
    tried = files[:_ENOUGH]
    return "" if any(not _why_no_photo(file) for file in tried) else "there are no photos in it"
