"""What the methods of deblurring really took on this machine, kept from run to run. Without Qt."""

from __future__ import annotations

import json
import logging
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median_low

from ddm_studio.errors import InputError
from ddm_studio.events import MethodTimed
from ddm_studio.preferences import cache_folder
from ddm_studio.project import write_atomically

_KEPT = 5
"""Runs of each kind: older ones were measured in other times."""
_ALIKE = 4.0
"""Whole photos of so many times the pixels tell each other's time, larger ones that of smaller ones at most."""
_FEWEST_PIXELS = 40_000
"""Of a smaller crop the first steps are most of the time."""


@dataclass(frozen=True, slots=True)
class MeasuredTimes:
    """Runs in the order in which they were measured, of one machine."""

    runs: tuple[MethodTimed, ...] = ()

    def of_whole(self, method: str, denoiser: str, pixels: int) -> float | None:
        """Seconds for a photo of so many pixels, reading and writing too, None where none like it was deblurred."""
        alike = [run for run in self._of(method, denoiser, is_whole=True) if pixels <= _ALIKE * run.pixels]
        return _rate(alike) * pixels if alike else None

    def of_crops(self, method: str, denoiser: str, pixels: int) -> tuple[float, int] | None:
        """Seconds for a million pixels of a crop, and the pixels of the crops; None where none was compared.

        Only for photos that are not much larger: what a method does once for each photo is most of its time on a small crop.
        """
        crops = [run for run in self._of(method, denoiser, is_whole=False) if pixels <= _ALIKE * run.pixels]
        return (1e6 * _rate(crops), round(sum(run.pixels for run in crops) / len(crops))) if crops else None

    def with_run(self, run: MethodTimed) -> MeasuredTimes:
        """These and one more; the oldest of its kind is forgotten where there are many."""
        if run.pixels < _FEWEST_PIXELS or not run.seconds > 0:
            return self
        same = self._of(run.method, run.denoiser, run.is_whole)
        gone = same[0] if len(same) >= _KEPT else None
        return MeasuredTimes((*(kept for kept in self.runs if kept is not gone), run))

    def _of(self, method: str, denoiser: str, is_whole: bool) -> Sequence[MethodTimed]:
        return [run for run in self.runs if (run.method, run.denoiser, run.is_whole) == (method, denoiser, is_whole)]


def _rate(runs: Sequence[MethodTimed]) -> float:
    """Seconds for a pixel, the lower middle of the runs: other work only makes one slower."""
    return median_low(run.seconds / run.pixels for run in runs)


def times_file(has_card: bool) -> Path:
    """Where they are kept: by machine, as several may share a home, and apart for a graphics card, which may come and go."""
    return cache_folder() / "speed" / f"{platform.node() or 'here'}-{'card' if has_card else 'processor'}.json"


def read_times(file: Path) -> MeasuredTimes:
    """What is kept; nothing where the file is missing or damaged."""
    times = MeasuredTimes()
    try:
        for entry in json.loads(file.read_text("utf-8")):
            times = times.with_run(MethodTimed(**entry))
    except (OSError, ValueError, TypeError):
        return MeasuredTimes()
    return times


def write_times(file: Path, times: MeasuredTimes) -> None:
    """Keep them; a disc that does not take them is only logged."""
    try:
        write_atomically(file, json.dumps([asdict(run) for run in times.runs], indent=1).encode())
    except InputError as error:
        logging.getLogger("ddm_studio").warning("Measured times are not kept: %s", error)
