"""What the health check says of both sets: where the frame is covered, texture, noise, apertures, and what is wrong."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QListWidget, QStackedWidget, QVBoxLayout, QWidget

from ddm_studio.events import Event, HealthFound, RunFinished, SetMeasured
from ddm_studio.gui.run_state import RunState
from ddm_studio.gui.views.map_view import FieldMap, MapView, limits_of
from ddm_studio.gui.views.progress_strip import ProgressStrip
from ddm_studio.gui.views.skipped_list import add_finding, wrapped_list
from ddm_studio.gui.views.small_parts import Segments, button, label, row
from ddm_studio.gui.wording import plural

_FINDING = int(Qt.ItemDataRole.UserRole)
_RESULTS_HEIGHT = 144  # px


class SetSummary(QFrame):
    """`check_clicked()`; pausing and stopping are asked of its `strip`. `photo_wanted(str, Path)`: a finding about a photo was selected."""

    check_clicked = Signal()
    photo_wanted = Signal(str, object)

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("look", "card")
        self.findings: list[HealthFound] = []
        self.check = button(self.tr("Check the photos"))
        self.check.clicked.connect(self.check_clicked)
        self.views = Segments([("findings", self.tr("Findings")), ("figures", self.tr("Figures"))], self.tr("What of the check is shown"))
        self.views.changed.connect(self._show_view)
        at_rest = QWidget()
        at_rest.setLayout(row(self.views, self.check, spacing=12))
        self.strip = ProgressStrip(self.tr("The check was stopped"), at_rest)
        self.sets = {"blurry": label("", "small", wrap=True), "sharp": label("", "small", wrap=True)}
        self.map = MapView(self.tr("Where the blurry photos show texture"))
        self.map_title = label(self.tr("Patches with texture, blurry photos"), "small")
        self.list = wrapped_list(self.tr("Findings about the sets"), self.tr("Nothing was found wrong."))
        self.list.setSelectionMode(QListWidget.SelectionMode.SingleSelection)
        self.list.itemSelectionChanged.connect(self._on_selected)
        self.list.itemClicked.connect(self._on_selected)  # again, where it is selected already
        self._arrange()
        self.show_state(RunState.IDLE, own=False, can_check=False)
        self.strip.show_words(
            self.tr("Finds shaken, flat, overexposed and repeated photos, and places that none shows. Nothing is dropped for you.")
        )

    def begin(self) -> None:
        """A check starts."""
        self.findings = []
        self.list.clear()
        self._choose_view("figures")  # until there is something to find fault with
        self._show_results(False)
        for words in self.sets.values():
            words.setText("")

    def begin_check(self) -> None:
        """A check of its own starts: how far it is will be told."""
        self.begin()
        self.strip.begin()

    def forget(self) -> None:
        """The sets have changed: what was found is about others."""
        if self.findings or not self._results.isHidden():
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
            self.strip.show_words(self._verdict(), "done")

    def show_event(self, event: Event) -> None:
        """Show what a check, or the check at the start of a calibration, has found."""
        match event:
            case SetMeasured():
                self._show_set(event)
            case HealthFound():
                if not self.findings:
                    self._choose_view("findings")
                self.findings.append(event)
                add_finding(self.list, event).setData(_FINDING, event)
            case _:
                pass

    def _verdict(self) -> str:
        better = sum(finding.photo is not None and finding.verdict == "drop" for finding in self.findings)
        if better:
            found = plural(better, self.tr("finding about a single photo"), self.tr("findings about single photos"))
            return self.tr("{found}. Select one to see its photo.").format(found=found)
        if not self.findings:
            return self.tr("Nothing was found wrong.")
        found = plural(len(self.findings), self.tr("finding"), self.tr("findings"))
        return self.tr("{found}; no photo is better left out.").format(found=found)

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

    def show_left_out(self, left_out: Collection[Path]) -> None:
        """Findings about photos that the person left out are dealt with."""
        for line in range(self.list.count()):
            item = self.list.item(line)
            font = item.font()
            font.setStrikeOut(item.data(_FINDING).photo in left_out)
            item.setFont(font)

    def _on_selected(self) -> None:
        for item in self.list.selectedItems():
            finding = item.data(_FINDING)
            if finding.photo is not None:
                self.photo_wanted.emit(finding.set_name, finding.photo)

    def _choose_view(self, key: str) -> None:
        self.views.choose(key)
        self._show_view()

    def _show_results(self, shown: bool) -> None:
        self.views.setVisible(shown)
        self._results.setVisible(shown)
        if shown:
            self._show_view()

    def _show_view(self) -> None:
        self._results.setCurrentIndex(0 if self.views.key == "findings" else 1)

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
        self.map.setFixedSize(250, 120)
        figures = QWidget()
        beside = QHBoxLayout(figures)
        beside.setContentsMargins(0, 0, 0, 0)
        beside.setSpacing(14)
        beside.addLayout(told, 1)
        beside.addLayout(coverage)
        self._results = QStackedWidget()
        self._results.addWidget(self.list)
        self._results.addWidget(figures)
        self._results.setFixedHeight(_RESULTS_HEIGHT)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(14, 8, 14, 8)
        whole.setSpacing(8)
        whole.addWidget(self.strip)
        whole.addWidget(self._results)
        self._show_results(False)
