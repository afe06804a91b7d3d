"""Projects and profiles seen lately, kept beside the preferences; with what has become of them. Without Qt."""

from __future__ import annotations

import logging
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import tomli_w

from ddm_studio.engine.kept_run import Standing, standing_of
from ddm_studio.errors import StudioError
from ddm_studio.project import Project, write_atomically

KEPT = 8
"""Of each kind."""


class RecentKind(StrEnum):
    """What can be opened again."""

    PROJECT = "project"
    PROFILE = "profile"


@dataclass(frozen=True, slots=True)
class RecentThing:
    """A project's folder or a profile's file, under the name it had when it was open; `failure`: why its last calibration ended."""

    kind: RecentKind
    path: Path
    name: str
    failure: str = ""


def recent_project(folder: Path) -> RecentThing:
    """A project that is begun or opened."""
    return RecentThing(RecentKind.PROJECT, folder.absolute(), folder.name)


def with_newest(things: Sequence[RecentThing], newest: RecentThing) -> tuple[RecentThing, ...]:
    """The list after `newest` was opened: it comes first, and the oldest of its kind is let go."""
    kept = [newest, *(thing for thing in things if (thing.kind, thing.path) != (newest.kind, newest.path))]
    of_kind = [thing for thing in kept if thing.kind is newest.kind]
    return tuple(thing for thing in kept if thing not in of_kind[KEPT:])


def without(things: Sequence[RecentThing], gone: RecentThing) -> tuple[RecentThing, ...]:
    """The list without one."""
    return tuple(thing for thing in things if thing != gone)


def read_recent(file: Path) -> tuple[RecentThing, ...]:
    """What is kept; nothing where the file is missing or damaged."""
    try:
        rows = tomllib.loads(file.read_text(encoding="utf-8"))["recent"]
        return tuple(RecentThing(RecentKind(row["kind"]), Path(row["path"]), str(row["name"]), str(row.get("failure", ""))) for row in rows)
    except FileNotFoundError:
        return ()
    except (OSError, ValueError, KeyError, TypeError) as error:
        logging.getLogger("ddm_studio").warning("%s cannot be read and is begun anew: %s", file, error)
        return ()


def write_recent(file: Path, things: Sequence[RecentThing]) -> None:
    """Keep the list. Raises InputError when the file cannot be written."""
    rows = [{"kind": thing.kind.value, "path": str(thing.path), "name": thing.name, "failure": thing.failure} for thing in things]
    write_atomically(file, tomli_w.dumps({"recent": rows}).encode())


class Fate(StrEnum):
    """What has become of a recent thing."""

    THERE = "there"
    GONE = "gone"
    UNREACHABLE = "unreachable"
    EMPTY = "empty"


def fate_of(thing: RecentThing) -> Fate:
    """Look for it. A drive that is not plugged in is told from a file that was deleted by its missing folder."""
    if not thing.path.exists():
        return Fate.GONE if thing.path.parent.is_dir() else Fate.UNREACHABLE
    if thing.kind is RecentKind.PROJECT and not Project(thing.path).contents_file.is_file():
        return Fate.EMPTY
    return Fate.THERE


@dataclass(frozen=True, slots=True)
class Condition:
    """What has become of a recent thing; of a project that is there, how far it is, unless that cannot be told."""

    fate: Fate
    standing: Standing | None = None


def condition_of(thing: RecentThing) -> Condition:
    """Look for it, and into it."""
    fate = fate_of(thing)
    if fate is not Fate.THERE or thing.kind is not RecentKind.PROJECT:
        return Condition(fate)
    try:
        return Condition(fate, standing_of(Project(thing.path)))
    except StudioError:  # told in full when it is opened
        return Condition(fate)
