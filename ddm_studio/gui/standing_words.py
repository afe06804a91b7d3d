"""How far a calibration is that was left, in words. Translatable."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from ddm_studio.engine.kept_run import Standing
from ddm_studio.gui.stage_words import stage_words


def _tr(text: str) -> str:
    return QCoreApplication.translate("standing", text)


def standing_words(standing: Standing, failure: str = "") -> str:
    """Where it stands, in a line; `failure` is why it did not go on."""
    if standing.is_finished:
        return _tr("Finished")
    if failure:
        return _tr("Failed: {reason}").format(reason=failure)
    if not standing.has_work:
        return _tr("Begun; nothing is learned yet")
    if not standing.stage:
        return _tr("Stopped; only the profile is to be written")
    if not standing.step:
        return _tr("Stopped before “{stage}”").format(stage=stage_words(standing.stage))
    words = _tr("Stopped in “{stage}”, step {step} of {total}")
    return words.format(stage=stage_words(standing.stage), step=standing.step, total=standing.total_steps)


def left_words(standing: Standing) -> str:
    """What is left to do, in a sentence."""
    stages = [_tr("“{stage}”").format(stage=stage_words(stage)) for stage in (standing.stage, *standing.later) if stage]
    if standing.step:
        stages[0] = _tr("the rest of {stage}").format(stage=stages[0])
    return _tr("Left to do: {stages}.").format(stages=", ".join((*stages, _tr("the profile"))))
