"""Calibrations one after another: set up while one runs, seen, reordered, removed, kept for the next visit."""

from dataclasses import replace
from pathlib import Path

import pytest
from fake_jobs import FakeJobs, write_photos
from gestures import LEFT, drop
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton

from ddm_studio.engine.requests import CalibrationRequest
from ddm_studio.errors import InputError
from ddm_studio.events import RunFailed, RunFinished, RunStopped
from ddm_studio.gui.calibration_queue import CalibrationQueue, Place, read_queue, write_queue
from ddm_studio.gui.main_window import MainWindow
from ddm_studio.gui.memory import Memory
from ddm_studio.gui.run_state import RunState
from ddm_studio.settings import Preset, preset_settings


class Clock:
    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


def request_for(name, preset=Preset.INSTANT, **more):
    return CalibrationRequest(Path("blurry"), Path("sharp"), Path("/projects") / name, preset_settings(preset), **more)


def names(queue):
    return [entry.request.project.name for entry in queue.entries]


def read(window):
    """The list as a person reads it: title, state."""
    lines = window.calibrate.queue_list.lines
    items = [lines.topLevelItem(row) for row in range(lines.topLevelItemCount())]
    return [(item.text(0), item.text(1)) for item in items]


def choose(window, row):
    lines = window.calibrate.queue_list.lines
    lines.setCurrentItem(lines.topLevelItem(row))


def click_answer(desk, qtbot, words):
    qtbot.waitUntil(lambda: desk.question is not None and desk.question.isVisible())
    buttons = {button.text(): button for button in desk.question.findChildren(QPushButton)}
    qtbot.mouseClick(buttons[words], LEFT)


# The queue itself


def test_they_are_taken_in_their_order_and_ended_ones_stay_above():
    queue = CalibrationQueue()
    queue.begin(request_for("a"))
    queue.add(request_for("b"))
    queue.add(request_for("c"))
    queue.end(RunFinished(None))
    assert queue.take_next() == request_for("b")
    queue.end(RunStopped())
    assert queue.take_next() == request_for("c")
    assert queue.take_next() is None
    queue.end(RunFailed("No photos", "", input_is_wrong=True))
    assert [(entry.request.project.name, entry.place) for entry in queue.entries] == [
        ("a", Place.DONE),
        ("b", Place.STOPPED),
        ("c", Place.FAILED),
    ]
    assert queue.entries[2].reason == "No photos"


def test_only_those_that_wait_are_moved_and_only_among_each_other():
    queue = CalibrationQueue()
    queue.begin(request_for("a"))
    for name in "bcd":
        queue.add(request_for(name))
    a, b, _, d = queue.entries
    queue.move(d, -1)
    assert names(queue) == ["a", "b", "d", "c"]
    queue.move(b, -1)
    queue.move(a, 1)
    queue.move(queue.entries[3], 1)
    assert names(queue) == ["a", "b", "d", "c"]


def test_the_running_one_cannot_be_removed():
    queue = CalibrationQueue()
    queue.begin(request_for("a"))
    queue.add(request_for("b"))
    for entry in queue.entries:
        queue.remove(entry)
    assert names(queue) == ["a"]


def test_the_time_is_that_of_the_running_one():
    clock = Clock()
    queue = CalibrationQueue(clock=clock)
    queue.begin(request_for("a"))
    clock.now += 20
    queue.tell()
    assert queue.entries[0].seconds == 20
    clock.now += 5
    queue.end(RunFinished(None))
    clock.now += 1000
    queue.tell()
    assert queue.entries[0].seconds == 25


def test_a_stopped_one_waits_again_and_goes_on_where_there_is_something_to_go_on_with(tmp_path):
    queue = CalibrationQueue()
    projects = tmp_path / "kept", tmp_path / "nothing"
    (projects[0] / "checkpoints").mkdir(parents=True)
    (projects[0] / "checkpoints" / "state.safetensors").touch()
    for project in projects:
        queue.begin(replace(request_for("a"), project=project))
        queue.end(RunStopped())
        queue.again(queue.entries[-1])
        assert queue.take_next().resume == (project is projects[0])
        queue.end(RunFinished(None))


