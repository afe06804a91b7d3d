"""How far a calibration is that was left, in words, for window and command line alike. Without Qt and torch."""

from __future__ import annotations

from collections.abc import Callable

from ddm_studio.engine.kept_run import SPECTRA, Standing

Words = Callable[[str], str]


def _as_it_is(words: str) -> str:
    return words


def standing_words(standing: Standing, failure: str = "", tr: Words = _as_it_is, stage_words: Words = _as_it_is) -> str:
    """Where it stands, in a line.

    Args:
        standing: Of the calibration.
        failure: Why it did not go on, where it was not stopped by the person.
        tr: Translates.
        stage_words: The engine's name of a stage in words.
    """
    if standing.is_finished:
        return tr("Finished")
    if failure:
        return tr("Failed: {reason}").format(reason=failure)
    if "blurry" in standing.unread:
        return tr("Stopped; nothing is learned or kept yet")
    if standing.unread:
        return tr("Stopped; nothing is learned yet, the blurry photos are read")
    if standing.has_wavefront:
        return tr("Stopped; the kernels are found and kept")
    if standing.has_first_kernels:
        return tr("Stopped; the first kernels are kept")
    if standing.stage == SPECTRA:
        return tr("Stopped before the first kernels were done; the photos are read")
    if not standing.stage:
        return tr("Stopped; only the profile is to be written")
    if not standing.step:
        return tr("Stopped before “{stage}”").format(stage=stage_words(standing.stage))
    words = tr("Stopped in “{stage}”, step {step} of {total}")
    return words.format(stage=stage_words(standing.stage), step=standing.step, total=standing.total_steps)


def left_words(standing: Standing, tr: Words = _as_it_is, stage_words: Words = _as_it_is) -> str:
    """What is left to do, in a sentence; arguments as above."""
    reading = [f"reading {name} photos" for name in standing.unread]
    stages = [tr("“{stage}”").format(stage=stage_words(stage)) for stage in (*reading, standing.stage, *standing.later) if stage]
    if standing.step:
        stages[0] = tr("the rest of {stage}").format(stage=stages[0])
    return tr("Left to do: {stages}.").format(stages=", ".join((*stages, tr("the profile"))))
