"""Stage 1 recovers a known lens from unpaired scenes, the right way up."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
import torch
from tiny_pool import photographed, pool_of, scenes

from ddm_studio.control import Cancelled, RunControl
from ddm_studio.events import Event, KernelsLearned, LossCurve
from ddm_studio.optics.psf_grid import node_centres
from ddm_studio.optics.psf_metrics import grid_ncc, lateral_shift
from ddm_studio.settings import CalibrationSettings, GaussianMatchingSettings
from ddm_studio.spectra.gaussian_matching import GaussianFit, match_spectra
from ddm_studio.spectra.power_spectrum import Spectra, measure_spectra

CPU = torch.device("cpu")
SIZE = 9


def streak(row: float, column: float) -> np.ndarray:
    """A short streak along (row, column): no rotation or transposition leaves it alone."""
    places = np.arange(SIZE) - SIZE // 2
    y, x = np.meshgrid(places, places, indexing="ij")
    kernel = sum(np.exp(-((y - row * t) ** 2 + (x - column * t) ** 2) / 1.1) for t in np.linspace(-1, 1, 9))
    return kernel / kernel.sum()


def known_lens() -> np.ndarray:
    """2 x 3 nodes: streaks that turn over the field; red and blue moved apart, another way on the left than on the right."""
    grid = np.empty((2, 3, 3, SIZE, SIZE), np.float32)
    for row in range(2):
        for column in range(3):
            kernel = streak(1.8, 0.0) if row == 0 else streak(0.5, 1.8)
            shift = column - 1
            grid[row, column] = np.stack([np.roll(kernel, shift, 1), kernel, np.roll(kernel, -shift, 1)])
    return grid


@dataclass
class Learned:
    fit: GaussianFit
    heard: list[Event]


def settings(**changes: object) -> CalibrationSettings:
    return CalibrationSettings(
        grid_rows=2, grid_columns=3, kernel_size=SIZE, gaussian=GaussianMatchingSettings(patch=32, bins=4, steps=120), **changes
    )


@pytest.fixture(scope="module")
def statistics() -> tuple[Spectra, torch.Tensor]:
    blurry = measure_spectra(pool_of(photographed(scenes(16, 100), known_lens(), 0.01)), 32, 4)
    return blurry, measure_spectra(pool_of(scenes(12, 500)), 32, 1).pooled()


@pytest.fixture(scope="module")
def learned(statistics: tuple[Spectra, torch.Tensor]) -> Learned:
    heard: list[Event] = []
    return Learned(match_spectra(*statistics, settings(), CPU, heard.append, RunControl()), heard)


def test_the_grid_is_recovered_in_its_orientation(learned: Learned) -> None:
    estimate, truth = learned.fit.psf.numpy(), known_lens()
    score = grid_ncc(estimate, truth).mean()
    assert score > 0.93
    for turned in (truth[::-1], truth[:, ::-1], truth.swapaxes(-1, -2)):
        assert grid_ncc(estimate, turned).mean() < score - 0.05


def test_the_shift_between_channels_is_recovered_with_its_sign(learned: Learned) -> None:
    across = lateral_shift(learned.fit.psf.numpy())[..., 1]
    assert across[:, 0, 0].max() < -0.5 < 0.5 < across[:, 2, 0].min()
    assert across[:, 2, 1].max() < -0.5 < 0.5 < across[:, 0, 1].min()


def test_the_noise_is_recovered_in_encoded_units(learned: Learned) -> None:
    assert learned.fit.sigma.numpy() == pytest.approx(0.01, rel=0.25)


def test_kernels_are_positive_sum_to_one_and_are_centred(learned: Learned) -> None:
    psf = learned.fit.psf
    assert (psf >= 0).all()
    assert torch.allclose(psf.sum((-1, -2)), torch.ones(2, 3, 3), atol=1e-5)
    assert node_centres(psf).abs().max() < 0.1


def test_pictures_and_losses_are_reported_while_it_learns(learned: Learned) -> None:
    pictures = [event for event in learned.heard if isinstance(event, KernelsLearned)]
    assert not pictures[0].kernels.flags.writeable
    assert np.abs(pictures[0].kernels - pictures[-1].kernels).max() > 0.01
    curve = [event for event in learned.heard if isinstance(event, LossCurve)][-1]
    assert curve.losses[-1] < curve.losses[0]


def test_mono_gives_one_kernel_to_all_channels_and_known_noise_stays(statistics: tuple[Spectra, torch.Tensor]) -> None:
    wanted = settings(colour="mono", noise=0.02)
    wanted = wanted.model_copy(update={"gaussian": wanted.gaussian.model_copy(update={"steps": 5})})
    fit = match_spectra(*statistics, wanted, CPU, lambda event: None, RunControl())
    assert torch.equal(fit.psf[:, :, 0], fit.psf[:, :, 2])
    assert fit.sigma.numpy() == pytest.approx(0.02)


def test_the_same_seed_gives_the_same_grid_and_stop_stops(statistics: tuple[Spectra, torch.Tensor]) -> None:
    wanted = settings().model_copy(update={"gaussian": GaussianMatchingSettings(patch=32, bins=4, steps=5)})
    one, two = (match_spectra(*statistics, wanted, CPU, lambda event: None, RunControl()).psf for _ in range(2))
    assert torch.equal(one, two)
    control = RunControl()
    control.stop()
    with pytest.raises(Cancelled):
        match_spectra(*statistics, wanted, CPU, lambda event: None, control)
