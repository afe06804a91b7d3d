"""The jobs that the window can start.

Each function makes a job from a request; the engine, and torch with it, is imported inside the job, on the engine's thread.
"""

from __future__ import annotations

import gc
import sys
from typing import Protocol

from ddm_studio.control import RunControl
from ddm_studio.engine.requests import CalibrationRequest, CompareRequest, DeblurRequest, DemoRequest
from ddm_studio.events import Report
from ddm_studio.gui.engine_thread import Job


class Jobs(Protocol):
    """Makes jobs; tests bring their own."""

    def calibrate(self, request: CalibrationRequest) -> Job:
        """A job that returns a `CalibrationResult`."""

    def deblur(self, request: DeblurRequest) -> Job:
        """A job that returns a `DeblurResult`."""

    def compare(self, request: CompareRequest) -> Job:
        """A job that reports `DeblurPreview`s and returns nothing."""

    def demo(self, request: DemoRequest) -> Job:
        """A job that returns a `DemoResult`."""


class EngineJobs:
    """The real jobs."""

    def calibrate(self, request: CalibrationRequest) -> Job:
        """Learn a lens."""

        def job(report: Report, control: RunControl) -> object:
            _prepare()
            from ddm_studio.engine.calibrate import calibrate

            return calibrate(request, report, control)

        return job

    def deblur(self, request: DeblurRequest) -> Job:
        """Deblur whole photos."""

        def job(report: Report, control: RunControl) -> object:
            _prepare()
            from ddm_studio.engine.deblur_photos import deblur_photos

            return deblur_photos(request, report, control)

        return job

    def compare(self, request: CompareRequest) -> Job:
        """Deblur a crop with several methods."""

        def job(report: Report, control: RunControl) -> object:
            _prepare()
            from ddm_studio.engine.deblur_photos import compare_on_crop

            compare_on_crop(request, report, control)
            return None

        return job

    def demo(self, request: DemoRequest) -> Job:
        """Make a synthetic lens and go all the way with it."""

        def job(report: Report, control: RunControl) -> object:
            _prepare()
            from ddm_studio.engine.demo import run_demo

            return run_demo(request, report, control)

        return job


def _prepare() -> None:
    """Leave the screen a core and the right of way, before torch makes its threads."""
    first = "torch" not in sys.modules
    from ddm_studio.engine.device import prepare_engine_thread

    prepare_engine_thread()
    if first:
        gc.freeze()  # the objects of a library stay: a collection on the window's thread need not walk through them
