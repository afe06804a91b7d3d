"""What the health check says of both sets: where the frame is covered, texture, noise, apertures, and what is wrong."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout

from ddm_studio.events import Event, HealthFound, Progress, RunFailed, RunFinished, RunStopped, SetMeasured
from ddm_studio.gui.run_state import RunState
from ddm_studio.gui.views.map_view import FieldMap, MapView, limits_of
from ddm_studio.gui.views.skipped_list import add_finding, wrapped_list
from ddm_studio.gui.views.small_parts import button, label
from ddm_studio.gui.wording import plural, time_left


class SetSummary(QFrame):
    """`check_clicked()`, `stop_clicked()`."""

    check_clicked = Signal()
    stop_clicked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("look", "card")
        self.findings: list[HealthFound] = []
        self.check = button(self.tr("Check the photos"))
        self.check.clicked.connect(self.check_clicked)
        self.stop: QPushButton = button(self.tr("Stop the check"))
        self.stop.clicked.connect(self.stop_clicked)
        self.words = label("", "muted", wrap=True)
        self.sets = {"blurry": label("", "small", wrap=True), "sharp": label("", "small", wrap=True)}
        self.map = MapView(self.tr("Where the blurry photos show texture"))
        self.map_title = label(self.tr("Patches with texture, blurry photos"), "small")
        self.list = wrapped_list(self.tr("Findings about the sets"))
        self._arrange()
        self.show_state(RunState.IDLE, own=False, can_check=False)

    def begin(self) -> None:
        """A check starts."""
        self.findings = []
        self.list.clear()
        self._show_results(False)
        for words in self.sets.values():
            words.setText("")
        self.words.setText(self.tr("Looking at the photos…"))

    def forget(self) -> None:
        """The sets have changed: what was found is about others."""
        if self.findings or self.map.isVisibleTo(self):
            self.begin()
            self.words.setText(self.tr("The sets have changed since the check."))

    def show_state(self, state: RunState, own: bool, can_check: bool) -> None:
        """Set the buttons; `own` when the check itself is running."""
        busy = own and state is not RunState.IDLE
        self.check.setVisible(not busy)
        self.check.setEnabled(can_check and state is RunState.IDLE)
        self.stop.setVisible(busy)
        self.stop.setEnabled(state is not RunState.STOPPING)
        if not busy and not self.words.text():
            self.words.setText(
                self.tr("Finds shaken, flat, overexposed and repeated photos, and places that none shows. Nothing is dropped for you.")
            )

    def show_event(self, event: Event) -> None:
        """Show what a check, or the check at the start of a calibration, says."""
        match event:
            case Progress():
                self.words.setText(f"{event.stage[:1].upper()}{event.stage[1:]}: {time_left(event.seconds_left)}")
            case SetMeasured():
                self._show_set(event)
            case HealthFound():
                self.findings.append(event)
                add_finding(self.list, event)
                self.list.show()
            case RunFinished():
                self.words.setText(self._verdict())
            case RunStopped():
                self.words.setText(self.tr("The check was stopped."))
            case RunFailed():
                self.words.setText(event.message)

    def _verdict(self) -> str:
        better = sum(finding.photo is not None and finding.verdict == "drop" for finding in self.findings)
        if better:
            found = plural(better, self.tr("finding about a single photo"), self.tr("findings about single photos"))
            return self.tr("{found}: marked above. Select a photo to read why and to leave it out.").format(found=found)
        return self.tr("No single photo is better left out.") if self.findings else self.tr("Nothing was found wrong.")

    def _show_set(self, measured: SetMeasured) -> None:
        name = self.tr("Blurry") if measured.set_name == "blurry" else self.tr("Sharp")
        noise = self.tr("unknown") if np.isnan(measured.noise) else f"{measured.noise:.3f}"
        apertures = ", ".join(f"f/{aperture:g} × {count}" for aperture, count in measured.apertures[:5]) or self.tr("unknown")
        words = self.tr(
            "{name}: {photos}, texture in {texture:.0%} of the patches, sky in {sky:.0%}, noise {noise}, apertures {apertures}."
        )
        photos = plural(measured.photos, self.tr("photo"), self.tr("photos"))
        self.sets[measured.set_name].setText(
            words.format(name=name, photos=photos, texture=measured.texture, sky=measured.sky, noise=noise, apertures=apertures)
        )
        if measured.set_name == "blurry":
            counts = measured.coverage.astype(np.float64)
            self.map.show_map(FieldMap(counts, "", 0.0, limits_of(counts)[1], 1.5, decimals=0))
            self._show_results(True)

    def _show_results(self, shown: bool) -> None:
        for part in (self.map, self.map_title, *self.sets.values()):
            part.setVisible(shown)
        self.list.setVisible(shown and bool(self.findings))

    def _arrange(self) -> None:
        told = QVBoxLayout()
        told.setSpacing(6)
        for part in (self.check, self.stop):
            part.setMinimumWidth(150)
        told.addWidget(self.check, 0, Qt.AlignmentFlag.AlignLeft)
        told.addWidget(self.stop, 0, Qt.AlignmentFlag.AlignLeft)
        told.addWidget(self.words)
        for words in self.sets.values():
            told.addWidget(words)
        told.addStretch()
        coverage = QVBoxLayout()
        coverage.setSpacing(3)
        coverage.addWidget(self.map_title)
        coverage.addWidget(self.map)
        self.map.setFixedSize(250, 128)
        self.list.setMaximumHeight(150)
        whole = QHBoxLayout(self)
        whole.setContentsMargins(14, 10, 14, 10)
        whole.setSpacing(14)
        whole.addLayout(told, 3)
        whole.addLayout(coverage)
        whole.addWidget(self.list, 4)
        self._show_results(False)
