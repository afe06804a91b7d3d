"""How long the window is deaf while the real engine trains: the gap of a 10 ms timer, and the time to open.

    python -m benchmarks.window_latency [--seconds 60] [--preset quick]

Generates photos, drops them on the real window (offscreen unless QT_QPA_PLATFORM says otherwise), starts a calibration and measures
from the first progress of the engine on, so that both the loading of torch and the training are in. Wanted: 99.5 % of the gaps at most
50 ms beyond the 10 ms, none over 200 ms.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

OPENED = time.perf_counter()
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


def main() -> None:
    """Print one table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60, help="how long to measure")
    parser.add_argument("--preset", default="quick", choices=["instant", "quick"])
    options = parser.parse_args()

    from PySide6.QtCore import Qt, QTimer
    from PySide6.QtWidgets import QApplication

    from ddm_studio.engine.requests import CalibrationRequest
    from ddm_studio.gui.app import GarbageTimer
    from ddm_studio.gui.main_window import MainWindow
    from ddm_studio.gui.theme import apply_theme
    from ddm_studio.settings import Preset, preset_settings

    sys.setswitchinterval(0.001)
    application = QApplication(sys.argv[:1])
    apply_theme(application)
    GarbageTimer(application)
    window = MainWindow()
    window.show()
    application.processEvents()
    opened = time.perf_counter() - OPENED
    window.warm_up()
    gaps: dict[str, list[float]] = {"loading torch": [], "working": []}
    last = [time.perf_counter()]
    heard: list[float] = []

    def tick() -> None:
        now = time.perf_counter()
        gaps["working" if heard else "loading torch"].append((now - last[0]) * 1000 - 10)
        last[0] = now
        if heard and now - heard[0] > options.seconds:
            timer.stop()
            window._on_stop_and_close()

    with tempfile.TemporaryDirectory() as folder:
        photos = _make_photos(Path(folder))
        timer = QTimer()
        timer.setTimerType(Qt.TimerType.PreciseTimer)
        timer.timeout.connect(tick)
        window.runner.happened.connect(lambda event: heard.append(time.perf_counter()) if not heard else None)
        request = CalibrationRequest(*photos, Path(folder) / "project", preset_settings(Preset(options.preset)))
        window.show_page("calibrate")
        window.calibrate.start_requested.emit(request)
        last[0] = time.perf_counter()
        timer.start(10)
        application.exec()
    _print_table(opened, gaps)


def _make_photos(folder: Path) -> tuple[Path, Path]:
    """Generated scenes, the blurry ones box-blurred: enough for the engine to be busy with."""
    import numpy as np
    from PIL import Image, ImageFilter

    from ddm_studio.optics.dead_leaves import dead_leaves

    for name in ("blurry", "sharp"):
        (folder / name).mkdir()
        for number in range(10):
            scene = dead_leaves(400, 600, number + (100 if name == "sharp" else 0))
            picture = Image.fromarray((scene.clip(0, 1) * 255).astype(np.uint8))
            if name == "blurry":
                picture = picture.filter(ImageFilter.GaussianBlur(1.2))
            picture.save(folder / name / f"{number}.png")
    return folder / "blurry", folder / "sharp"


def _print_table(opened: float, gaps: dict[str, list[float]]) -> None:
    import numpy as np

    print(f"window opened in {opened:.2f} s")
    print(f"{'gap of a 10 ms timer':24}{'ticks':>8}{'p50':>8}{'p99.5':>8}{'max':>8}  ms")
    for phase, values in gaps.items():
        if values:
            p50, p995 = np.percentile(values, [50, 99.5])
            print(f"{phase:24}{len(values):8}{p50:8.1f}{p995:8.1f}{max(values):8.1f}")


if __name__ == "__main__":
    main()
