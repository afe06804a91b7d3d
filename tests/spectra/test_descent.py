"""A descent ends at the lowest loss that it has seen, and can be stopped."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from ddm_studio.control import Cancelled
from ddm_studio.spectra.descent import Descent, descend


def test_it_reaches_the_bottom() -> None:
    place = torch.tensor([3.0, -2.0], requires_grad=True)
    reached = descend([place], lambda: (place - torch.tensor([1.0, 1.0])).square().sum(), 20, lambda loss: None)
    assert reached == pytest.approx(0, abs=1e-8)
    assert place.tolist() == pytest.approx([1, 1], abs=1e-4)


def test_a_loss_that_is_not_a_number_is_left_behind() -> None:
    """The slope leads over a cliff: beyond 1 the root is not a number."""
    place = torch.tensor([0.5], requires_grad=True)

    def loss() -> Tensor:
        return (1 - place).sqrt().sum() - 100 * place.sum()

    reached = descend([place], loss, 30, lambda value: None)
    assert torch.isfinite(place).all()
    assert reached == pytest.approx(loss().item())
    assert reached <= 0.5**0.5 - 50 + 1e-3


def test_a_step_to_nowhere_is_not_looked_at_and_taken_back() -> None:
    """An endless slope: its direction is no number, nor is any place along it."""
    place = torch.tensor([0.0, 2.0], requires_grad=True)

    def loss() -> Tensor:
        assert torch.isfinite(place).all()
        return place[0].sqrt() + place[1].square()

    descent = Descent([place], loss, lambda value: None)
    for _ in range(3):
        assert descent.go_on(5) == pytest.approx(4)
        assert place.tolist() == [0, 2]
    assert descent.settle() == pytest.approx(4)


def test_a_watch_that_raises_stops_it() -> None:
    def watch(loss: Tensor) -> None:
        raise Cancelled

    place = torch.tensor([3.0], requires_grad=True)
    with pytest.raises(Cancelled):
        descend([place], lambda: place.square().sum(), 20, watch)
