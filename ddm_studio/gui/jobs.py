"""The jobs that the window can start.

Each function makes a job from a request; the engine, and torch with it, is imported inside the job, on the engine's thread.
"""

from __future__ import annotations

from typing import Any, Protocol

from ddm_studio.control import RunControl
from ddm_studio.engine.requests import CalibrationRequest, CheckRequest, CompareRequest, DeblurRequest, DemoRequest, TrainRestorerRequest
from ddm_studio.events import Report
from ddm_studio.gui.engine_loading import load
from ddm_studio.gui.engine_thread import Job


class Jobs(Protocol):
    """Makes jobs; tests bring their own."""

    def calibrate(self, request: CalibrationRequest) -> Job:
        """A job that returns a `CalibrationResult`."""

    def check(self, request: CheckRequest) -> Job:
        """A job that returns a `CheckResult`."""

    def deblur(self, request: DeblurRequest) -> Job:
        """A job that returns a `DeblurResult`."""

    def compare(self, request: CompareRequest) -> Job:
        """A job that reports `DeblurPreview`s and returns nothing."""

    def train(self, request: TrainRestorerRequest) -> Job:
        """A job that returns a `TrainRestorerResult`."""

    def demo(self, request: DemoRequest) -> Job:
        """A job that returns a `DemoResult`."""


class EngineJobs:
    """The real jobs."""

    def calibrate(self, request: CalibrationRequest) -> Job:
        """Learn a lens."""
        return _job("ddm_studio.engine.calibrate", "calibrate", request)

    def check(self, request: CheckRequest) -> Job:
        """Say what is wrong with photos."""
        return _job("ddm_studio.engine.check_photos", "check_photos", request)

    def deblur(self, request: DeblurRequest) -> Job:
        """Deblur whole photos."""
        return _job("ddm_studio.engine.deblur_photos", "deblur_photos", request)

    def compare(self, request: CompareRequest) -> Job:
        """Deblur a crop with several methods."""
        return _job("ddm_studio.engine.deblur_photos", "compare_on_crop", request)

    def train(self, request: TrainRestorerRequest) -> Job:
        """Train the lens's own network."""
        return _job("ddm_studio.engine.train_restorer", "train_lens_restorer", request)

    def demo(self, request: DemoRequest) -> Job:
        """Make a synthetic lens and go all the way with it."""
        return _job("ddm_studio.engine.demo", "run_demo", request)


def _job(module: str, name: str, request: Any) -> Job:
    """The function `name` of `module`, applied to a request on the engine's thread."""

    def job(report: Report, control: RunControl) -> object:
        # Leave the screen a core and the right of way, before torch makes its threads.
        load("ddm_studio.engine.device").prepare_engine_thread()
        function = getattr(load(module), name)
        control.checkpoint(report)
        return function(request, report, control)

    return job
