"""Confidence falls where the choice of photos changes a kernel, and is not claimed where no photo tells."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest
import torch
from tiny_pool import photographed, pool_of, scenes

from ddm_studio.control import RunControl
from ddm_studio.optics.psf_metrics import grid_ncc
from ddm_studio.optics.synthetic_lens import psf_grid, random_lens
from ddm_studio.photos.jpeg_coding import JpegCoding
from ddm_studio.settings import CalibrationSettings, GaussianMatchingSettings
from ddm_studio.spectra.confidence import FLOOR, Factors, grid_confidence, nodes_with_evidence
from ddm_studio.spectra.gaussian_matching import match_spectra
from ddm_studio.spectra.power_spectrum import measure_spectra

FACTORS = Factors(0.5, 1.0, 3.0)
SEEN = np.ones((3, 4), bool)


def lens() -> torch.Tensor:
    return torch.from_numpy(psf_grid(random_lens(1), 3, 4, 9))


def disturbed(seed: int, noise: torch.Tensor) -> torch.Tensor:
    taps = lens() * torch.exp(noise * torch.randn(lens().shape, generator=torch.Generator().manual_seed(seed)))
    return taps / taps.sum((-1, -2), keepdim=True)


def test_grids_that_do_not_depend_on_the_photos_are_trusted_but_for_the_floor() -> None:
    trust = grid_confidence(lens(), [lens()] * 5, FACTORS, SEEN)
    assert torch.allclose(trust.low, torch.full((3, 4, 3), 1 - FACTORS.high * FLOOR), atol=1e-4)


def test_the_node_that_depends_on_them_most_is_trusted_least() -> None:
    noise = torch.full((3, 4, 1, 1, 1), 0.02)
    noise[2, 3] = 0.3
    trust = grid_confidence(lens(), [disturbed(seed, noise) for seed in range(6)], FACTORS, SEEN)
    assert (trust.low <= trust.expected).all()
    assert (trust.expected <= trust.high).all()
    assert trust.expected[2, 3].max() < trust.expected.flatten(0, 1)[:-1].min()


def test_a_node_without_evidence_gets_no_number() -> None:
    seen = SEEN.copy()
    seen[0, 0] = False
    trust = grid_confidence(lens(), [lens()] * 5, FACTORS, seen)
    assert trust.expected[0, 0].isnan().all()
    assert trust.expected.flatten(0, 1)[1:].isfinite().all()


def test_nodes_under_a_blank_sky_have_no_evidence() -> None:
    frames = scenes(6, 100)
    for frame in frames:
        frame[:, :112] = 0.5
    spectra = measure_spectra(pool_of(frames), 32, 5).whole()
    seen = nodes_with_evidence(spectra, torch.full((3,), 0.01), 3, 4)
    assert not seen[:, 0].any()
    assert seen[:, -1].all()


def test_leaving_a_group_out_is_measuring_without_its_photos() -> None:
    frames = scenes(6, 100)
    measured = measure_spectra(pool_of(frames), 32, 2, groups=3)
    without = measured.without(1)
    assert torch.allclose(measured.of([0, 2]).whole().planes, without.planes, rtol=1e-5)
    others = measure_spectra(pool_of([frame for number, frame in enumerate(frames) if number % 3 != 1]), 32, 2).whole()
    assert without.photos == others.photos == 4
    assert torch.equal(without.counts, others.counts)
    assert torch.allclose(without.planes, others.planes, rtol=1e-3, atol=1e-9)
    assert torch.allclose(without.positions, others.positions, atol=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize("wavefront", [False, True])
def test_the_true_misfit_is_of_the_size_that_is_told(wavefront: bool) -> None:
    truth = psf_grid(replace(random_lens(3), coma=1.2), 3, 4, 9, 1.4)
    blurry = measure_spectra(pool_of(photographed(scenes(16, 100), truth, 0.01)), 32, 5, groups=4)
    sharp = measure_spectra(pool_of(scenes(12, 500)), 32, 1, groups=4)
    shape = GaussianMatchingSettings(patch=32, bins=5, steps=120, wavefront=wavefront)
    settings = CalibrationSettings(grid_rows=3, grid_columns=4, kernel_size=9, gaussian=shape)
    fit = match_spectra(blurry, sharp, settings, 1.4, torch.device("cpu"), lambda event: None, RunControl())
    assert fit.confidence is not None
    told, true = 1 - fit.confidence.expected.numpy(), 1 - grid_ncc(fit.psf.numpy(), truth)
    assert told.mean() / 6 < true.mean() < told.mean() * 6


def test_few_photos_tell_nothing_of_confidence() -> None:
    truth = psf_grid(random_lens(3), 2, 2, 7, 1.4)
    blurry = measure_spectra(pool_of(photographed(scenes(3, 100), truth, 0.01)), 32, 3, groups=8)
    sharp = measure_spectra(pool_of(scenes(3, 500)), 32, 1, groups=8)
    shape = GaussianMatchingSettings(patch=32, bins=3, steps=5, wavefront=False)
    settings = CalibrationSettings(grid_rows=2, grid_columns=2, kernel_size=7, gaussian=shape)
    assert match_spectra(blurry, sharp, settings, 1.4, torch.device("cpu"), lambda event: None, RunControl()).confidence is None


def test_the_more_compression_has_taken_the_wider_and_lower_the_interval() -> None:
    assert FACTORS.with_loss(1.0) == FACTORS
    bounds = [FACTORS.with_loss(kept) for kept in (0.8, 0.3, 0.1, 0.0)]
    for less, more in itertools.pairwise(bounds):
        assert less.low < more.low
        assert less.middle < more.middle
        assert less.high - less.low < more.high - more.low
        assert more.low < more.middle < more.high


def test_a_grid_from_compressed_photos_is_trusted_less() -> None:
    truth = psf_grid(random_lens(3), 2, 2, 7, 1.4)
    frames = photographed(scenes(8, 100), truth, 0.01)
    coding = JpegCoding((12,) * 64, (20,) * 64, (2, 2))
    sharp = measure_spectra(pool_of(scenes(8, 500)), 32, 1, groups=4)
    shape = GaussianMatchingSettings(patch=32, bins=3, steps=30, wavefront=False)
    settings = CalibrationSettings(grid_rows=2, grid_columns=2, kernel_size=7, gaussian=shape)
    expected = []
    for pool in (pool_of(frames), replace(pool_of(frames), jpeg=(coding,) * len(frames))):
        blurry = measure_spectra(pool, 32, 3, groups=4)
        fit = match_spectra(blurry, sharp, settings, 1.4, torch.device("cpu"), lambda event: None, RunControl())
        assert fit.confidence is not None
        expected.append(fit.confidence.expected)
    assert (expected[1] < expected[0]).all()
