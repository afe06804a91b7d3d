"""The foot of the Deblur page: what its job is doing; else where the last result lies, or what the chosen method is like."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ddm_studio.gui.run_state import RunState
from ddm_studio.gui.views.progress_strip import ProgressStrip
from ddm_studio.gui.views.small_parts import button, row
from ddm_studio.gui.wording import with_tilde


class DeblurFoot(QWidget):
    """One place for all of it, so that nothing jumps when a job starts."""

    def __init__(self) -> None:
        super().__init__()
        self.open_folder = button(self.tr("Open folder"), "link")
        self.open_folder.clicked.connect(self._on_open_folder)
        self.open_folder.hide()
        at_rest = QWidget()
        at_rest.setLayout(row(self.open_folder))
        self.strip = ProgressStrip(self.tr("Stopped"), at_rest)
        self._path: Path | None = None  # of the last photo saved
        self._saved = 0
        self._tells_end = False
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self.strip)

    @property
    def is_running(self) -> bool:
        """Whether the job of this page is shown."""
        return self.strip.is_running

    @property
    def tells_end(self) -> bool:
        """Whether it tells how a job ended."""
        return self._tells_end

    def show_state(self, state: RunState) -> None:
        """What is known of this page's job."""
        self.strip.show_state(state)

    def begin(self, in_parts: bool) -> None:
        """A job of this page starts; nothing is saved yet."""
        self._keep(None)
        self._saved = 0
        self.strip.begin(in_parts)

    def keep_result(self, path: Path) -> None:
        """A photo was saved; it is told at the end."""
        self._keep(path)
        self._saved += 1

    def tell_result(self, was_stopped: bool) -> None:
        """How a deblurring ended: what was saved, and where."""
        self._tells_end = True
        if self._path is None:
            self.strip.say(self.tr("Stopped. Nothing was saved.") if was_stopped else self.tr("Nothing was saved"), "heading")
            return
        if self._saved == 1:
            told = self.tr("Saved: {path}").format(path=with_tilde(self._path))
        else:
            told = self.tr("{n} photos are saved in {folder}").format(n=self._saved, folder=with_tilde(self._path.parent))
        self.strip.say(self.tr("Stopped. {told}").format(told=told) if was_stopped else f"✓ {told}", "heading" if was_stopped else "done")

    def show_words(self, words: str) -> None:
        """Something else, while no job is to be watched."""
        if not self.is_running:
            self._keep(None)
            self.strip.show_words(words)

    def _keep(self, path: Path | None) -> None:
        self._path = path
        self._tells_end = path is not None
        self.open_folder.setVisible(path is not None)

    def _on_open_folder(self) -> None:
        if self._path is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._path.parent)))
