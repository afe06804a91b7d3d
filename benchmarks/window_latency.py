"""How quick the window stays while the real engine trains.

`python -m benchmarks.window_latency [--warm-up 180] [--seconds 600] [--flow-steps N]`

Opens a photo of 24 megapixels in the real window (offscreen unless QT_QPA_PLATFORM says otherwise), zooms and pans it at rest, starts
a calibration of generated photos through all three stages, watches the Calibrate page, and zooms and pans again while the engine
trains. Measured, stage by stage: by how much the 10 ms of a timer are overrun; how often a new grid is painted; how much the memory
grows that the process holds, after the warm-up and within each stage (the next stage brings its own buffers); and the frames that the
crop view paints when each is answered by the next turn of the wheel or move of the mouse. Stage 3 is given so many steps that it
outlasts the measurement.
Wanted: 99.5 % of the gaps at most 50 ms, none over 200 ms; two grids a second where kernels move; 30 frames a second; in ten minutes
after three of warm-up less than 10 MB more.
"""

from __future__ import annotations

import argparse
import math
import os
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

OPENED = time.perf_counter()
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np  # noqa: E402 - the clock starts before what takes time to load
import psutil  # noqa: E402
from PIL import Image, ImageFilter  # noqa: E402
from PySide6.QtCore import QCoreApplication, QEvent, QEventLoop, QObject, QPoint, QPointF, Qt, QTimer  # noqa: E402
from PySide6.QtGui import QMouseEvent, QWheelEvent  # noqa: E402
from PySide6.QtWidgets import QApplication, QWidget  # noqa: E402

from ddm_studio.engine.requests import CalibrationRequest  # noqa: E402
from ddm_studio.events import KernelsLearned, StageStarted  # noqa: E402
from ddm_studio.gui.app import GarbageTimer  # noqa: E402
from ddm_studio.gui.main_window import MainWindow  # noqa: E402
from ddm_studio.gui.theme import apply_theme  # noqa: E402
from ddm_studio.optics.dead_leaves import dead_leaves  # noqa: E402
from ddm_studio.settings import CalibrationSettings, Preset, preset_settings  # noqa: E402

TICK_MS = 10
ENDLESS = 100_000
SMOOTHED = 30
"""Seconds at both ends over which memory is averaged, and that a stage has to make its buffers."""
NOT_LOADED = "loading torch"


@dataclass(eq=False)
class StageTimes:
    """What was seen of one stage: overruns of the timer in ms, grids painted, seconds, and MB held after the warm-up, second by second."""

    gaps: list[float] = field(default_factory=list)
    grids: int = 0
    seconds: float = 0.0
    memory: list[float] = field(default_factory=list)

    @property
    def growth(self) -> float:
        """MB more in ten minutes, once the stage has its buffers; NaN where it was too short to tell."""
        seen = self.memory[SMOOTHED:]
        if len(seen) < 3 * SMOOTHED:
            return math.nan
        grown = float(np.mean(seen[-SMOOTHED:]) - np.mean(seen[:SMOOTHED]))
        return 600 * grown / (len(seen) - SMOOTHED)


@dataclass(eq=False)
class Report:
    """All that was measured.

    Attributes:
        opened: Seconds until the window was seen.
        stages: By the names of the engine's stages, in their order.
        frames: Frames a second of each gesture.
        memory: MB that the process held, minute by minute from the engine's first word on.
    """

    opened: float = 0.0
    stages: dict[str, StageTimes] = field(default_factory=dict)
    frames: dict[str, float] = field(default_factory=dict)
    memory: list[float] = field(default_factory=list)


class Watch(QObject):
    """Times the window and what it paints while a job runs."""

    def __init__(self, window: MainWindow, report: Report, warm_up: float) -> None:
        super().__init__(window)
        self._report, self._warm_up, self._heard_for = report, warm_up, 0
        self._has_new_grid = False
        self._stage = report.stages.setdefault(NOT_LOADED, StageTimes())
        self._last = self._remembered = time.perf_counter()
        self._process = psutil.Process()
        self.has_heard = False
        window.job.happened.connect(self._on_event)
        window.calibrate.panel.grid.installEventFilter(self)
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._on_tick)
        self._timer.start(TICK_MS)

    def stop(self) -> None:
        """Look no longer."""
        self._timer.stop()

    def _on_event(self, event: object) -> None:
        self.has_heard = True
        self._has_new_grid |= isinstance(event, KernelsLearned)
        if isinstance(event, StageStarted):
            self._stage = self._report.stages.setdefault(event.stage, StageTimes())

    def _on_tick(self) -> None:
        now = time.perf_counter()
        self._stage.gaps.append((now - self._last) * 1000 - TICK_MS)
        self._stage.seconds += now - self._last
        self._last = now
        if self.has_heard and now - self._remembered >= 1:
            self._remembered = now
            self._remember(self._process.memory_info().rss / 1e6)

    def _remember(self, megabytes: float) -> None:
        """Once a second."""
        if self._heard_for % 60 == 0:
            self._report.memory.append(megabytes)
        if self._heard_for >= self._warm_up:
            self._stage.memory.append(megabytes)
        self._heard_for += 1

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Count the grid's paintings, if there was something new to paint."""
        if event.type() is QEvent.Type.Paint and self._has_new_grid:
            self._has_new_grid = False
            self._stage.grids += 1
        return super().eventFilter(watched, event)


