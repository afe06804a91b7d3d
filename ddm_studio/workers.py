"""Independent pieces of work, each in a thread of its own with its share of torch's threads.

Operations on arrays of some hundred kilobytes are too small for several threads to share: they wait for each other after each of them,
actively, and where other programs want the cores too, that takes many times the work.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import TypeVar

import torch

from ddm_studio.ordered_work import results_in_order

Item = TypeVar("Item")
Result = TypeVar("Result")

# Items that wait for each thread, so that none idles while the caller is busy with what is done.
AHEAD = 3


def in_order(
    work: Callable[[Item], Result], items: Iterable[Item], workers: int, meanwhile: Callable[[], None] = lambda: None
) -> Iterator[Result]:
    """What `work` makes of the items, as `results_in_order` has it; workers that are fewer than torch's threads share them."""
    threads = torch.get_num_threads()
    # The caller's own operations, too: with all cores at work, threads that share one would only wait for each other.
    torch.set_num_threads(1)
    try:
        yield from results_in_order(work, items, workers, AHEAD, meanwhile, partial(torch.set_num_threads, max(1, threads // workers)))
    finally:
        # The number that the workers set for themselves is in part the whole process's.
        torch.set_num_threads(threads)


@contextmanager
def one_thread() -> Iterator[None]:
    """In here torch's operations are the caller's own."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)
