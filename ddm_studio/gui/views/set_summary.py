"""What the health check says of both sets: where the frame is covered, texture, noise, apertures, and what is wrong."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout

from ddm_studio.events import Event, HealthFound, RunFinished, SetMeasured
from ddm_studio.gui.run_state import RunState
from ddm_studio.gui.views.map_view import FieldMap, MapView, limits_of
from ddm_studio.gui.views.progress_strip import ProgressStrip
from ddm_studio.gui.views.skipped_list import add_finding, wrapped_list
from ddm_studio.gui.views.small_parts import button, label
from ddm_studio.gui.wording import plural


class SetSummary(QFrame):
    """`check_clicked()`; pausing and stopping are asked of its `strip`."""

    check_clicked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("look", "card")
        self.findings: list[HealthFound] = []
        self.check = button(self.tr("Check the photos"))
        self.check.clicked.connect(self.check_clicked)
        self.strip = ProgressStrip(self.tr("The check was stopped"), self.check)
        self.sets = {"blurry": label("", "small", wrap=True), "sharp": label("", "small", wrap=True)}
        self.map = MapView(self.tr("Where the blurry photos show texture"))
        self.map_title = label(self.tr("Patches with texture, blurry photos"), "small")
        self.list = wrapped_list(self.tr("Findings about the sets"))
        self._arrange()
        self.show_state(RunState.IDLE, own=False, can_check=False)
        self.strip.show_words(
            self.tr("Finds shaken, flat, overexposed and repeated photos, and places that none shows. Nothing is dropped for you.")
        )

    def begin(self) -> None:
        """A check starts."""
        self.findings = []
        self.list.clear()
        self._show_results(False)
        for words in self.sets.values():
            words.setText("")

    def begin_check(self) -> None:
        """A check of its own starts: how far it is will be told."""
        self.begin()
        self.strip.begin()

    def forget(self) -> None:
        """The sets have changed: what was found is about others."""
        if self.findings or self.map.isVisibleTo(self):
            self.begin()
            self.strip.show_words(self.tr("The sets have changed since the check."))

    def show_state(self, state: RunState, own: bool, can_check: bool) -> None:
        """Set the buttons; `own` when the check itself is running."""
        self.strip.show_state(state if own else RunState.IDLE)
        self.check.setEnabled(can_check and state is RunState.IDLE)

    def show_check(self, event: Event) -> None:
        """Show what a check says."""
        self.strip.show_event(event)
        self.show_event(event)
        if isinstance(event, RunFinished):
            self.strip.say(self._verdict(), "done")

    def show_event(self, event: Event) -> None:
        """Show what a check, or the check at the start of a calibration, has found."""
        match event:
            case SetMeasured():
                self._show_set(event)
            case HealthFound():
                self.findings.append(event)
                add_finding(self.list, event)
                self.list.show()
            case _:
                pass

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
        for words in self.sets.values():
            told.addWidget(words)
        told.addStretch()
        coverage = QVBoxLayout()
        coverage.setSpacing(3)
        coverage.addWidget(self.map_title)
        coverage.addWidget(self.map)
        self.map.setFixedSize(250, 128)
        self.list.setMaximumHeight(150)
        found = QHBoxLayout()
        found.setSpacing(14)
        found.addLayout(told, 3)
        found.addLayout(coverage)
        found.addWidget(self.list, 4)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(14, 8, 14, 8)
        whole.setSpacing(8)
        whole.addWidget(self.strip)
        whole.addLayout(found)
        self._show_results(False)
