"""How measures are compared with the truth, and that grids made worse are worse."""

import numpy as np
import pytest
import torch

from benchmarks.convergence import made_worse, tracking_of
from ddm_studio.optics.psf_grid import normalise
from ddm_studio.optics.psf_metrics import grid_ncc
from ddm_studio.optics.synthetic_lens import psf_grid, random_lens

NCC = np.array([0.80, 0.90, 0.95, 0.99, 0.985, 0.70, 0.60, 0.975])
OWN = np.arange(len(NCC)) < 5


def test_a_measure_that_is_the_true_error_follows_it_and_loses_nothing():
    tracking = tracking_of(1 - NCC, NCC, OWN)
    ranks = (tracking.course, tracking.worse, tracking.all, tracking.near, tracking.kendall)
    assert ranks == pytest.approx([1.0] * 5)
    assert tracking.loss == 0


def test_a_measure_that_is_turned_round_chooses_the_worst_grid_of_the_run():
    tracking = tracking_of(NCC, NCC, OWN)
    assert tracking.all == pytest.approx(-1)
    assert tracking.loss == pytest.approx(0.19)


def test_a_measure_that_only_tells_runs_from_wrecks_is_told_from_a_good_one():
    tracking = tracking_of(np.where(OWN, 0.0, 1.0) + 1e-3 * np.arange(len(NCC)), NCC, OWN)
    assert tracking.all < 0.9


def test_grids_made_worse_are_kernels_and_none_is_the_learned_one():
    learned = torch.from_numpy(psf_grid(random_lens(1), 2, 3, 9))
    start = normalise(torch.ones_like(learned))
    for grid in made_worse(learned, start):
        assert grid.min() >= 0
        assert torch.allclose(grid.sum((-1, -2)), torch.ones(2, 3, 3), atol=1e-4)
        assert grid_ncc(grid.numpy(), learned.numpy()).mean() < 0.9999
