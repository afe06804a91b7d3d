"""What the engine reports, in sentences for the notes of a run and for the log. Translatable."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from ddm_studio.events import (
    CheckpointSaved,
    DeblurPreview,
    Event,
    HealthFound,
    Note,
    Paused,
    PhotoSaved,
    PhotosCounted,
    PhotoSkipped,
    ResultReblurred,
    Resumed,
    RunFailed,
    RunFinished,
    RunStopped,
    Severity,
    StageFinished,
    StageStarted,
)
from ddm_studio.gui.stage_words import stage_words
from ddm_studio.gui.wording import duration, method_words, plural, with_tilde
from ddm_studio.settings import Method


def _tr(text: str) -> str:
    return QCoreApplication.translate("events", text)


def is_warning(event: Event) -> bool:
    """Whether a person should hear of it wherever they are."""
    return isinstance(event, Note | HealthFound) and event.severity is not Severity.NOTE


def note_words(event: Event) -> str:
    """What is told among the notes of a run; nothing for what the page shows in other ways."""
    match event:
        case ResultReblurred() if event.doubt:
            return f"{event.source.name}, {method_words(Method(event.method))[0]}: {event.message}"
        case StageFinished():
            return _tr("{stage} took {time}.").format(stage=stage_words(event.stage), time=duration(event.seconds))
        case Note() | HealthFound():
            return event.message
        case PhotoSkipped():
            return _tr("{name} is skipped: {reason}").format(name=event.path.name, reason=event.reason)
        case PhotosCounted():
            name = _tr("Blurry") if event.set_name == "blurry" else _tr("Sharp")
            used = plural(event.used, _tr("photo"), _tr("photos"))
            return _tr("{name} set: {used} used, {n} skipped.").format(name=name, used=used, n=event.skipped)
        case _:
            return ""


def log_words(event: Event) -> str:
    """What is written into the log; nothing for what only moves pictures and bars."""
    match event:
        case StageStarted():
            return _tr("{stage} begins.").format(stage=stage_words(event.stage))
        case DeblurPreview() if event.final and event.method in set(Method):  # the blurry crop is told, too
            return _tr("{method} took {time}.").format(method=method_words(Method(event.method))[0], time=duration(event.seconds))
        case PhotoSaved():
            words = _tr("{name} replaces an earlier {path}.") if event.replaced else _tr("{name} is saved as {path}.")
            return words.format(name=event.source.name, path=with_tilde(event.path))
        case CheckpointSaved():
            return _tr("{stage} is kept up to step {step}.").format(stage=stage_words(event.stage), step=event.step)
        case Paused():
            return _tr("Paused.")
        case Resumed():
            return _tr("Going on.")
        case RunFinished():
            return _tr("Finished.")
        case RunStopped():
            return _tr("Stopped.")
        case RunFailed():
            return _tr("Not finished: {message}").format(message=event.message)
        case _:
            words = note_words(event)
            return _tr("Warning: {words}").format(words=words) if is_warning(event) else words
