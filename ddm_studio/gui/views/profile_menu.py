"""The menu of lens profiles on the Deblur page: by EXIF, one of those known with how it suits the photo, or another file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFileDialog, QMenu, QWidget

from ddm_studio.gui.file_reading import PROFILE_SUFFIX
from ddm_studio.gui.lens_choice import LensChoice

if TYPE_CHECKING:
    from ddm_studio.profiles.choose_profile import ProfileMatch

_SHOWN = 12


class ProfileMenu(QMenu):
    """Made anew each time it opens."""

    def __init__(self, lens: LensChoice, parent: QWidget) -> None:
        super().__init__(parent)
        self._lens = lens
        self.setToolTipsVisible(True)
        self.by_exif = QAction(self.tr("The one that the photo's EXIF tells"), parent)  # `clear` would delete our own
        self.by_exif.setCheckable(True)
        self.other = QAction(self.tr("Another file…"), parent)
        self.by_exif.triggered.connect(lens.choose_by_exif)
        self.other.triggered.connect(self.choose_file)
        self.aboutToShow.connect(self.fill)
        self.triggered.connect(self._on_triggered)
        self.fill()

    def fill(self) -> None:
        """What there is to choose from now."""
        self.clear()
        self.by_exif.setChecked(not self._lens.is_by_hand)
        self.addAction(self.by_exif)
        self.addSeparator()
        for match in self._lens.ranked[:_SHOWN]:
            self._add(match)
        self.addSeparator()
        self.addAction(self.other)

    def choose_file(self) -> None:
        """Ask for a profile."""
        kinds = self.tr("Lens profiles (*{suffix})").format(suffix=PROFILE_SUFFIX)
        name, _ = QFileDialog.getOpenFileName(self.parentWidget(), self.tr("Choose a lens profile"), "", kinds)
        if name:
            self._lens.pick(Path(name))

    def _add(self, match: ProfileMatch) -> None:
        if match.misfit:
            words, why = self.tr("{name}  ·  does not fit the photo"), match.misfit
        elif match.differs:
            words, why = self.tr("{name}  ·  {what}").replace("{what}", ", ".join(match.differs)), ""
        elif match.agrees:
            words, why = self.tr("{name}  ·  agrees in {what}").replace("{what}", ", ".join(match.agrees)), ""
        else:
            words, why = "{name}", ""
        action = self.addAction(words.format(name=f"{match.title} ({match.path.parent.name})").replace("&", "&&"))
        action.setData(str(match.path))
        action.setToolTip(f"{match.path}\n{why}".strip())
        action.setEnabled(not match.misfit)
        action.setCheckable(True)
        action.setChecked(self._lens.opened is not None and self._lens.opened.path == match.path)

    def _on_triggered(self, action: QAction) -> None:
        if action.data():
            self._lens.pick(Path(str(action.data())))
