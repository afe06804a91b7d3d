"""How fast this machine is, and what that means for a calibration: "about", from half a second of Fourier transforms.

Transforms are what stage 1 does most, on one core; the network of stages 2 and 3 shares its work among cores. The constants were measured
with one thread on one machine, where a batch took 1.0 ms (`python -m benchmarks.calibration_time` on the demo's photos); reading the
photos comes on top, and depends on the disc.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from ddm_studio.settings import CalibrationSettings

_PROBE_SECONDS = 0.4
_BATCH = (64, 48, 48)
STAGE_ONE = 34_000
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


@cache
def measure_speed(cores: int) -> MachineSpeed:
    """Time transforms for less than a second; once, as it is remembered."""
    patches = np.random.default_rng(0).random(_BATCH, np.float32)
    times: list[float] = []
    end = time.perf_counter() + _PROBE_SECONDS
    while time.perf_counter() < end or len(times) < 3:
        began = time.perf_counter()
        np.fft.irfft2(np.fft.rfft2(patches))
        times.append(time.perf_counter() - began)
    return MachineSpeed(float(np.quantile(times, 0.25)), cores)  # the slower ones were disturbed


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
