"""Opens the photo of the Deblur page in the background: a thumbnail at once, all pixels when they are read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from PySide6.QtCore import QCoreApplication, QObject, Signal

from ddm_studio.errors import InputError, StudioError
from ddm_studio.gui.background import Answer, BackgroundReader
from ddm_studio.gui.file_reading import list_set, open_photo, preview_photo


@dataclass(frozen=True, slots=True, eq=False)
class FoundPhotos:
    """Photos of a drop in its order, each once; and what is wrong with its folders."""

    photos: tuple[Path, ...]
    faults: tuple[StudioError, ...]


def find_photos(paths: Sequence[Path]) -> FoundPhotos:
    """Files as they are, and for folders the photos in them."""
    photos: dict[Path, None] = {}
    faults: list[StudioError] = []
    for path in paths:
        if not path.is_dir():
            photos[path] = None
            continue
        try:
            found = list_set(path).photos
        except StudioError as error:
            faults.append(error)
            continue
        photos.update(dict.fromkeys(found))
        if not found:
            faults.append(InputError(_tr("No photo was found in {name}").format(name=path.name), "", _tr("Choose a folder with photos")))
    return FoundPhotos(tuple(photos), tuple(faults))


def _tr(text: str) -> str:
    return QCoreApplication.translate("PhotoOpener", text)


class PhotoOpener(QObject):
    """`opened(Path, OpenedPhoto)`, twice for each photo; `failed(Path, error)`; `found(photos)` and `refused(error)` for drops."""

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
            found = cast("FoundPhotos | None", answer.value)
            for error in filter(None, (answer.error, *(() if found is None else found.faults))):
                self.refused.emit(error)
            if found is not None and found.photos:
                self.found.emit(found.photos)
        elif path == self._wanted:
            if answer.error is None:
                self.opened.emit(path, answer.value)
            elif what == "photo":  # the preview fails for the same reason, a moment earlier
                self.failed.emit(path, answer.error)
