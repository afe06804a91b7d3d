"""The lens profiles that could be used: those of a folder, and reading many at once."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from ddm_studio.errors import InputError, ProfileError
from ddm_studio.profiles.choose_profile import KnownProfile
from ddm_studio.profiles.lens_profile import load_profile

SUFFIX = ".lens"


def profiles_in(folder: Path) -> tuple[Path, ...]:
    """All profiles in a folder and the folders in it, by name: one of projects will do.

    Raises:
        InputError: It is no folder, or holds none.
    """
    if not folder.is_dir():
        raise InputError(f"{folder} is not a folder", "", "Name the folder that holds lens profiles (.lens) or projects")
    found = tuple(sorted(path for path in folder.rglob(f"*{SUFFIX}") if path.is_file()))
    if not found:
        raise InputError(f"{folder} holds no lens profile", f"No file in it ends in {SUFFIX}", "Name the folder that holds lens profiles")
    return found


def read_known(paths: Iterable[Path]) -> tuple[tuple[KnownProfile, ...], tuple[ProfileError, ...]]:
    """Those that can be read, each once, in their order; and what is wrong with the others."""
    known: dict[Path, KnownProfile] = {}
    faults = []
    for path in paths:
        try:
            known.setdefault(path.resolve(), KnownProfile(path, load_profile(path)))
        except ProfileError as error:
            faults.append(error)
    return tuple(known.values()), tuple(faults)
