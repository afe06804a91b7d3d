"""Every experiment runs from photos on disk to its table and pictures, at a scale of a few seconds."""

import numpy as np
import pytest
import torch

from benchmarks.paper import __main__ as command
from benchmarks.paper.lenses import sharp_in_the_middle, wide_mono_grid
from benchmarks.paper.photo_sets import SetSizes
from benchmarks.paper.scales import PAPER, LensScale, Scale, SingleScale, SuperResolutionScale
from benchmarks.paper.super_resolution import anisotropic_kernel
from ddm_studio.deblur.zero_shot import ZeroShotSchedule
from ddm_studio.settings import CalibrationSettings, FlowSettings, GaussianMatchingSettings, MatchingSettings, Preset, TileSettings

pytestmark = pytest.mark.slow

FLOW = FlowSettings(patch=16, channels=8, pretrain_steps=2, steps=2, batch=4)
MATCHING = MatchingSettings(warm_up=1, steps=2, batch=4)
TILES = TileSettings(tile=96, blurry_tiles=70, sharp_tiles=70)
QUICKLY = {"tiles": TILES, "flow": FLOW, "matching": MATCHING, "preset": Preset.QUICK}
SPECTRA = GaussianMatchingSettings(patch=64, bins=2, steps=10, groups=1, wavefront=False, retrieval=False)
TINY = Scale(
    needs_gpu=False,
    single=SingleScale(
        SetSizes(side=128, blurry=70, sharp=70, held_out=1, held_out_side=120),
        CalibrationSettings(grid_rows=1, grid_columns=1, kernel_size=29, colour="mono", tiles=TILES, gaussian=SPECTRA),
    ),
    # Stage 1 only: the lens goes through all stages.
    grid=LensScale(1, 4, 4, CalibrationSettings(colour="mono", kernel_size=27, gaussian=SPECTRA, tiles=TILES)),
    lens=LensScale(1, 4, 10, CalibrationSettings(sharp_crop=(240, 160), gaussian=SPECTRA, **QUICKLY)),
    super_resolution=SuperResolutionScale(
        3, 8, 70, FLOW, MatchingSettings(steps=2, warm_up=0, batch=4), restored_side=80, zero_shot=ZeroShotSchedule(2, 1, 32)
    ),
)


def lines_of(capsys, monkeypatch, scenes, out, *words):
    monkeypatch.setitem(command.SCALES, "small", TINY)
    assert command.main([*words, "--data", str(scenes), "--out", str(out), "--device", "cpu"]) == 0
    return capsys.readouterr().out.splitlines()


def names(folder):
    return {path.name for path in folder.iterdir()}


def test_single_prints_a_motion_kernel_and_a_gaussian_one(capsys, monkeypatch, scenes, tmp_path):
    title, head, motion, gaussian = lines_of(capsys, monkeypatch, scenes, tmp_path, "single", "--seeds", "3")
    assert "single" in title
    assert "NCC (paper)" in head
    assert motion.split()[:3] == ["motion", "3", "0.02"]
    assert "(0.94)" in motion
    assert "(28.76)" in motion
    assert gaussian.split()[:3] == ["gaussian", "3", "0.02"]
    assert float(gaussian.split()[3]) > 0.5
    assert names(tmp_path) == {f"{name}_3_noise_0.02_{kind}.png" for name in ("motion", "gaussian") for kind in ("true", "learned")}


def test_several_seeds_get_a_line_each_and_one_of_their_means(capsys, monkeypatch, scenes, tmp_path):
    lines = lines_of(capsys, monkeypatch, scenes, tmp_path, "single", "--seeds", "3-4")[2:]
    assert [line.split()[:2] for line in lines] == [[name, seed] for name in ("motion", "gaussian") for seed in ("3", "4", "mean")]
    both, mean = [float(line.split()[3]) for line in lines[:2]], float(lines[2].split()[3])
    assert mean == pytest.approx(np.mean(both), abs=1e-3)


