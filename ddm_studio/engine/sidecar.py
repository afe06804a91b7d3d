"""What is written beside a deblurred or upscaled photo, `<photo>.json`: what it was made of, by what, and how well.

A sidecar without `result` is the claim of a run that was cut off while it wrote the photo.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ddm_studio import __version__
from ddm_studio.deblur.mask import Mask
from ddm_studio.errors import InputError
from ddm_studio.project import write_atomically
from ddm_studio.settings import BlendSettings, FileSettings, PhotoFormat

SIDECAR_FORMAT = 1
# Where to compute, and what the file is called, change nothing in it.
_NOT_IN_THE_RESULT = {"device", "name"}


class FileFacts(BaseModel):
    """A file by place, size in bytes and SHA-256."""

    model_config = ConfigDict(frozen=True, extra="allow")

    path: Path = Field(description="Absolute path when it was used.")
    size: int
    sha256: str

    @classmethod
    def of(cls, path: Path) -> FileFacts:
        """The facts of a file as it lies on disk.

        Raises:
            OSError: It cannot be read.
        """
        with path.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        return cls(path=path.resolve(), size=path.stat().st_size, sha256=digest)

    def describes(self, path: Path) -> bool:
        """Whether the file at `path`, wherever it lies, has this content."""
        try:
            return path.stat().st_size == self.size and FileFacts.of(path).sha256 == self.sha256
        except OSError:
            return False


class BlendFacts(BaseModel):
    """How much of a result was mixed with its blurry photo."""

    model_config = ConfigDict(frozen=True, extra="allow")

    result: FileFacts = Field(description="The result at full strength.")
    settings: BlendSettings
    mask: FileFacts | None = Field(None, description="The picture that says where.")


class Recipe(BaseModel):
    """What photos are restored by: the same recipe makes the same of the same photo. Keys of newer versions are kept."""

    model_config = ConfigDict(frozen=True, extra="allow", allow_inf_nan=False)

    program_version: str = __version__
    profile: FileFacts | None = Field(None, description="The lens profile; none where photos were only made larger.")
    lens: str = Field("", description="The lens as the profile names it.")
    restorer: FileFacts | None = Field(None, description="The lens's own network, where it was used.")
    kernel: FileFacts | None = Field(None, description="The kernel of upscaling, where it was a file.")
    settings: dict[str, Any] = Field(description="All settings of the method and of the file.")
    mask: Mask | None = Field(None, description="Where the result replaces the photo; everywhere where there is none.")


class Sidecar(Recipe):
    """Everything that made a photo."""

    format_version: int = SIDECAR_FORMAT
    written: datetime = Field(default_factory=lambda: datetime.now(UTC).replace(microsecond=0))
    seconds: float = Field(0.0, description="From opening the photo to the last byte of the result.")
    source: FileFacts = Field(description="The photo that was restored.")
    result: FileFacts | None = None
    scores: dict[str, float] = Field(default_factory=dict, description="What was measured on the result.")
    notes: tuple[str, ...] = Field((), description="What was assumed, and what of the photo's metadata could not be kept.")
    blend: BlendFacts | None = None

    @classmethod
    def begun(cls, recipe: Recipe, source: Path) -> Sidecar:
        """The sidecar of a photo that is about to be restored.

        Raises:
            OSError: The source cannot be read.
        """
        return cls(source=FileFacts.of(source), **dict(recipe))

    @property
    def method(self) -> str:
        """The method by name."""
        return str(self.settings.get("method", ""))


def sidecar_of(photo: Path) -> Path:
    """Where the sidecar of a photo lies."""
    return photo.with_name(f"{photo.name}.json")


def read_sidecar(photo: Path) -> Sidecar:
    """The sidecar of a photo that DDM Studio wrote.

    Raises:
        InputError: There is none, or it is damaged or of a newer format.
    """
    path = sidecar_of(photo)
    try:
        table = json.loads(path.read_text(encoding="utf-8"))
        version = table.get("format_version") if isinstance(table, dict) else None
        if isinstance(version, int) and version > SIDECAR_FORMAT:
            why = f"Its format is {version}, this program reads up to {SIDECAR_FORMAT}"
            raise InputError(f"{path.name} was written by a newer DDM Studio", why, "Update DDM Studio")
        return Sidecar.model_validate(table)
    except FileNotFoundError as error:
        raise InputError(
            f"{photo.name} has no {path.name} beside it", "It tells what the photo was made of", "Deblur the photo again"
        ) from error
    except (OSError, ValidationError, ValueError, RecursionError) as error:
        reason = str(error).splitlines()[0]
        raise InputError(f"{path.name} cannot be read", reason, "Deblur the photo again") from error


@contextmanager
def claimed(photo: Path, sidecar: Sidecar) -> Iterator[None]:
    """While the photo is written its sidecar has no result, so that a crash leaves nothing that looks done; failures undo the claim.

    Raises:
        InputError: The sidecar cannot be written.
    """
    path = sidecar_of(photo)
    before = path.read_bytes() if path.exists() else None
    write_sidecar(photo, sidecar)
    try:
        yield
    except BaseException:
        if before is None:
            path.unlink(missing_ok=True)
        else:
            path.write_bytes(before)
        raise


def write_sidecar(photo: Path, sidecar: Sidecar) -> None:
    """Write the sidecar of a photo, all or nothing.

    Raises:
        InputError: It cannot be written.
    """
    write_atomically(sidecar_of(photo), sidecar.model_dump_json(indent=2, exclude_none=True).encode())


def settings_table(settings: FileSettings) -> dict[str, Any]:
    """All settings as JSON knows them."""
    return settings.model_dump(mode="json")


def is_done(photo: Path, source: Path, recipe: Recipe) -> bool:
    """Whether the photo lies there whole, made of the source, as that is now, by the same recipe."""
    try:
        sidecar = read_sidecar(photo)
        size = photo.stat().st_size
    except (InputError, OSError):
        return False
    if sidecar.result is None or size != sidecar.result.size or sidecar.blend is not None:
        return False
    return _ingredients(sidecar) == _ingredients(recipe) and sidecar.source.describes(source)


def _ingredients(recipe: Recipe) -> tuple[object, ...]:
    files = (recipe.profile, recipe.restorer, recipe.kernel)
    return recipe.program_version, *(file and file.sha256 for file in files), _in_the_result(recipe.settings), recipe.mask


def _in_the_result(settings: dict[str, Any]) -> dict[str, Any]:
    is_jpeg = settings.get("photo_format") == PhotoFormat.JPEG.value
    whole = {"blend": BlendSettings().model_dump(mode="json")}  # not noted by those who could not mix yet
    kept = {name: value for name, value in (whole | settings).items() if name not in _NOT_IN_THE_RESULT}
    return kept if is_jpeg else {name: value for name, value in kept.items() if not name.startswith("jpeg_")}


def is_of(photo: Path, source: Path) -> bool:
    """Whether a photo was made of the file at `source`, whole or cut off, whatever that file holds now."""
    try:
        sidecar = read_sidecar(photo)
    except InputError:
        return False
    return sidecar.blend is None and sidecar.source.path == source.resolve()
