"""The profile that a photo belongs to is found by EXIF however it is written, and doubts are told instead of guessed away."""

import dataclasses
from pathlib import Path

import pytest

from ddm_studio.profiles.choose_profile import KnownProfile, choose_profile
from ddm_studio.profiles.lens_names import is_same_name
from ddm_studio.profiles.profile_facts import ProfileFacts

CAMERA, LENS = "Canon EOS R5", "Canon EF50mm f/1.8 STM"


@pytest.fixture
def known(profile):
    """Makes a known profile of that lens, with other facts, frame or colours."""

    def make(name, facts=(), **changes):
        told = {"camera": CAMERA, "lens": LENS, "focal_length": 50.0, "aperture": 2.8} | dict(facts)
        return KnownProfile(Path(name) / "profile.lens", dataclasses.replace(profile, facts=ProfileFacts(**told), **changes))

    return make


@pytest.fixture
def shot(photo):
    def make(**changes):
        told = {"camera": CAMERA, "lens": LENS, "focal_length": 50.0, "aperture": 2.8} | changes
        return dataclasses.replace(photo(), **told)

    return make


@pytest.mark.parametrize(
    "other",
    ["canon ef 50mm f/1.8 stm", "EF 50 mm F1,8 STM", "EF50.0mm 1:1.8 STM", "CANON-EF50MM_F1.8-STM", " EF  50mm f/1.8  STM "],
)
def test_a_lens_is_known_again_however_its_name_is_written(other):
    assert is_same_name(LENS, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (LENS, "Canon EF50mm f/1.4 USM"),
        (LENS, "Canon EF500mm f/1.8 STM"),
        ("24-70mm f/2.8", "2470mm f/2.8"),
        ("Micro-Nikkor 55mm f/2.8", "Nikkor 55mm f/2.8"),
        ("Canon", ""),
    ],
)
def test_other_lenses_are_told_apart(one, other):
    assert not is_same_name(one, other)


def test_the_profile_of_the_same_aperture_wins_whatever_the_order(known, shot):
    wide, right, narrow = (known(f"at{aperture}", {"aperture": aperture}) for aperture in (1.8, 2.8, 8.0))
    for order in ((wide, right, narrow), (narrow, wide, right), (right, narrow, wide)):
        choice = choose_profile(order, shot())
        assert choice.best is not None
        assert choice.best.path == right.path
        assert {match.path for match in choice.ranked} == {one.path for one in order}


def test_the_reason_names_what_photo_and_profile_both_say(known, shot):
    reason = choose_profile([known("a")], shot()).reason
    for words in (CAMERA, LENS, "50 mm", "f/2.8"):
        assert words in reason
    assert "f/2.8" not in choose_profile([known("a", {"aperture": None})], shot()).reason


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"aperture": 8.0}, "f/2.8 instead of f/8"),
        ({"lens": "EF 85mm f/1.8", "focal_length": 85.0}, "50 mm instead of 85 mm"),
        ({"camera": "Canon EOS R6"}, "Canon EOS R5 instead of Canon EOS R6"),
    ],
)
def test_a_profile_that_contradicts_the_photo_is_never_taken_and_what_differs_is_told(known, shot, told, words):
    choice = choose_profile([known("a")], shot(**told), preferred=Path("a/profile.lens"))
    assert choice.best is None
    assert words in choice.reason
    assert "a/profile.lens" in choice.reason


def test_rounding_of_exif_is_no_difference(known, shot):
    assert choose_profile([known("a", {"aperture": 2.828427, "focal_length": 49.2})], shot()).best


def test_the_nearest_of_those_that_do_not_fit_is_named(known, shot):
    far, near = known("far", {"aperture": 16.0}), known("near", {"aperture": 4.0})
    for order in ((far, near), (near, far)):
        reason = choose_profile(order, shot()).reason
        assert "near/profile.lens" in reason
        assert "far" not in reason
        assert "None of the 2" in reason


def test_a_frame_that_cannot_be_placed_beats_everything_that_agrees(known, shot):
    other_frame = known("other frame", frame=(640, 640))
    choice = choose_profile([other_frame, known("fits", {"aperture": None})], shot())
    assert choice.best is not None
    assert choice.best.name == "fits/profile.lens"
    alone = choose_profile([other_frame], shot())
    assert alone.best is None
    assert "the photo has 962 x 642" in alone.reason


def test_a_lens_without_electronics_is_known_by_the_camera_alone_only_where_no_lens_is_named(known, shot):
    manual = shot(lens="", focal_length=None, aperture=None)
    nameless = known("nameless", {"lens": "", "focal_length": None, "aperture": None})
    choice = choose_profile([known("named"), nameless], manual)
    assert choice.best is not None
    assert choice.best.path == nameless.path
    doubtful = choose_profile([known("named")], manual)
    assert doubtful.best is None
    assert "does not name its lens" in doubtful.reason


def test_equals_of_another_setting_are_asked_about_unless_one_is_open(known, shot):
    one, other = known("wide", {"aperture": 1.8}), known("narrow", {"aperture": 8.0})
    silent = shot(aperture=None)
    choice = choose_profile([one, other], silent)
    assert choice.best is None
    assert "wide/profile.lens" in choice.reason
    assert "narrow/profile.lens" in choice.reason
    for preferred in (one, other):
        chosen = choose_profile([one, other], silent, preferred.path).best
        assert chosen is not None
        assert chosen.path == preferred.path


def test_equals_of_one_setting_are_taken_in_the_order_given(known, shot):
    newer, older = known("newer"), known("older")
    best = choose_profile([newer, older], shot()).best
    assert best is not None
    assert best.path == newer.path


def test_a_photo_without_exif_and_no_profiles_are_told(known, photo, shot):
    assert "does not name its lens" in choose_profile([known("a")], photo()).reason
    assert "No lens profile" in choose_profile([], shot()).reason
