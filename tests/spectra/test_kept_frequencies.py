"""Of JPEGs, what compression has kept is matched and the rest is left alone."""

from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image
from tiny_pool import photographed, pool_of, scenes

from ddm_studio.control import RunControl
from ddm_studio.optics.psf_metrics import grid_ncc
from ddm_studio.optics.synthetic_lens import psf_grid, random_lens
from ddm_studio.photos.jpeg_coding import KEPT_AMPLITUDE, KEPT_POWER, TO_LUMA, TO_LUMA_AND_DIFFERENCES, JpegCoding
from ddm_studio.photos.tile_pool import TilePool
from ddm_studio.settings import CalibrationSettings, GaussianMatchingSettings
from ddm_studio.spectra.gaussian_matching import match_spectra
from ddm_studio.spectra.hermitian import congruence, outer_planes
from ddm_studio.spectra.kept_frequencies import (
    KeptFrequencies,
    Rounding,
    SharpSpectrum,
    kept_amplitude,
    kept_power,
    mixed,
    rounding_of,
)
from ddm_studio.spectra.power_spectrum import GroupedSpectra, hann, measure_spectra
from ddm_studio.spectra.whittle import whittle

PATCH = 32
CPU = torch.device("cpu")
EVERYWHERE = torch.ones(PATCH, PATCH // 2 + 1, dtype=torch.bool)
NO_SLOPE = torch.ones(2, 3)


def spectra(seed: int) -> torch.Tensor:
    """(9, 2, F) packed spectra of full rank."""
    random = torch.Generator().manual_seed(seed)
    draws = torch.randn(8, 2, 3, EVERYWHERE.sum(), 2, generator=random)
    return torch.stack([outer_planes(torch.view_as_complex(draw)) for draw in draws]).mean(0).transpose(0, 1)


def rounding(luma: float, chroma: float) -> Rounding:
    return Rounding(torch.full(EVERYWHERE.shape, luma), torch.full(EVERYWHERE.shape, chroma), torch.ones(EVERYWHERE.shape))


UNCOMPRESSED = SharpSpectrum(torch.zeros(9, *EVERYWHERE.shape), EVERYWHERE, EVERYWHERE)


def kept_of(luma: float, chroma: float, measured: torch.Tensor) -> KeptFrequencies:
    return KeptFrequencies(rounding(luma, chroma), UNCOMPRESSED, EVERYWHERE, measured, NO_SLOPE)


ALIKE = torch.full((int(EVERYWHERE.sum()),), 1 / float(EVERYWHERE.sum()))


def loss(kept: KeptFrequencies, model: torch.Tensor) -> float:
    return float(kept.whittle(model, ALIKE))


def test_where_nothing_is_lost_all_is_matched() -> None:
    """Luma and colour differences in place of the channels change the likelihood by no more than a constant."""
    measured, models = spectra(1), (spectra(2), spectra(3))
    of_channels = [whittle(model, measured, ALIKE).mean() for model in models]
    mixed = [loss(kept_of(0, 0, measured), model) for model in models]
    assert mixed[0] - mixed[1] == pytest.approx(float(of_channels[0] - of_channels[1]), rel=1e-3)


def test_where_colour_is_lost_only_luma_counts() -> None:
    """A wave of colour that has no luma changes nothing, one of luma does."""
    red_for_blue = torch.tensor([1 / TO_LUMA[0], 0, -1 / TO_LUMA[2]])
    colour = outer_planes(red_for_blue[None, :, None].to(torch.complex64)).expand(2, -1, int(EVERYWHERE.sum())).transpose(0, 1)
    grey = outer_planes(torch.ones(1, 3, 1, dtype=torch.complex64)).transpose(0, 1).expand_as(colour)
    luma_alone, everything = kept_of(0, torch.inf, spectra(1)), kept_of(0, 0, spectra(1))
    before = loss(luma_alone, spectra(1))
    assert loss(luma_alone, spectra(1) + colour) == pytest.approx(before, rel=1e-4)
    assert loss(luma_alone, spectra(1) + grey) > before + 0.05
    assert loss(everything, spectra(1) + colour) > loss(everything, spectra(1)) + 0.05


def test_where_luma_is_lost_nothing_counts() -> None:
    assert loss(kept_of(torch.inf, torch.inf, spectra(1)), spectra(2)) == 0


def test_where_the_sharp_set_has_lost_colour_only_luma_counts() -> None:
    lossless = KeptFrequencies(None, replace(UNCOMPRESSED, colour=~EVERYWHERE), EVERYWHERE, spectra(1), NO_SLOPE)
    assert loss(lossless, spectra(2)) == pytest.approx(loss(kept_of(0, torch.inf, spectra(1)), spectra(2)), rel=1e-4)


def coded(pool: TilePool, coding: JpegCoding | None) -> TilePool:
    return replace(pool, jpeg=(coding,) * len(pool.names))


def test_files_without_loss_lose_nothing_and_dilute_what_others_lose() -> None:
    pool = pool_of(scenes(2, 0))
    coding = JpegCoding((20,) * 64, (20,) * 64, (2, 2))
    all_of_them, half = rounding_of(coded(pool, coding), PATCH), rounding_of(replace(pool, jpeg=(coding, None)), PATCH)
    assert all_of_them is not None
    assert half is not None
    assert torch.allclose(half.luma, all_of_them.luma / 2)
    assert torch.allclose(1 - half.halving, (1 - all_of_them.halving) / 2, atol=1e-6)
    assert rounding_of(pool, PATCH) is None
    assert rounding_of(coded(pool, None), PATCH) is None


def compressed(frames: list[np.ndarray], quality: int) -> tuple[list[np.ndarray], JpegCoding]:
    """Frames as JPEGs with halved colour, and how they are coded."""
    decoded = []
    for frame in frames:
        stream = io.BytesIO()
        Image.fromarray((frame * 255 + 0.5).astype(np.uint8)).save(stream, "JPEG", quality=quality, subsampling=2)
        picture = Image.open(stream)
        tables = picture.quantization
        decoded.append(np.asarray(picture) / np.float32(255))
    return decoded, JpegCoding(tuple(tables[0]), tuple(tables[1]), (2, 2))


def in_luma_and_differences(frames: list[np.ndarray]) -> torch.Tensor:
    """(windows, 3, p, p // 2 + 1) transforms of windows of display-encoded frames."""
    mixed = [torch.from_numpy(np.asarray(frame, np.float32)) @ torch.tensor(TO_LUMA_AND_DIFFERENCES).T for frame in frames]
    windows = torch.cat([each.unfold(0, PATCH, 16).unfold(1, PATCH, 16).flatten(0, 1) for each in mixed])
    return torch.fft.rfft2((windows - windows.mean((2, 3), keepdim=True)) * hann(PATCH))


@pytest.mark.parametrize("quality", [60, 90])
def test_what_rounding_lets_through_is_told_by_what_comes_out(quality: int) -> None:
    frames = photographed(scenes(12, 100), psf_grid(random_lens(3), 1, 1, 9), 0.01)
    after, coding = compressed(frames, quality)
    loss = rounding_of(coded(pool_of(frames[:1]), coding), PATCH)
    assert loss is not None
    before, behind = in_luma_and_differences(frames), in_luma_and_differences(after)
    power, left = before.abs().square().mean(0), behind.abs().square().mean(0)
    amplitude = (behind * before.conj()).real.mean(0) / power
    ones = torch.ones_like(loss.luma)
    for part, error, halving in ((0, loss.luma, ones), (1, loss.chroma, loss.halving), (2, loss.chroma, loss.halving)):
        ratio = left[part] / error
        told = (ratio > KEPT_POWER) & (halving > KEPT_AMPLITUDE)
        assert told.sum() > 20
        assert (kept_amplitude(ratio) * halving - amplitude[part])[told].abs().mean() < 0.06
        if part == 0:
            assert (kept_power(ratio) - left[0] / power[0])[told].abs().mean() < 0.06


def test_the_sharp_set_gets_back_what_compression_has_weakened() -> None:
    frames = scenes(12, 500)
    after, coding = compressed(frames, 85)
    original = measure_spectra(pool_of(frames), PATCH, 1).whole()
    weakened = measure_spectra(coded(pool_of(after), coding), PATCH, 1).whole()
    undone = weakened.before_compression()
    mixing = torch.tensor(TO_LUMA_AND_DIFFERENCES) / original.slope2.sqrt()[:, None]

    def differences(planes: torch.Tensor) -> torch.Tensor:
        return mixed(planes[:, None, undone.colour], congruence(mixing))[1, 0, 2:]

    truth = differences(original.pooled())
    errors = [(differences(planes) / truth).log().mean().abs() for planes in (undone.planes, weakened.pooled())]
    assert 20 < undone.colour.sum() < undone.luma.sum()
    assert errors[0] < 0.5 * errors[1]


@pytest.mark.slow
def test_a_lens_is_learned_from_jpegs_better_when_it_is_known_what_they_lost() -> None:
    truth = psf_grid(random_lens(3), 2, 3, 9, 1.4)
    frames, coding = compressed(photographed(scenes(16, 100), truth, 0.01), 85)
    blurry = measure_spectra(coded(pool_of(frames), coding), PATCH, 4)
    sharp = measure_spectra(pool_of(scenes(12, 500)), PATCH, 1)

    def score(spectra: GroupedSpectra) -> float:
        shape = GaussianMatchingSettings(patch=PATCH, bins=4, steps=100)
        settings = CalibrationSettings(grid_rows=2, grid_columns=3, kernel_size=9, gaussian=shape)
        fit = match_spectra(spectra, sharp, settings, 1.4, CPU, lambda event: None, RunControl())
        return float(grid_ncc(fit.psf.numpy(), truth).mean())

    assert blurry.rounding is not None
    assert score(blurry) > score(replace(blurry, rounding=None)) + 0.02
