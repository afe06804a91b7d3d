"""Measures of a profile in words: units where the pitch is known, certainty where the confidence is."""

import dataclasses
import re

import numpy as np
import pytest

from ddm_studio.profiles.lens_measures import field_summary, measure_lens, summary_of_field_lines
from ddm_studio.profiles.lens_profile import LensProfile
from ddm_studio.profiles.profile_facts import ProfileFacts
from ddm_studio.profiles.summary import summarise, summary_lines


def gaussian(sigma: float, row: float = 0.0, column: float = 0.0, size: int = 17) -> np.ndarray:
    places = np.arange(size) - size // 2
    kernel = np.exp(-((places[:, None] - row) ** 2 + (places - column) ** 2) / (2 * sigma**2))
    return kernel / kernel.sum()


@pytest.fixture
def lens() -> LensProfile:
    """Green is twice as wide on the right; red lies 0.5 px right of green, blue 0.25 px below."""
    nodes = [np.stack([gaussian(s, 0, 0.5), gaussian(s), gaussian(s, 0.25)]) for s in (1.0, 1.0, 2.0, 2.0)]
    psf = np.stack([np.stack(nodes)] * 4).astype(np.float32)
    sure = np.full((4, 4, 3), 0.99, np.float32)
    return LensProfile(psf, np.full(3, 0.01, np.float32), (601, 401), facts=ProfileFacts(pixel_pitch=5.0), confidence=sure)


def test_the_measures_are_those_of_the_kernels(lens):
    measures = measure_lens(lens)
    assert measures.fwhm.shape == (4, 4, 3)
    assert measures.fwhm[0, 0, 1] == pytest.approx(2.355, rel=0.04)
    assert measures.mtf50[0, 3, 1] == pytest.approx(0.1874 / 2, rel=0.01)
    assert np.allclose(measures.shift[1, 1], [[0, 0.5], [0.25, 0]], atol=1e-2)
    assert measures.largest_shift == pytest.approx(0.5, abs=0.01)
    assert measures.heights.max() == pytest.approx(np.hypot(300, 200))


def test_lines_name_both_units_where_the_pitch_is_known(lens):
    lines = dict(summary_of_field_lines(field_summary(measure_lens(lens))))
    assert "(2.5 µm)" in lines["Colour shift"]
    assert "lp/mm" in lines["MTF50"]
    assert re.match(r"the right half is 6[5-8]% softer \(± \d+%\)", lines["Left and right"])
    assert "tilted" in lines["Left and right"]
    assert "no sign of tilt" in lines["Top and bottom"]
    assert "decentred" in lines["Middle"]
    unsure = dataclasses.replace(lens, facts=ProfileFacts(), confidence=np.full((4, 4, 3), np.nan))
    bare = dict(summary_of_field_lines(field_summary(measure_lens(unsure))))
    assert "µm" not in bare["Colour shift"]
    assert "lp/mm" not in bare["MTF50"]
    assert "unknown" in bare["Left and right"]


def test_info_prints_the_measures(lens):
    lines = dict(summary_lines(summarise(lens)))
    assert lines["Width of green (FWHM)"].startswith("3.5")
    assert "Top and bottom" in lines
