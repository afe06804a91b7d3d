"""Pieces of work in threads of their own come back in order, and leave torch as it was."""

from __future__ import annotations

import pytest
import torch

from ddm_studio.workers import in_order, one_thread


def test_leaving_drops_what_has_not_begun() -> None:
    begun: list[int] = []

    def work(item: int) -> int:
        begun.append(item)
        return item

    results = in_order(work, range(1000), 2)
    assert [next(results), next(results)] == [0, 1]
    results.close()
    assert len(begun) < 20


def test_an_error_in_a_thread_is_the_callers() -> None:
    with pytest.raises(ZeroDivisionError):
        list(in_order(lambda item: 1 // item, range(4), 2))


def test_threads_of_their_own_leave_torchs_number_of_threads_as_it_was() -> None:
    before = torch.get_num_threads()
    assert list(in_order(lambda item: torch.get_num_threads(), range(4), 2)) == [1] * 4
    assert torch.get_num_threads() == before


def test_fewer_items_than_threads_share_them() -> None:
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(4)
        assert list(in_order(lambda item: torch.get_num_threads(), range(2), 2)) == [2, 2]
    finally:
        torch.set_num_threads(before)


def test_one_thread_is_for_a_while() -> None:
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(3)
        with one_thread():
            assert torch.get_num_threads() == 1
        assert torch.get_num_threads() == 3
    finally:
        torch.set_num_threads(before)
