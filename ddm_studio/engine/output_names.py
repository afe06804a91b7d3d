"""Names of written photos by a template; no name replaces a source, another result, or a file that is not ours."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from ddm_studio.engine.sidecar import is_of
from ddm_studio.errors import PhotoError
from ddm_studio.photos.reading import read_photo_info
from ddm_studio.settings import fields_of_name

# Windows refuses these characters and names, and a point or blank at the end.
_FORBIDDEN = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]')
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?:\..*)?", re.IGNORECASE)
# File systems allow 255 bytes; a suffix, a number, `.json` and the name of a temporary file are added.
_LONGEST = 180
_UNKNOWN = "unknown"


def output_names(photos: Sequence[Path], template: str, method: str, profile_of: Callable[[Path], str], suffix: str) -> Iterator[str]:
    """The name of what is made of each photo; headers, and `profile_of` for a profile's name, are read only where the template asks."""
    fields = fields_of_name(template)
    digits = max(3, len(str(len(photos))))
    for number, photo in enumerate(photos, 1):
        values = {"name": photo.stem, "method": method, "number": f"{number:0{digits}d}"}
        if "profile" in fields:
            values["profile"] = profile_of(photo)
        if fields & {"date", "lens"}:
            values |= _of_header(photo)
        yield safe_name(template.format_map({name: values[name] for name in fields})) + suffix


def _of_header(photo: Path) -> dict[str, str]:
    try:
        info = read_photo_info(photo)
    except PhotoError:
        # It will be told when its turn comes.
        return {"date": _UNKNOWN, "lens": _UNKNOWN}
    return {"date": info.taken or _UNKNOWN, "lens": info.lens or _UNKNOWN}


def safe_name(name: str) -> str:
    """The name as every file system takes it."""
    safe = _FORBIDDEN.sub("-", name).strip().rstrip(". ")
    while len(safe.encode(errors="surrogateescape")) > _LONGEST:
        safe = safe[:-1]
    if not safe or _RESERVED.fullmatch(safe):
        safe += "_"
    return safe


def free_targets(sources: Sequence[Path], names: Iterable[str], folder: Path, is_ours: Callable[[Path, Path], bool] = is_of) -> list[Path]:
    """Where each result goes, numbered where its name is taken: by a source, an earlier one, or a file that was not made of its source.

    Args:
        sources: Photos.
        names: File names with suffix.
        folder: Where to.
        is_ours: Whether a file was made of a source, and so may be replaced.
    """
    taken = {_same(source) for source in sources}
    targets = []
    for source, name in zip(sources, names, strict=True):
        target, number = folder / name, 2
        while _same(target) in taken or (target.exists() and not is_ours(target, source)):
            target, number = folder / f"{Path(name).stem}_{number}{Path(name).suffix}", number + 1
        taken.add(_same(target))
        targets.append(target)
    return targets


def _same(path: Path) -> str:
    """Equal for paths that name the same file, also where the file system ignores case."""
    return str(path.resolve()).casefold()
