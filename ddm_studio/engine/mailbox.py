"""What the engine says on its way to a slower reader: never more waiting letters than the reader needs.

A replaceable event overwrites its predecessor of the same kind and stage; everything else is delivered, in order.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable

from ddm_studio.events import REPLACEABLE, BatchProgress, DeblurPreview, Event, PatchesCompared


class Mailbox:
    """Written to by one thread, emptied by another.

    Args:
        wake_reader: Called in the writer's thread when the first letter arrives in an empty box, so that
            at most one wake-up is under way however fast the engine talks.
    """

    def __init__(self, wake_reader: Callable[[], None]) -> None:
        self._lock = threading.Lock()
        self._waiting: dict[Hashable, Event] = {}
        self._kept = 0
        self._wake_reader = wake_reader

    def post(self, event: Event) -> None:
        """Leave an event; returns at once."""
        with self._lock:
            was_empty = not self._waiting
            kind = _kind(event)
            if kind is not None:
                # Taken out and put in anew, so that it stands last and the order stays true.
                self._waiting.pop(kind, None)
            if kind is None or (isinstance(event, DeblurPreview) and event.final):
                self._kept += 1
                kind = self._kept
            self._waiting[kind] = event
        if was_empty:
            self._wake_reader()

    def collect(self) -> list[Event]:
        """Take everything that waits, oldest first."""
        with self._lock:
            events, self._waiting = list(self._waiting.values()), {}
        return events


def _kind(event: Event) -> Hashable | None:
    """What an event makes pointless when it arrives; None if nothing."""
    if isinstance(event, BatchProgress):
        return BatchProgress.__name__
    if isinstance(event, REPLACEABLE):
        # Per stage: the last curve of a stage must not be lost to the first one of the next.
        return type(event), event.stage
    if isinstance(event, DeblurPreview):
        return type(event), event.method
    if isinstance(event, PatchesCompared):
        return type(event), event.kind
    return None
