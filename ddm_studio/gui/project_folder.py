"""Where a calibration is kept unless a person says otherwise. Without widgets."""

from __future__ import annotations

import re
from pathlib import Path

from PySide6.QtCore import QCoreApplication

from ddm_studio.errors import InputError
from ddm_studio.project import Project


def _tr(text: str) -> str:
    return QCoreApplication.translate("projects", text)


def demo_folder(home: Path) -> Path:
    """Where the demo keeps its lens and photos; no project is suggested there."""
    return home / "DDM Studio" / "demo"


def default_project(blurry: Path, home: Path, spoken_for: frozenset[Path] = frozenset()) -> Path:
    """A new folder named after the blurry photos, outside them: `~/DDM Studio/<name>`, numbered while taken, or spoken for."""
    name = re.sub(r"[^\w .()+-]", "_", blurry.name).strip(" .") or "lens"
    place = home / "DDM Studio"
    candidate, number = place / name, 2
    while _is_taken(candidate) or candidate in spoken_for or candidate == demo_folder(home):
        candidate, number = place / f"{name} {number}", number + 1
    return candidate


def can_be_resumed(project: Path) -> bool:
    """Whether a stopped calibration lies here: something to go on with, and no finished profile."""
    place = Project(project)
    return not place.profile.exists() and place.has_work


def set_aside_words(project: Path | None) -> str:
    """What becomes of the finished profile of a project that is begun anew; nothing where there is none."""
    if project is None or not Project(project).profile.is_file():
        return ""
    words = _tr("This project has a finished profile. Starting again learns a new one; the present one stays in the folder as “{name}”.")
    return words.format(name=Project(project).place_for_profile_before.name)


def check_project(project: Path, blurry: Path, sharp: Path | None) -> None:
    """Refuse a project inside a photo folder.

    Raises:
        InputError: With the reason.
    """
    for photos in filter(None, (blurry, sharp)):
        if project.resolve().is_relative_to(photos.resolve()):
            raise InputError(
                _tr("The project cannot be kept there"),
                _tr("{project} lies inside the photo folder {photos}, and photo folders are only read").format(
                    project=project, photos=photos.name
                ),
                _tr("Choose another project folder"),
            )


def _is_taken(folder: Path) -> bool:
    return folder.exists() and (not folder.is_dir() or any(folder.iterdir()))
