"""A small lens profile on a non-square grid, no two kernels alike."""

from pathlib import Path

import numpy as np
import pytest

from ddm_studio.photos.colour import ColourSpace
from ddm_studio.photos.photo import PhotoInfo
from ddm_studio.profiles.lens_profile import LensProfile
from ddm_studio.profiles.profile_facts import ProfileFacts


def _grid(rows: int = 2, columns: int = 3, side: int = 5) -> np.ndarray:
    taps = np.random.default_rng(3).random((rows, columns, 3, side, side))
    return (taps / taps.sum((-1, -2), keepdims=True)).astype(np.float32)


@pytest.fixture
def psf():
    return _grid()


@pytest.fixture
def profile(psf):
    confidence = np.full((2, 3, 3), 0.9, np.float32)
    confidence[0, 1, 2] = np.nan
    return LensProfile(
        psf=psf,
        noise_sigma=np.array([0.01, 0.02, 0.03], np.float32),
        frame=(962, 642),
        colour=ColourSpace("display-curves-1", "sRGB"),
        facts=ProfileFacts(
            camera="Maker Ω-1",
            lens="50mm f/1.4",
            focal_length=50.0,
            aperture=1.4,
            focus_distance=3.5,
            iso_range=(100, 400),
            pixel_pitch=5.9,
            method="gaussian matching",
            stage="gaussian",
            settings={"kernel_size": 5, "noise": None},
            blurry_photos=2,
            sharp_photos=1,
            blurry_hashes=("aa", "bb"),
            sharp_hashes=("cc",),
            scores={"likelihood": -1.25},
        ),
        confidence=confidence,
        confidence_low=confidence - 0.1,
        confidence_high=confidence + 0.1,
    )


@pytest.fixture
def photo():
    def make(width=962, height=642, has_orientation=True, recipe="display-curves-1", space="sRGB"):
        return PhotoInfo(Path("holiday.jpg"), width, height, 1, has_orientation, ColourSpace(recipe, space), 8)

    return make
