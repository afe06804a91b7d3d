"""What the window remembers from one visit to the next: preferences, recent things, what waits and is open, geometry, hints given."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import cast

from PySide6.QtCore import QByteArray, QObject, QSettings, Signal

from ddm_studio.engine.requests import CalibrationRequest
from ddm_studio.gui.background import Answer, BackgroundReader
from ddm_studio.gui.calibration_queue import read_queue, write_queue
from ddm_studio.gui.open_things import OpenThings, read_things, write_things
from ddm_studio.gui.recent import (
    Condition,
    Fate,
    RecentKind,
    RecentThing,
    condition_of,
    read_recent,
    recent_project,
    with_newest,
    without,
    write_recent,
)
from ddm_studio.preferences import Preferences, read_preferences, write_preferences
from ddm_studio.project import Project


class Memory(QObject):
    """Reads four small files once and writes them in the background when something changes.

    Args:
        folder: Where `preferences.toml`, `recent.toml`, `queue.json` and `open.json` lie; None remembers them until the window is closed.
        settings: Where geometry and the like are remembered; None remembers none of it.
        parent: Owner.
    """

    preferences_changed = Signal(object)
    recent_changed = Signal()
    refused = Signal(object)

    def __init__(self, folder: Path | None = None, settings: QSettings | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._folder = folder
        self._settings = settings
        self._writer = BackgroundReader(parent=self)
        self._writer.answered.connect(self._on_answer)
        self._preferences = Preferences() if folder is None else read_preferences(folder / "preferences.toml")
        self._recent = () if folder is None else read_recent(folder / "recent.toml")
        self._queue = () if folder is None else read_queue(folder / "queue.json")
        self._open_things = OpenThings() if folder is None else read_things(folder / "open.json")
        self._conditions: dict[RecentThing, Condition] = {}

    @property
    def preferences(self) -> Preferences:
        """As they stand."""
        return self._preferences

    @property
    def recent(self) -> tuple[RecentThing, ...]:
        """Projects and profiles, newest first."""
        return self._recent

    def known_profiles(self) -> tuple[Path, ...]:
        """Profiles that photos may belong to: those opened lately, those of projects, and the folder of profiles."""
        recent = [thing.path if thing.kind is RecentKind.PROFILE else Project(thing.path).profile for thing in self._recent]
        folder = self._preferences.profiles
        return tuple(dict.fromkeys((*recent, *(() if folder is None else (folder,)))))

    def condition(self, thing: RecentThing) -> Condition:
        """What was last known of it; `look_for_recent` asks again."""
        return self._conditions.get(thing, Condition(Fate.THERE))

    def prefer(self, preferences: Preferences) -> None:
        """Take other preferences, and keep them."""
        if preferences == self._preferences:
            return
        self._preferences = preferences
        self._keep("preferences.toml", lambda file: write_preferences(file, preferences))
        self.preferences_changed.emit(preferences)

    def add_recent(self, thing: RecentThing) -> None:
        """Something was opened."""
        self._conditions.pop(thing, None)
        self._take_recent(with_newest(self._recent, thing))

    def reopen_project(self, folder: Path) -> None:
        """A project was opened; what was known of it stays."""
        opened = recent_project(folder)
        self.add_recent(next((thing for thing in self._recent if (thing.kind, thing.path) == (opened.kind, opened.path)), opened))

    def forget_recent(self, thing: RecentThing) -> None:
        """Take something off the list; the file stays."""
        self._take_recent(without(self._recent, thing))

    def look_for_recent(self) -> None:
        """See in the background what of the list is still there, and how far projects are."""
        things = self._recent
        self._writer.ask("conditions", lambda: {thing: condition_of(thing) for thing in things})

    @property
    def queue(self) -> tuple[CalibrationRequest, ...]:
        """Calibrations that were not finished when they were last kept."""
        return self._queue

    def keep_queue(self, requests: tuple[CalibrationRequest, ...]) -> None:
        """Keep calibrations for the next visit."""
        if requests != self._queue:
            self._queue = requests
            self._keep("queue.json", lambda file: write_queue(file, requests))

    @property
    def open_things(self) -> OpenThings:
        """What was open when it was last kept."""
        return self._open_things

    def keep_open_things(self, things: OpenThings) -> None:
        """Keep what is open for the next visit."""
        if things != self._open_things:
            self._open_things = things
            self._keep("open.json", lambda file: write_things(file, things))

    def recall(self, key: str) -> QByteArray | None:
        """The bytes kept under a key."""
        stored = None if self._settings is None else self._settings.value(key)
        return stored if isinstance(stored, QByteArray) else None

    def recall_word(self, key: str) -> str:
        """The word kept under a key, or ""."""
        return "" if self._settings is None else str(self._settings.value(key, ""))

    def keep(self, key: str, value: QByteArray | str) -> None:
        """Keep bytes or a word."""
        if self._settings is not None:
            self._settings.setValue(key, value)

    def shut_down(self) -> None:
        """Write what waits, and end the thread."""
        self._writer.finish()

    def _take_recent(self, things: tuple[RecentThing, ...]) -> None:
        self._recent = things
        self._keep("recent.toml", lambda file: write_recent(file, things))
        self.recent_changed.emit()

    def _keep(self, name: str, write: Callable[[Path], None]) -> None:
        if self._folder is not None:
            file = self._folder / name
            self._writer.ask(("write", name), lambda: write(file))

    def _on_answer(self, answer: Answer) -> None:
        if answer.error is not None:
            self.refused.emit(answer.error)
        elif answer.key == "conditions":
            self._conditions = cast("dict[RecentThing, Condition]", answer.value)
            self.recent_changed.emit()
