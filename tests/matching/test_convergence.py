"""Through held-out photos of a toy lens the right lens is the best, and the more of a wrong one is mixed in the worse it is."""

from __future__ import annotations

import pytest
import torch
from scipy.stats import spearmanr
from toy_lenses import comet, grid_of, lens_of, photos_through, sharp_photos

from ddm_studio.control import Cancelled, RunControl
from ddm_studio.matching.convergence import Convergence
from ddm_studio.optics.psf_grid import normalise
from ddm_studio.settings import CalibrationSettings, GaussianMatchingSettings

SETTINGS = CalibrationSettings(grid_rows=1, grid_columns=1, kernel_size=5, gaussian=GaussianMatchingSettings(patch=32, bins=1))


@pytest.fixture(scope="module")
def measure():
    return looking(RunControl())


def looking(control):
    return Convergence(photos_through(comet()), sharp_photos(), SETTINGS, torch.device("cpu"), lambda event: None, control, windows=500)


def value(measure, kernel):
    return measure(lens_of(grid_of(kernel)))


def mirrored():
    return comet().flip(-1).roll(-1, -1)


WRONG = {
    "mirrored": mirrored(),
    "symmetric": normalise(comet() + mirrored()),
    "narrow": normalise(comet() ** 1.5),
    "wide": normalise(comet() + 0.05),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_the_lens_that_took_the_photos_is_better_than_a_wrong_one(measure, wrong):
    assert value(measure, comet()) < value(measure, WRONG[wrong])


@pytest.mark.parametrize("wrong", WRONG)
def test_the_more_of_a_wrong_lens_is_mixed_in_the_worse(measure, wrong):
    shares = [0.15, 0.4, 0.7, 1.0]
    values = [value(measure, comet().lerp(WRONG[wrong], share)) for share in shares]
    assert spearmanr(shares, values).statistic > 0.7


def test_only_the_phase_tells_a_mirror_image(measure):
    right, wrong = lens_of(grid_of(comet())), lens_of(grid_of(mirrored()))
    assert measure.second_order(wrong) == pytest.approx(measure.second_order(right), abs=0.01)
    assert measure.phase(wrong) > 2 * measure.phase(right)


def test_what_was_looked_at_before_does_not_matter(measure):
    first = value(measure, comet())
    value(measure, WRONG["wide"])
    assert value(measure, comet()) == first


def test_it_may_be_stopped_while_photos_are_measured_and_in_every_look():
    control = RunControl()
    measure = looking(control)
    control.stop()
    with pytest.raises(Cancelled):
        value(measure, comet())
    with pytest.raises(Cancelled):
        looking(control)
