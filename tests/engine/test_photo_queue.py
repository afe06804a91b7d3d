from pathlib import Path

import pytest

from ddm_studio.control import Cancelled, RunControl
from ddm_studio.engine.photo_queue import PhotoQueue, Task
from ddm_studio.errors import DiskFullError, PhotoError
from ddm_studio.events import BatchProgress, Event, PhotoAlreadyDone, PhotoSaved, PhotoSkipped, PhotosQueued, PhotoStarted


def tasks_in(folder: Path, sizes: list[int]) -> list[Task]:
    for number, size in enumerate(sizes):
        (folder / f"{number}.jpg").write_bytes(bytes(size))
    return [Task(folder / f"{number}.jpg", folder / f"{number}.tif") for number in range(len(sizes))]


class Clock:
    """Work takes a second for every byte of the photo."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def work(self, task: Task) -> None:
        self.now += task.source.stat().st_size


def states(events: list[Event]) -> list[tuple[str, str]]:
    """What a list in a window would show of each photo, in the order told."""
    told: list[tuple[str, str]] = []
    for event in events:
        match event:
            case PhotosQueued(photos):
                told += [(photo.stem, "waiting") for photo in photos]
            case PhotoStarted(source):
                told.append((source.stem, "running"))
            case PhotoSaved(source):
                told.append((source.stem, "done"))
            case PhotoAlreadyDone(source):
                told.append((source.stem, "skipped"))
            case PhotoSkipped(path):
                told.append((path.stem, "failed"))
    return told


def test_every_change_of_every_photo_is_told_and_a_failure_keeps_nobody(tmp_path: Path) -> None:
    events: list[Event] = []
    queue = PhotoQueue(tasks_in(tmp_path, [1, 1, 1]), events.append, RunControl())

    def work(task: Task) -> None:
        if task.source.stem == "1":
            raise PhotoError("It is cut short")

    queue.run(lambda task: task.source.stem == "0", work)
    after_waiting = [("0", "running"), ("0", "skipped"), ("1", "running"), ("1", "failed"), ("2", "running"), ("2", "done")]
    assert states(events) == [(name, "waiting") for name in "012"] + after_waiting
    assert [path.stem for path in queue.saved] == ["2"]
    assert [path.stem for path in queue.done_before] == ["0"]
    assert [(path.stem, reason) for path, reason in queue.failed] == [("1", "It is cut short.")]
    assert events[-1] == BatchProgress(3, 3, 1, 1, 0.0)


def test_a_result_that_takes_the_place_of_an_earlier_one_is_told_as_such(tmp_path: Path) -> None:
    events: list[Event] = []
    tasks = tasks_in(tmp_path, [1, 1])
    tasks[0].target.write_bytes(b"earlier")
    PhotoQueue(tasks, events.append, RunControl()).run(lambda task: False, lambda task: None)
    assert [event.replaced for event in events if isinstance(event, PhotoSaved)] == [True, False]


def test_the_time_left_is_that_of_the_bytes_that_wait_and_photos_done_before_do_not_count_as_quick(tmp_path: Path) -> None:
    events: list[Event] = []
    clock = Clock()
    queue = PhotoQueue(tasks_in(tmp_path, [5, 10, 40, 30]), events.append, RunControl(), clock)
    queue.run(lambda task: task.source.stem == "0", clock.work)
    assert [event.seconds_left for event in events if isinstance(event, BatchProgress)] == [None, None, 70, 30, 0]


def test_the_time_left_is_not_that_of_photos_that_failed(tmp_path: Path) -> None:
    events: list[Event] = []
    clock = Clock()
    queue = PhotoQueue(tasks_in(tmp_path, [1, 10, 40, 30]), events.append, RunControl(), clock)

    def work(task: Task) -> None:
        clock.work(task)
        if task.source.stem == "0":
            clock.now += 100
            raise PhotoError("It is cut short")

    queue.run(lambda task: False, work)
    assert [event.seconds_left for event in events if isinstance(event, BatchProgress)] == [None, None, 70, 30, 0]


def test_a_fault_of_ours_is_raised_after_the_others_are_finished(tmp_path: Path) -> None:
    events: list[Event] = []
    queue = PhotoQueue(tasks_in(tmp_path, [1, 1]), events.append, RunControl())

    def work(task: Task) -> None:
        if task.source.stem == "0":
            raise KeyError("a mistake")

    with pytest.raises(KeyError):
        queue.run(lambda task: False, work)
    assert [path.stem for path in queue.saved] == ["1"]
    assert "a mistake" in queue.failed[0][1]


def test_a_full_disk_ends_the_queue_at_once(tmp_path: Path) -> None:
    queue = PhotoQueue(tasks_in(tmp_path, [1, 1]), lambda event: None, RunControl())

    def work(task: Task) -> None:
        raise DiskFullError("0.tif cannot be written", "No space left on device")

    with pytest.raises(DiskFullError, match="not done twice"):
        queue.run(lambda task: False, work)
    assert (queue.saved, queue.failed) == ([], [])


def test_stopping_is_no_failure(tmp_path: Path) -> None:
    control = RunControl()
    queue = PhotoQueue(tasks_in(tmp_path, [1, 1, 1]), lambda event: None, control)

    def work(task: Task) -> None:
        control.stop()
        if task.source.stem == "1":
            raise Cancelled

    with pytest.raises(Cancelled):
        queue.run(lambda task: False, work)
    assert ([path.stem for path in queue.saved], queue.failed) == (["0"], [])
