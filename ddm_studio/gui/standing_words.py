"""How far a calibration is that was left, in the window's words. Translatable."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from ddm_studio.engine import standing_words as engine_words
from ddm_studio.engine.kept_run import Standing
from ddm_studio.gui.stage_words import stage_words


def _tr(text: str) -> str:
    return QCoreApplication.translate("standing", text)


def standing_words(standing: Standing, failure: str = "") -> str:
    """Where it stands, in a line; `failure` is why it did not go on."""
    return engine_words.standing_words(standing, failure, _tr, stage_words)


def left_words(standing: Standing) -> str:
    """What is left to do, in a sentence."""
    return engine_words.left_words(standing, _tr, stage_words)
