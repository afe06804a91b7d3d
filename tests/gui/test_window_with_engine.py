"""A person's first visit with the real engine: two folders, a calibration watched, paused, resumed, a photo compared and saved."""

import numpy as np
import pytest
from gestures import LEFT, drop
from PIL import Image

from ddm_studio.gui.jobs import EngineJobs
from ddm_studio.gui.run_state import RunState
from ddm_studio.optics.dead_leaves import dead_leaves
from ddm_studio.optics.display_curve import decode, encode
from ddm_studio.optics.psf_metrics import fwhm
from ddm_studio.photos.reading import read_photo
from ddm_studio.settings import ANY_LENS_METHODS, CalibrationSettings, GaussianMatchingSettings, TileSettings

pytestmark = pytest.mark.slow

TINY = CalibrationSettings(
    grid_rows=2,
    grid_columns=3,
    kernel_size=7,
    tiles=TileSettings(tile=48, blurry_tiles=400, sharp_tiles=300),
    gaussian=GaussianMatchingSettings(patch=32, bins=3, steps=400),
)


@pytest.fixture
def jobs():
    return EngineJobs()


@pytest.fixture
def folders(tmp_path):
    """Generated scenes; the light of the blurry ones is averaged over 3 x 3 pixels, and noise added."""
    for name, first in (("blurry", 0), ("sharp", 50)):
        folder = tmp_path / name
        folder.mkdir()
        for number in range(6):
            scene = dead_leaves(162, 242, first + number)
            if name == "blurry":
                light = decode(scene)
                light = sum(light[row : row + 160, column : column + 240] for row in range(3) for column in range(3)) / 9
                scene = encode(light) + np.random.default_rng(number).normal(0, 0.01, light.shape)
            codes = (scene[:160, :240].clip(0, 1) * 255).round().astype(np.uint8)
            Image.fromarray(codes).save(folder / f"{number}.png")
    return tmp_path / "blurry", tmp_path / "sharp"


def test_from_two_folders_to_a_deblurred_photo(window, qtbot, folders, tmp_path):
    blurry, sharp = folders
    drop(window.photos.blurry, [blurry])
    drop(window.photos.sharp, [sharp])
    qtbot.waitUntil(window.photos.next.isEnabled, timeout=20_000)
    qtbot.mouseClick(window.photos.next, LEFT)
    _calibrate_with_a_pause(window, qtbot)
    _compare_and_save(window, qtbot, blurry / "2.png", tmp_path / "out")


def _calibrate_with_a_pause(window, qtbot):
    page = window.calibrate
    page.form.advanced.show_settings(TINY)
    qtbot.mouseClick(page.start, LEFT)
    qtbot.waitUntil(lambda: page.panel._psf is not None, timeout=120_000)
    first = page.panel._psf
    qtbot.waitUntil(lambda: not np.array_equal(page.panel._psf, first), timeout=60_000)
    qtbot.mouseClick(page.strip.pause, LEFT)
    qtbot.waitUntil(lambda: window.state in (RunState.PAUSED, RunState.IDLE), timeout=30_000)
    if window.state is RunState.PAUSED:  # else the engine was faster than the click
        still = page.panel._psf
        qtbot.wait(300)
        assert page.panel._psf is still
        qtbot.mouseClick(page.strip.pause, LEFT)
    qtbot.waitUntil(lambda: window.page == "lens", timeout=120_000)
    qtbot.waitUntil(lambda: window.lens._opened is not None, timeout=10_000)
    assert window.lens._psf.shape == (2, 3, 3, 7, 7)
    assert fwhm(window.lens._psf).mean() > 1.5  # a point is 1.1 px wide


def _compare_and_save(window, qtbot, photo, out):
    page = window.deblur
    window.show_page("deblur")
    drop(page, [photo])
    qtbot.waitUntil(page.compare.isEnabled, timeout=10_000)
    page.form.folder.setText(str(out))
    qtbot.mouseClick(page.compare, LEFT)
    qtbot.waitUntil(lambda: window.state is RunState.IDLE, timeout=300_000)
    assert not window.messages.isVisible(), window.messages.accessibleName()
    for method in ANY_LENS_METHODS:
        told = page.comparison.panes[method].status.text()
        assert " s · " in told
        assert told.endswith(("✓ fits the photo", "⚠ does not fit the photo"))  # of so tiny a set either may be right
        assert page.comparison.panes[method].view.photo_size.width() == page.crop.crop[2]
    qtbot.mouseClick(page.deblur, LEFT)
    qtbot.waitUntil(lambda: "Saved: " in page.foot.strip.what.text(), timeout=120_000)
    saved = next(path for path in out.iterdir() if path.suffix != ".json")
    assert saved.name in page.foot.strip.what.text()
    pixels = read_photo(saved).pixels
    assert pixels.shape == (160, 240, 3)
    assert np.abs(np.diff(pixels, axis=0)).mean() > np.abs(np.diff(read_photo(photo).pixels, axis=0)).mean()


def test_stopping_the_real_engine_leaves_a_run_that_can_go_on(window, qtbot, folders, tmp_path):
    blurry, sharp = folders
    page = window.calibrate
    drop(window.photos.blurry, [blurry])
    drop(window.photos.sharp, [sharp])
    qtbot.waitUntil(window.photos.next.isEnabled, timeout=20_000)
    window.show_page("calibrate")
    page.form.advanced.show_settings(TINY)
    page.form.project.setText(str(tmp_path / "project"))
    qtbot.mouseClick(page.start, LEFT)
    qtbot.waitUntil(lambda: page.panel._psf is not None, timeout=120_000)
    qtbot.mouseClick(page.strip.stop, LEFT)
    qtbot.waitUntil(lambda: window.state is RunState.IDLE, timeout=30_000)
    if page.go_on.isVisible():
        qtbot.mouseClick(page.go_on, LEFT)
        qtbot.waitUntil(lambda: window.page == "lens", timeout=120_000)
    assert (tmp_path / "project" / "profile.lens").is_file()
