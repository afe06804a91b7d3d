"""What a calibration will cost on this machine: how long each preset takes, and what stands in the way of a graphics card."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import get_args

from ddm_studio.gui.gpu_doctor import Finding
from ddm_studio.gui.measured_times import MeasuredTimes, read_times, times_file
from ddm_studio.gui.speed_probe import MachineSpeed
from ddm_studio.settings import DenoiserName, Preset


@dataclass(frozen=True, slots=True)
class Outlook:
    """Seconds of each preset, None where the probe cannot tell because a graphics card would do the work."""

    seconds: Mapping[Preset, float | None]
    card: Finding


def look_ahead() -> Outlook:
    """Probe the machine; less than a second, but off the window's thread."""
    from ddm_studio.engine.cores import usable_cores
    from ddm_studio.gui.gpu_doctor import examine, this_machine
    from ddm_studio.gui.speed_probe import expected_seconds, measure_speed
    from ddm_studio.settings import preset_settings

    card = examine(this_machine())
    speed = measure_speed(max(1, usable_cores() - 1))  # as many as the engine takes beside the window
    seconds = {
        preset: None if card is Finding.READY and preset is not Preset.INSTANT else expected_seconds(preset_settings(preset), speed)
        for preset in Preset
    }
    return Outlook(seconds, card)


@dataclass(frozen=True, slots=True)
class DeblurOutlook:
    """What is known before photos are deblurred.

    Attributes:
        speed: The machine's, None where a graphics card does the work.
        denoisers: Those that are here.
        measured: What earlier runs took; kept in `times_file`.
    """

    speed: MachineSpeed | None
    denoisers: tuple[DenoiserName, ...]
    measured: MeasuredTimes
    times_file: Path

    def with_measured(self, measured: MeasuredTimes) -> DeblurOutlook:
        """The same, after one more run."""
        return replace(self, measured=measured)


def look_at_deblurring() -> DeblurOutlook:
    """Probe the machine, as `look_ahead` does, and look for published networks; off the window's thread."""
    from ddm_studio.deblur.weights import PUBLISHED, cache_folder
    from ddm_studio.engine.cores import usable_cores
    from ddm_studio.gui.gpu_doctor import examine, this_machine
    from ddm_studio.gui.speed_probe import measure_speed

    here = [weight.name for weight in PUBLISHED if _size_of(cache_folder() / weight.file) == weight.size]
    denoisers: tuple[DenoiserName, ...] = tuple(name for name in get_args(DenoiserName) if name == "bundled" or name in here)
    has_card = examine(this_machine()) is Finding.READY
    kept = times_file(has_card)
    return DeblurOutlook(None if has_card else measure_speed(max(1, usable_cores() - 1)), denoisers, read_times(kept), kept)


def _size_of(path: Path) -> int | None:
    try:
        return path.stat().st_size
    except OSError:
        return None
