"""The statistics of windows and scenes are what they are said to be."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from tiny_pool import TILE, pool_of, scenes

from ddm_studio.control import Cancelled, RunControl
from ddm_studio.spectra.window_statistics import CLASSES, TILES_AT_ONCE, measure_windows, window_side


def grey_noise(count: int, sigma: float, seed: int) -> list[np.ndarray]:
    draw = np.random.default_rng(seed)
    return [(0.5 + sigma * draw.standard_normal((192, 192, 3))).clip(0, 1) for _ in range(count)]


def test_white_noise_has_its_encoded_variance_at_every_frequency() -> None:
    pool = pool_of(grey_noise(6, 0.02, 0))
    statistics = measure_windows(pool, pool, 9, 1, lambda event: None, RunControl())
    power, shares, _ = statistics.without(None)
    mean = torch.tensordot(shares, power, 1)[2:-2, 2:]
    assert float(mean.mean()) == pytest.approx(0.02**2, rel=0.05)
    assert float(mean.std() / mean.mean()) < 0.3


def test_white_noise_correlates_with_nothing_but_itself() -> None:
    pool = pool_of(grey_noise(6, 0.02, 0))
    autocorrelation = measure_windows(pool, pool, 9, 1, lambda event: None, RunControl()).without(None)[2]
    middle = len(autocorrelation) // 2
    around = autocorrelation[middle - 8 : middle + 9, middle - 8 : middle + 9].clone()
    around[8, 8] = 0
    assert float(around.abs().max()) < 0.1 * float(autocorrelation[middle, middle])


def test_classes_rise_in_contrast_and_hold_as_many_windows() -> None:
    statistics = measure_windows(pool_of(scenes(8, 100)), pool_of(scenes(4, 500)), 9, 2, lambda event: None, RunControl())
    power, shares, _ = statistics.without(None)
    levels = power[:, 1:6, 1:6].mean((1, 2)).tolist()
    assert levels == sorted(levels)
    assert shares.numpy() == pytest.approx(1 / CLASSES, abs=0.01)


def test_groups_are_left_out_and_add_up() -> None:
    statistics = measure_windows(pool_of(scenes(6, 100)), pool_of(scenes(6, 500)), 9, 3, lambda event: None, RunControl())
    assert statistics.groups == 3
    whole = statistics.without(None)[2] * statistics.tiles.sum()
    parts = sum(statistics.without(group)[2] * (statistics.tiles.sum() - statistics.tiles[group]) for group in range(3))
    assert torch.allclose(parts, 2 * whole, rtol=1e-3, atol=1e-3 * float(whole.abs().max()))


def test_photos_of_nothing_but_sky_add_nothing() -> None:
    """Enough of them to fill whole batches of tiles, before the others and behind them."""
    sky = [np.full((192, 192, 3), 0.7) for _ in range(2 * TILES_AT_ONCE // len(pool_of(scenes(1, 500))))]
    lively = scenes(3, 500)
    blurry = pool_of(scenes(2, 100))
    mixed = measure_windows(blurry, pool_of([*sky, *lively, *sky]), 9, 1, lambda event: None, RunControl())
    alone = measure_windows(blurry, pool_of(lively), 9, 1, lambda event: None, RunControl())
    torch.testing.assert_close(mixed.without(None)[2], alone.without(None)[2], rtol=0.2, atol=0.05)
    assert float(mixed.tiles.sum()) <= float(alone.tiles.sum()) * 1.5


def test_a_window_and_a_kernel_fit_into_a_tile() -> None:
    for tile, kernel in ((64, 11), (96, 29), (128, 29), (512, 65)):
        side = window_side(tile, kernel)
        assert side + kernel - 1 <= tile
        assert side >= 16


def test_it_stops_when_told_to() -> None:
    control = RunControl()
    control.stop()
    with pytest.raises(Cancelled):
        measure_windows(pool_of(scenes(2, 100)), pool_of(scenes(2, 500)), 9, 1, lambda event: None, control)


def test_tiles_are_those_of_the_pool() -> None:
    statistics = measure_windows(pool_of(scenes(2, 100)), pool_of(scenes(2, 500)), 9, 1, lambda event: None, RunControl())
    assert statistics.patch == window_side(TILE, 9)
    assert statistics.photos == 2
