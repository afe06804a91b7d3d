"""Frames are developed as their names say."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.developing import DEVELOPINGS, Developing
from ddm_studio.optics.display_curve import decode
from ddm_studio.photos.reading import read_photo

RAMP = np.linspace(0, 1, 256, dtype=np.float32)[None, :, None].repeat(16, 0).repeat(3, 2)


def test_alike_changes_nothing() -> None:
    assert DEVELOPINGS["alike"].frame(RAMP) is RAMP


@pytest.mark.parametrize("strength", [0.2, 0.6])
def test_contrast_is_a_curve_through_black_middle_and_white_with_the_slopes_told(strength: float) -> None:
    line = Developing(contrast=strength).frame(RAMP)[0, :, 0]
    slopes = np.diff(line) * 255
    assert line[[0, -1]] == pytest.approx([0, 1], abs=1e-5)
    assert slopes[127] == pytest.approx(1 + strength / 2, abs=0.01)
    assert slopes[[0, -1]] == pytest.approx(1 - strength, abs=0.02)
    assert (slopes > 0).all()


def test_white_balance_multiplies_light() -> None:
    balanced = decode(Developing(gains=(1.15, 1.0, 0.87)).frame(RAMP * 0.8))
    ratio = balanced[0, 1:] / decode(RAMP * 0.8)[0, 1:]
    assert ratio.mean(0) == pytest.approx([1.15, 1.0, 0.87], rel=1e-3)
    assert Developing(gains=(1.5, 1.0, 1.0)).frame(RAMP).max() <= 1


def test_a_jpeg_is_written_as_cameras_do(tmp_path) -> None:
    developing = DEVELOPINGS["jpeg"]
    developing.save(RAMP, tmp_path / f"a{developing.suffix}")
    coding = read_photo(tmp_path / "a.jpg").jpeg
    assert coding is not None
    assert coding.reduced == (2, 2)
    assert coding.luma[:3] == (5, 3, 3)  # quality 85
