"""The command line's side of a job: who listens to it, how it is stopped, and how its end becomes words and an exit code."""

from __future__ import annotations

import json
import os
import re
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import fields, is_dataclass
from enum import Enum, IntEnum
from types import FrameType
from typing import TYPE_CHECKING, Any, Protocol, TextIO, TypeAlias

import numpy as np
from pydantic import BaseModel

from ddm_studio.control import Cadence, Cancelled, RunControl
from ddm_studio.engine.failure import failure_of
from ddm_studio.engine.requests import CalibrationResult, CheckResult, DeblurResult, DemoResult, TrainRestorerResult
from ddm_studio.events import (
    BatchProgress,
    Event,
    HealthFound,
    Note,
    PhotoAlreadyDone,
    PhotoSaved,
    PhotosCounted,
    PhotoSkipped,
    Progress,
    Report,
    ResultReblurred,
    RunFailed,
    RunFinished,
    RunStopped,
    StageFinished,
    StageStarted,
)
from ddm_studio.profiles.summary import ProfileSummary, summary_lines
from ddm_studio.stopped_words import NOTHING_KEPT

if TYPE_CHECKING:
    from rich.progress import TaskID

Job: TypeAlias = Callable[[Report, RunControl], object]
Ending: TypeAlias = RunFinished | RunStopped | RunFailed

LEFT_AT_ONCE_SENTENCE = "Left at once; what the last checkpoint holds is kept."


class ExitCode(IntEnum):
    """How a command ended."""

    DONE = 0
    OUR_FAULT = 1
    WRONG_INPUT = 2
    STOPPED = 3


class Audience(Protocol):
    """Hears every event of a job, its ending included, and is closed afterwards."""

    def __call__(self, event: Event) -> None:
        """Hear an event."""

    def close(self) -> None:
        """Put the terminal in order."""


def run_job(job: Job, audience: Audience, when_stopped: Callable[[], str] = lambda: NOTHING_KEPT) -> int:
    """Run a job to its end, whatever that is.

    Ctrl-C and SIGTERM ask it to stop; a second one leaves at once, by `KeyboardInterrupt`.

    Args:
        job: What to do.
        audience: Who is told, the ending event last.
        when_stopped: Says what a stopped job has kept and how to go on, in sentences.

    Returns:
        The exit code.
    """
    control = RunControl()
    try:
        with _stopped_by_signals(control):
            ending = _run_to_the_end(job, audience, control)
    except KeyboardInterrupt:
        audience(RunFailed(LEFT_AT_ONCE_SENTENCE, "", input_is_wrong=False))
        audience.close()
        raise
    audience(ending)
    audience.close()
    match ending:
        case RunFinished(result):
            failed = result.failed if isinstance(result, DeblurResult) else ()
            for path, reason in failed:
                complain(f"{path} was not deblurred: {reason}")
            return ExitCode.WRONG_INPUT if failed else ExitCode.DONE
        case RunStopped():
            complain(when_stopped())
            return ExitCode.STOPPED
        case RunFailed(message, input_is_wrong=True):
            complain(message)
            return ExitCode.WRONG_INPUT
        case RunFailed(message, details):
            sys.stderr.write(details)
            complain(f"This is a fault of DDM Studio, not yours: {message.rstrip('.')}. Please report it with the lines above.")
            return ExitCode.OUR_FAULT


def _run_to_the_end(job: Job, report: Report, control: RunControl) -> Ending:
    try:
        return RunFinished(job(report, control))
    except Cancelled:
        return RunStopped()
    except BrokenPipeError:
        raise
    except Exception as error:  # noqa: BLE001 - the outermost edge of every command
        return failure_of(error)


@contextmanager
def _stopped_by_signals(control: RunControl) -> Iterator[None]:
    def on_signal(number: int, frame: FrameType | None) -> None:
        if control.stop_requested:
            raise KeyboardInterrupt
        control.stop()
        # Not through sys.stderr: the signal may have come in the middle of a write to it.
        with suppress(OSError):
            os.write(2, b"\nStopping. Press Ctrl-C again to leave at once.\n")

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(number, on_signal) for number in numbers]
    try:
        yield
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler or signal.SIG_DFL)


