"""One published network in the settings: what it is, its size, licence and hash, and whether it is on this computer."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QProgressBar, QVBoxLayout

from ddm_studio.deblur.weights import WeightFile
from ddm_studio.gui.views.small_parts import button, label, set_look
from ddm_studio.gui.weight_store import WeightState, WeightStore
from ddm_studio.gui.wording import megabytes


class WeightCard(QFrame):
    """Download (or go on, or stop) and remove."""

    def __init__(self, weight: WeightFile, name: str, store: WeightStore) -> None:
        super().__init__()
        self.setProperty("look", "card")
        self.weight, self._store = weight, store
        self.state = label("", "muted")
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(self.tr("Download of {name}").format(name=name))
        self.bar.setRange(0, 1000)
        self.fetch = button(self.tr("Download"))
        self.fetch.setAccessibleName(self.tr("Download {name}").format(name=name))
        self.fetch.clicked.connect(self._on_fetch)
        self.remove = button(self.tr("Remove"), name=self.tr("Remove {name}").format(name=name))
        self.remove.clicked.connect(self._on_remove)
        digest = label(self.tr("SHA-256 {hash}").format(hash=f"{weight.sha256[:32]} {weight.sha256[32:]}"), "small", wrap=True)
        digest.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        head = QHBoxLayout()
        head.addWidget(label(name, "strong"))
        head.addWidget(label(megabytes(weight.size), "muted"))
        head.addStretch()
        head.addWidget(self.state)
        foot = QHBoxLayout()
        foot.addWidget(self.bar, 1)
        foot.addWidget(self.fetch)
        foot.addWidget(self.remove)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(14, 12, 14, 12)
        whole.setSpacing(6)
        whole.addLayout(head)
        whole.addWidget(label(weight.licence, "small", wrap=True))
        whole.addWidget(digest)
        whole.addLayout(foot)
        store.changed.connect(self._on_changed)
        self._show()
        store.look(weight)

    def _on_changed(self, weight: WeightFile) -> None:
        self._show()  # of another one too: only one is fetched at a time

    def _show(self) -> None:
        status, is_fetching = self._store.status(self.weight), self._store.fetching is self.weight
        words = {
            WeightState.UNKNOWN: self.tr("Looking…"),
            WeightState.ABSENT: self.tr("Not downloaded"),
            WeightState.PARTIAL: self.tr("{done} of {all}").format(done=megabytes(status.size), all=megabytes(self.weight.size)),
            WeightState.DAMAGED: self.tr("Damaged: it is not the published file"),
            WeightState.HERE: self.tr("On this computer, verified"),
        }
        self.state.setText(words[status.state])
        set_look(self.state, "look", {WeightState.HERE: "good", WeightState.DAMAGED: "warning"}.get(status.state, "muted"))
        self.bar.setValue(1000 if status.state is WeightState.HERE else round(1000 * min(status.size / self.weight.size, 1)))
        partial = status.state is WeightState.PARTIAL
        self.fetch.setText(self.tr("Stop") if is_fetching else self.tr("Go on") if partial else self.tr("Download"))
        self.fetch.setEnabled(is_fetching or (self._store.fetching is None and status.state is not WeightState.HERE))
        self.remove.setEnabled(not is_fetching and status.state not in (WeightState.UNKNOWN, WeightState.ABSENT))

    def _on_fetch(self) -> None:
        if self._store.fetching is self.weight:
            self._store.stop()
        else:
            self._store.fetch(self.weight)

    def _on_remove(self) -> None:
        self._store.remove(self.weight)
