"""One published network in the settings: what it is, its size, licence and hash, and whether it is on this computer."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from ddm_studio.deblur.weights import WeightFile
from ddm_studio.gui.run_state import RunState
from ddm_studio.gui.views.progress_strip import ProgressStrip
from ddm_studio.gui.views.small_parts import button, label, row
from ddm_studio.gui.weight_store import WeightState, WeightStore
from ddm_studio.gui.wording import megabytes


class WeightCard(QFrame):
    """Download or go on, and remove; while it comes, how far it is."""

    def __init__(self, weight: WeightFile, name: str, store: WeightStore) -> None:
        super().__init__()
        self.setProperty("look", "card")
        self.weight, self._store = weight, store
        self.fetch = button(self.tr("Download"))
        self.fetch.setAccessibleName(self.tr("Download {name}").format(name=name))
        self.fetch.clicked.connect(self._on_fetch)
        self.remove = button(self.tr("Remove"), name=self.tr("Remove {name}").format(name=name))
        self.remove.clicked.connect(self._on_remove)
        at_rest = QWidget()
        at_rest.setLayout(row(self.fetch, self.remove))
        self.strip = ProgressStrip(self.tr("Stopped"), at_rest, can_pause=False)
        self.strip.bar.setAccessibleName(self.tr("Download of {name}").format(name=name))
        self.strip.stop_clicked.connect(self._store.stop)
        digest = label(
            self.tr("Fingerprint of the file (SHA-256): {hash}").format(hash=f"{weight.sha256[:32]} {weight.sha256[32:]}"),
            "small",
            wrap=True,
        )
        digest.setToolTip(self.tr("Every download is compared with it, so a damaged or exchanged file is not used."))
        digest.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        head = QHBoxLayout()
        head.addWidget(label(name, "strong"))
        head.addWidget(label(megabytes(weight.size), "muted"))
        head.addStretch()
        whole = QVBoxLayout(self)
        whole.setContentsMargins(14, 12, 14, 12)
        whole.setSpacing(6)
        whole.addLayout(head)
        whole.addWidget(label(weight.licence, "small", wrap=True))
        whole.addWidget(digest)
        whole.addWidget(self.strip)
        store.changed.connect(self._on_changed)
        self._show()
        store.look(weight)

    def _on_changed(self, weight: WeightFile) -> None:
        self._show()  # of another one too: only one is fetched at a time

    def _show(self) -> None:
        progress = self._store.progress()
        if progress is not None and self._store.fetching is self.weight:
            if not self.strip.is_running:
                self.strip.begin(in_parts=False)
                self.strip.show_state(RunState.RUNNING)
            self.strip.show_event(progress)
            return
        status = self._store.status(self.weight)
        self.strip.show_state(RunState.IDLE)
        words = {
            WeightState.UNKNOWN: self.tr("Looking…"),
            WeightState.ABSENT: self.tr("Not downloaded"),
            WeightState.PARTIAL: self.tr("Stopped at {done} of {all}").format(done=megabytes(status.size), all=megabytes(self.weight.size)),
            WeightState.DAMAGED: self.tr("Damaged: it is not the published file"),
            WeightState.HERE: self.tr("On this computer, verified"),
        }
        looks = {WeightState.HERE: "good", WeightState.DAMAGED: "warning"}
        self.strip.show_words(words[status.state], looks.get(status.state, "muted"))
        self.fetch.setText(self.tr("Go on") if status.state is WeightState.PARTIAL else self.tr("Download"))
        self.fetch.setEnabled(self._store.fetching is None and status.state is not WeightState.HERE)
        self.remove.setEnabled(status.state not in (WeightState.UNKNOWN, WeightState.ABSENT))

    def _on_fetch(self) -> None:
        self._store.fetch(self.weight)

    def _on_remove(self) -> None:
        self._store.remove(self.weight)
