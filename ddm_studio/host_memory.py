"""How much of the computer's own memory is free."""

from __future__ import annotations

from pathlib import Path

import psutil


class HostMemory:
    """The computer's own memory, within the limit of its container.

    Args:
        limit: File that holds the container's limit in bytes, or the word "max".
    """

    def __init__(self, limit: Path = Path("/sys/fs/cgroup/memory.max")) -> None:
        self._limit = limit

    def free(self) -> int:
        """What the system could give without swapping."""
        available = int(psutil.virtual_memory().available)
        try:
            limit = int(self._limit.read_text())
            used = int(self._limit.with_name("memory.current").read_text())
            statistics = dict(line.split() for line in self._limit.with_name("memory.stat").read_text().splitlines())
        except (OSError, ValueError):
            return available
        # Files that were read lately count as used, and are let go when memory is wanted.
        return max(0, min(available, limit - used + int(statistics.get("inactive_file", 0))))

    def begin_watching(self) -> None:
        """Nothing to do: the system does not tell."""

    def most_taken(self) -> int | None:
        """Not known."""
        return None

    def give_back(self) -> None:
        """Nothing to do: tensors are returned when they are dropped."""
