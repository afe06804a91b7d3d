"""Facts of a manual lens are written into its profile; nothing else changes."""

import dataclasses
import math

import numpy as np
import pytest

from ddm_studio.errors import ProfileError
from ddm_studio.profiles.edit_facts import KnownFacts, known_facts, write_facts
from ddm_studio.profiles.lens_profile import load_profile, save_profile


@pytest.fixture
def path(tmp_path, profile):
    facts = profile.facts.model_copy(update={"a_later_fact": "kept"})
    odd = dataclasses.replace(profile, facts=facts, extra={"later": [1, 2]}, extra_arrays={"later_array": np.arange(3.0)})
    save_profile(odd, tmp_path / "a.lens")
    return tmp_path / "a.lens"


MANUAL = KnownFacts("Maker A7", "Helios 44-2", 58.0, 2.0, 1.5, 5.9)


def test_the_facts_are_replaced_and_all_else_is_kept(path):
    before = load_profile(path)
    write_facts(path, path, MANUAL)
    after = load_profile(path)
    assert known_facts(after.facts) == MANUAL
    assert np.array_equal(after.psf, before.psf)
    assert np.array_equal(after.confidence, before.confidence, equal_nan=True)
    assert after.extra == {"later": [1, 2]}
    assert np.array_equal(after.extra_arrays["later_array"], np.arange(3.0))
    unchanged = before.facts.model_dump().keys() - set(KnownFacts.__slots__) - {"pixel_pitch_source"}
    assert "a_later_fact" in unchanged
    assert all(after.facts.model_dump()[key] == before.facts.model_dump()[key] for key in unchanged)


def test_a_pixel_pitch_that_was_given_by_hand_says_so(path):
    source = load_profile(path).facts.pixel_pitch_source
    write_facts(path, path, dataclasses.replace(known_facts(load_profile(path).facts), lens="Helios"))
    assert load_profile(path).facts.pixel_pitch_source == source
    write_facts(path, path, dataclasses.replace(MANUAL, pixel_pitch=4.2))
    assert load_profile(path).facts.pixel_pitch_source == "typed"
    write_facts(path, path, dataclasses.replace(MANUAL, pixel_pitch=None))
    assert load_profile(path).facts.pixel_pitch_source == ""


def test_a_new_file_leaves_the_old_one_alone(path, tmp_path):
    content = path.read_bytes()
    write_facts(path, tmp_path / "b.lens", MANUAL)
    assert path.read_bytes() == content
    assert load_profile(tmp_path / "b.lens").facts.lens == "Helios 44-2"


def test_a_fact_can_be_forgotten(path):
    write_facts(path, path, KnownFacts(lens="Helios 44-2"))
    assert load_profile(path).facts.aperture is None


@pytest.mark.parametrize("value", [0.0, -1.0, math.nan, math.inf])
def test_an_impossible_number_is_refused_and_the_file_stays(path, value):
    content = path.read_bytes()
    with pytest.raises(ProfileError):
        write_facts(path, path, dataclasses.replace(MANUAL, aperture=value))
    assert path.read_bytes() == content


def test_a_place_that_cannot_be_written_is_told(path, tmp_path):
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(ProfileError, match="cannot be written"):
        write_facts(path, tmp_path / "file" / "b.lens", MANUAL)
