"""How fast this machine is, and what that means for a calibration: "about", from a moment of Fourier transforms.

Stage 1 does most of its work on one core; the network of stages 2 and 3 shares its work among cores. The constants were measured
with one thread on one machine, where a batch took 1.0 ms (`python -m benchmarks.calibration_time` on the demo's photos); reading the
photos comes on top, and depends on the disc.
"""

from __future__ import annotations

import logging
import platform
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ddm_studio.errors import InputError
from ddm_studio.preferences import cache_folder
from ddm_studio.project import write_atomically

if TYPE_CHECKING:
    from ddm_studio.settings import CalibrationSettings

_PROBE_SECONDS = 0.3
_FEWEST = 5
_BATCH = (64, 48, 48)
STAGE_ONE = 13_000
"""Transforms of a batch that take as long as stage 1 of 8 x 8 nodes of 13 x 13 taps, readings of photos left out."""
AROUND_THE_NETWORK = 14_000
"""The same for measuring held-out photos and choosing the grid."""
PER_FLOW_STEP = 410
"""The same for a step of training of the network of `quick`, 64 patches of 32 x 32 px, 32 channels."""
PER_MATCHING_STEP = 830
"""The same for a step of the matching, which asks two networks."""


@dataclass(frozen=True, slots=True)
class MachineSpeed:
    """Seconds for one batch of transforms on one core, and the cores that the engine may use beside the window."""

    batch: float
    cores: int


def time_batch() -> float:
    """Seconds for one batch now: the quickest of many in less than a second, as other work makes any of them slower but none quicker."""
    patches = np.random.default_rng(0).random(_BATCH, np.float32)
    best, count, end = float("inf"), 0, time.perf_counter() + _PROBE_SECONDS
    while time.perf_counter() < end or count < _FEWEST:
        began = time.perf_counter()
        np.fft.irfft2(np.fft.rfft2(patches))
        best, count = min(best, time.perf_counter() - began), count + 1
    return best


def measure_speed(cores: int) -> MachineSpeed:
    """Time transforms once more, and keep the best that was ever seen on this machine: a busy moment tells nothing about it."""
    kept, now = speed_file(), time_batch()
    before = _read(kept)
    if before is not None and before <= now:
        return MachineSpeed(before, cores)
    try:
        write_atomically(kept, f"{now:.9f}\n".encode())
    except InputError as error:
        logging.getLogger("ddm_studio").warning("The speed of this machine is not kept: %s", error)
    return MachineSpeed(now, cores)


def speed_file() -> Path:
    """Where the best time of a batch is kept; named by the machine, as several may share a home."""
    return cache_folder() / "speed" / f"{platform.node() or 'here'}.txt"


def _read(file: Path) -> float | None:
    """What was kept, or None where it is missing or damaged."""
    try:
        seconds = float(file.read_text("ascii"))
    except (OSError, ValueError):
        return None
    return seconds if 0 < seconds < float("inf") else None


def expected_seconds(settings: CalibrationSettings, speed: MachineSpeed) -> float:
    """About how long a calibration takes on the processor, photos once read; less where held-out photos already agree with stage 1."""
    batches = float(STAGE_ONE)
    if settings.has_diffusion:
        flow, matching = settings.flow, settings.matching
        network = (flow.patch / 32) ** 2 * (flow.channels / 32) ** 2 / speed.cores
        batches += AROUND_THE_NETWORK
        batches += PER_FLOW_STEP * (flow.steps + flow.pretrain_steps) * (flow.batch / 64) * network
        batches += PER_MATCHING_STEP * (matching.warm_up + matching.steps) * (matching.batch / 64) * network
    return batches * speed.batch