def choose_audience(as_json: bool) -> Audience:
    """JSON lines when asked for; progress bars on a terminal; plain lines elsewhere."""
    if as_json:
        return JsonLines(sys.stdout)
    if sys.stdout.isatty() and os.environ.get("TERM") != "dumb":
        return Terminal()
    return PlainLines(sys.stdout)


def complain(sentence: str) -> None:
    """Say a sentence on stderr."""
    sys.stderr.write(printable(sentence) + "\n")
    sys.stderr.flush()


class JsonLines:
    """One JSON object a line: `event` (the class name in snake_case), then its fields; arrays by shape and dtype only."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def __call__(self, event: Event) -> None:
        """Print an event."""
        name = re.sub(r"(?<!^)(?=[A-Z])", "_", type(event).__name__).lower()
        self._stream.write(json.dumps({"event": name, **plain_data(event)}, allow_nan=False) + "\n")
        self._stream.flush()

    def close(self) -> None:
        """Nothing to put in order."""


class PlainLines:
    """Lines without control characters, for files and pipes."""

    def __init__(self, stream: TextIO, cadence: Cadence | None = None) -> None:
        self._stream = stream
        self._progress_due = cadence or Cadence(5)

    def __call__(self, event: Event) -> None:
        """Print what is worth a line."""
        if isinstance(event, Progress):
            if self._progress_due.is_due():
                self._print(f"{event.stage}: step {event.step} of {event.total_steps}{_time_left(event)}")
            return
        for line in sentences(event):
            self._print(line)

    def close(self) -> None:
        """Nothing to put in order."""

    def _print(self, line: str) -> None:
        self._stream.write(printable(line) + "\n")
        self._stream.flush()


class Terminal:
    """A progress bar per stage with the measured time left, and lines above it."""

    def __init__(self) -> None:
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
        from rich.progress import Progress as Bars

        columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[left]}"))
        self._bars = Bars(*columns)
        self._tasks: dict[str, TaskID] = {}
        self._bars.start()

    def __call__(self, event: Event) -> None:
        """Move a bar, or print a line above the bars."""
        match event:
            case StageStarted():
                # A stage that begins again, as for the next photo, has its bar back.
                if event.stage in self._tasks:
                    self._bars.remove_task(self._tasks[event.stage])
                self._tasks[event.stage] = self._bars.add_task(printable(event.stage), total=event.total_steps, left="")
            case Progress() if event.stage in self._tasks:
                left = _time_left(event).removeprefix(", ")
                self._bars.update(self._tasks[event.stage], completed=event.step, total=event.total_steps, left=left)
            case StageFinished() if event.stage in self._tasks:
                self._bars.update(self._tasks[event.stage], left=f"took {duration(event.seconds)}")
            case RunFinished() | RunStopped() | RunFailed():
                # The bars end above the last words.
                self._bars.stop()
                self._print(event)
            case _:
                self._print(event)

    def close(self) -> None:
        """Give the cursor back."""
        self._bars.stop()

    def _print(self, event: Event) -> None:
        for line in sentences(event):
            self._bars.console.print(printable(line), markup=False, highlight=False, soft_wrap=True)


def sentences(event: Event) -> list[str]:
    """What an event is in lines for a person; none for pictures, and none for endings that `run_job` words itself."""
    match event:
        case StageStarted():
            return [f"{event.stage}: started ({event.total_steps} steps)"]
        case StageFinished():
            return [f"{event.stage}: finished after {duration(event.seconds)}"]
        case HealthFound():
            return [f"{event.severity.value}: {event.message}"]
        case Note():
            return [event.message]
        case RunFinished():
            return describe(event.result)
        case _:
            return _photo_sentences(event)


def _photo_sentences(event: Event) -> list[str]:
    match event:
        case PhotoSkipped():
            return [f"skipped {event.path}: {event.reason}"]
        case PhotosCounted():
            return [f"{event.set_name} photos: {event.used} used, {event.skipped} skipped"]
        case PhotoSaved():
            return [f"{event.source.name} -> {event.path}{' (an earlier result is replaced)' if event.replaced else ''}"]
        case ResultReblurred():
            return [f"{event.source.name}, {event.method}: {event.message}"]
        case PhotoAlreadyDone():
            return [f"{event.source.name} is already done: {event.path}"]
        case BatchProgress() if 0 < event.done < event.total:
            return [f"{event.done} of {event.total} photos{_time_left(event)}"]
        case _:
            return []


def describe(result: object) -> list[str]:
    """The result of a job in lines for a person."""
    match result:
        case CalibrationResult():
            return [f"The lens profile is {result.profile} (grid of stage {result.stage}, {duration(result.seconds)})."]
        case TrainRestorerResult():
            return [_restorer_words(result)]
        case CheckResult():
            return [_health_words(result)]
        case DeblurResult():
            before = f"{len(result.done_before)} were done already, " if result.done_before else ""
            return [f"{len(result.saved)} photos saved, {before}{len(result.failed)} failed."]
        case DemoResult():
            return _score_table(result)
        case ProfileSummary():
            rows = summary_lines(result)
            width = max(len(name) for name, _ in rows)
            return [f"{name:<{width}}  {value}" for name, value in rows]
        case str():
            return [result]
        case _:
            return []


def _restorer_words(result: TrainRestorerResult) -> str:
    scores = f"{result.psnr_network:.2f} dB; Wiener has {result.psnr_wiener:.2f} dB, the blurred photos {result.psnr_blurred:.2f} dB"
    took = f"{result.steps} steps, {duration(result.seconds)}"
    return f"The network is {result.restorer} ({took}). PSNR on sharp photos that it was not trained on: {scores}."


def _health_words(result: CheckResult) -> str:
    counts = [f"{count} {word}{'s' * (count > 1)}" for count, word in ((result.warnings, "warning"), (result.notes, "note")) if count]
    return f"A lens can be learned from these photos: {', '.join(counts) or 'nothing was found wrong'}."


def _score_table(result: DemoResult) -> list[str]:
    rows = [
        ("NCC of the recovered grid, mean", f"{result.ncc_mean:.4f}", ""),
        ("NCC of the recovered grid, worst node", f"{result.ncc_min:.4f}", ""),
        ("PSNR of the blurred frames", f"{result.psnr_blurred:.2f} dB", ""),
    ]
    for name, psnr in (("Wiener", result.psnr_wiener), ("DPIR", result.psnr_dpir), ("DiffPIR", result.psnr_diffpir)):
        rows.append((f"PSNR deblurred by {name}", f"{psnr:.2f} dB", f"{psnr - result.psnr_blurred:+.2f} dB"))
    rows.append(("Time", duration(result.seconds), ""))
    return ["", *(f"{name:<40}{value:>12}{gain:>12}".rstrip() for name, value, gain in rows), "", f"The lens profile is {result.profile}."]


def _time_left(event: Progress | BatchProgress) -> str:
    return "" if event.seconds_left is None else f", {duration(event.seconds_left)} left"


def duration(seconds: float) -> str:
    """Seconds as a person says them."""
    if not np.isfinite(seconds):
        return "an unknown time"
    if seconds < 10:
        return f"{seconds:.1f} s"
    minutes, whole = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes:02d} min"
    return f"{minutes} min {whole:02d} s" if minutes else f"{whole} s"


def printable(text: str) -> str:
    """Text on one line, control characters and undecodable parts of file names replaced: names may hold anything."""
    return "".join(letter if letter.isprintable() else " " if letter.isspace() else "\N{REPLACEMENT CHARACTER}" for letter in text)


def plain_data(value: object) -> Any:
    """Anything a job reports as values that JSON knows: NaN as null, arrays as shape and dtype, paths as strings."""
    match value:
        case Enum():
            return plain_data(value.value)
        case None | bool() | int() | str():
            return value
        case float() | np.floating():
            return float(value) if np.isfinite(value) else None
        case np.integer() | np.bool_():
            return value.item()
        case np.ndarray():
            return {"shape": list(value.shape), "dtype": str(value.dtype)}
        case list() | tuple():
            return [plain_data(item) for item in value]
    return _plain_table(value)


def _plain_table(value: object) -> Any:
    if isinstance(value, BaseModel):
        value = value.model_dump()
    if isinstance(value, Mapping):
        return {str(key): plain_data(item) for key, item in value.items()}
    if is_dataclass(value):
        return {part.name: plain_data(getattr(value, part.name)) for part in fields(value)}
    return str(value)
