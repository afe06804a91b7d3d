"""A project folder (one calibration of one lens) and all-or-nothing writing, for everybody who writes a file.

* `project.toml`: the photo folders, the photos left out by hand, and every setting that defines the result.
* `checkpoints/`: what a stopped run needs to go on, and its losses so far.
* `profile.lens`: the lens profile.
* `restorer.safetensors`: the lens's own network, where one has been trained.
* `report/`: pictures and tables.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import tomli_w
from pydantic import ValidationError

from ddm_studio.errors import InputError
from ddm_studio.settings import CalibrationSettings

Content: TypeAlias = bytes | Callable[[Path], object]

# Since format 2 a project may have no folder of sharp photos: one folder holds both sets. Since 3 a person may have left photos out.
PROJECT_FORMAT = 3
# Left beside our own files by file managers; a folder that holds only these is still empty.
_LITTER = {".DS_Store", "Thumbs.db", "desktop.ini", ".directory"}


def write_atomically(path: Path, content: Content) -> None:
    """Write a file all or nothing: a temporary file in the same folder, fsync, rename.

    Args:
        path: The file to make or replace; its folder is made when missing.
        content: The bytes, or a function that writes the file at the temporary path it is given (same suffix as `path`).

    Raises:
        InputError: The folder cannot be written to, or the disk is full.
    """
    temporary = path.with_name(f".{path.stem[:40]}.{secrets.token_hex(6)}.part{path.suffix}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            if isinstance(content, bytes):
                temporary.write_bytes(content)
            else:
                content(temporary)
            _flush_to_disk(temporary)
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
    except OSError as error:
        why = error.strerror or str(error)
        raise InputError(f"{path} cannot be written", why, "Choose a folder you may write to, with enough free space") from error
    if os.name == "posix":
        # The new name itself must survive a power cut, not only the bytes behind it; some network drives cannot promise that.
        with contextlib.suppress(OSError):
            _flush_to_disk(path.parent)


def _flush_to_disk(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@dataclass(frozen=True, slots=True)
class ProjectContents:
    """What `project.toml` says: absolute photo folders, the settings, and photos of these folders that a person left out.

    `sharp` is None where one folder holds both sets.
    """

    blurry: Path
    sharp: Path | None
    settings: CalibrationSettings
    left_out: tuple[Path, ...] = ()


def restorer_beside(profile: Path) -> Path:
    """Where the lens's own network lies that belongs to a profile."""
    return profile.with_name("restorer.safetensors")


@dataclass(frozen=True, slots=True)
class Project:
    """The places of one calibration inside its folder."""

    folder: Path

    @property
    def contents_file(self) -> Path:
        """Photo folders and settings."""
        return self.folder / "project.toml"

    @property
    def profile(self) -> Path:
        """The lens profile."""
        return self.folder / "profile.lens"

    @property
    def place_for_profile_before(self) -> Path:
        """Where the profile is set aside when the calibration is begun anew: `profile.before.lens`, numbered where one lies there."""
        candidate, number = self.folder / "profile.before.lens", 2
        while candidate.exists():
            candidate, number = self.folder / f"profile.before {number}.lens", number + 1
        return candidate

    @property
    def restorer(self) -> Path:
        """The lens's own network."""
        return restorer_beside(self.profile)

    @property
    def checkpoints(self) -> Path:
        """Folder of what a stopped run needs to go on."""
        return self.folder / "checkpoints"

    @property
    def losses(self) -> Path:
        """The loss of every stage, step by step."""
        return self.checkpoints / "losses.csv"

    @property
    def has_work(self) -> bool:
        """Whether a stopped run has left anything to go on with: tiles of a set of photos, or the snapshot of a stage."""
        return any(next(self.checkpoints.glob(pattern), None) is not None for pattern in ("[!.]*_tiles.json", "[!.]*.safetensors"))

    @property
    def report(self) -> Path:
        """Folder of pictures and tables."""
        return self.folder / "report"

    def read(self) -> ProjectContents:
        """What the project was begun with.

        Raises:
            InputError: The folder holds no project, or one that is damaged or newer than this program.
        """
        try:
            table = tomllib.loads(self.contents_file.read_text(encoding="utf-8"))
        except FileNotFoundError as error:
            raise InputError(f"{self.folder} holds no DDM Studio project", "project.toml is missing", "Start a new calibration") from error
        except (OSError, ValueError) as error:
            raise InputError(f"{self.contents_file} cannot be read", str(error), "Choose a new project folder") from error
        return _contents_of(table, self.contents_file)


