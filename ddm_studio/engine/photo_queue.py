"""Works through many photos, one after another: a photo that fails does not keep the others, and what is done is not done again."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ddm_studio.control import Cancelled, RunControl
from ddm_studio.errors import DiskFullError, StudioError
from ddm_studio.events import BatchProgress, PhotoAlreadyDone, PhotoSaved, PhotoSkipped, PhotosQueued, PhotoStarted, Report


@dataclass(frozen=True, slots=True)
class Task:
    """A photo and where its result goes."""

    source: Path
    target: Path


@dataclass(eq=False)
class PhotoQueue:
    """Tasks in their order, and what has become of them.

    Args:
        tasks: What to do.
        report: Told of every change of every photo, and of the whole.
        control: Looked at between photos.
        clock: Seconds, injectable for tests.
    """

    tasks: Sequence[Task]
    report: Report
    control: RunControl
    clock: Callable[[], float] = time.monotonic
    saved: list[Path] = field(default_factory=list)
    done_before: list[Path] = field(default_factory=list)
    failed: list[tuple[Path, str]] = field(default_factory=list)

    def run(self, is_done: Callable[[Task], bool], work: Callable[[Task], None]) -> None:
        """Do every task that is not done.

        Args:
            is_done: Whether the result of a task lies there already.
            work: Does one; a `StudioError` concerns this photo only.

        Raises:
            DiskFullError: There is no room for this photo, and so for none of the others; those before it are finished.
            Cancelled: The person asked to stop; the photos that were saved are finished.
            Exception: A fault of ours in one of the photos, after all the others are finished.
        """
        sizes = [_size_of(task.source) for task in self.tasks]
        self.report(PhotosQueued(tuple(task.source for task in self.tasks)))
        worked, seconds, fault = 0, 0.0, None
        for number, task in enumerate(self.tasks):
            left = seconds / worked * sum(sizes[number:]) if worked else None
            self.report(self._progress(number, left))
            self.control.checkpoint(self.report)
            self.report(PhotoStarted(task.source, number + 1, len(self.tasks)))
            if is_done(task):
                self.done_before.append(task.target)
                self.report(PhotoAlreadyDone(task.source, task.target))
                continue
            began, saved = self.clock(), len(self.saved)
            fault = self._attempt(task, work) or fault
            if len(self.saved) > saved:  # a file of 14 bytes that is no photo says nothing of what photos take
                worked, seconds = worked + sizes[number], seconds + self.clock() - began
        self.report(self._progress(len(self.tasks), 0.0))
        if fault is not None:
            raise fault

    def _attempt(self, task: Task, work: Callable[[Task], None]) -> Exception | None:
        replaces = task.target.exists()
        try:
            work(task)
        except DiskFullError as error:
            raise DiskFullError(error.what, error.why, "Make room and deblur again: photos that were saved are not done twice") from error
        except StudioError as error:
            self._fail(task, str(error))
        except Cancelled:
            raise
        except Exception as error:  # noqa: BLE001 - the others must not wait for its mending; `run` raises it again
            self._fail(task, f"a fault of DDM Studio ({type(error).__name__}: {error})")
            return error
        else:
            self.saved.append(task.target)
            self.report(PhotoSaved(task.source, task.target, replaces))
        return None

    def _fail(self, task: Task, reason: str) -> None:
        self.failed.append((task.source, reason))
        self.report(PhotoSkipped(task.source, reason))

    def _progress(self, done: int, seconds_left: float | None) -> BatchProgress:
        return BatchProgress(done, len(self.tasks), len(self.done_before), len(self.failed), seconds_left)


def _size_of(path: Path) -> int:
    """Bytes, by which the time left is shared out; 1 where the file is gone."""
    try:
        return max(1, path.stat().st_size)
    except OSError:
        return 1
