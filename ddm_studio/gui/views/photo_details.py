"""The photo that is selected: what EXIF says, what the check found, and whether to use it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from ddm_studio.events import HealthFound
from ddm_studio.gui.views.small_parts import button, label

if TYPE_CHECKING:
    from ddm_studio.photos.photo import PhotoInfo


def facts_of(info: PhotoInfo) -> str:
    """Two lines: camera and lens; focal length, aperture and ISO. A dash for what EXIF does not say, a word when it says nothing."""
    if not any((info.camera, info.lens, info.focal_length, info.aperture, info.iso)):
        return "\n" + QCoreApplication.translate("PhotoDetails", "no EXIF data")
    camera = "  ·  ".join(part for part in (info.camera, info.lens) if part) or "–"
    length = f"{info.focal_length:g} mm" if info.focal_length else "– mm"
    aperture = f"f/{info.aperture:g}" if info.aperture else "f/–"
    return f"{camera}\n{length}   {aperture}   ISO {f'{info.iso:g}' if info.iso else '–'}"


class PhotoDetails(QWidget):
    """Hidden while no photo is selected. `drop_toggled(Path)`: leave it out, or use it again."""

    drop_toggled = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._photo: Path | None = None
        self.facts = label("", "small", wrap=True)
        self.findings = label("", "warning", wrap=True)
        self.toggle = button(self.tr("Leave out"))
        self.toggle.clicked.connect(self._on_toggle)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self.facts)
        words.addWidget(self.findings)
        whole = QHBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(10)
        whole.addLayout(words, 1)
        whole.addWidget(self.toggle)
        self.hide()

    def show_photo(self, photo: Path | None, facts: str, findings: Sequence[HealthFound], left_out: bool) -> None:
        """Show a photo, or nothing."""
        self._photo = photo
        self.setVisible(photo is not None)
        if photo is None:
            return
        camera, exposure = facts.split("\n")
        self.facts.setText("\n".join(line for line in (f"{photo.name}   {exposure}", camera) if line))
        told = [finding.message for finding in findings]
        self.findings.setText("\n".join(told))
        self.findings.setVisible(bool(told))
        self.toggle.setText(self.tr("Use again") if left_out else self.tr("Leave out"))

    def _on_toggle(self) -> None:
        if self._photo is not None:
            self.drop_toggled.emit(self._photo)
