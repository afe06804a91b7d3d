"""Messages above a page that is watched: they take the place of its title instead of moving what stands below."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QWidget

_CHANGES = (QEvent.Type.Show, QEvent.Type.Hide, QEvent.Type.Resize)


class MessageRoom(QObject):
    """Tells a page how much room messages take above it.

    Args:
        messages: Shown above the page, and its owner.
        margin: Pixels above the messages.
        give_way: Of the page; given the pixels that they take, 0 while there are none.
    """

    def __init__(self, messages: QWidget, margin: int, give_way: Callable[[int], None]) -> None:
        super().__init__(messages)
        self._messages, self._margin, self._give_way = messages, margin, give_way
        messages.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Look for a change of their size."""
        if event.type() in _CHANGES:
            self._give_way(0 if self._messages.isHidden() else self._messages.height() + self._margin)
        return False
