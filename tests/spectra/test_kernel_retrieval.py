"""One kernel for the whole frame is found from statistics alone, shown as the grid that it is for, and can be stopped."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from tiny_pool import photographed, pool_of, scenes

from ddm_studio.control import Cancelled, RunControl
from ddm_studio.events import Event, KernelsLearned
from ddm_studio.optics.psf_metrics import grid_ncc
from ddm_studio.spectra.kernel_retrieval import STAGE, retrieve_kernel
from ddm_studio.spectra.window_statistics import WindowStatistics, measure_windows

SIZE, SIGMA = 9, 0.01


def hook() -> np.ndarray:
    kernel = np.zeros((SIZE, SIZE), np.float32)
    kernel[2, 2:7] = [3, 2, 2, 1, 1]
    kernel[3:7, 6] = 1
    return np.broadcast_to(kernel / kernel.sum(), (1, 1, 3, SIZE, SIZE)).copy()


@pytest.fixture(scope="module")
def statistics() -> WindowStatistics:
    blurry, sharp = pool_of(photographed(scenes(16, 100), hook(), SIGMA)), pool_of(scenes(12, 500))
    return measure_windows(blurry, sharp, SIZE, 2, lambda event: None, RunControl())


@pytest.mark.slow
def test_a_bent_stroke_is_found_and_shown_at_every_node(statistics: WindowStatistics) -> None:
    heard: list[Event] = []
    found = retrieve_kernel(statistics, SIZE, SIGMA, (2, 3), 0, heard.append, RunControl())
    grid = found.kernel.expand(1, 1, 3, -1, -1).numpy()
    assert max(grid_ncc(grid, hook()).mean(), grid_ncc(grid[..., ::-1, ::-1], hook()).mean()) > 0.95
    assert found.sigma == pytest.approx(SIGMA, rel=0.3)
    assert len(found.replicates) == 2
    pictures = [event for event in heard if isinstance(event, KernelsLearned) and event.stage == STAGE]
    assert pictures
    assert {event.kernels.shape for event in pictures} == {(2, 3, 3, SIZE, SIZE)}
    assert found.loss_of(found.kernel) < found.loss_of(torch.full((SIZE, SIZE), 1 / SIZE**2))


def test_it_stops_when_told_to(statistics: WindowStatistics) -> None:
    control = RunControl()
    control.stop()
    with pytest.raises(Cancelled):
        retrieve_kernel(statistics, SIZE, SIGMA, (1, 1), 0, lambda event: None, control)
