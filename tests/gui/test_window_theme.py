"""Text can be read."""

import pytest

from ddm_studio.gui.theme import TEXT_PAIRS, contrast


@pytest.mark.parametrize(("text", "ground"), TEXT_PAIRS)
def test_contrast_is_at_least_four_and_a_half(text, ground):
    assert contrast(text, ground) >= 4.5


def test_contrast_of_black_and_white_is_twenty_one():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#777777") == pytest.approx(1)
