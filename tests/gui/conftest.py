"""A window with fake jobs, its own home, and nothing left running afterwards."""

import gc
from collections.abc import Iterator
from pathlib import Path

import pytest
from fake_jobs import FakeJobs, made_up_profile, write_photos
from gestures import LEFT, drop
from PySide6.QtCore import QEvent, QThread
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from ddm_studio.gui.main_window import MainWindow
from ddm_studio.gui.theme import apply_theme
from ddm_studio.profiles.lens_profile import save_profile


@pytest.fixture(autouse=True)
def garbage_is_collected_on_this_thread() -> Iterator[None]:
    """As in the program: a collection run by the engine's thread would destroy Qt objects there."""
    gc.disable()
    yield
    gc.collect()
    gc.enable()


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    return home


@pytest.fixture(scope="session", autouse=True)
def themed(qapp: QApplication) -> None:
    apply_theme(qapp)


@pytest.fixture
def jobs() -> FakeJobs:
    return FakeJobs()


@pytest.fixture
def window(qtbot: QtBot, qapp: QApplication, themed: None, jobs: FakeJobs) -> Iterator[MainWindow]:
    made = MainWindow(jobs)  # not given to qtbot, which would destroy it while its job still runs
    made.resize(1280, 800)
    made.show()
    qtbot.waitExposed(made)
    yield made
    made.queue.hold(True)
    assert made.runner.shut_down(5000)
    qtbot.waitUntil(lambda: not made.runner.is_running)
    made.close()
    assert not [thread for thread in made.findChildren(QThread) if thread.isRunning()]
    made.deleteLater()
    qapp.sendPostedEvents(made, QEvent.Type.DeferredDelete)


@pytest.fixture(autouse=True)
def no_closed_window_stays(qapp: QApplication) -> Iterator[None]:
    """A theme is put on every widget there is: with windows of a hundred tests before it took 5 s instead of 0.2."""
    yield
    windows = [widget for widget in qapp.topLevelWidgets() if isinstance(widget, MainWindow) and not widget.isVisible()]
    for window in windows:
        if not any(thread.isRunning() for thread in window.findChildren(QThread)):
            window.deleteLater()
            qapp.sendPostedEvents(window, QEvent.Type.DeferredDelete)


@pytest.fixture
def blurry(tmp_path: Path) -> Path:
    folder = tmp_path / "old lens"
    write_photos(folder, 12)
    (folder / "notes.txt").write_text("notes")
    return folder


@pytest.fixture
def sharp(tmp_path: Path) -> Path:
    folder = tmp_path / "sharp"
    write_photos(folder, 5, size=(80, 80), seed=1)
    return folder


@pytest.fixture
def ready(window: MainWindow, qtbot: QtBot, blurry: Path, sharp: Path) -> MainWindow:
    """Both folders dropped; the Calibrate page is shown."""
    window.show_page("photos")
    drop(window.photos.blurry, [blurry])
    drop(window.photos.sharp, [sharp])
    qtbot.waitUntil(window.photos.next.isEnabled)
    qtbot.mouseClick(window.photos.next, LEFT)
    return window


@pytest.fixture
def profile(tmp_path: Path) -> Path:
    path = tmp_path / "lens" / "profile.lens"
    path.parent.mkdir()
    save_profile(made_up_profile(), path)
    return path
