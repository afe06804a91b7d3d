"""Spectra are what they are called."""

import numpy as np
import pytest
import torch
from tiny_pool import pool_of, scenes

from ddm_studio.optics.display_curve import decode_slope, encode
from ddm_studio.spectra.hermitian import unpack
from ddm_studio.spectra.power_spectrum import measure_spectra


def test_white_noise_has_a_flat_spectrum_of_its_variance_and_channels_are_independent() -> None:
    random = np.random.default_rng(0)
    frames = [encode(0.4 + 0.05 * random.standard_normal((256, 256, 3))) for _ in range(4)]
    inside = unpack(measure_spectra(pool_of(frames), 32, 1).whole().pooled()[None, :, 3:-3, 3:])
    for power in (inside.a, inside.b, inside.c):
        assert float(power.mean()) == pytest.approx(0.05**2, rel=0.05)
    assert inside.d.abs().mean() < 0.1 * 0.05**2


def test_channels_keep_their_order() -> None:
    frames = scenes(2, 0)
    for frame in frames:
        frame[..., 2] = frame[..., 0] * 0.5
    cross = unpack(measure_spectra(pool_of(frames), 32, 1).whole().pooled()[None])
    assert (cross.a[0, 2:8, 2:8] > cross.c[0, 2:8, 2:8]).all()


def test_a_shift_of_red_against_green_shows_as_phase_with_the_right_sign() -> None:
    random = np.random.default_rng(1)
    base = encode(0.4 + 0.05 * random.standard_normal((256, 256)))
    frame = np.stack([np.roll(base, 1, axis=0), base, base], -1)  # red lies one row lower
    cross = unpack(measure_spectra(pool_of([frame]), 32, 1).whole().pooled()[None])
    frequency = 3
    assert torch.allclose(cross.d[0, frequency, 0].angle(), torch.tensor(-2 * torch.pi * frequency / 32), atol=0.1)


def test_bins_lie_where_their_windows_lie_and_count_every_window_once() -> None:
    pool = pool_of(scenes(2, 5))
    spectra = measure_spectra(pool, 32, 3).whole()
    whole = measure_spectra(pool, 32, 1).whole()
    assert len(spectra.positions) == 9
    assert spectra.counts.sum() == whole.counts.sum() == 9 * len(pool)
    grid = spectra.positions.reshape(3, 3, 2)
    assert (grid[1:, :, 0] > grid[:-1, :, 0]).all()
    assert (grid[:, 1:, 1] > grid[:, :-1, 1]).all()
    assert torch.allclose(spectra.pooled(), whole.pooled(), rtol=1e-3, atol=1e-9)


def test_the_slope_of_the_curve_is_that_of_the_pixels() -> None:
    frame = np.full((96, 96, 3), 0.6, np.float32)
    spectra = measure_spectra(pool_of([frame]), 32, 1).whole()
    assert torch.allclose(spectra.slope2, torch.full((1, 3), float(decode_slope(np.array(0.6)) ** 2)), rtol=1e-3)
