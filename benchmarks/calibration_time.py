"""What a calibration takes, in units of the window's probe of the machine: the constants of `gui.speed_probe`.

    python -m benchmarks.calibration_time --blurry DIR --sharp DIR

One thread, `quick` with fewer steps; stages that read photos are left out, as they depend on the disc. Prints processor time.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections import defaultdict
from pathlib import Path

import torch

from ddm_studio.control import RunControl
from ddm_studio.engine.calibrate import calibrate
from ddm_studio.engine.requests import CalibrationRequest
from ddm_studio.events import Event, StageFinished, StageStarted
from ddm_studio.gui.speed_probe import time_batch
from ddm_studio.settings import FlowSettings, MatchingSettings, Preset, preset_settings

FLOW_STEPS, WARM_UP, KERNEL_STEPS = 25, 5, 20
FLOW, MATCHING = "learning the blurry photos", "matching distributions"


def main() -> None:
    """Run it and print one table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--blurry", type=Path, required=True)
    parser.add_argument("--sharp", type=Path, required=True)
    options = parser.parse_args()
    torch.set_num_threads(1)
    spent: defaultdict[str, float] = defaultdict(float)
    began = [0.0]

    def listen(event: Event) -> None:
        if isinstance(event, StageStarted):
            began[0] = time.process_time()
        if isinstance(event, StageFinished):
            spent[event.stage] += time.process_time() - began[0]

    matching = MatchingSettings(warm_up=WARM_UP, steps=KERNEL_STEPS, always=True)
    settings = preset_settings(Preset.QUICK, flow=FlowSettings(steps=FLOW_STEPS), matching=matching)
    before = time_batch()
    with tempfile.TemporaryDirectory() as folder:
        calibrate(CalibrationRequest(options.blurry, options.sharp, Path(folder) / "project", settings), listen, RunControl())
    batch = min(before, time_batch())
    steps = {FLOW: FLOW_STEPS, MATCHING: WARM_UP + KERNEL_STEPS}
    print(f"a batch of transforms: {batch * 1000:.3f} ms (before: {before * 1000:.3f} ms)")
    for stage, seconds in spent.items():
        print(f"{stage:32}{seconds:8.1f} s {seconds / batch / steps.get(stage, 1):12.0f} batches{' a step' if stage in steps else ''}")


if __name__ == "__main__":
    main()
