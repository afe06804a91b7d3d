"""Opens the photo of the Deblur page in the background: a thumbnail at once, all pixels when they are read."""

from __future__ import annotations

from pathlib import Path
from typing import cast

from PySide6.QtCore import QObject, Signal

from ddm_studio.gui.background import Answer, BackgroundReader
from ddm_studio.gui.file_reading import list_set, open_photo, preview_photo


class PhotoOpener(QObject):
    """`opened(Path, OpenedPhoto)`, twice for each photo; `failed(Path, error)`; `listed(PhotoSet)` and `refused(error)` for folders."""

    opened = Signal(object, object)
    failed = Signal(object, object)
    listed = Signal(object)
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

    def list_folder(self, folder: Path) -> None:
        """Look for the photos of a folder."""
        self._reader.ask(("folder", folder), lambda: list_set(folder))

    def shut_down(self) -> None:
        """End the background thread."""
        self._reader.shut_down()

    def _on_answer(self, answer: Answer) -> None:
        what, path = cast("tuple[str, Path]", answer.key)
        if what == "folder":
            if answer.error is not None:
                self.refused.emit(answer.error)
            else:
                self.listed.emit(answer.value)
        elif path == self._wanted:
            if answer.error is None:
                self.opened.emit(path, answer.value)
            elif what == "photo":  # the preview fails for the same reason, a moment earlier
                self.failed.emit(path, answer.error)
