"""One folder becomes a blurry and a sharp set: by aperture where EXIF tells, else by region; and it says which."""

from dataclasses import replace
from pathlib import Path

import pytest
from photo_files import plain_info

from ddm_studio.errors import InputError
from ddm_studio.photos.library import Listing
from ddm_studio.photos.one_lens import split_one_lens


def folder(*apertures):
    return Listing(tuple(replace(plain_info(Path(f"{n}.jpg"), 600, 401), aperture=f) for n, f in enumerate(apertures)), ())


def names(listing):
    return [int(info.path.stem) for info in listing.photos]


def test_the_widest_aperture_is_blurry_and_stopped_down_photos_are_sharp():
    sets = split_one_lens(folder(2.0, 5.6, 2.1, 8.0, 2.0), None)
    assert (names(sets.blurry), names(sets.sharp)) == ([0, 2, 4], [1, 3])
    assert sets.sharp_crop == (300, 200)
    assert "3 photos at f/2 are the blurry set" in sets.sentence
    assert "centres of the 2 photos at f/5.6 to f/8 the sharp one" in sets.sentence


def test_another_aperture_can_be_learned():
    sets = split_one_lens(folder(2.0, 5.6, 2.8, 8.0), 2.8)
    assert (names(sets.blurry), names(sets.sharp)) == ([2], [1, 3])
    assert [file.path.name for file in sets.blurry.skipped] == ["0.jpg"]


def test_an_aperture_that_is_not_there_is_refused_with_those_that_are():
    with pytest.raises(InputError, match=r"f/2, f/8"):
        split_one_lens(folder(2.0, 8.0), 4.0)
    with pytest.raises(InputError, match="none"):
        split_one_lens(folder(None, None), 4.0)


def test_photos_in_neither_set_are_told_why():
    sets = split_one_lens(folder(2.0, 2.5, 8.0, 22.0, None), None)
    assert (names(sets.blurry), names(sets.sharp)) == ([0], [2])
    reasons = {file.path.name: file.reason for file in sets.blurry.skipped}
    assert list(reasons) == ["1.jpg", "3.jpg", "4.jpg"]
    assert "neither f/2" in reasons["1.jpg"]
    assert "diffraction" in reasons["3.jpg"]
    assert "does not say its aperture" in reasons["4.jpg"]


def test_diffraction_is_better_than_no_stopped_down_photo():
    assert names(split_one_lens(folder(2.0, 22.0), None).sharp) == [1]


def test_without_apertures_the_centres_of_the_same_photos_are_sharp():
    sets = split_one_lens(folder(None, None), None)
    assert names(sets.blurry) == names(sets.sharp) == [0, 1]
    assert "no photo says its aperture" in sets.sentence
    assert "centres of the same 2 photos" in sets.sentence


def test_without_stopped_down_photos_the_centres_of_the_blurry_ones_are_sharp():
    sets = split_one_lens(folder(2.0, 2.0, 2.4), None)
    assert names(sets.blurry) == names(sets.sharp) == [0, 1]
    assert "stopped down" in sets.sentence


def test_one_photo_is_spoken_of_as_one():
    assert "the centre of the same photo is the sharp set" in split_one_lens(folder(None), None).sentence
    sentence = split_one_lens(folder(2.0, 8.0), None).sentence
    assert "the photo at f/2 is the blurry set, and the centre of the photo at f/8 the sharp one" in sentence
