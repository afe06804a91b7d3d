"""Opens the window."""

from __future__ import annotations

import argparse
import gc
import logging
import logging.handlers
import os
import signal
import sys
import threading
import traceback
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

from platformdirs import user_log_path
from PySide6.QtCore import QObject, QSettings, QTimer, Signal
from PySide6.QtWidgets import QApplication

from ddm_studio.gui.engine_loading import is_loading
from ddm_studio.gui.main_window import MainWindow
from ddm_studio.gui.memory import Memory
from ddm_studio.gui.theme import apply_theme
from ddm_studio.gui.views.message_bar import Message
from ddm_studio.preferences import preferences_file

_SWITCH_SECONDS = 0.001
_COLLECT_MS = 1000
_WARM_UP_MS = 50


class GarbageTimer(QObject):
    """Collects cycles on the window's thread only.

    Run by Python whenever a thread happens to allocate, the collector would destroy Qt objects on the engine's thread.
    """

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        gc.disable()
        self._timer = QTimer(self)
        self._timer.setInterval(_COLLECT_MS)
        self._timer.timeout.connect(self._collect)
        self._timer.start()

    def _collect(self) -> None:
        """As Python would: the young often, the old seldom."""
        if is_loading():
            return
        for generation in (2, 1, 0):
            if gc.get_count()[generation] > gc.get_threshold()[generation]:
                gc.collect(generation)
                return


class Surprises(QObject):
    """Turns exceptions that nobody caught, on any thread, into a message and a line in the log."""

    happened = Signal(object)

    def install(self) -> None:
        """Take over Python's hooks."""
        sys.excepthook = self._on_exception
        threading.excepthook = self._on_thread_exception

    def _on_exception(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        details = "".join(traceback.format_exception(kind, error, trace))
        logging.getLogger("ddm_studio").error(details)
        what = self.tr("Something went wrong in the window")
        advice = self.tr("Go on if you can; copy the details for whoever helps you")
        self.happened.emit(Message(what, f"{kind.__name__}: {error}", advice, details, stays=True))

    def _on_thread_exception(self, args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None:
            self._on_exception(args.exc_type, args.exc_value, args.exc_traceback)


def main(argv: Sequence[str] | None = None, demo_out: Path | None = None) -> int:
    """Open the window and stay until it is closed.

    Args:
        argv: Without the program's name: at most one path of a profile, a project, a folder of blurry photos, or a photo.
        demo_out: Run the demo into this folder at once.

    Returns:
        The exit code.
    """
    parser = argparse.ArgumentParser(prog="ddm-studio-window", description="Calibrate a lens and deblur photos, in a window.")
    parser.add_argument("path", nargs="?", type=Path, help="a .lens profile, a project, a folder of blurry photos, or a photo")
    options = parser.parse_args(sys.argv[1:] if argv is None else list(argv))
    _log_to_file()
    sys.setswitchinterval(_SWITCH_SECONDS)  # the window waits at most this long for Python while the engine computes
    app = QApplication(sys.argv[:1])
    app.setApplicationName("ddm-studio")
    app.setApplicationDisplayName("DDM Studio")
    app.setDesktopFileName("ddm-studio")
    memory = Memory(preferences_file().parent, QSettings("ddm-studio", "window"), app)
    apply_theme(app, memory.preferences.theme)
    garbage = GarbageTimer(app)
    window = MainWindow(memory=memory)
    window.closed.connect(app.quit)  # a window that was hidden before is not counted as the last one closed
    window.leaving.stuck.connect(_leave_at_once)
    surprises = Surprises()
    surprises.happened.connect(window.show_message)
    surprises.install()
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl+C in the terminal that started the window
    window.show()
    QTimer.singleShot(_WARM_UP_MS, window.warm_up)
    if options.path is not None:
        window.open_path(options.path)
    if options.path is None and demo_out is None:
        window.reopening.recall()
        if not window.queue.waiting:
            window.assistance.offer_tour()
    window.desk.offer_queue()
    if demo_out is not None:
        window.start_demo(demo_out)
    code = app.exec()
    garbage.deleteLater()
    return code


def _leave_at_once() -> None:
    """A job that will not end, a minute after the window has gone. What it wrote it wrote all or nothing."""
    os._exit(1)


def _log_to_file() -> None:
    """Keep the last surprises; a folder that cannot be written costs the log, not the window."""
    try:
        folder = user_log_path("ddm-studio", ensure_exists=True)
        handler = logging.handlers.RotatingFileHandler(folder / "window.log", maxBytes=500_000, backupCount=1, delay=True)
    except OSError:
        return
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    logging.getLogger("ddm_studio").addHandler(handler)


if __name__ == "__main__":
    sys.exit(main())
