"""Published network weights on this computer: what is there, and fetching and removing it, on a thread of its own."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path
from typing import cast

from PySide6.QtCore import QObject, QTimer, Signal

from ddm_studio.control import Cancelled
from ddm_studio.deblur.weights import MODEL_HUB, WeightFile, fetch_weights, is_genuine
from ddm_studio.errors import WeightsError
from ddm_studio.events import Progress
from ddm_studio.gui.background import Answer, BackgroundReader

_LOOK_MS = 100
FETCHING = "downloading"
"""The stage of `WeightStore.progress`."""


class WeightState(Enum):
    """Whether the file can be used."""

    UNKNOWN = auto()
    ABSENT = auto()
    PARTIAL = auto()
    DAMAGED = auto()
    HERE = auto()


@dataclass(frozen=True, slots=True)
class WeightStatus:
    """State of a file and the bytes that are there."""

    state: WeightState
    size: int = 0


def status_of(weight: WeightFile, folder: Path) -> WeightStatus:
    """Look at the disc. Reads the whole file, to be sure of it."""
    path = folder / weight.file
    part = path.with_name(path.name + ".part")
    if path.exists():
        return WeightStatus(WeightState.HERE if is_genuine(path, weight) else WeightState.DAMAGED, path.stat().st_size)
    if part.exists():
        return WeightStatus(WeightState.PARTIAL, part.stat().st_size)
    return WeightStatus(WeightState.ABSENT)


def remove_weights(weight: WeightFile, folder: Path) -> None:
    """Delete the file and what a stopped download left. Raises WeightsError."""
    path = folder / weight.file
    try:
        for one in (path, path.with_name(path.name + ".part")):
            one.unlink(missing_ok=True)
    except OSError as error:
        what = f"The weights {weight.file} could not be removed"
        raise WeightsError(what, error.strerror or str(error), "Close other programs that use them and try again") from error


class WeightStore(QObject):
    """`changed(WeightFile)` when its status or progress may have changed; `failed(error)`.

    Args:
        folder: Where the files lie.
        hub: Beginning of the addresses.
        parent: Owner.
        clock: Seconds, injectable for tests.
    """

    changed = Signal(object)
    failed = Signal(object)

    def __init__(
        self, folder: Path, hub: str = MODEL_HUB, parent: QObject | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__(parent)
        self._folder, self._hub = folder, hub
        self._reader = BackgroundReader(parent=self)
        self._reader.answered.connect(self._on_answer)
        self._statuses: dict[WeightFile, WeightStatus] = {}
        self._stop = threading.Event()
        self._clock = clock
        self._began = 0.0
        self._bytes = self._first_bytes = 0  # `_bytes` is written by the thread, read by the timer
        self.fetching: WeightFile | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(_LOOK_MS)
        self._timer.timeout.connect(self._on_tick)

    def status(self, weight: WeightFile) -> WeightStatus:
        """What is known; while it is being fetched, the bytes so far."""
        if weight is self.fetching:
            return WeightStatus(WeightState.PARTIAL, self._bytes)
        return self._statuses.get(weight, WeightStatus(WeightState.UNKNOWN))

    def progress(self) -> Progress | None:
        """How far the download is, in bytes; None while there is none."""
        if self.fetching is None:
            return None
        total, done, seconds = self.fetching.size, self._bytes - self._first_bytes, self._clock() - self._began
        left = seconds / done * (total - self._bytes) if done > 0 and seconds > 1 else None
        return Progress(FETCHING, self._bytes, total, left)

    def use_folder(self, folder: Path) -> None:
        """Look somewhere else from now on."""
        self._folder = folder
        for weight in tuple(self._statuses):
            self.look(weight)

    def look(self, weight: WeightFile) -> None:
        """Find out the status in the background."""
        folder = self._folder
        self._reader.ask(("look", weight), lambda: status_of(weight, folder))

    def fetch(self, weight: WeightFile) -> None:
        """Download it, going on from where an earlier download stopped; one at a time."""
        if self.fetching is not None:
            return
        self.fetching, folder = weight, self._folder
        self._bytes = self._first_bytes = self._statuses.get(weight, WeightStatus(WeightState.ABSENT)).size
        self._began = self._clock()
        self._stop.clear()
        self._timer.start()
        self._reader.ask(("fetch", weight), lambda: fetch_weights(weight, folder, self._hub, self._on_bytes))
        self.changed.emit(weight)

    def stop(self) -> None:
        """Leave the download; what has come stays."""
        self._stop.set()

    def remove(self, weight: WeightFile) -> None:
        """Delete it."""
        folder = self._folder
        self._reader.ask(("remove", weight), lambda: remove_weights(weight, folder))

    def shut_down(self) -> None:
        """Stop, and end the thread."""
        self._stop.set()
        self._timer.stop()
        self._reader.shut_down()

    def _on_bytes(self, done: int, total: int) -> None:
        """Called on the thread."""
        self._bytes = done
        if self._stop.is_set():
            raise Cancelled

    def _on_tick(self) -> None:
        if self.fetching is not None:
            self.changed.emit(self.fetching)

    def _on_answer(self, answer: Answer) -> None:
        what, weight = cast("tuple[str, WeightFile]", answer.key)
        if what == "fetch":
            self.fetching = None
            self._timer.stop()
        if what == "look" and answer.error is None:
            self._statuses[weight] = cast("WeightStatus", answer.value)
            self.changed.emit(weight)
            return
        if answer.error is not None and not isinstance(answer.error, Cancelled):
            self.failed.emit(answer.error)
        if what != "look":
            self.look(weight)
