"""Where spectra cannot tell a lens from its mirror image, stage 1 asks restored photos; where no wavefront fits, it says so."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from tiny_pool import photographed, pool_of, scenes

from ddm_studio.control import RunControl
from ddm_studio.engine.snapshot_files import SnapshotFiles
from ddm_studio.engine.stage_one import NO_WAVEFRONT, stage_one
from ddm_studio.events import Event, Note, Severity
from ddm_studio.optics.psf_metrics import grid_ncc
from ddm_studio.optics.synthetic_lens import psf_grid, random_lens
from ddm_studio.photos.jpeg_coding import JpegCoding
from ddm_studio.settings import CalibrationSettings, GaussianMatchingSettings, TileSettings

SIZE, ASPECT = 11, 1.4


def comatic_lens(sign: float) -> np.ndarray:
    """One kernel for all channels: no colour tells which way the coma points."""
    grid = psf_grid(replace(random_lens(3), coma=1.4 * sign, decentring=(0.2, -0.1)), 3, 4, SIZE, ASPECT)
    return np.repeat(grid[:, :, 1:2], 3, 2)


def settings_of(rows: int, columns: int, colour: str, retrieval: bool = True) -> CalibrationSettings:
    shape = GaussianMatchingSettings(patch=32, bins=5, steps=120, retrieval=retrieval)
    return CalibrationSettings(
        grid_rows=rows, grid_columns=columns, kernel_size=SIZE, colour=colour, tiles=TileSettings(tile=64), gaussian=shape
    )


@pytest.mark.parametrize(("reduced", "step", "lost"), [((2, 2), 10, True), ((1, 1), 1, False)])
def test_detail_lost_to_jpeg_compression_is_not_matched(tmp_path: Path, reduced: tuple[int, int], step: int, lost: bool) -> None:
    frames = scenes(4, 100)
    coding = JpegCoding((step,) * 64, (step,) * 64, reduced)
    blurry = replace(pool_of(frames), jpeg=(coding,) * len(frames))
    shape = GaussianMatchingSettings(patch=32, bins=3, steps=3, groups=1, wavefront=False, retrieval=False)
    settings = settings_of(2, 2, "rgb").model_copy(update={"gaussian": shape})
    heard: list[Event] = []
    files = SnapshotFiles(tmp_path, "photos", heard.append)
    fit = stage_one(files, blurry, pool_of(scenes(4, 500)), settings, torch.device("cpu"), heard.append, RunControl())
    assert (fit.scores["kept"] < 0.9) == lost
    again = stage_one(files, blurry, pool_of(scenes(4, 500)), settings, torch.device("cpu"), heard.append, RunControl())
    assert fit.scene is not None
    assert again.scene is not None
    assert torch.equal(again.scene, fit.scene)
    assert fit.scene.shape == (6, 32, 17)
    assert (fit.scene[:3] > 0).all()


@pytest.mark.slow
def test_a_blur_that_no_wavefront_makes_is_told(tmp_path: Path) -> None:
    """Bent, thin strokes of a shaken camera, whose kernel nobody searches for either."""
    truth = np.zeros((2, 2, 3, SIZE, SIZE), np.float32)
    truth[..., 1, 1:10] = 1
    truth[..., 1:10, 9] = 1
    truth /= truth.sum((-1, -2), keepdims=True)
    blurry, sharp = pool_of(photographed(scenes(16, 100), truth, 0.003)), pool_of(scenes(12, 500))
    heard: list[Event] = []
    files = SnapshotFiles(tmp_path, "photos", heard.append)
    stage_one(files, blurry, sharp, settings_of(2, 2, "rgb", retrieval=False), torch.device("cpu"), heard.append, RunControl())
    assert Note(NO_WAVEFRONT, Severity.WARNING) in heard


@pytest.mark.slow
@pytest.mark.parametrize("turns", [0, 2])
def test_the_stroke_of_a_shaken_camera_is_found_and_lies_the_right_way_round(tmp_path: Path, turns: int) -> None:
    """A hook, brighter at its beginning: its spectra are those of its mirror image, too."""
    stroke = np.zeros((SIZE, SIZE), np.float32)
    stroke[2, 2:9] = np.linspace(3, 1, 7)
    stroke[2:9, 8] = 1
    truth = np.broadcast_to(np.rot90(stroke / stroke.sum(), turns), (1, 1, 3, SIZE, SIZE)).copy()
    blurry, sharp = pool_of(photographed(scenes(24, 100), truth, 0.01)), pool_of(scenes(16, 500))
    heard: list[Event] = []
    settings = settings_of(1, 1, "mono")
    fit = stage_one(
        SnapshotFiles(tmp_path, "photos", heard.append), blurry, sharp, settings, torch.device("cpu"), heard.append, RunControl()
    )
    assert grid_ncc(fit.psf.numpy(), truth).mean() > 0.95
    assert grid_ncc(fit.psf.numpy(), truth[..., ::-1, ::-1]).mean() < 0.9
    assert fit.scores["mirror_certainty"] > 3
    assert Note(NO_WAVEFRONT, Severity.WARNING) in heard
    assert fit.sigma.numpy() == pytest.approx(0.01, rel=0.3)


@pytest.mark.slow
@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_coma_points_the_way_it_does_even_with_one_kernel_for_all_channels(tmp_path: Path, sign: float) -> None:
    truth = comatic_lens(sign)
    blurry, sharp = pool_of(photographed(scenes(24, 100), truth, 0.005)), pool_of(scenes(16, 500))
    settings = settings_of(3, 4, "mono")
    files = SnapshotFiles(tmp_path, "photos", lambda event: None)
    fit = stage_one(files, blurry, sharp, settings, torch.device("cpu"), lambda event: None, RunControl())
    assert fit.scores["mirror_certainty"] > 1
    right, wrong = grid_ncc(fit.psf.numpy(), truth).mean(), grid_ncc(fit.psf.numpy(), truth[..., ::-1, ::-1]).mean()
    assert right > wrong + 0.01
    again = stage_one(files, blurry, sharp, settings, torch.device("cpu"), lambda event: None, RunControl())
    assert torch.equal(again.psf, fit.psf)
    assert again.scores == fit.scores
