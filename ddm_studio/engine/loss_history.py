"""The losses of a calibration's stages, kept with its project: a table of stage, step and loss. Without torch."""

from __future__ import annotations

import csv
import io
import logging
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ddm_studio.events import CheckpointSaved, Event, LossCurve, Report
from ddm_studio.project import Project, write_atomically
from ddm_studio.stage import CURVE_POINTS

_HEADER = ["stage", "step", "loss"]


def read_losses(project: Project) -> tuple[LossCurve, ...]:
    """The curve of each stage as far as it was kept, in their order; none where there is no table, or a damaged one."""
    try:
        header, *rows = csv.reader(io.StringIO(project.losses.read_text(encoding="utf-8")))
        if header != _HEADER:
            raise ValueError(f"its columns are {', '.join(header)}")
        stages: dict[str, list[tuple[int, float]]] = {}
        for stage, step, loss in rows:
            stages.setdefault(stage, []).append((int(step), float(loss)))
    except FileNotFoundError:
        return ()
    except (OSError, ValueError) as error:  # a picture of the past: nothing that is learned depends on it
        logging.getLogger("ddm_studio").warning("%s cannot be read and is begun anew: %s", project.losses, error)
        return ()
    return tuple(_curve(stage, [step for step, _ in points], [loss for _, loss in points]) for stage, points in stages.items())


class LossHistory:
    """Passes on what a calibration says; a stage that goes on is told with its curve from before.

    The table is written whenever a snapshot is, so that both survive a crash alike.

    Args:
        project: Of the calibration.
        report: Audience.
    """

    def __init__(self, project: Project, report: Report) -> None:
        self._project, self._report = project, report
        self._before = {curve.stage: curve for curve in read_losses(project)}
        self._now = dict(self._before)

    def report(self, event: Event) -> None:
        """An event of the calibration."""
        if isinstance(event, LossCurve):
            event = self._now[event.stage] = self._joined(event)
        self._report(event)
        if isinstance(event, CheckpointSaved):
            self._write()

    def _joined(self, curve: LossCurve) -> LossCurve:
        before = self._before.get(curve.stage)
        if before is None or not len(curve.steps):
            return curve
        earlier = before.steps < curve.steps[0]
        steps = np.concatenate([before.steps[earlier], curve.steps])
        losses = np.concatenate([before.losses[earlier], curve.losses])
        every = -(-len(steps) // (2 * CURVE_POINTS - 1))
        kept = np.unique(np.append(np.arange(0, len(steps), every), len(steps) - 1))  # the newest too: a curve ends where its stage is
        return replace(curve, steps=_frozen(steps[kept]), losses=_frozen(losses[kept]))

    def _write(self) -> None:
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(_HEADER)
        for curve in self._now.values():
            writer.writerows((curve.stage, step, f"{loss:.7g}") for step, loss in zip(curve.steps, curve.losses, strict=True))
        write_atomically(self._project.losses, text.getvalue().encode())


def _curve(stage: str, steps: list[int], losses: list[float]) -> LossCurve:
    return LossCurve(stage, _frozen(np.array(steps, np.int64)), _frozen(np.array(losses, np.float32)))


def _frozen(array: NDArray[Any]) -> NDArray[Any]:
    array.flags.writeable = False
    return array
