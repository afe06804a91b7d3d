"""What the commands run: the jobs of the engine, each loaded only when it is asked for, and the window."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ddm_studio.console import ExitCode, complain
from ddm_studio.control import RunControl
from ddm_studio.engine.requests import (
    BlendRequest,
    CalibrationRequest,
    CalibrationResult,
    CheckRequest,
    CheckResult,
    DeblurRequest,
    DeblurResult,
    DemoRequest,
    DemoResult,
    TrainRestorerRequest,
    TrainRestorerResult,
)
from ddm_studio.errors import InputError
from ddm_studio.events import Report


def _calibrate(request: CalibrationRequest, report: Report, control: RunControl) -> CalibrationResult:
    _prepare_torch()
    from ddm_studio.engine.calibrate import calibrate

    return calibrate(request, report, control)


def _check(request: CheckRequest, report: Report, control: RunControl) -> CheckResult:
    from ddm_studio.engine.check_photos import check_photos

    return check_photos(request, report, control)


def _deblur(request: DeblurRequest, report: Report, control: RunControl) -> DeblurResult:
    _prepare_torch()
    from ddm_studio.engine.deblur_photos import deblur_photos

    return deblur_photos(request, report, control)


def _train_restorer(request: TrainRestorerRequest, report: Report, control: RunControl) -> TrainRestorerResult:
    _prepare_torch()
    from ddm_studio.engine.train_restorer import train_lens_restorer

    return train_lens_restorer(request, report, control)


def _blend(request: BlendRequest, report: Report, control: RunControl) -> DeblurResult:
    from ddm_studio.engine.blend_photos import blend_photos

    return blend_photos(request, report, control)


def _demo(request: DemoRequest, report: Report, control: RunControl) -> DemoResult:
    _prepare_torch()
    from ddm_studio.engine.demo import run_demo

    return run_demo(request, report, control)


def _prepare_torch() -> None:
    from ddm_studio.engine.device import prepare_engine_thread

    prepare_engine_thread(beside_window=False)


def _open_window(demo_out: Path | None) -> int:
    if sys.platform == "linux" and not any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")):
        # Qt would abort the process.
        complain(
            str(
                InputError(
                    "The window cannot be opened", "There is no screen", "Use demo --headless or the other commands, see ddm-studio --help"
                )
            )
        )
        return ExitCode.WRONG_INPUT
    try:
        from ddm_studio.gui.app import main as open_window
    except ImportError as error:
        advice = "Install the system packages that the README names; every job also runs on the command line, see ddm-studio --help"
        complain(str(InputError("The window cannot be opened", str(error), advice)))
        return ExitCode.WRONG_INPUT
    return open_window([], demo_out)


@dataclass(frozen=True, slots=True)
class Jobs:
    """What the commands run; tests bring their own."""

    calibrate: Callable[[CalibrationRequest, Report, RunControl], CalibrationResult] = _calibrate
    deblur: Callable[[DeblurRequest, Report, RunControl], DeblurResult] = _deblur
    demo: Callable[[DemoRequest, Report, RunControl], DemoResult] = _demo
    open_window: Callable[[Path | None], int] = _open_window
    check: Callable[[CheckRequest, Report, RunControl], CheckResult] = _check
    blend: Callable[[BlendRequest, Report, RunControl], DeblurResult] = _blend
    train_restorer: Callable[[TrainRestorerRequest, Report, RunControl], TrainRestorerResult] = _train_restorer
