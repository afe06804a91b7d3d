"""How far a calibration is that was left, and what it has learned, is read from its project without torch and without the engine."""

from pathlib import Path

import numpy as np
import pytest
import torch

from ddm_studio.engine import kept_run
from ddm_studio.engine.checkpoints import save_snapshot
from ddm_studio.engine.kept_run import Standing, read_kept, standing_of
from ddm_studio.engine.snapshot_reading import snapshot_path
from ddm_studio.errors import InputError
from ddm_studio.flow.flow_matching import PRETRAINING_STAGE, STAGE
from ddm_studio.matching.acceptance import STAGE as CHOICE
from ddm_studio.matching.match_distributions import STAGE as MATCHING
from ddm_studio.project import begin_project
from ddm_studio.settings import Preset, preset_settings
from ddm_studio.snapshot import Snapshot
from ddm_studio.spectra.confidence import STAGE as CONFIDENCE
from ddm_studio.spectra.gaussian_matching import STAGE as SPECTRA
from ddm_studio.spectra.gaussian_matching import WAVEFRONT_STAGE
from ddm_studio.spectra.kept_fits import FIRST_KERNELS, FOUND_WAVEFRONT

FIRST, REFINED = torch.rand(2, 2, 3, 5, 5), torch.rand(2, 2, 3, 5, 5)
TRUST = torch.tensor([[[0.9, 0.8, float("nan")]] * 2] * 2)


@pytest.fixture
def begun(tmp_path: Path):
    """A project of three stages, in which nothing is learned yet."""
    for name in ("blurry", "sharp"):
        (tmp_path / name).mkdir()
    return begin_project(tmp_path / "project", tmp_path / "blurry", tmp_path / "sharp", preset_settings(Preset.QUICK))


def keep(project, stage, step, **tensors):
    tensors = {name.replace("__", "."): tensor for name, tensor in tensors.items()}
    save_snapshot(snapshot_path(project.checkpoints, stage), Snapshot(step, tensors))


def test_the_names_are_those_of_the_stages():
    assert (kept_run.SPECTRA, kept_run.FLOW, kept_run.MATCHING, kept_run.CHOICE) == (SPECTRA, STAGE, MATCHING, CHOICE)
    assert kept_run.PRETRAINING == PRETRAINING_STAGE
    assert (kept_run.FIRST_KERNELS, kept_run.WAVEFRONT) == (FIRST_KERNELS, WAVEFRONT_STAGE)
    assert (kept_run.FOUND_WAVEFRONT, kept_run.CONFIDENCE) == (FOUND_WAVEFRONT, CONFIDENCE)


def test_it_stands_where_the_newest_snapshot_left_it(begun):
    settings = begun.read().settings
    flow, matching = settings.flow.steps, settings.matching.warm_up + settings.matching.steps
    nothing = Standing(False, False, SPECTRA, 0, 0, (STAGE, MATCHING, CHOICE), ("blurry", "sharp"))
    assert standing_of(begun) == nothing
    (begun.checkpoints / "blurry_tiles.part").touch()
    assert standing_of(begun) == nothing  # a half is not gone on with
    (begun.checkpoints / "blurry_tiles.json").touch()
    assert standing_of(begun) == Standing(False, True, SPECTRA, 0, 0, (STAGE, MATCHING, CHOICE), ("sharp",))
    (begun.checkpoints / "sharp_tiles.json").touch()
    assert standing_of(begun) == Standing(False, True, SPECTRA, 0, 0, (STAGE, MATCHING, CHOICE))
    keep(begun, FIRST_KERNELS, 150, psf=REFINED)
    later = (STAGE, MATCHING, CHOICE)
    assert standing_of(begun) == Standing(False, True, WAVEFRONT_STAGE, 0, 0, later, has_first_kernels=True)
    keep(begun, FOUND_WAVEFRONT, 1700, psf=FIRST)
    assert standing_of(begun) == Standing(False, True, CONFIDENCE, 0, 0, later, has_first_kernels=True, has_wavefront=True)
    keep(begun, SPECTRA, 150, psf=FIRST)
    assert standing_of(begun) == Standing(False, True, STAGE, 0, flow, (MATCHING, CHOICE))
    keep(begun, STAGE, 70)
    assert standing_of(begun) == Standing(False, True, STAGE, 70, flow, (MATCHING, CHOICE))
    keep(begun, STAGE, flow)
    assert standing_of(begun) == Standing(False, True, MATCHING, 0, matching, (CHOICE,))
    keep(begun, MATCHING, 9)
    assert standing_of(begun) == Standing(False, True, MATCHING, 9, matching, (CHOICE,))
    keep(begun, MATCHING, matching)
    assert standing_of(begun) == Standing(False, True, CHOICE, 0, 0, ())
    begun.profile.touch()
    assert standing_of(begun) == Standing(True)


