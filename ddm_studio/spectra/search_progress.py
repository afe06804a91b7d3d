"""How far a search is whose length nobody knows before: it goes on until it settles."""

from __future__ import annotations

from collections.abc import Sequence

BEYOND = 0.25
"""A part that takes longer than usual is expected to take this share of its work so far once more."""
LEAST = 0.06
"""Of the work so far at least this share is still expected: nothing tells the end before it is there."""


class SearchProgress:
    """Counts work in parts, one after the other; what is still to come is estimated anew from what has been.

    Args:
        usual: Work of each part, as it usually is, in any unit.
    """

    def __init__(self, usual: Sequence[int]) -> None:
        self._usual = tuple(usual)
        self._part, self._in_part = 0, 0
        self.done = 0
        """Work done so far."""

    def begin(self, part: int) -> None:
        """This part begins: nothing is left of those before it."""
        self._part, self._in_part = part, 0

    def add(self, work: int) -> None:
        """So much was done."""
        self.done += work
        self._in_part += work

    @property
    def total(self) -> int:
        """Work of the whole search, as far as can be told now; more than what is done, before the end."""
        left = max(self._usual[self._part] - self._in_part, BEYOND * self._in_part) + sum(self._usual[self._part + 1 :])
        return self.done + max(round(max(left, LEAST * self.done)), 1)
