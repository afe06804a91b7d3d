"""The most memory that this process has held since a moment, where the system tells (Linux)."""

from __future__ import annotations

import resource
import sys
from pathlib import Path

CLEAR, STATUS = Path("/proc/self/clear_refs"), Path("/proc/self/status")
FORGET_THE_PEAK = "5"


class PeakMemory:
    """Measures from its making on; elsewhere than on Linux since the start of the process."""

    def __init__(self) -> None:
        if sys.platform == "linux":
            CLEAR.write_text(FORGET_THE_PEAK)

    def gigabytes(self) -> float:
        """The peak of resident memory."""
        if sys.platform == "linux":
            line = next(line for line in STATUS.read_text().splitlines() if line.startswith("VmHWM:"))
            return int(line.split()[1]) / 1e6
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
