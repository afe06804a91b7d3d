"""Where spectra cannot tell a lens from its mirror image, stage 1 asks the edges."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from tiny_pool import photographed, pool_of, scenes

from ddm_studio.control import RunControl
from ddm_studio.engine.snapshot_files import SnapshotFiles
from ddm_studio.engine.stage_one import stage_one
from ddm_studio.optics.psf_metrics import grid_ncc
from ddm_studio.optics.synthetic_lens import psf_grid, random_lens
from ddm_studio.settings import CalibrationSettings, GaussianMatchingSettings, TileSettings

SIZE, ASPECT = 11, 1.4


def comatic_lens(sign: float) -> np.ndarray:
    """One kernel for all channels: no colour tells which way the coma points."""
    grid = psf_grid(replace(random_lens(3), coma=1.4 * sign, decentring=(0.2, -0.1)), 3, 4, SIZE, ASPECT)
    return np.repeat(grid[:, :, 1:2], 3, 2)


@pytest.mark.slow
@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_coma_points_the_way_it_does_even_with_one_kernel_for_all_channels(tmp_path: Path, sign: float) -> None:
    truth = comatic_lens(sign)
    blurry, sharp = pool_of(photographed(scenes(24, 100), truth, 0.005)), pool_of(scenes(16, 500))
    settings = CalibrationSettings(
        grid_rows=3,
        grid_columns=4,
        kernel_size=SIZE,
        colour="mono",
        tiles=TileSettings(tile=64),
        gaussian=GaussianMatchingSettings(patch=32, bins=5, steps=120),
    )
    files = SnapshotFiles(tmp_path, "photos", lambda event: None)
    fit = stage_one(files, blurry, sharp, settings, torch.device("cpu"), lambda event: None, RunControl())
    assert fit.scores["mirror_certainty"] > 1
    right, wrong = grid_ncc(fit.psf.numpy(), truth).mean(), grid_ncc(fit.psf.numpy(), truth[..., ::-1, ::-1]).mean()
    assert right > wrong + 0.01
    again = stage_one(files, blurry, sharp, settings, torch.device("cpu"), lambda event: None, RunControl())
    assert torch.equal(again.psf, fit.psf)
    assert again.scores == fit.scores
