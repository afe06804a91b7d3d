"""The Fisher limit is the scatter of fits to spectra drawn from the model, and falls as the photos' area grows."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest
import torch
from tiny_pool import pool_of, scenes

from benchmarks.fisher_information import ModelSpectra, basis, coordinates, covered_area, information, model_at, simulated_spectra
from benchmarks.limits_of_kernels import KnownField, changes_at_bins, misfit, tap_limit
from ddm_studio.optics.field_modes import node_positions
from ddm_studio.optics.wavefront_field import PolynomialField, SeidelField
from ddm_studio.settings import CalibrationSettings
from ddm_studio.spectra.descent import descend
from ddm_studio.spectra.likelihood import SpectralLikelihood
from ddm_studio.spectra.power_spectrum import Spectra, measure_spectra

CPU = torch.device("cpu")
SETTINGS = CalibrationSettings(grid_rows=1, grid_columns=1, kernel_size=9)
PATCH, AREA = 24, 1e5


@dataclass
class TinyCase:
    """One kernel in the middle of a frame and the model of its spectra."""

    field: KnownField
    blurry: Spectra
    sharp: Spectra
    model: ModelSpectra


def aberrated() -> KnownField:
    seidel = SeidelField((1, 1, 1), 1.4, False, CPU)
    with torch.no_grad():
        seidel.terms += torch.tensor([0.5, 0.0, 0.0, 0.6, 0.0])
        seidel.centre += torch.tensor([0.4, -0.3])
    return KnownField(PolynomialField(seidel, 0, node_positions(1, 1), 0.0), SETTINGS)


@pytest.fixture(scope="module")
def case() -> TinyCase:
    sharp = measure_spectra(pool_of(scenes(6, 500)), PATCH, 1).whole()
    blurry = replace(sharp, slope2=torch.full((1, 3), 0.7), positions=torch.tensor([[0.5, 0.5]]))
    field = aberrated()
    likelihood = SpectralLikelihood(blurry, sharp.before_compression(), SETTINGS, CPU)
    return TinyCase(field, blurry, sharp, model_at(field.psf, likelihood, blurry, sharp.pooled(), torch.tensor([AREA]), AREA))


def limit(case: TinyCase, model: ModelSpectra) -> float:
    changes = case.field.changes()
    return case.field.expected_misfit(information(model, changes_at_bins(changes, case.blurry)), changes, 40)


def test_traces_of_products_are_dot_products() -> None:
    square = torch.view_as_complex(torch.randn(2, 3, 3, 2, generator=torch.Generator().manual_seed(0), dtype=torch.float64))
    one, two = square @ square.mH
    assert torch.trace(one @ two).real == pytest.approx(float(coordinates(one) @ coordinates(two)))
    assert torch.allclose(torch.tensordot(coordinates(one).to(basis()), basis(), 1), one)


def test_the_limit_falls_as_the_area_grows(case: TinyCase) -> None:
    more = replace(case.model, area=4 * case.model.area, sharp_area=4 * AREA)
    assert limit(case, more) == pytest.approx(limit(case, case.model) / 4, rel=0.1)


def test_a_small_sharp_set_makes_the_limit_worse(case: TinyCase) -> None:
    assert limit(case, replace(case.model, sharp_area=AREA / 10)) > 2 * limit(case, case.model)


def test_free_taps_are_known_better_when_the_phase_is_told(case: TinyCase) -> None:
    grid = case.field.psf.expand(2, 2, -1, -1, -1)
    wide = replace(case.blurry, positions=torch.cartesian_prod(torch.tensor([0.1, 0.9]), torch.tensor([0.1, 0.9])))
    spread = replace(case.model, area=case.model.area.repeat(4))
    spread = replace(spread, transfer=spread.transfer.repeat(4, 1, 1), own=spread.own.repeat(4, 1), noise=spread.noise.repeat(4, 1))
    untold, told = (tap_limit(grid, spread, wide, phase, 20) for phase in (False, True))
    assert limit(case, case.model) < told < 0.8 * untold


@pytest.mark.slow
def test_fits_to_drawn_spectra_scatter_as_the_limit_says(case: TinyCase) -> None:
    """Of a small area: where the valley of the likelihood is narrow, fits in single precision stop before its deepest place."""
    small = replace(case.model, area=case.model.area / 10, sharp_area=AREA / 10)
    found = []
    for seed in range(12):
        blurry, sharp = (drawn.whole() for drawn in simulated_spectra(small, case.blurry, case.sharp, seed))
        likelihood = SpectralLikelihood(blurry, sharp.before_compression(), SETTINGS, CPU)
        fitted = aberrated()

        def loss(likelihood: SpectralLikelihood = likelihood, fitted: KnownField = fitted) -> torch.Tensor:
            return likelihood.negative_log_likelihood(fitted.kernels())

        descend([*fitted.field.parameters(), *likelihood.parameters()], loss, 100, lambda value: None)
        found.append(misfit(fitted.psf, case.field.psf.numpy()))
    assert np.mean(found) == pytest.approx(limit(case, small), rel=0.4)


def test_overlapping_tiles_cover_an_area_once() -> None:
    pool = pool_of(scenes(2, 0, 128, 192), step=32)
    assert covered_area(pool, 1) == 2 * 128 * 192
    quarters = covered_area(pool, 2)
    assert quarters.tolist() == [2 * 64 * 96] * 4