def test_noise_prints_four_levels_beside_the_papers_figures(capsys, monkeypatch, scenes, tmp_path):
    lines = lines_of(capsys, monkeypatch, scenes, tmp_path, "noise", "--seeds", "3")[2:]
    assert [line.split()[2] for line in lines] == ["0.00", "0.02", "0.04", "0.08"]
    assert all(paper in line for line, paper in zip(lines, ("(0.98)", "(0.94)", "(0.96)", "(0.91)"), strict=True))


@pytest.mark.parametrize("experiment", ["grid", "lens"])
def test_lenses_print_a_line_and_leave_two_grids(capsys, monkeypatch, scenes, tmp_path, experiment):
    lines = lines_of(capsys, monkeypatch, scenes, tmp_path, experiment, "--seeds", "3")
    assert lines[2].split()[0] == "3"
    assert "noise 0." in lines[2]
    assert names(tmp_path) == {f"{experiment}_3_true.png", f"{experiment}_3_learned.png"}


def test_super_resolution_prints_its_kernel_beside_the_start_and_bicubic_and_what_each_restores(capsys, monkeypatch, scenes, tmp_path):
    _, head, _, line, interpolated, *restored = lines_of(capsys, monkeypatch, scenes, tmp_path, "super-resolution", "--seeds", "3")
    assert "bicubic" in head
    assert all(0 < float(line.split()[column]) < 1 for column in (1, 3, 5))
    assert float(interpolated.split()[1]) > 15
    assert [row.split()[0] for row in restored] == ["dpir", "zero-shot"]
    assert all(row.count(" kernel ") == 3 for row in restored)
    assert names(tmp_path) == {f"super_resolution_3{ending}" for ending in ("_true.png", "_learned.png", ".npz")}


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a graphics card")
def test_the_papers_sizes_are_refused_in_a_sentence_where_there_is_no_graphics_card(capsys, scenes):
    assert command.main(["grid", "--scale", "paper", "--data", str(scenes)]) == 2
    assert "CUDA graphics card" in capsys.readouterr().err


def test_the_papers_sizes_are_the_papers():
    assert (PAPER.single.sizes.side, PAPER.single.sizes.blurry, PAPER.single.sizes.sharp) == (256, 1000, 100)
    assert PAPER.single.settings.matching.raw_taps
    assert (PAPER.grid.settings.kernel_size, PAPER.grid.settings.colour, PAPER.grid.settings.flow.patch) == (27, "mono", 128)
    assert PAPER.grid.settings.flow.pretrain_steps > 0
    assert (PAPER.lens.frames, PAPER.lens.settings.sharp_crop, PAPER.lens.settings.noise) == (18, (768, 768), None)
    chain = PAPER.super_resolution.matching
    assert (PAPER.super_resolution.channels, chain.steps * chain.batch, chain.centring, chain.sparsity, chain.sum_to_one) == (
        64,
        512_000,
        0.01,
        0.1,
        0.1,
    )


def test_the_wide_grid_is_mono_and_wide():
    grid = wide_mono_grid(150)
    assert grid.shape == (8, 8, 3, 27, 27)
    assert np.array_equal(grid[:, :, 0], grid[:, :, 2])
    assert np.allclose(grid.sum((-1, -2)), 1, atol=1e-5)
    # The share of a corner's light outside the kernels of an ordinary lens.
    assert 1 - grid[0, 0, 0, 7:20, 7:20].sum() > 0.1


def test_sharp_frames_are_perfect_inside_the_crop_and_nowhere_else():
    lens = wide_mono_grid(150)
    sharp = sharp_in_the_middle(lens, (320, 320), mosaic=2)
    perfect = sharp[:, :, 0, 13, 13] == 1
    # Nodes stand at sevenths of the frame; the crop covers a quarter to three quarters of its height, a third to two of its width.
    assert np.array_equal(perfect, np.outer([0, 1, 1, 1, 1, 1, 1, 0], [0, 0, 1, 1, 1, 1, 0, 0]).astype(bool))
    assert np.array_equal(sharp[~perfect], lens[~perfect])


def test_kernels_of_super_resolution_are_turned_and_differ():
    one, other = anisotropic_kernel(0), anisotropic_kernel(1)
    assert one.shape == (11, 11)
    assert one.sum() == pytest.approx(1)
    assert np.abs(one - other).max() > 0.1 * one.max()
