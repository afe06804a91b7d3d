"""A window with fake jobs, its own home, and nothing left running afterwards."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fake_jobs import FakeJobs
from PySide6.QtCore import QThread
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from ddm_studio.gui.main_window import MainWindow
from ddm_studio.gui.theme import apply_theme


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    return home


@pytest.fixture
def jobs() -> FakeJobs:
    return FakeJobs()


@pytest.fixture
def window(qtbot: QtBot, qapp: QApplication, jobs: FakeJobs) -> Iterator[MainWindow]:
    apply_theme(qapp)
    made = MainWindow(jobs)
    qtbot.addWidget(made)
    made.resize(1280, 800)
    made.show()
    qtbot.waitExposed(made)
    yield made
    assert made.runner.shut_down(5000)
    qtbot.waitUntil(lambda: not made.runner.is_running)
    made.close()
    assert not [thread for thread in made.findChildren(QThread) if thread.isRunning()]
