"""Undo and redo of settings: every form is watched, and each change a person makes can be taken back."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt, SignalInstance
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence, QUndoCommand, QUndoStack
from PySide6.QtWidgets import QAbstractSpinBox, QWidget

_ONE_CHANGE_SECONDS = 1.0
"""Changes of one form that follow each other faster, as while an arrow is held down, are one."""


@dataclass(slots=True, eq=False)
class _Watched:
    """A form: what its change is called, how to read and show its settings, and what they were when last seen."""

    number: int
    words: str
    read: Callable[[], Any]
    show: Callable[[Any], object]
    seen: Any
    joins: bool
    changed_at: float = -_ONE_CHANGE_SECONDS


class _Change(QUndoCommand):
    def __init__(self, history: SettingsHistory, form: _Watched, before: object, after: object, joins: bool) -> None:
        super().__init__(form.words)
        self._history, self._form = history, form
        self._before, self._after, self._joins = before, after, joins
        self._is_shown = True  # the person has made the change already when it is put on the stack

    def id(self) -> int:
        return self._form.number

    def mergeWith(self, other: QUndoCommand) -> bool:
        if not isinstance(other, _Change) or not other._joins:
            return False
        self._after = other._after
        self.setObsolete(self._before == self._after)
        return True

    def undo(self) -> None:
        self._is_shown = False
        self._history.show(self._form, self._before)

    def redo(self) -> None:
        if not self._is_shown:
            self._history.show(self._form, self._after)
        self._is_shown = True


class SettingsHistory(QObject):
    """Undo and redo for the forms that `watch` is told of.

    Args:
        parent: Owner.
        clock: Seconds.
    """

    def __init__(self, parent: QObject, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(parent)
        self._clock = clock
        self._forms: list[_Watched] = []
        self._is_showing = False
        self._stack = QUndoStack(self)
        self.undo = self._action(self._stack.createUndoAction(self, self.tr("Undo")), QKeySequence.StandardKey.Undo)
        self.redo = self._action(self._stack.createRedoAction(self, self.tr("Redo")), "Ctrl+Shift+Z")

    def watch(
        self, words: str, changed: SignalInstance, read: Callable[[], Any], show: Callable[[Any], object], joins: bool = True
    ) -> None:
        """Remember the changes of a form.

        Args:
            words: What a change of it is called.
            changed: Emitted when a person has changed something.
            read: Its settings as they stand; compared with `==`.
            show: Fills the form.
            joins: Whether quick changes in a row are one; not where each is complete, as a stroke of a brush is.
        """
        form = _Watched(len(self._forms) + 1, words, read, show, read(), joins)
        self._forms.append(form)
        changed.connect(lambda: self._on_changed(form))

    def take_key_of(self, form: QWidget) -> None:
        """Inside a number's box, Ctrl+Z is ours: the box's own undo would take back keystrokes and not the change."""
        for box in form.findChildren(QAbstractSpinBox):
            box.installEventFilter(self)

    def look_again(self) -> None:
        """Forms were filled by the program, as when a project is opened: that is not to be undone by halves."""
        self._stack.clear()
        for form in self._forms:
            form.seen = form.read()

    def show(self, form: _Watched, settings: object) -> None:
        """Fill a form without remembering that."""
        self._is_showing = True
        form.show(settings)
        self._is_showing = False
        form.seen, form.changed_at = settings, -_ONE_CHANGE_SECONDS

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keep Ctrl+Z from the box."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            is_ours = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier) and event.key() == Qt.Key.Key_Z
            event.setAccepted(False)
            return is_ours
        return False

    def _on_changed(self, form: _Watched) -> None:
        settings = form.read()
        if self._is_showing or settings == form.seen:
            return
        now = self._clock()
        joins = form.joins and now - form.changed_at < _ONE_CHANGE_SECONDS
        self._stack.push(_Change(self, form, form.seen, settings, joins))
        form.seen, form.changed_at = settings, now

    @staticmethod
    def _action(action: QAction, key: QKeySequence.StandardKey | str) -> QAction:
        action.setShortcut(QKeySequence(key))
        return action
