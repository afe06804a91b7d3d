"""Times and counts as a person says them."""

import pytest

from ddm_studio.gui.stage_words import stage_words
from ddm_studio.gui.wording import duration, format_words, method_words, plural, preset_words, time_left
from ddm_studio.settings import Method, PhotoFormat, Preset


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.2, "1 s"), (40, "40 s"), (60, "1 min"), (200, "3 min 20 s"), (1500, "25 min"), (7500, "2 h 5 min")]
)
def test_durations(seconds, words):
    assert duration(seconds) == words


def test_time_left_is_rounded_so_that_it_does_not_flicker():
    assert time_left(61.4) == time_left(58.9) == "about 1 min left"
    assert time_left(None) == "measuring the time left…"


def test_plurals():
    assert plural(1, "photo", "photos") == "1 photo"
    assert plural(38, "photo", "photos") == "38 photos"


def test_a_stage_names_methods_as_people_do():
    assert stage_words("compare diffpir") == "Comparing: DiffPIR"
    assert stage_words("deblur a leaf.jpg") == "Deblurring a leaf.jpg"
    assert stage_words("something new") == "Something new"


def test_every_choice_has_words():
    assert all(all(preset_words(preset)) for preset in Preset)
    assert all(all(method_words(method)) for method in Method)
    assert all(format_words(photo_format) for photo_format in PhotoFormat)
