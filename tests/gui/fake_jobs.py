"""Jobs without an engine: quick, absurdly fast, failing, or busy with something that cannot be interrupted."""

import time
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np

from ddm_studio.control import RunControl
from ddm_studio.engine.requests import (
    CalibrationRequest,
    CalibrationResult,
    CheckRequest,
    CheckResult,
    CompareRequest,
    DeblurRequest,
    DeblurResult,
    DemoRequest,
    DemoResult,
    TrainRestorerRequest,
    TrainRestorerResult,
)
from ddm_studio.errors import InputError
from ddm_studio.events import (
    DeblurPreview,
    HealthFound,
    KernelsLearned,
    Note,
    PhotoSaved,
    PhotosCounted,
    PhotoSkipped,
    Report,
    SetMeasured,
    Severity,
)
from ddm_studio.gui.engine_thread import Job
from ddm_studio.optics.synthetic_lens import psf_grid, random_lens
from ddm_studio.photos.reading import ColourSpace
from ddm_studio.profiles.lens_profile import LensProfile, save_profile
from ddm_studio.profiles.profile_facts import ProfileFacts
from ddm_studio.stage import StageReporter


def made_up_grid(rows: int = 4, columns: int = 4, size: int = 9) -> np.ndarray:
    return _grid_once(rows, columns, size).copy()


@cache
def _grid_once(rows: int, columns: int, size: int) -> np.ndarray:
    return psf_grid(random_lens(3), rows, columns, size)


def made_up_profile(frame: tuple[int, int] = (96, 64), grid: np.ndarray | None = None) -> LensProfile:
    facts = ProfileFacts(
        camera="Fake 1", lens="Fakegon 50 mm f/1.8", focal_length=50.0, aperture=2.0, iso_range=(100, 400), method="gaussian matching",
        stage="gaussian matching", blurry_photos=12, sharp_photos=30,
    )  # fmt: skip
    noise = np.array([0.01, 0.009, 0.012], np.float32)
    return LensProfile(made_up_grid() if grid is None else grid, noise, frame, ColourSpace("display-curves-1", "sRGB"), facts)


