"""The latency benchmark runs the real window through a calibration; what it finds is not judged here."""

import gc

import numpy as np
import pytest

from benchmarks.window_latency import NOT_LOADED, SMOOTHED, Plan, StageTimes, measure, table
from ddm_studio.settings import CalibrationSettings, GaussianMatchingSettings, TileSettings

TINY = CalibrationSettings(
    grid_rows=2,
    grid_columns=2,
    kernel_size=7,
    tiles=TileSettings(tile=48, blurry_tiles=200, sharp_tiles=200),
    gaussian=GaussianMatchingSettings(patch=32, bins=2, steps=20, wavefront=False, retrieval=False, groups=1),
)


@pytest.fixture
def no_collector():
    """As in the program: run by the engine's thread, Python's collector would destroy Qt objects there."""
    gc.disable()
    yield
    gc.collect()
    gc.enable()


@pytest.mark.slow
def test_a_calibration_is_watched_and_a_photo_zoomed(qapp, tmp_path, no_collector):
    report = measure(qapp, tmp_path, Plan(TINY, megapixels=0.5, gesture=0.3, warm_up=0, watched=60))
    assert report.stages[NOT_LOADED].gaps
    assert "matching spectra" in report.stages
    assert sum(stage.grids for stage in report.stages.values()) > 0
    assert report.frames["zoom, at rest"] > 0
    assert report.frames["pan, at rest"] > 0
    assert "matching spectra" in table(report)
    assert (tmp_path / "project" / "profile.lens").is_file()


def test_growth_is_that_of_a_stage_that_has_its_buffers():
    buffers, seconds = [500.0] * SMOOTHED, np.arange(300)
    assert StageTimes(memory=[*buffers, *(600 + seconds / 60)]).growth == pytest.approx(10)
    assert StageTimes(memory=[*buffers, *(600 + 0 * seconds)]).growth == 0
    assert np.isnan(StageTimes(memory=buffers).growth)
