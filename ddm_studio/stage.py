"""One stage of a job seen from its loop: progress with measured time left, loss curve, pause and stop."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from typing import SupportsFloat

import numpy as np

from ddm_studio.control import Cadence, RunControl
from ddm_studio.events import LossCurve, Progress, Report, StageFinished, StageStarted

CURVE_POINTS = 400
# The pace is that of the last seconds, of a long stage that of the last part of it.
LATELY_SECONDS, LATELY_SHARE = 4.0, 0.25
# Between two pictures: long enough for the eye, and twice a second even where nothing better comes.
PICTURE_SECONDS, PICTURE_SECONDS_AT_MOST = 0.25, 0.4


class StageReporter:
    """Reports a stage at screen pace, however fast its loop runs.

    Args:
        stage: Name of the stage, in the words of `StageStarted`.
        total_steps: Steps of the whole stage.
        report: Audience of the events.
        control: Flags looked at once a step.
        first_step: Where a resumed stage goes on.
        clock: Seconds, injectable for tests.
    """

    def __init__(
        self,
        stage: str,
        total_steps: int,
        report: Report,
        control: RunControl,
        first_step: int = 0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._stage = stage
        self._total = total_steps
        self._report = report
        self._control = control
        self._clock = clock
        self._began = clock()
        self._progress_due = Cadence(0.1, clock)
        self._picture_due = Cadence(PICTURE_SECONDS, clock)
        self._steps: list[int] = []
        self._losses: list[float] = []
        self._worked_before = self._working_time()
        self._marks = deque([(self._worked_before, first_step)])
        self._keep_every = 1
        self._newest: tuple[int, SupportsFloat] | None = None
        report(StageStarted(stage, total_steps))

    def checkpoint(self, step: int, loss: SupportsFloat | None = None) -> None:
        """To be called once a step, after `step` steps are done.

        Args:
            step: Steps done so far.
            loss: Loss of the last step; read only when a point of the curve is due.

        Raises:
            Cancelled: The person asked to stop.
        """
        self._control.checkpoint(self._report)
        if loss is not None:
            self._newest = step, loss
            if step % self._keep_every == 0:
                self._remember(step, float(loss))
        if self._progress_due.is_due():
            self._report(Progress(self._stage, step, self._total, self._seconds_left(step)))
            self._report_curve()

    def expect(self, total_steps: int) -> None:
        """The whole stage is expected to have so many steps, where that shows only on the way."""
        self._total = total_steps

    def picture_is_due(self, is_best: bool = True) -> bool:
        """True a few times a second: time to report a picture such as `KernelsLearned`. One that is not the best waits for a better."""
        return self._picture_due.is_due(PICTURE_SECONDS if is_best else PICTURE_SECONDS_AT_MOST)

    def finish(self) -> None:
        """Report the last progress and the end of the stage."""
        self._report(Progress(self._stage, self._total, self._total, 0.0))
        self._report_curve()
        self._report(StageFinished(self._stage, self._clock() - self._began))

    def _remember(self, step: int, loss: float) -> None:
        self._steps.append(step)
        self._losses.append(loss)
        if len(self._steps) > CURVE_POINTS:
            self._steps, self._losses = self._steps[::2], self._losses[::2]
            self._keep_every *= 2

    def _report_curve(self) -> None:
        """What was kept, and the newest loss: a curve ends where the stage is."""
        if self._newest is None:
            return
        steps, losses = self._steps, self._losses
        if not steps or self._newest[0] > steps[-1]:
            steps, losses = [*steps, self._newest[0]], [*losses, float(self._newest[1])]
        arrays = np.array(steps, np.int64), np.array(losses, np.float32)
        for array in arrays:
            array.flags.writeable = False
        self._report(LossCurve(self._stage, *arrays))

    def _working_time(self) -> float:
        """While paused nothing can be learned of the pace."""
        return self._clock() - self._control.waited

    def _seconds_left(self, step: int) -> float | None:
        """By the pace of late: steps need not be alike, and other work on the machine is over some time."""
        now = self._working_time()
        self._marks.append((now, step))
        lately = now - max(LATELY_SECONDS, LATELY_SHARE * (now - self._worked_before))
        while len(self._marks) > 2 and self._marks[1][0] <= lately:
            self._marks.popleft()
        since, first = self._marks[0]
        if step <= first or now - self._worked_before < 0.5:
            return None
        return (now - since) / (step - first) * (self._total - step)