def test_a_calibration_of_one_stage_has_only_the_profile_left(tmp_path):
    for name in ("blurry", "sharp"):
        (tmp_path / name).mkdir()
    project = begin_project(tmp_path / "project", tmp_path / "blurry", tmp_path / "sharp", preset_settings(Preset.INSTANT))
    assert standing_of(project).later == ()
    keep(project, SPECTRA, 150, psf=FIRST)
    assert standing_of(project) == Standing(False, True)


def test_the_first_kernels_of_a_single_grid_node_are_shown_but_fitted_again(tmp_path):
    for name in ("blurry", "sharp"):
        (tmp_path / name).mkdir()
    settings = preset_settings(Preset.INSTANT, grid_rows=1, grid_columns=1)
    project = begin_project(tmp_path / "project", tmp_path / "blurry", tmp_path / "sharp", settings)
    keep(project, FIRST_KERNELS, 150, psf=FIRST)
    assert standing_of(project) == Standing(False, True, SPECTRA, 0, 0, (), has_first_kernels=True)
    np.testing.assert_array_equal(read_kept(project).grid.kernels, FIRST.numpy())


def test_the_newest_grid_is_read_with_its_confidence_and_the_looks(begun):
    assert read_kept(begun).grid is None
    keep(begun, FIRST_KERNELS, 150, psf=REFINED)
    np.testing.assert_array_equal(read_kept(begun).grid.kernels, REFINED.numpy())
    keep(begun, FOUND_WAVEFRONT, 1700, psf=FIRST)
    np.testing.assert_array_equal(read_kept(begun).grid.kernels, FIRST.numpy())
    keep(begun, SPECTRA, 150, psf=FIRST, confidence__expected=TRUST)
    kept = read_kept(begun)
    np.testing.assert_array_equal(kept.grid.kernels, FIRST.numpy())
    np.testing.assert_array_equal(kept.confidence.expected, TRUST.numpy())
    assert (kept.grid.stage, kept.looks) == (SPECTRA, None)
    looks = {"looks__steps": torch.tensor([5, 9]), "looks__values": torch.tensor([2.0, 1.5], dtype=torch.float64)}
    keep(begun, MATCHING, 9, psf=REFINED, **looks)
    kept = read_kept(begun)
    np.testing.assert_array_equal(kept.grid.kernels, REFINED.numpy())
    assert (kept.grid.stage, kept.grid.step) == (MATCHING, 9)
    assert (kept.looks.steps.tolist(), kept.looks.values.tolist()) == ([5, 9], [2.0, 1.5])
    assert not any(array.flags.writeable for array in (kept.grid.kernels, kept.confidence.expected, kept.looks.values))


@pytest.mark.parametrize("stage", [FIRST_KERNELS, SPECTRA])
def test_a_damaged_snapshot_is_told(begun, stage):
    snapshot_path(begun.checkpoints, stage).write_bytes(b"half of")
    for look in (standing_of, read_kept):
        with pytest.raises(InputError, match="cannot be read"):
            look(begun)