class FakeJobs:
    """Each job counts to `steps`, `seconds` apart, and says what the real one would.

    Args:
        steps: Steps of a stage.
        seconds: Time of a step.
        fail_at: The step at which the job raises.
        error: What it raises.
    """

    def __init__(self, steps: int = 20, seconds: float = 0.002, fail_at: int | None = None, error: Exception | None = None) -> None:
        self.steps = steps
        self.seconds = seconds
        self.fail_at = fail_at
        self.error = error or RuntimeError("the fake broke")
        self.requests: list[object] = []
        self.warnings: list[str] = []
        self.finds_faults = True
        self.findings: list[HealthFound] = []
        self.grid = made_up_grid()
        self.frame = (96, 64)

    def calibrate(self, request: CalibrationRequest) -> Job:
        self.requests.append(request)

        def job(report: Report, control: RunControl) -> object:
            report(PhotosCounted("blurry", 12, 1))
            report(PhotoSkipped(request.blurry / "notes.txt", "it is not a photo"))
            report(Note("The photos hold less texture in the upper left corner."))
            for finding in self.findings:
                report(finding)
            for words in self.warnings:
                report(Note(words, Severity.WARNING))
            self._stage("gaussian matching", report, control, self._report_grid(report))
            request.project.mkdir(parents=True, exist_ok=True)
            profile = request.project / "profile.lens"
            save_profile(made_up_profile(self.frame, self.grid), profile)
            return CalibrationResult(profile, "gaussian matching", 61.0)

        return job

    def check(self, request: CheckRequest) -> Job:
        """Finds fault with the first photo of the blurry folder, and with the corners."""
        self.requests.append(request)

        def job(report: Report, control: RunControl) -> object:
            first = min(request.blurry.glob("*.png"))
            why, advice = "Shaken by the camera", "Leave it out"
            self._stage("checking the photos", report, control, lambda step: None)
            coverage = np.arange(64).reshape(8, 8)
            report(SetMeasured("blurry", 12, 0.87, 0.04, 0.0123, ((2.0, 12),), coverage))
            report(SetMeasured("sharp", 5, 0.9, 0.01, float("nan"), (), coverage))
            if not self.finds_faults:
                return CheckResult(0, 0)
            report(HealthFound("motion", Severity.WARNING, "drop", f"{first.name} is softer than the others", why, advice, "blurry", first))
            report(HealthFound("coverage", Severity.WARNING, "keep", "No photo shows the lower left", "", "Add photos", "blurry"))
            return CheckResult(2, 0)

        return job

    def demo(self, request: DemoRequest) -> Job:
        self.requests.append(request)

        def job(report: Report, control: RunControl) -> object:
            self._stage("demo", report, control, self._report_grid(report))
            request.out.mkdir(parents=True, exist_ok=True)
            profile = request.out / "profile.lens"
            save_profile(made_up_profile(self.frame), profile)
            return DemoResult(0.95, 0.9, 24.0, 27.0, 27.5, 26.9, 100.0, profile, tuple(write_photos(request.out / "to_deblur", 1)))

        return job

    def compare(self, request: CompareRequest) -> Job:
        self.requests.append(request)

        def job(report: Report, control: RunControl) -> object:
            _, _, width, height = request.crop
            for number, method in enumerate(request.methods):
                picture = _stripes(width, height, 8 + 8 * number)

                def show(step: int, method: str = method.value, picture: np.ndarray = picture) -> None:
                    report(DeblurPreview(method, picture // 2, 0.1 * step, final=False))

                self._stage(f"{method.value} on the crop", report, control, show)
                report(DeblurPreview(method.value, picture, 1.5 + number, final=True))
            return None

        return job

    def deblur(self, request: DeblurRequest) -> Job:
        self.requests.append(request)

        def job(report: Report, control: RunControl) -> object:
            self._stage("deblurring", report, control, lambda step: None)
            request.out.mkdir(parents=True, exist_ok=True)
            saved = []
            for photo in request.photos:
                path = request.out / f"{photo.stem}_{request.settings.method.value}.tiff"
                path.write_bytes(b"a picture")
                report(PhotoSaved(photo, path))
                saved.append(path)
            return DeblurResult(tuple(saved), ())

        return job

    def train(self, request: TrainRestorerRequest) -> Job:
        self.requests.append(request)

        def job(report: Report, control: RunControl) -> object:
            self._stage("training the restorer", report, control, lambda step: None)
            restorer = request.project / "restorer.safetensors"
            restorer.write_bytes(b"a network")
            return TrainRestorerResult(restorer, self.steps, 61.0, 24.0, 27.0, 27.6)

        return job

    def _stage(self, name: str, report: Report, control: RunControl, show: Callable[[int], None]) -> None:
        stage = StageReporter(name, self.steps, report, control)
        for step in range(1, self.steps + 1):
            time.sleep(self.seconds)
            if step == self.fail_at:
                raise self.error
            stage.checkpoint(step, 1 + 3 / step)
            if step == 1 or stage.picture_is_due():
                show(step)
        stage.finish()

    def _report_grid(self, report: Report) -> Callable[[int], None]:
        flat = np.full_like(self.grid, 1 / self.grid.shape[-1] ** 2)

        def show(step: int) -> None:
            share = step / self.steps
            report(KernelsLearned("gaussian matching", step, (1 - share) * flat + share * self.grid))

        return show


class FloodingJobs(FakeJobs):
    """Reports tens of thousands of events as fast as Python can."""

    def calibrate(self, request: CalibrationRequest) -> Job:
        def job(report: Report, control: RunControl) -> object:
            for step in range(30_000):
                control.checkpoint(report)
                report(KernelsLearned("flood", step, self.grid))
            raise InputError("The flood is over", "every event was posted", "Look at the counter")

        return job


class StubbornJobs(FakeJobs):
    """A library call that takes its time before the job looks at the control again."""

    def calibrate(self, request: CalibrationRequest) -> Job:
        def job(report: Report, control: RunControl) -> object:
            while True:
                time.sleep(0.3)
                control.checkpoint(report)

        return job


def _stripes(width: int, height: int, period: int) -> np.ndarray:
    rows, columns = np.mgrid[:height, :width]
    light = 128 + 100 * np.sin(2 * np.pi * (rows + columns) / period)
    return np.repeat(light[:, :, None], 3, 2).astype(np.uint8)


def write_photos(folder: Path, count: int, size: tuple[int, int] = (96, 64), seed: int = 0) -> list[Path]:
    """Small PNG photos (width, height) of coloured blobs."""
    from PIL import Image, ImageFilter

    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for number in range(count):
        draw = np.random.default_rng([seed, number])
        picture = Image.fromarray(draw.integers(0, 256, (max(size[1] // 12, 2), max(size[0] // 12, 2), 3), np.uint8))
        path = folder / f"photo_{number:03d}.png"
        picture.resize(size, Image.Resampling.BICUBIC).filter(ImageFilter.GaussianBlur(1)).save(path)
        paths.append(path)
    return paths
