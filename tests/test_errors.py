"""An error is sentences: what happened, why, what to try."""

import pytest

from ddm_studio.errors import InputError, PhotoError, ProfileError, StudioError, WeightsError


def test_its_text_is_sentences():
    error = StudioError("It broke", "It was old.", "Buy a new one")
    assert str(error) == "It broke. It was old. Buy a new one."
    assert (error.what, error.why, error.advice) == ("It broke", "It was old.", "Buy a new one")


def test_unknown_parts_leave_no_gap():
    assert str(StudioError("It broke", advice="Wait")) == "It broke. Wait."
    assert str(StudioError("It broke", "  ")) == "It broke."


@pytest.mark.parametrize("kind", [PhotoError, ProfileError, WeightsError])
def test_mistakes_of_the_person_are_input_errors(kind):
    assert issubclass(kind, InputError)


def test_each_part_reads_as_a_sentence_but_names_of_files_stay_as_they_are():
    error = PhotoError("a.jpg cannot be read", "the file does not exist", "It may have been moved")
    assert str(error) == "a.jpg cannot be read. The file does not exist. It may have been moved."