def test_one_that_is_to_begin_anew_does_so_although_something_lies_there(tmp_path):
    (tmp_path / "checkpoints").mkdir()
    (tmp_path / "checkpoints" / "state.safetensors").touch()
    queue = CalibrationQueue()
    queue.add(replace(request_for("a"), project=tmp_path))
    assert not queue.take_next().resume


def test_held_ones_are_not_taken():
    queue = CalibrationQueue()
    queue.restore((request_for("a"),))
    assert queue.take_next() is None
    queue.hold(False)
    assert queue.take_next() == request_for("a")


def test_a_queue_that_was_emptied_is_not_held_any_more():
    queue = CalibrationQueue()
    queue.add(request_for("a"))
    queue.hold(True)
    queue.remove(queue.entries[0])
    queue.add(request_for("b"))
    assert queue.take_next() == request_for("b")


def test_what_is_kept_is_what_would_be_lost():
    queue = CalibrationQueue()
    queue.begin(request_for("a"))
    assert queue.unfinished == ()  # one that was started by hand lies in its project
    queue.add(request_for("b"))
    assert queue.unfinished == (request_for("a", resume=True), request_for("b"))
    queue.end(RunFinished(None))
    assert queue.unfinished == (request_for("b"),)


def test_the_file_gives_back_what_was_written(tmp_path):
    settings = preset_settings(Preset.QUICK, sharp_crop=(400, 300), noise=None, kernel_size=9)
    one = CalibrationRequest(tmp_path / "été", None, tmp_path / "p", settings, resume=True, left_out=(tmp_path / "été" / "a.jpg",))
    write_queue(tmp_path / "queue.json", [one, request_for("b")])
    assert read_queue(tmp_path / "queue.json") == (one, request_for("b"))


@pytest.mark.parametrize("content", ["", "{", "[1]", '[{"blurry": "x"}]'])
def test_a_damaged_file_is_begun_anew(tmp_path, content):
    file = tmp_path / "queue.json"
    file.write_text(content)
    assert read_queue(file) == ()
    assert read_queue(tmp_path / "missing.json") == ()


# In the window


@pytest.fixture
def jobs():
    return FakeJobs(steps=100_000)


@pytest.fixture
def running(ready, qtbot):
    """A calibration runs."""
    qtbot.mouseClick(ready.calibrate.start, LEFT)
    qtbot.waitUntil(lambda: ready.calibrate.panel._psf is not None)
    return ready


def stop(window, qtbot):
    qtbot.mouseClick(window.calibrate.strip.stop, LEFT)


def test_the_row_of_a_paused_one_reads_paused(running, qtbot):
    page = running.calibrate
    qtbot.mouseClick(page.form.presets.button(Preset.QUICK), LEFT)
    qtbot.mouseClick(page.enqueue, LEFT)
    qtbot.mouseClick(page.strip.pause, LEFT)
    qtbot.waitUntil(lambda: read(running)[0][1] == "paused")
    qtbot.mouseClick(page.strip.pause, LEFT)
    qtbot.waitUntil(lambda: read(running)[0][1] == "running")


def test_another_preset_waits_in_a_project_of_its_own_and_starts_when_the_first_is_stopped(running, qtbot, jobs, own_home):
    page = running.calibrate
    assert not page.queue_list.isVisible()
    qtbot.mouseClick(page.form.presets.button(Preset.QUICK), LEFT)
    qtbot.mouseClick(page.enqueue, LEFT)
    assert page.queue_list.isVisible()
    assert read(running) == [("old lens  ·  Instant", "running"), ("old lens 2  ·  Quick", "waiting")]
    assert len(jobs.requests) == 1
    stop(running, qtbot)
    qtbot.waitUntil(lambda: len(jobs.requests) == 2 and running.state is RunState.RUNNING)
    assert read(running) == [("old lens  ·  Instant", "stopped"), ("old lens 2  ·  Quick", "running")]
    assert jobs.requests[1].project == own_home / "DDM Studio" / "old lens 2"
    assert jobs.requests[1].settings.preset is Preset.QUICK


