"""Independent pieces of work, each in a thread of its own with its share of torch's threads.

Operations on arrays of some hundred kilobytes are too small for several threads to share: they wait for each other after each of them,
actively, and where other programs want the cores too, that takes many times the work.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from typing import TypeVar

import torch

Item = TypeVar("Item")
Result = TypeVar("Result")

# Items that wait for each thread, so that none idles while the caller is busy with what is done.
AHEAD = 3
# How often it is looked at what threads have done.
LOOK_SECONDS = 0.1


def in_order(
    work: Callable[[Item], Result], items: Iterable[Item], workers: int, meanwhile: Callable[[], None] = lambda: None
) -> Iterator[Result]:
    """What `work` makes of the items, in their order, a few items ahead, each in a thread of its own.

    Items are taken in the caller's thread, where `meanwhile` is called again and again while a result is awaited, and before it is
    yielded. When the caller leaves, items that have begun are finished and the others dropped. Where there are fewer workers than torch
    has threads, they share them.
    """
    threads = torch.get_num_threads()
    # The caller's own operations, too: with all cores at work, threads that share one would only wait for each other.
    torch.set_num_threads(1)
    waiting: deque[Future[Result]] = deque()
    try:
        with ThreadPoolExecutor(workers, "worker", torch.set_num_threads, (max(1, threads // workers),)) as pool:
            try:
                for item in items:
                    waiting.append(pool.submit(work, item))
                    if len(waiting) > AHEAD * workers:
                        yield _result(waiting.popleft(), meanwhile)
                while waiting:
                    yield _result(waiting.popleft(), meanwhile)
            finally:
                for future in waiting:
                    future.cancel()
    finally:
        # The number that the workers set for themselves is in part the whole process's.
        torch.set_num_threads(threads)


def _result(future: Future[Result], meanwhile: Callable[[], None]) -> Result:
    while not future.done():
        wait([future], LOOK_SECONDS)
        meanwhile()
    meanwhile()
    return future.result()


@contextmanager
def one_thread() -> Iterator[None]:
    """In here torch's operations are the caller's own."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)
