"""What is seen of many fits: the best, and where that stands still, the one at work."""

from __future__ import annotations

from functools import partial

import torch
from torch import Tensor

from ddm_studio.spectra.fit_display import Contest


def grid(value: float = 0.0) -> Tensor:
    return torch.full((1, 1, 3, 5, 5), value)


def test_a_fit_that_gets_better_is_shown_though_another_is_ahead_and_says_that_it_is_not_the_best():
    shown: list[tuple[float, bool]] = []
    contest = Contest(lambda make, is_best: shown.append((float(make().max()), is_best)))
    first, second = contest.enter(), contest.enter()
    for fit, loss in ((first, 5.0), (first, 6.0), (first, 3.0), (second, 9.0), (second, 4.0), (second, 2.0)):
        fit(loss, partial(grid, loss))
    assert shown == [(5, True), (3, True), (9, False), (4, False), (2, True)]


def test_what_is_no_number_is_never_shown_and_hides_nothing():
    shown: list[bool] = []
    offer = Contest(lambda make, is_best: shown.append(is_best)).enter()
    for loss in (float("nan"), 2.0, float("nan"), 1.0):
        offer(loss, grid)
    assert shown == [True, True]


def test_a_grid_that_nobody_looks_at_is_not_made():
    made: list[int] = []

    def make() -> Tensor:
        made.append(1)
        return grid()

    Contest(lambda make, is_best: None).enter()(1.0, make)
    assert not made
