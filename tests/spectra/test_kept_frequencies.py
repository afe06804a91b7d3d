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
from ddm_studio.photos.jpeg_coding import JpegCoding
from ddm_studio.photos.tile_pool import TilePool
from ddm_studio.settings import CalibrationSettings, GaussianMatchingSettings
from ddm_studio.spectra.gaussian_matching import match_spectra
from ddm_studio.spectra.hermitian import outer_planes, unpack
from ddm_studio.spectra.kept_frequencies import TO_LUMA, KeptFrequencies, Rounding, rounding_of, whittle_terms
from ddm_studio.spectra.power_spectrum import GroupedSpectra, measure_spectra

PATCH = 32
CPU = torch.device("cpu")
EVERYWHERE = torch.ones(PATCH, PATCH // 2 + 1, dtype=torch.bool)
NO_SLOPE = torch.ones(2, 3)


def spectra(seed: int) -> torch.Tensor:
    """(2, 9, F) packed spectra of full rank."""
    random = torch.Generator().manual_seed(seed)
    draws = torch.randn(8, 2, 3, EVERYWHERE.sum(), 2, generator=random)
    return torch.stack([outer_planes(torch.view_as_complex(draw)) for draw in draws]).mean(0)


def rounding(luma: float, chroma: float) -> Rounding:
    return Rounding(torch.full(EVERYWHERE.shape, luma), torch.full(EVERYWHERE.shape, chroma))


def whittle(luma: float, chroma: float, measured: torch.Tensor) -> torch.Tensor:
    weight = torch.full((int(EVERYWHERE.sum()),), 1 / float(EVERYWHERE.sum()))
    kept = KeptFrequencies(rounding(luma, chroma), EVERYWHERE, unpack(spectra(1)), NO_SLOPE)
    return kept.whittle(unpack(spectra(2)), unpack(measured), weight)


def test_where_nothing_is_lost_all_is_matched() -> None:
    everything = whittle_terms(unpack(spectra(2)), unpack(spectra(1))).mean()
    assert whittle(0, 0, spectra(1)) == pytest.approx(float(everything), rel=1e-4)


def test_where_colour_is_lost_only_luma_counts() -> None:
    """A wave of colour that has no luma changes nothing, one of luma does."""
    red_for_blue = torch.tensor([1 / TO_LUMA[0], 0, -1 / TO_LUMA[2]])
    colour = outer_planes(red_for_blue[None, :, None].to(torch.complex64)).expand(2, -1, int(EVERYWHERE.sum()))
    grey = outer_planes(torch.ones(1, 3, 1, dtype=torch.complex64)).expand_as(colour)
    before = whittle(0, torch.inf, spectra(1))
    assert whittle(0, torch.inf, spectra(1) + colour) == pytest.approx(float(before), rel=1e-4)
    assert whittle(0, torch.inf, spectra(1) + grey) > before + 0.1
    assert whittle(0, 0, spectra(1) + colour) > before + 0.1


def test_where_luma_is_lost_nothing_counts() -> None:
    assert whittle(torch.inf, torch.inf, spectra(1)) == 0


def coded(pool: TilePool, coding: JpegCoding | None) -> TilePool:
    return replace(pool, jpeg=(coding,) * len(pool.names))


def test_the_coarser_of_both_sets_decides_and_files_without_loss_lose_nothing() -> None:
    pool = pool_of(scenes(1, 0))
    fine, coarse = (JpegCoding((step,) * 64, (step,) * 64, (1, 1)) for step in (1, 20))
    one, two = rounding_of(coded(pool, fine), PATCH), rounding_of(coded(pool, coarse), PATCH)
    assert one is not None
    assert two is not None
    assert torch.equal(one.worse_of(two).luma, two.luma)
    assert torch.equal(two.worse_of(None).luma, two.luma)
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
