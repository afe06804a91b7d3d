"""What a person has chosen for the program as a whole, kept as TOML in their configuration folder.

Not the settings of a calibration or of deblurring: those define a result and lie with it.
"""

from __future__ import annotations

import logging
import tomllib
from enum import StrEnum
from pathlib import Path

import platformdirs
import tomli_w
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ddm_studio.project import write_atomically


class Theme(StrEnum):
    """Colours of the window."""

    DARK = "dark"
    LIGHT = "light"


class Units(StrEnum):
    """How lengths on the sensor are told."""

    PIXELS = "px"
    MICROMETRES = "um"


class Preferences(BaseModel):
    """Every preference, with its default and a sentence. Unknown keys, of a newer program, are passed over."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    theme: Theme = Field(Theme.DARK, description="Dark, so that the photo is the brightest thing on the screen, or light.")
    units: Units = Field(Units.PIXELS, description="Widths and shifts in pixels, or in micrometres where the sensor's pitch is known.")
    profiles: Path | None = Field(
        None, description="Lens profiles, or projects, among which photos find theirs; besides those opened lately."
    )
    cache: Path | None = Field(None, description="Where downloaded networks are kept; the system's cache folder when empty.")


def preferences_file() -> Path:
    """Where they are kept."""
    return platformdirs.user_config_path("ddm-studio") / "preferences.toml"


def read_preferences(file: Path) -> Preferences:
    """What is kept, or the defaults where nothing readable is: a damaged file must not keep the window shut."""
    try:
        return Preferences.model_validate(tomllib.loads(file.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return Preferences()
    except (OSError, ValueError, ValidationError) as error:
        logging.getLogger("ddm_studio").warning("%s cannot be read, the defaults are used: %s", file, error)
        return Preferences()


def write_preferences(file: Path, preferences: Preferences) -> None:
    """Keep them. Raises InputError when the file cannot be written."""
    write_atomically(file, tomli_w.dumps(preferences.model_dump(mode="json", exclude_none=True)).encode())


def cache_folder(file: Path | None = None) -> Path:
    """The folder for what can be downloaded again."""
    return read_preferences(file or preferences_file()).cache or Path(platformdirs.user_cache_dir("ddm-studio"))