def test_other_photos_can_be_chosen_and_queued_while_one_runs(running, qtbot, jobs, tmp_path):
    other = tmp_path / "other lens"
    write_photos(other, 4, seed=5)
    running.show_page("photos")
    drop(running.photos.blurry, [other])
    running.show_page("calibrate")
    qtbot.waitUntil(lambda: running.calibrate.form.project.text().endswith("other lens"))
    qtbot.mouseClick(running.calibrate.enqueue, LEFT)
    assert read(running)[1] == ("other lens  ·  Instant", "waiting")
    stop(running, qtbot)
    qtbot.waitUntil(lambda: len(jobs.requests) == 2)
    assert jobs.requests[1].blurry == other


@pytest.mark.parametrize("typed", ["", "mine"])
def test_after_queueing_the_project_folder_names_one_that_is_free(running, qtbot, tmp_path, typed):
    page = running.calibrate
    if typed:
        page.form.project.setText(str(tmp_path / typed))
    qtbot.mouseClick(page.enqueue, LEFT)
    assert page.form.project_folder is not None
    assert page.form.project_folder.absolute() not in running.queue.projects()
    assert page.enqueue.isEnabled()


def test_a_project_that_is_in_use_is_refused(running, qtbot, tmp_path):
    page = running.calibrate
    page.form.project.setText(str(tmp_path / "mine"))
    qtbot.mouseClick(page.enqueue, LEFT)
    assert not running.messages.isVisible()
    page.form.project.setText(str(tmp_path / "mine"))
    qtbot.mouseClick(page.enqueue, LEFT)
    assert running.messages.isVisible()
    assert "keeps" in running.messages.why.text()
    assert len(read(running)) == 2


class FirstFails(FakeJobs):
    """Its first calibration fails."""

    def calibrate(self, request):
        self.fail_at = 40 if not self.requests else None
        self.steps = 40
        job = super().calibrate(request)
        fail_at = self.fail_at

        def failing(report, control):
            self.fail_at = fail_at
            return job(report, control)

        return failing


@pytest.mark.parametrize("jobs", [FirstFails(seconds=0.02, error=InputError("Too few photos", "There are 3", "Add more"))])
def test_a_failure_is_told_and_does_not_keep_the_next_from_starting(ready, qtbot, jobs):
    page = ready.calibrate
    qtbot.mouseClick(page.start, LEFT)
    qtbot.mouseClick(page.enqueue, LEFT)
    qtbot.waitUntil(lambda: len(jobs.requests) == 2, timeout=10_000)
    assert read(ready)[0] == ("old lens  ·  Instant", "⚠ failed")
    assert ready.messages.what.text() == "Too few photos."
    assert "Too few photos" in page.queue_list.lines.topLevelItem(0).toolTip(1)
    qtbot.waitUntil(lambda: ready.page == "lens", timeout=10_000)
    assert read(ready)[1] == ("old lens 2  ·  Instant", "✓ done")


@pytest.mark.parametrize("jobs", [FakeJobs(steps=30, seconds=0.02)])
def test_the_page_stays_while_the_queue_goes_on_and_the_last_lens_is_shown(ready, qtbot, jobs):
    page = ready.calibrate
    qtbot.mouseClick(page.start, LEFT)
    qtbot.mouseClick(page.enqueue, LEFT)
    qtbot.waitUntil(lambda: len(jobs.requests) == 2, timeout=10_000)
    assert ready.page == "calibrate"
    assert "The lens is learned" in ready.messages.what.text()
    qtbot.waitUntil(lambda: ready.page == "lens", timeout=10_000)
    assert [state for _, state in read(ready)] == ["✓ done", "✓ done"]


def test_they_can_be_reordered_and_removed_by_mouse_and_key(running, qtbot):
    page, queue_list = running.calibrate, running.calibrate.queue_list
    for _ in range(3):
        qtbot.mouseClick(page.enqueue, LEFT)
    choose(running, 3)
    assert not queue_list.later.isEnabled()
    qtbot.mouseClick(queue_list.earlier, LEFT)
    assert [title.split("  ")[0] for title, _ in read(running)] == ["old lens", "old lens 2", "old lens 4", "old lens 3"]
    qtbot.keyClick(queue_list.lines, Qt.Key.Key_Delete)
    assert [title.split("  ")[0] for title, _ in read(running)] == ["old lens", "old lens 2", "old lens 3"]
    assert queue_list.lines.selectedItems()[0].text(0).startswith("old lens 3")
    choose(running, 1)
    qtbot.mouseClick(queue_list.remove, LEFT)
    assert [title.split("  ")[0] for title, _ in read(running)] == ["old lens", "old lens 3"]
    choose(running, 0)
    assert not queue_list.remove.isEnabled()


