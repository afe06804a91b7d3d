"""The pixel pitch from EXIF: exact where cameras tell it, roughly where only 35 mm equivalents do, nothing where neither can be trusted."""

import dataclasses
from fractions import Fraction
from pathlib import Path

import pytest
from PIL import Image, TiffImagePlugin

from ddm_studio.photos.colour import ColourSpace
from ddm_studio.photos.photo import PhotoInfo
from ddm_studio.photos.pixel_pitch import PitchSource, PixelPitch, pitch_of, pitch_of_set
from ddm_studio.photos.reading import read_photo_info

PLAIN = PhotoInfo(Path("a.jpg"), 6000, 4000, 1, False, ColourSpace("display-curves-1", "sRGB"), 8)


def photo(**facts):
    return dataclasses.replace(PLAIN, **facts)


def exif_photo(path, size, **tags):
    """A JPEG with tags of its shot, by their numbers in hexadecimal."""
    exif = Image.Exif()
    shot = exif.get_ifd(0x8769)
    for name, value in tags.items():
        ratio = isinstance(value, Fraction)
        shot[int(name.removeprefix("tag"), 16)] = TiffImagePlugin.IFDRational(value.numerator, value.denominator) if ratio else value
    Image.new("RGB", size, (90, 90, 90)).save(path, exif=exif)
    return read_photo_info(path)


def test_the_focal_plane_resolution_is_taken_at_its_word():
    assert pitch_of(photo(pixel_pitch=5.95)) == PixelPitch(5.95, PitchSource.FOCAL_PLANE)


@pytest.mark.parametrize(
    ("frame", "sensor", "focal", "equivalent"),
    [
        ((6000, 4000), (36.0, 24.0), 50.0, 50),
        ((6000, 4000), (23.5, 15.7), 35.0, 53),
        ((5184, 3888), (17.3, 13.0), 25.0, 50),
        ((4032, 3024), (7.01, 5.26), 5.7, 28),
    ],
    ids=["full frame", "APS-C", "Four Thirds", "telephone"],
)
def test_the_equivalent_focal_length_tells_the_pitch_to_a_few_per_cent(frame, sensor, focal, equivalent):
    width, height = frame
    pitch = pitch_of(photo(width=width, height=height, focal_length=focal, focal_length_35mm=equivalent))
    assert pitch.source is PitchSource.EQUIVALENT
    assert pitch.micrometres == pytest.approx(1000 * sensor[0] / width, rel=0.04)


def test_the_exact_number_goes_before_the_rough_one():
    both = photo(pixel_pitch=3.9, focal_length=35.0, focal_length_35mm=50)
    assert pitch_of(both).source is PitchSource.FOCAL_PLANE


@pytest.mark.parametrize(
    "facts",
    [
        {},
        {"focal_length": 50.0},
        {"focal_length_35mm": 50.0},
        {"focal_length": 12.0, "focal_length_35mm": 18.0},  # rounding alone is 3 %
        {"pixel_pitch": 0.01},
        {"pixel_pitch": 400.0},
        {"focal_length": 50.0, "focal_length_35mm": 5000.0},
    ],
)
def test_nothing_is_made_up(facts):
    assert pitch_of(photo(**facts)) is None


def test_a_photo_that_was_made_smaller_has_larger_pixels_a_cropped_one_the_same():
    smaller = photo(width=3000, height=2000, recorded=(6000, 4000), pixel_pitch=6.0)
    assert pitch_of(smaller).micrometres == pytest.approx(12.0)
    assert pitch_of(photo(width=3000, height=3000, recorded=(6000, 4000), pixel_pitch=6.0)).micrometres == pytest.approx(6.0)
    equivalent = {"focal_length": 50.0, "focal_length_35mm": 50.0, "recorded": (6000, 4000)}
    assert pitch_of(photo(width=3000, height=2000, **equivalent)).micrometres == pytest.approx(12.0)
    assert pitch_of(photo(width=3000, height=3000, **equivalent)).micrometres == pytest.approx(6.0)


def test_a_set_has_the_pitch_of_most_or_that_of_its_longest_focal_length():
    exact = [photo(pixel_pitch=pitch) for pitch in (6.0, 4.0, 6.0)]
    rough = [photo(focal_length=focal, focal_length_35mm=round(1.53 * focal)) for focal in (14.0, 33.0, 90.0)]
    assert pitch_of_set([*rough, *exact]) == PixelPitch(6.0, PitchSource.FOCAL_PLANE)
    assert pitch_of_set(rough) == pitch_of(rough[-1])
    assert pitch_of_set([PLAIN, photo(focal_length=50.0)]) is None


@pytest.mark.parametrize(("unit", "per_mm"), [(2, 25.4), (3, 10.0), (4, 1.0)], ids=["inch", "cm", "mm"])
def test_it_is_read_from_a_file(tmp_path, unit, per_mm):
    resolution = Fraction(1000 / 6 * per_mm).limit_denominator(1000)
    info = exif_photo(tmp_path / "plane.jpg", (600, 400), taga20e=resolution, taga210=unit)
    assert pitch_of(info) == PixelPitch(pytest.approx(6.0, rel=1e-3), PitchSource.FOCAL_PLANE)
    equivalent = exif_photo(tmp_path / "equivalent.jpg", (1200, 800), tag920a=Fraction(50), taga405=75)
    assert pitch_of(equivalent) == PixelPitch(pytest.approx(20.0, rel=1e-3), PitchSource.EQUIVALENT)


def test_an_enlargement_in_the_camera_makes_the_equivalent_worthless(tmp_path):
    plain = exif_photo(tmp_path / "plain.jpg", (3000, 2000), tag920a=Fraction(50), taga405=50, taga404=Fraction(1))
    zoomed = exif_photo(tmp_path / "zoomed.jpg", (3000, 2000), tag920a=Fraction(50), taga405=100, taga404=Fraction(2))
    assert pitch_of(plain).micrometres == pytest.approx(12.0)
    assert pitch_of(zoomed) is None
