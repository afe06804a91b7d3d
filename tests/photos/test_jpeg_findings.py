"""What JPEG compression has taken is told before anything is learned, with how the photos were saved and what to do."""

import numpy as np
import pytest
from health_sets import PHOTOS, findings, save, sharp_scene, through_lens
from PIL import Image

from ddm_studio.events import Severity
from ddm_studio.photos.reading import read_photo

FULL, HALVED = 0, 2


def make_sets(folder, quality, subsampling, jpegs=PHOTOS):
    for number in range(PHOTOS):
        options = {"quality": quality, "subsampling": subsampling} if number < jpegs else {}
        save(folder / "blurry" / f"{number}{'.jpg' if options else '.png'}", through_lens(number), **options)
        save(folder / "sharp" / f"s{number}.png", sharp_scene(number))
    return folder


def compression(folder):
    return [finding for finding in findings(folder) if finding.topic == "compression"]


@pytest.mark.parametrize(("quality", "subsampling"), [(75, HALVED), (85, FULL)])
def test_coarse_jpegs_are_warned_of_with_their_quality_and_what_to_do(tmp_path, quality, subsampling):
    (finding,) = compression(make_sets(tmp_path, quality, subsampling))
    assert (finding.severity, finding.verdict, finding.set_name) == (Severity.WARNING, "keep", "blurry")
    assert f"The blurry photos are JPEGs of about quality {quality}" in finding.what
    assert "of their fine detail is left" in finding.what
    assert ("less resolution" in finding.what) == (subsampling == HALVED)
    assert "raw" in finding.advice


def test_of_fine_jpegs_with_halved_colour_only_the_loss_of_colour_is_told(tmp_path):
    (finding,) = compression(make_sets(tmp_path, 98, HALVED))
    assert "still there in brightness" in finding.what


def test_jpegs_that_have_lost_nothing_are_not_spoken_of(tmp_path):
    assert not compression(make_sets(tmp_path, 99, FULL))


def test_how_many_are_jpegs_is_told(tmp_path):
    (finding,) = compression(make_sets(tmp_path, 60, HALVED, jpegs=6))
    assert finding.what.startswith(f"6 of {PHOTOS} blurry photos")


@pytest.mark.parametrize("quality", [40, 50, 75, 90, 95])
def test_the_quality_is_the_one_that_the_file_was_saved_with(tmp_path, quality):
    path = tmp_path / "a.jpg"
    Image.fromarray(np.zeros((64, 64, 3), np.uint8)).save(path, quality=quality)
    assert read_photo(path).jpeg.quality == pytest.approx(quality, abs=1)
