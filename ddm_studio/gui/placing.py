"""Which of the two sets of photos a dropped folder is meant for, as far as that can be told. Without Qt."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

SETS = ("blurry", "sharp")
_HINTS = {"blurry": ("blur", "soft", "unsharp"), "sharp": ("sharp", "crisp")}


def place_folders(folders: Sequence[Path], taken: Collection[str]) -> dict[str, Path] | None:
    """Set by set the folder meant for it, or None: ask.

    Args:
        folders: One or two folders.
        taken: The sets that have a folder already.
    """
    hints = [_hint(folder) for folder in folders]
    if len(folders) == 1:
        free = [name for name in SETS if name not in taken]
        if hints[0] is not None and (hints[0] in free or not free):
            return {hints[0]: folders[0]}
        return {free[0]: folders[0]} if len(free) == 1 and hints[0] is None else None
    if hints[0] == hints[1]:
        return None
    first = hints[0] or _other(hints[1] or "")
    return {first: folders[0], _other(first): folders[1]}


def _hint(folder: Path) -> str | None:
    name = folder.name.lower()
    if any(word in name for word in _HINTS["blurry"]):  # first, because "unsharp" holds "sharp"
        return "blurry"
    return "sharp" if any(word in name for word in _HINTS["sharp"]) else None


def _other(name: str) -> str:
    return "sharp" if name == "blurry" else "blurry"
