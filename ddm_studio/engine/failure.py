"""How an exception of a job is told: the one place that turns errors into `RunFailed`, for window and command line."""

from __future__ import annotations

import traceback

from ddm_studio.errors import InputError, StudioError
from ddm_studio.events import RunFailed


def failure_of(error: Exception) -> RunFailed:
    """Words for a person, and the traceback for whoever helps."""
    details = "".join(traceback.format_exception(error))
    if isinstance(error, StudioError):
        return RunFailed(str(error), details, isinstance(error, InputError), error.what, error.why, error.advice)
    return RunFailed(f"{type(error).__name__}: {error}" if str(error) else type(error).__name__, details, input_is_wrong=False)
