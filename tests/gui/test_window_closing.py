"""Closing asks while a job runs, and no thread outlives the window."""

import time

import pytest
from fake_jobs import FakeJobs, StubbornJobs
from gestures import LEFT
from PySide6.QtCore import QSettings, Qt
from PySide6.QtWidgets import QPushButton

from ddm_studio.gui.main_window import MainWindow
from ddm_studio.gui.memory import Memory
from ddm_studio.gui.run_state import RunState


def press(window, qtbot, words):
    qtbot.waitUntil(lambda: window.leaving.question is not None and window.leaving.question.isVisible())
    buttons = {button.text(): button for button in window.leaving.question.findChildren(QPushButton)}
    qtbot.mouseClick(buttons[words], LEFT)


def begin(window, qtbot, tmp_path):
    window.start_demo(tmp_path / "demo")
    qtbot.waitUntil(lambda: window.runner.is_running)


def test_an_idle_window_closes_at_once(window):
    assert window.close()
    assert not window.isVisible()


@pytest.mark.parametrize("jobs", [FakeJobs(steps=100_000)])
def test_keep_running_keeps_running(window, qtbot, tmp_path):
    begin(window, qtbot, tmp_path)
    assert not window.close()
    press(window, qtbot, "Keep running")
    assert window.isVisible()
    assert window.state is RunState.RUNNING


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape])
@pytest.mark.parametrize("jobs", [FakeJobs(steps=100_000)])
def test_a_key_pressed_in_haste_keeps_it_running(window, qtbot, tmp_path, key):
    begin(window, qtbot, tmp_path)
    window.close()
    qtbot.waitUntil(lambda: window.leaving.question is not None and window.leaving.question.isVisible())
    qtbot.keyClick(window.leaving.question, key)
    qtbot.waitUntil(lambda: not window.leaving.question.isVisible())
    assert window.isVisible()
    assert window.state is RunState.RUNNING
    assert not window.leaving.is_wanted


@pytest.mark.parametrize("jobs", [FakeJobs(steps=100_000), StubbornJobs()], ids=["willing", "stubborn"])
def test_stop_and_close_closes_when_the_engine_has_stopped(window, qtbot, tmp_path, jobs):
    if isinstance(jobs, StubbornJobs):
        jobs.demo = jobs.calibrate
    begin(window, qtbot, tmp_path)
    window.close()
    press(window, qtbot, "Stop and close")
    assert window.state is RunState.STOPPING
    qtbot.waitUntil(lambda: not window.isVisible(), timeout=3000)
    assert not window.runner.is_running


@pytest.mark.parametrize("jobs", [FakeJobs(steps=400)])  # long enough to be running still when the window is closed
def test_stop_and_close_closes_when_the_job_ended_meanwhile(window, qtbot, tmp_path):
    begin(window, qtbot, tmp_path)
    window.close()
    qtbot.waitUntil(lambda: window.state is RunState.IDLE)
    press(window, qtbot, "Stop and close")
    qtbot.waitUntil(lambda: not window.isVisible())


def test_the_window_remembers_its_size(qtbot, tmp_path):
    settings = QSettings(str(tmp_path / "memory.ini"), QSettings.Format.IniFormat)
    first = MainWindow(FakeJobs(), Memory(settings=settings))
    qtbot.addWidget(first)
    first.resize(1280, 740)
    first.show()
    qtbot.waitExposed(first)
    first.close()
    second = MainWindow(FakeJobs(), Memory(settings=settings))
    qtbot.addWidget(second)
    assert second.height() == 740  # the screenless screen is too narrow for the width to be restored


def test_keys_turn_the_pages(window, qtbot):
    seen = []
    for key in (Qt.Key.Key_2, Qt.Key.Key_3, Qt.Key.Key_4, Qt.Key.Key_1, Qt.Key.Key_0):
        qtbot.keyClick(window, key, Qt.KeyboardModifier.ControlModifier)
        seen.append(window.page)
    assert seen == ["calibrate", "lens", "deblur", "photos", "start"]


class DeafJobs(FakeJobs):
    """Looks at nobody for a second, as loading a large library does."""

    def demo(self, request):
        def job(report, control):
            time.sleep(1.0)
            control.checkpoint(report)

        return job


@pytest.mark.parametrize("jobs", [DeafJobs()])
def test_the_window_leaves_the_screen_although_the_job_cannot_be_interrupted(window, qtbot, tmp_path, monkeypatch):
    monkeypatch.setattr("ddm_studio.gui.leaving.PATIENCE_MS", 50)
    begin(window, qtbot, tmp_path)
    window.close()
    press(window, qtbot, "Stop and close")
    qtbot.waitUntil(lambda: not window.isVisible(), timeout=900)
    assert window.runner.is_running
    with qtbot.waitSignal(window.closed, timeout=5000):
        pass
    assert not window.runner.is_running
