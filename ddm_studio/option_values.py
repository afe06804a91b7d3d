"""From the words of a command to the values of a request; every mistake is one sentence."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from ddm_studio.errors import InputError
from ddm_studio.settings import CalibrationSettings

Settings = TypeVar("Settings", bound=BaseModel)


def choose_folders(blurry: Path | None, sharp: Path | None, photos: Path | None, aperture: float | None) -> tuple[Path, Path | None]:
    """The blurry folder and the sharp one, or the one folder and None.

    Raises:
        InputError: Neither or both ways of naming photos were used.
    """
    if photos is not None and blurry is None and sharp is None:
        return photos, None
    if photos is not None or blurry is None or sharp is None:
        raise InputError("Two folders are needed, --blurry and --sharp, or one with both kinds of photos, --photos")
    if aperture is not None:
        raise InputError("--blurry-aperture sorts the photos of one folder", "Two were named", "Use it with --photos")
    return blurry, sharp


def choose_profiles(profile: Path | None, folder: Path | None) -> tuple[Path, ...]:
    """The profiles to choose from by EXIF; none where one serves all photos.

    Raises:
        InputError: Neither a profile nor a folder of them was named, or the folder holds none.
    """
    if profile is None and folder is None:
        raise InputError("A lens profile is needed", "", "Name it with --profile, or a folder to choose from with --profiles")
    if folder is None:
        return ()
    from ddm_studio.profiles.known_profiles import profiles_in

    return profiles_in(folder)


def parse_size(option: str, text: str) -> tuple[int, int]:
    """Two positive whole numbers around an x.

    Raises:
        InputError: Anything else.
    """
    found = re.fullmatch(r"\s*([0-9]{1,6})\s*[xX×]\s*([0-9]{1,6})\s*", text)
    if found is None or 0 in (int(found[1]), int(found[2])):
        raise InputError(f"{option} must be two positive whole numbers such as 8x8, got {text!r}")
    return int(found[1]), int(found[2])


def parse_noise(text: str) -> float | None:
    """A noise level in encoded units; None where it is to be learned.

    Raises:
        InputError: Neither `learn` nor a number from 0 to 0.5.
    """
    if text == "learn":
        return None
    try:
        level = float(text)
    except ValueError:
        level = float("nan")
    if not 0 <= level <= 0.5:
        raise InputError(f"--noise must be learn or a number from 0 to 0.5, got {text!r}")
    return level


def with_diffusion(settings: CalibrationSettings, pretrain: int, until_settled: bool) -> CalibrationSettings:
    """The settings with the flow trained on the sharp set first, and stage 3 ended once it has settled.

    Raises:
        InputError: The preset has no such stages.
    """
    for name, wanted in (("--pretrain", pretrain), ("--until-settled", until_settled)):
        if wanted and not settings.has_diffusion:
            advice = "Use --preset quick, standard or paper"
            raise InputError(f"{name} is about the diffusion model", f"The preset {settings.preset.value} has none", advice)
    flow = settings.flow.model_copy(update={"pretrain_steps": pretrain})
    return settings.model_copy(update={"flow": flow, "matching": settings.matching.model_copy(update={"until_settled": until_settled})})


def checked_settings(make: Callable[[], Settings]) -> Settings:
    """The settings that `make` makes.

    Raises:
        InputError: One is out of bounds; it is named as the option is.
    """
    options = {"grid_rows": "grid", "grid_columns": "grid", "kernel_size": "kernel"}
    try:
        return make()
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0]) if first["loc"] else ""
        prefix = f"--{options.get(name, name).replace('_', '-')}: " if name else ""
        raise InputError(prefix + first["msg"].removeprefix("Value error, ")) from error
