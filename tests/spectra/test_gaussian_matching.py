"""Stage 1 recovers a known lens from unpaired scenes, the right way up."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest
import torch
from tiny_pool import photographed, pool_of, scenes
from torch import Tensor

from ddm_studio.control import Cancelled, RunControl
from ddm_studio.events import Event, KernelsLearned, LossCurve, StageFinished, StageStarted
from ddm_studio.optics.display_curve import decode, encode
from ddm_studio.optics.mtf import mtf
from ddm_studio.optics.psf_grid import kernels_at, node_centres
from ddm_studio.optics.psf_metrics import grid_ncc, lateral_shift
from ddm_studio.optics.synthetic_lens import psf_grid, random_lens
from ddm_studio.settings import CalibrationSettings, GaussianMatchingSettings
from ddm_studio.snapshot import Snapshot
from ddm_studio.spectra.confidence import STAGE as CONFIDENCE
from ddm_studio.spectra.gaussian_matching import STAGE, WAVEFRONT_STAGE, GaussianFit, match_spectra
from ddm_studio.spectra.kept_fits import FIRST_KERNELS, FOUND_WAVEFRONT
from ddm_studio.spectra.power_spectrum import GroupedSpectra, measure_spectra
from ddm_studio.spectra.whittle import blurred_spectra

CPU = torch.device("cpu")
SIZE = 9
ASPECT = 1.4


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
    shape = GaussianMatchingSettings(patch=32, bins=4, steps=120, wavefront=False)
    return CalibrationSettings(grid_rows=2, grid_columns=3, kernel_size=SIZE, gaussian=shape, **changes)


@pytest.fixture(scope="module")
def statistics() -> tuple[GroupedSpectra, GroupedSpectra]:
    blurry = measure_spectra(pool_of(photographed(scenes(16, 100), known_lens(), 0.01)), 32, 4)
    return blurry, measure_spectra(pool_of(scenes(12, 500)), 32, 1)


@pytest.fixture(scope="module")
def learned(statistics: tuple[GroupedSpectra, GroupedSpectra]) -> Learned:
    heard: list[Event] = []
    return Learned(match_spectra(*statistics, settings(), ASPECT, CPU, heard.append, RunControl()), heard)


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


@pytest.mark.parametrize("steps", [1, 20])
def test_mono_gives_one_kernel_to_all_channels_and_known_noise_stays(statistics: tuple[GroupedSpectra, GroupedSpectra], steps: int) -> None:
    wanted = settings(colour="mono", noise=0.02)
    wanted = wanted.model_copy(update={"gaussian": wanted.gaussian.model_copy(update={"steps": steps})})
    fit = match_spectra(*statistics, wanted, ASPECT, CPU, lambda event: None, RunControl())
    assert torch.equal(fit.psf[:, :, 0], fit.psf[:, :, 2])
    assert fit.sigma.numpy() == pytest.approx(0.02)


def test_the_same_seed_gives_the_same_grid_and_stop_stops(statistics: tuple[GroupedSpectra, GroupedSpectra]) -> None:
    wanted = settings().model_copy(update={"gaussian": GaussianMatchingSettings(patch=32, bins=4, steps=5)})
    one, two = (match_spectra(*statistics, wanted, ASPECT, CPU, lambda event: None, RunControl()).psf for _ in range(2))
    assert torch.equal(one, two)
    control = RunControl()
    control.stop()
    with pytest.raises(Cancelled):
        match_spectra(*statistics, wanted, ASPECT, CPU, lambda event: None, control)


@pytest.mark.parametrize(
    ("stopped_in", "kept_by_then", "colour"),
    [(WAVEFRONT_STAGE, [FIRST_KERNELS], "rgb"), (CONFIDENCE, [FIRST_KERNELS, FOUND_WAVEFRONT], "rgb"), (CONFIDENCE, None, "mono")],
)
def test_a_run_stopped_after_its_first_kernels_or_its_wavefront_goes_on_from_them_to_the_same_grid(
    statistics: tuple[GroupedSpectra, GroupedSpectra], stopped_in: str, kept_by_then: list[str] | None, colour: str
) -> None:
    """With as many groups as tell a confidence."""
    shape = GaussianMatchingSettings(patch=32, bins=4, steps=8, groups=4)
    wanted = settings(colour=colour).model_copy(update={"gaussian": shape})
    grouped = (
        measure_spectra(pool_of(photographed(scenes(16, 100), known_lens(), 0.01)), 32, 4, 4),
        measure_spectra(pool_of(scenes(12, 500)), 32, 1, 4),
    )
    kept: dict[str, Snapshot] = {}
    control = RunControl()

    def stop_in_that_stage(event: Event) -> None:
        if isinstance(event, StageStarted) and event.stage == stopped_in:
            control.stop()

    with pytest.raises(Cancelled):
        match_spectra(*grouped, wanted, ASPECT, CPU, stop_in_that_stage, control, keep=kept.__setitem__)
    assert list(kept) == (kept_by_then or [FIRST_KERNELS, FOUND_WAVEFRONT])
    heard: list[Event] = []
    again: list[str] = []
    resumed = match_spectra(
        *grouped, wanted, ASPECT, CPU, heard.append, RunControl(), kept=dict(kept), keep=lambda name, snapshot: again.append(name)
    )
    whole = match_spectra(*grouped, wanted, ASPECT, CPU, lambda event: None, RunControl())
    assert torch.equal(resumed.psf, whole.psf)
    assert torch.equal(resumed.sigma, whole.sigma)
    assert resumed.scores == whole.scores
    assert (resumed.rival is None) == (whole.rival is None)
    assert resumed.rival is None or torch.equal(resumed.rival, whole.rival)
    for name in ("expected", "low", "high"):
        assert torch.equal(getattr(resumed.confidence, name).nan_to_num(), getattr(whole.confidence, name).nan_to_num())
    assert not set(again) & set(kept)
    stages = [event.stage for event in heard if isinstance(event, StageStarted)]
    assert STAGE not in stages
    assert (WAVEFRONT_STAGE in stages) == (FOUND_WAVEFRONT not in kept)
    shown = [event.kernels for event in heard if isinstance(event, KernelsLearned)]
    np.testing.assert_array_equal(shown[0], kept[FIRST_KERNELS].tensors["psf"])
    if FOUND_WAVEFRONT in kept:
        np.testing.assert_array_equal(shown[-1], kept[FOUND_WAVEFRONT].tensors["psf"])


@dataclass
class WavefrontCase:
    truth: np.ndarray
    taps: GaussianFit
    wavefront: GaussianFit
    heard: list[Event]


@pytest.fixture(scope="module")
def comatic() -> WavefrontCase:
    """A lens with coma, seen by free taps alone and with a wavefront."""
    truth = psf_grid(replace(random_lens(3), coma=1.2, decentring=(0.2, -0.1)), 3, 4, 11, ASPECT)
    blurry = measure_spectra(pool_of(photographed(scenes(16, 100), truth, 0.01)), 32, 5)
    sharp = measure_spectra(pool_of(scenes(12, 500)), 32, 1)
    heard: list[Event] = []
    fits = []
    for wavefront in (False, True):
        shape = GaussianMatchingSettings(patch=32, bins=5, steps=120, wavefront=wavefront)
        wanted = CalibrationSettings(grid_rows=3, grid_columns=4, kernel_size=11, gaussian=shape)
        fits.append(match_spectra(blurry, sharp, wanted, ASPECT, CPU, heard.append, RunControl()))
    return WavefrontCase(truth, *fits, heard)


@pytest.mark.slow
def test_a_wavefront_finds_the_phase_that_spectra_do_not_show(comatic: WavefrontCase) -> None:
    assert comatic.wavefront.scores["wavefront"] == 1
    score = grid_ncc(comatic.wavefront.psf.numpy(), comatic.truth)
    assert score.mean() > grid_ncc(comatic.taps.psf.numpy(), comatic.truth).mean() + 0.005
    assert grid_ncc(comatic.wavefront.psf.numpy(), comatic.truth[..., ::-1, ::-1]).mean() < score.mean() - 0.01


@pytest.mark.slow
def test_the_grid_of_a_wavefront_is_a_grid_like_any_other(comatic: WavefrontCase) -> None:
    psf = comatic.wavefront.psf
    assert (psf >= 0).all()
    assert torch.allclose(psf.sum((-1, -2)), torch.ones(3, 4, 3), atol=1e-5)
    assert node_centres(psf).abs().max() < 0.1
    assert comatic.wavefront.sigma.numpy() == pytest.approx(0.01, rel=0.25)
    stages = [event.stage for event in comatic.heard if isinstance(event, StageFinished)]
    assert stages == ["matching spectra", "matching spectra", "fitting the wavefront"]


@pytest.mark.slow
def test_the_search_for_the_wavefront_is_seen_from_its_first_guess_on(comatic: WavefrontCase) -> None:
    seen = [event for event in comatic.heard if isinstance(event, KernelsLearned) and event.stage == WAVEFRONT_STAGE]
    assert seen[0].step < 50  # the starts alone take hundreds
    assert node_centres(torch.tensor(seen[0].kernels)).abs().max() < 0.5
    assert np.abs(seen[0].kernels - seen[-1].kernels).max() > 0.01


@pytest.mark.slow
def test_a_wavefront_is_found_from_spectra_that_it_made() -> None:
    """Without chance or strange scenes nothing is left to blame: neither the model of the pupil nor too few steps."""
    truth = psf_grid(replace(random_lens(3), coma=1.0), 3, 4, 11, ASPECT)
    shape = GaussianMatchingSettings(patch=32, bins=5, steps=120)
    wanted = CalibrationSettings(grid_rows=3, grid_columns=4, kernel_size=11, gaussian=shape)
    blurry = measure_spectra(pool_of(photographed(scenes(16, 100), truth, 0.01)), 32, 5)
    sharp = measure_spectra(pool_of(scenes(12, 500)), 32, 1)
    made = seen_through(truth, blurry, sharp.whole().pooled(), 0.01)
    psf = match_spectra(made, sharp, wanted, ASPECT, CPU, lambda event: None, RunControl()).psf.numpy()
    assert grid_ncc(psf, truth).min() > 0.997
    frequencies = np.array([0.05, 0.1, 0.15, 0.2])
    for direction in ([1.0, 0.0], [0.0, 1.0]):
        excess = mtf(psf, np.array(direction), frequencies) - mtf(truth, np.array(direction), frequencies)
        assert np.abs(excess.mean((0, 1, 2))).max() < 0.015


def seen_through(truth: np.ndarray, blurry: GroupedSpectra, scene: Tensor, noise: float) -> GroupedSpectra:
    """What `blurry` would be if all its scenes had the spectrum (9, p, p // 2 + 1) and were seen through the true grid."""
    spectra, patch = blurry.whole(), scene.shape[1]
    kernels = kernels_at(torch.from_numpy(truth).float(), spectra.positions)
    transfer = torch.fft.rfft2(centred_at_origin(kernels, patch)).flatten(2).transpose(0, 1)
    powers = spectra.slope2 * noise**2
    planes = blurred_spectra(torch.cat([transfer.real, transfer.imag]), scene.flatten(1), torch.zeros(transfer.shape[1:]), powers)
    products = planes.transpose(0, 1).unflatten(2, scene.shape[1:]) * spectra.counts[:, None, None, None]
    return replace(blurry, products=products[None])


def centred_at_origin(kernels: Tensor, side: int) -> Tensor:
    size = kernels.shape[-1]
    padded = torch.nn.functional.pad(kernels, (0, side - size, 0, side - size))
    return padded.roll((-(size // 2), -(size // 2)), (-2, -1))


@pytest.mark.slow
def test_free_taps_are_kept_where_no_wavefront_explains_the_photos() -> None:
    """Strokes of a shaken camera: bent, thin, the same in all channels."""
    truth = np.zeros((2, 2, 3, 11, 11), np.float32)
    truth[..., 1, 1:10] = 1
    truth[..., 1:10, 9] = 1
    truth /= truth.sum((-1, -2), keepdims=True)
    blurry = measure_spectra(pool_of(photographed(scenes(16, 100), truth, 0.003)), 32, 4)
    sharp = measure_spectra(pool_of(scenes(12, 500)), 32, 1)
    shape = GaussianMatchingSettings(patch=32, bins=4, steps=120)
    wanted = CalibrationSettings(grid_rows=2, grid_columns=2, kernel_size=11, gaussian=shape)
    assert match_spectra(blurry, sharp, wanted, ASPECT, CPU, lambda event: None, RunControl()).scores["wavefront"] == 0


def test_a_white_balance_of_the_blurry_set_is_a_gain_and_no_blur() -> None:
    """Red half as strong again and blue two thirds in linear light, in scenes dark enough for nothing to be clipped."""
    lens, gains = known_lens(), np.array([1.5, 1.0, 0.67], np.float32)
    darker = [encode(decode(frame) * 0.5) for frame in scenes(16, 100)]
    balanced = [encode(decode(frame) * gains) for frame in photographed(darker, lens, 0.003)]
    sharp = measure_spectra(pool_of([encode(decode(frame) * 0.5) for frame in scenes(12, 500)]), 32, 1)
    fit = match_spectra(measure_spectra(pool_of(balanced), 32, 4), sharp, settings(), ASPECT, CPU, lambda event: None, RunControl())
    assert fit.gain[0] / fit.gain[1] > 1.2
    assert fit.gain[2] / fit.gain[1] < 0.9
    assert grid_ncc(fit.psf.numpy(), lens).mean() > 0.93
