"""Opens the photo of the Deblur page in the background: a thumbnail at once, all pixels when they are read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from PySide6.QtCore import QCoreApplication, QObject, Signal

from ddm_studio.errors import StudioError
from ddm_studio.events import PhotoSkipped
from ddm_studio.gui.background import Answer, BackgroundReader
from ddm_studio.gui.file_reading import list_set, open_photo, preview_photo


@dataclass(frozen=True, slots=True, eq=False)
class FoundPhotos:
    """Photos of a drop in its order, each once; and the files and folders of it that are of no use, each with the reason."""

    photos: tuple[Path, ...]
    passed_over: tuple[PhotoSkipped, ...]


def find_photos(paths: Sequence[Path]) -> FoundPhotos:
    """Photos among files, and in folders. Hidden files in folders, which other programs leave there, are not worth a word."""
    photos: dict[Path, None] = {}
    passed_over: list[PhotoSkipped] = []
    for path in paths:
        try:
            found, strange = _look_into(path) if path.is_dir() else (_checked(path), ())
        except StudioError as error:
            passed_over.append(PhotoSkipped(path, error.why or error.what))
            continue
        photos.update(dict.fromkeys(found))
        passed_over.extend(strange)
    return FoundPhotos(tuple(photos), tuple(passed_over))


def _look_into(folder: Path) -> tuple[tuple[Path, ...], tuple[PhotoSkipped, ...]]:
    listed = list_set(folder)
    strange = tuple(file for file in listed.skipped if not file.path.name.startswith("."))
    if not listed.photos and not strange:
        return (), (PhotoSkipped(folder, _tr("there are no photos in it")),)
    return listed.photos, strange


def _checked(path: Path) -> tuple[Path]:
    from ddm_studio.photos.reading import read_photo_info

    read_photo_info(path)
    return (path,)


def _tr(text: str) -> str:
    return QCoreApplication.translate("PhotoOpener", text)


class PhotoOpener(QObject):
    """`opened(Path, OpenedPhoto)`, twice for each photo; `failed(Path, error)`; `found(FoundPhotos)` and `refused(error)` for drops."""

    opened = Signal(object, object)
    failed = Signal(object, object)
    found = Signal(object)
    refused = Signal(object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._reader = BackgroundReader(parent=self)
        self._reader.answered.connect(self._on_answer)
        self._wanted: Path | None = None

    def open(self, path: Path) -> None:
        """Open a photo; one that is still being opened is forgotten."""
        self._wanted = path
        self._reader.ask(("preview", path), lambda: preview_photo(path))
        self._reader.ask(("photo", path), lambda: open_photo(path))

    def find(self, paths: Sequence[Path]) -> None:
        """Look for the photos of a drop: files and folders."""
        self._reader.ask(("drop", tuple(paths)), lambda: find_photos(paths))

    def shut_down(self) -> None:
        """End the background thread."""
        self._reader.shut_down()

    def _on_answer(self, answer: Answer) -> None:
        what, path = cast("tuple[str, object]", answer.key)
        if what == "drop":
            if answer.error is not None:
                self.refused.emit(answer.error)
            else:
                self.found.emit(answer.value)
        elif path == self._wanted:
            if answer.error is None:
                self.opened.emit(path, answer.value)
            elif what == "photo":  # the preview fails for the same reason, a moment earlier
                self.failed.emit(path, answer.error)