def test_held_ones_leave_the_engine_free_until_they_are_let_go(running, qtbot, jobs):
    page, queue_list = running.calibrate, running.calibrate.queue_list
    qtbot.mouseClick(page.enqueue, LEFT)
    qtbot.mouseClick(queue_list.hold, LEFT)
    assert read(running)[1][1] == "held"
    stop(running, qtbot)
    qtbot.waitUntil(lambda: running.state is RunState.IDLE)
    qtbot.wait(100)
    assert len(jobs.requests) == 1
    qtbot.mouseClick(queue_list.hold, LEFT)
    qtbot.waitUntil(lambda: len(jobs.requests) == 2)
    assert read(running)[1][1] == "running"


def test_a_stopped_one_is_put_back_by_a_click(running, qtbot, jobs):
    page, queue_list = running.calibrate, running.calibrate.queue_list
    qtbot.mouseClick(page.enqueue, LEFT)
    stop(running, qtbot)
    qtbot.waitUntil(lambda: len(jobs.requests) == 2)
    choose(running, 0)
    qtbot.mouseClick(queue_list.again, LEFT)
    assert [state for _, state in read(running)] == ["running", "waiting"]
    assert read(running)[1][0] == "old lens  ·  Instant"


def test_what_waits_survives_closing_and_is_asked_for_not_started(qtbot, tmp_path, own_home):
    requests = (replace(request_for("a"), project=tmp_path / "a"), replace(request_for("b"), project=tmp_path / "b"))
    (tmp_path / "memory").mkdir()
    write_queue(tmp_path / "memory" / "queue.json", requests)
    jobs = FakeJobs(steps=20)
    window = MainWindow(jobs, Memory(tmp_path / "memory"))
    window.show()
    qtbot.waitExposed(window)
    window.desk.offer_queue()
    qtbot.wait(100)
    assert jobs.requests == []
    click_answer(window.desk, qtbot, "Let them wait")
    assert [state for _, state in read(window)] == ["held", "held"]
    window.close()
    assert read_queue(tmp_path / "memory" / "queue.json") == requests

    again = MainWindow(jobs, Memory(tmp_path / "memory"))
    again.show()
    again.desk.offer_queue()
    click_answer(again.desk, qtbot, "Start them")
    qtbot.waitUntil(lambda: len(jobs.requests) == 2 and again.state is RunState.IDLE, timeout=10_000)
    assert [request.project.name for request in jobs.requests] == ["a", "b"]
    again.close()
    assert read_queue(tmp_path / "memory" / "queue.json") == ()


def test_forgotten_ones_are_gone(qtbot, tmp_path):
    write_queue(tmp_path / "queue.json", [request_for("a")])
    window = MainWindow(FakeJobs(), Memory(tmp_path))
    window.show()
    window.desk.offer_queue()
    click_answer(window.desk, qtbot, "Forget them")
    assert not window.queue.entries
    window.close()
    assert read_queue(tmp_path / "queue.json") == ()


def test_nothing_is_asked_where_nothing_waits(window):
    window.desk.offer_queue()
    assert window.desk.question is None


def test_a_run_that_is_stopped_by_closing_comes_first_at_the_next_visit(qtbot, tmp_path, blurry, sharp):
    window = MainWindow(FakeJobs(steps=100_000), Memory(tmp_path / "memory"))
    window.show()
    settings = preset_settings(Preset.INSTANT)
    for name in ("first", "second"):
        window.calibrate.start_requested.emit(CalibrationRequest(blurry, sharp, tmp_path / name, settings))
    window.close()
    qtbot.waitUntil(lambda: window.leaving.question is not None and window.leaving.question.isVisible())
    assert "What waits is offered at the next start" in window.leaving.question.informativeText()
    buttons = {button.text(): button for button in window.leaving.question.findChildren(QPushButton)}
    with qtbot.waitSignal(window.closed, timeout=5000):
        qtbot.mouseClick(buttons["Stop and close"], LEFT)
    kept = read_queue(tmp_path / "memory" / "queue.json")
    assert [(request.project.name, request.resume) for request in kept] == [("first", True), ("second", False)]
