"""Asks where to save a file: in the folder of the last one saved, at first among the person's pictures."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSettings, QStandardPaths
from PySide6.QtWidgets import QFileDialog, QWidget

_KEY = "save/folder"


def ask_where_to_save(parent: QWidget, title: str, name: str) -> Path | None:
    """The file chosen, which ends as `name` does; None where the person would rather not."""
    suffix = Path(name).suffix
    chosen, _ = QFileDialog.getSaveFileName(parent, title, str(_folder() / name), f"*{suffix}")
    if not chosen:
        return None
    path = Path(chosen) if Path(chosen).suffix.lower() == suffix else Path(chosen + suffix)
    _settings().setValue(_KEY, str(path.parent))
    return path


def _folder() -> Path:
    """Never where the program happens to have been started, which may not even be writable."""
    last = str(_settings().value(_KEY, ""))
    pictures = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.PicturesLocation)
    return next((Path(folder) for folder in (last, pictures) if folder and Path(folder).is_dir()), Path.home())


def _settings() -> QSettings:
    return QSettings("ddm-studio", "window")
