"""A search that takes longer than usual says so: its end is never near while much is to come."""

import numpy as np
import pytest

from ddm_studio.spectra.search_progress import SearchProgress

USUAL = (100, 400, 200)


def watched(work):
    """Shares of the work that is said to be done, and that is, after every unit."""
    progress, told = SearchProgress(USUAL), []
    for part, units in enumerate(work):
        progress.begin(part)
        for _ in range(units):
            progress.add(1)
            told.append(progress.done / progress.total)
    return np.array(told), np.arange(1, sum(work) + 1) / sum(work)


def test_a_usual_search_is_told_as_it_is():
    told, true = watched(USUAL)
    assert told == pytest.approx(true, abs=0.1)


@pytest.mark.parametrize("work", [(100, 1500, 200), (100, 400, 500), (200, 800, 300), (100, 100, 50)])
def test_another_search_never_waits_at_its_end(work):
    told, true = watched(work)
    assert np.all(told < 1)
    assert np.all(told[true < 0.9] < 0.95)
