"""How far a calibration is that was left, in words. Translatable."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from ddm_studio.engine.kept_run import SPECTRA, Standing
from ddm_studio.gui.stage_words import stage_words


def _tr(text: str) -> str:
    return QCoreApplication.translate("standing", text)


def standing_words(standing: Standing, failure: str = "") -> str:
    """Where it stands, in a line; `failure` is why it did not go on."""
    if standing.is_finished:
        return _tr("Finished")
    if failure:
        return _tr("Failed: {reason}").format(reason=failure)
    if "blurry" in standing.unread:
        return _tr("Stopped; nothing is learned or kept yet")
    if standing.unread:
        return _tr("Stopped; nothing is learned yet, the blurry photos are read")
    if standing.stage == SPECTRA:
        return _tr("Stopped before the first kernels were done; the photos are read")
    if not standing.stage:
        return _tr("Stopped; only the profile is to be written")
    if not standing.step:
        return _tr("Stopped before “{stage}”").format(stage=stage_words(standing.stage))
    words = _tr("Stopped in “{stage}”, step {step} of {total}")
    return words.format(stage=stage_words(standing.stage), step=standing.step, total=standing.total_steps)


def left_words(standing: Standing) -> str:
    """What is left to do, in a sentence."""
    reading = [f"reading {name} photos" for name in standing.unread]
    stages = [_tr("“{stage}”").format(stage=stage_words(stage)) for stage in (*reading, standing.stage, *standing.later) if stage]
    if standing.step:
        stages[0] = _tr("the rest of {stage}").format(stage=stages[0])
    return _tr("Left to do: {stages}.").format(stages=", ".join((*stages, _tr("the profile"))))