def begin_project(folder: Path, blurry: Path, sharp: Path | None, settings: CalibrationSettings, left_out: Sequence[Path] = ()) -> Project:
    """Make the folder a project, or start an existing one afresh: its snapshots are forgotten, its profile is set aside.

    Raises:
        InputError: The folder lies inside a photo folder, holds something else than a project, or cannot be written.
    """
    project = Project(folder.absolute())
    _refuse_photo_folders(project.folder, blurry, sharp)
    _refuse_foreign_folder(project)
    contents = _contents(blurry, sharp, settings, left_out)
    write_atomically(project.contents_file, tomli_w.dumps(_table_of(contents)).encode())
    try:
        for place in (project.checkpoints, project.report):
            place.mkdir(exist_ok=True)
        for kept in (*project.checkpoints.glob("*.safetensors"), project.losses):
            kept.unlink(missing_ok=True)
        if project.profile.exists():
            # A profile that another run's settings stand beside would deceive; deleting it would lose work.
            project.profile.replace(project.place_for_profile_before)
    except OSError as error:
        why = error.strerror or str(error)
        raise InputError(f"{project.folder} cannot be prepared", why, "Choose a folder you may write to") from error
    return project


def resume_project(folder: Path, blurry: Path, sharp: Path | None, settings: CalibrationSettings, left_out: Sequence[Path] = ()) -> Project:
    """Open a project to go on with it.

    Raises:
        InputError: It was begun with other photo folders or settings (names what differs), or there is none.
    """
    project = Project(folder.absolute())
    before, now = project.read(), _contents(blurry, sharp, settings, left_out)
    changed = differences(before, now)
    if changed:
        what = f"{folder} cannot be resumed, because it was begun differently"
        raise InputError(what, "; ".join(changed), "Start without --resume, or with the same photos and settings")
    return project


def _contents(blurry: Path, sharp: Path | None, settings: CalibrationSettings, left_out: Sequence[Path]) -> ProjectContents:
    gone = tuple(sorted({path.resolve() for path in left_out}))
    return ProjectContents(blurry.resolve(), sharp.resolve() if sharp else None, settings, gone)


def differences(before: ProjectContents, now: ProjectContents) -> list[str]:
    """What a resumed run would do otherwise, one phrase per difference; where to compute may change."""
    old, new = _flat(_table_of(before)), _flat(_table_of(now))
    keys = [key for key in old | new if key not in {"settings.device", "format"}]
    changed = [key for key in keys if old.get(key) != new.get(key)]
    return [f"{key.removeprefix('settings.')} was {old.get(key, 'not set')} and is {new.get(key, 'not set')}" for key in changed]


def _table_of(contents: ProjectContents) -> dict[str, Any]:
    # TOML has no null: a setting left empty is left out, and reads back as empty because that is its default.
    settings = contents.settings.model_dump(mode="json", exclude_none=True)
    folders = {"blurry": contents.blurry, "sharp": contents.sharp}
    photos: dict[str, Any] = {name: str(folder) for name, folder in folders.items() if folder is not None}
    if contents.left_out:
        photos["left_out"] = [str(path) for path in contents.left_out]
    return {"format": PROJECT_FORMAT, "photos": photos, "settings": settings}


def _contents_of(table: Mapping[str, Any], path: Path) -> ProjectContents:
    written_by = table.get("format")
    if isinstance(written_by, int) and written_by > PROJECT_FORMAT:
        raise InputError(f"{path} was written by a newer DDM Studio", f"Its format is {written_by}", "Update DDM Studio")
    try:
        photos = table["photos"]
        sharp = Path(photos["sharp"]) if "sharp" in photos else None
        left_out = tuple(Path(path) for path in photos.get("left_out", ()))
        return ProjectContents(Path(photos["blurry"]), sharp, CalibrationSettings.model_validate(table["settings"]), left_out)
    except (KeyError, TypeError, AttributeError, ValidationError) as error:
        why = f"{error} is missing" if isinstance(error, KeyError) else _first_line(error)
        raise InputError(f"{path} is not a project of DDM Studio", why, "Choose a new project folder") from error


def _first_line(error: Exception) -> str:
    if isinstance(error, ValidationError):
        first = error.errors()[0]
        return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
    return str(error)


def _flat(table: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in table.items():
        flat |= _flat(value, f"{prefix}{key}.") if isinstance(value, dict) else {prefix + key: value}
    return flat


def _refuse_photo_folders(folder: Path, blurry: Path, sharp: Path | None) -> None:
    place = folder.resolve()
    for name, photos in (("blurry", blurry.resolve()), ("sharp", (sharp or blurry).resolve())):
        if place == photos or photos in place.parents:
            raise InputError(
                f"The project cannot be kept in {folder}",
                f"It lies inside the folder of the {name} photos, which is never written to",
                "Choose a folder elsewhere",
            )


def _refuse_foreign_folder(project: Project) -> None:
    folder = project.folder
    if not folder.exists():
        return
    if not folder.is_dir():
        raise InputError(f"The project cannot be kept in {folder}", "It is a file, not a folder", "Choose a new or empty folder")
    if project.contents_file.exists():
        project.read()
    elif any(item.name not in _LITTER for item in folder.iterdir()):
        raise InputError(f"The project cannot be kept in {folder}", "It holds other files", "Choose a new or empty folder")
