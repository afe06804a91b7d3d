"""Size, page, docks and splitters of the window, as they were when it was closed."""

from __future__ import annotations

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMainWindow, QSplitter

from ddm_studio.gui.memory import Memory

_WANTED = (1280, 800)
_FRAME = (8, 40)
"""What the window manager may add around."""


def restore_window(window: QMainWindow, memory: Memory) -> None:
    """As it was; the first time, as large as is comfortable and fits on the screen."""
    screen = QGuiApplication.primaryScreen().availableGeometry()
    window.resize(min(_WANTED[0], screen.width() - _FRAME[0]), min(_WANTED[1], screen.height() - _FRAME[1]))
    geometry, docks = memory.recall("window/geometry"), memory.recall("window/docks")
    if geometry is not None:
        window.restoreGeometry(geometry)
    if docks is not None:
        window.restoreState(docks)
    for splitter in window.findChildren(QSplitter):
        sizes = memory.recall(_key(splitter))
        if sizes is not None and splitter.objectName():
            splitter.restoreState(sizes)


def keep_window(window: QMainWindow, memory: Memory) -> None:
    """Remember it."""
    memory.keep("window/geometry", window.saveGeometry())
    memory.keep("window/docks", window.saveState())
    for splitter in window.findChildren(QSplitter):
        if splitter.objectName():
            memory.keep(_key(splitter), splitter.saveState())


def _key(splitter: QSplitter) -> str:
    return f"splitter/{splitter.objectName()}"