class Gesture(QObject):
    """Answers every frame that a view paints with the next move, for some seconds."""

    def __init__(self, view: QWidget, move: Callable[[int], None]) -> None:
        super().__init__(view)
        self._view, self._move, self._frames = view, move, 0

    def frames_per_second(self, seconds: float) -> float:
        """Move until they are over."""
        began = time.perf_counter()
        self._view.installEventFilter(self)
        self._move(0)
        wait(lambda: False, seconds)
        self._view.removeEventFilter(self)
        return self._frames / (time.perf_counter() - began)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A frame is painted; the next move comes after it."""
        if event.type() is QEvent.Type.Paint:
            self._frames += 1
            QTimer.singleShot(0, self, self._go_on)
        return super().eventFilter(watched, event)

    def _go_on(self) -> None:
        self._move(self._frames)


def wait(is_over: Callable[[], bool], seconds: float) -> bool:
    """Let the window live until something is over, or the time is; whether it was."""
    loop = QEventLoop()
    poll = QTimer()
    poll.timeout.connect(lambda: loop.quit() if is_over() else None)
    poll.start(20)
    QTimer.singleShot(round(seconds * 1000), loop, loop.quit)
    loop.exec()
    return is_over()


@dataclass(frozen=True, slots=True)
class Plan:
    """What is done, and for how many seconds.

    Attributes:
        settings: Of the calibration.
        megapixels: Size of the photo that is zoomed and panned.
        gesture: Seconds of each gesture.
        warm_up: Seconds from the engine's first word on that do not count for memory.
        watched: Seconds after these.
    """

    settings: CalibrationSettings
    megapixels: float = 24.0
    gesture: float = 3.0
    warm_up: float = 180.0
    watched: float = 600.0


def measure(application: QApplication, folder: Path, plan: Plan) -> Report:
    """Everything, in a window of its own.

    Args:
        application: Themed.
        folder: Empty, for photos and the project.
        plan: What to do.

    Raises:
        TimeoutError: The photo did not open, or the engine said nothing.
    """
    report = Report()
    window = MainWindow()
    window.resize(1280, 800)
    window.show()
    application.processEvents()
    report.opened = time.perf_counter() - OPENED
    window.warm_up()
    try:
        _open_photo(window, make_photo(folder / "large.jpg", plan.megapixels))
        report.frames |= _zoom_and_pan(window, plan.gesture, "at rest")
        request = CalibrationRequest(*make_sets(folder), folder / "project", plan.settings)
        window.show_page("calibrate")
        watch = Watch(window, report, plan.warm_up)
        window.calibrate.start_requested.emit(request)
        if not wait(lambda: watch.has_heard, 120):
            raise TimeoutError("the engine said nothing for two minutes")
        wait(lambda: not window.runner.is_running, plan.warm_up + plan.watched)
        watch.stop()
        if window.runner.is_running:
            report.frames |= _zoom_and_pan(window, plan.gesture, "while training")
    finally:
        window.job.stop()
        wait(lambda: not window.runner.is_running, 60)
        window.close()
    return report


def _open_photo(window: MainWindow, photo: Path) -> None:
    window.show_page("deblur")
    window.deblur.take([photo])
    with Image.open(photo) as picture:
        width = picture.width
    if not wait(lambda: window.deblur.compare.isVisible() and window.deblur.crop.photo_size.width() == width, 60):
        raise TimeoutError("the photo did not open within a minute")


def _zoom_and_pan(window: MainWindow, seconds: float, when: str) -> dict[str, float]:
    """Frames a second: the wheel turned in and out about the middle, and the photo dragged to and fro at 100 %."""
    window.show_page("deblur")
    view = window.deblur.crop
    view.viewport.fit()
    middle = QPointF(view.width() / 2, view.height() / 2)

    def turn(number: int) -> None:
        notches = 1 if number % 40 < 20 else -1
        QCoreApplication.sendEvent(view, _wheel(view, middle, notches))

    zoomed = Gesture(view, turn).frames_per_second(seconds)
    view.viewport.look_at(QPointF(view.photo_size.width() / 4, view.photo_size.height() / 4), 1.0)  # where the crop is not
    corner = QPointF(20, 20)
    QCoreApplication.sendEvent(view, _mouse(QEvent.Type.MouseButtonPress, view, corner))

    def drag(number: int) -> None:
        share = 2 * math.pi * number / 120
        place = middle + QPointF(0.4 * view.width() * math.sin(share), 0.4 * view.height() * math.sin(2 * share))
        QCoreApplication.sendEvent(view, _mouse(QEvent.Type.MouseMove, view, place))

    panned = Gesture(view, drag).frames_per_second(seconds)
    QCoreApplication.sendEvent(view, _mouse(QEvent.Type.MouseButtonRelease, view, middle))
    return {f"zoom, {when}": zoomed, f"pan, {when}": panned}


def _wheel(view: QWidget, place: QPointF, notches: int) -> QWheelEvent:
    where, turned = QPointF(view.mapToGlobal(place.toPoint())), QPoint(0, 120 * notches)
    held = Qt.KeyboardModifier.NoModifier
    return QWheelEvent(place, where, QPoint(), turned, Qt.MouseButton.NoButton, held, Qt.ScrollPhase.NoScrollPhase, False)


def _mouse(kind: QEvent.Type, view: QWidget, place: QPointF) -> QMouseEvent:
    left, where = Qt.MouseButton.LeftButton, QPointF(view.mapToGlobal(place.toPoint()))
    return QMouseEvent(kind, place, where, left, left, Qt.KeyboardModifier.NoModifier)


def make_photo(path: Path, megapixels: float) -> Path:
    """A 3:2 JPEG of a generated scene that repeats."""
    height = round(math.sqrt(megapixels * 1e6 * 2 / 3))
    width = round(height * 1.5)
    scene = (dead_leaves(500, 500, 7).clip(0, 1) * 255).astype(np.uint8)
    repeats = math.ceil(height / 500), math.ceil(width / 500), 1
    Image.fromarray(np.tile(scene, repeats)[:height, :width]).save(path, quality=90)
    return path


def make_sets(folder: Path) -> tuple[Path, Path]:
    """Generated scenes, the blurry ones blurred: enough for the engine to be busy with."""
    for name in ("blurry", "sharp"):
        (folder / name).mkdir()
        for number in range(10):
            scene = dead_leaves(400, 600, number + (100 if name == "sharp" else 0))
            picture = Image.fromarray((scene.clip(0, 1) * 255).astype(np.uint8))
            if name == "blurry":
                picture = picture.filter(ImageFilter.GaussianBlur(1.2))
            picture.save(folder / name / f"{number}.png")
    return folder / "blurry", folder / "sharp"


def training_settings(preset: Preset, flow_steps: int | None = None) -> CalibrationSettings:
    """A preset that does not end by itself before the measurement does, if it has a stage 3; its stage 2 of so many steps."""
    settings = preset_settings(preset)
    flow = settings.flow if flow_steps is None else settings.flow.model_copy(update={"steps": flow_steps})
    return settings.model_copy(update={"flow": flow, "matching": settings.matching.model_copy(update={"always": True, "steps": ENDLESS})})


def table(report: Report) -> str:
    """All numbers in lines."""
    lines = [f"window seen after {report.opened:.2f} s"]
    lines.append(f"{'10 ms timer, overrun in ms':32}{'seconds':>8}{'p50':>8}{'p99.5':>8}{'max':>8}{'grids/s':>9}{'MB in 10 min':>14}")
    for name, stage in report.stages.items():
        if stage.gaps:
            p50, p995 = np.percentile(stage.gaps, [50, 99.5])
            rate = stage.grids / max(stage.seconds, 1e-9)
            lines.append(f"{name:32}{stage.seconds:8.1f}{p50:8.1f}{p995:8.1f}{max(stage.gaps):8.1f}{rate:9.1f}{stage.growth:+14.1f}")
    lines += [f"{name:32}{rate:8.1f} frames/s" for name, rate in report.frames.items()]
    if report.memory:
        lines.append(f"memory in MB, minute by minute: {' '.join(f'{value:.0f}' for value in report.memory)}")
    return "\n".join(lines)


def main() -> None:
    """Print one table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--warm-up", type=float, default=180, help="seconds of training that do not count for memory")
    parser.add_argument("--seconds", type=float, default=600, help="seconds to measure after these")
    parser.add_argument("--preset", default=Preset.QUICK, type=Preset, choices=[Preset.INSTANT, Preset.QUICK])
    parser.add_argument("--flow-steps", type=int, help="of stage 2, if not the preset's: few, to see more of stage 3")
    parser.add_argument("--megapixels", type=float, default=24)
    options = parser.parse_args()
    sys.setswitchinterval(0.001)
    application = QApplication(sys.argv[:1])
    apply_theme(application)
    GarbageTimer(application)
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as folder:
        plan = Plan(
            training_settings(options.preset, options.flow_steps), options.megapixels, warm_up=options.warm_up, watched=options.seconds
        )
        report = measure(application, Path(folder), plan)
    print(table(report))
    print(f"processes that wanted the machine before: {load:.1f}, at the end: {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
