"""Independent pieces of work in threads, their results in the order of the items."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

# How often it is looked at what threads have done.
LOOK_SECONDS = 0.1


def results_in_order(
    work: Callable[[Item], Result],
    items: Iterable[Item],
    workers: int,
    ahead: int,
    meanwhile: Callable[[], None] = lambda: None,
    begin: Callable[[], None] = lambda: None,
) -> Iterator[Result]:
    """What `work` makes of the items, in their order, each in a thread of its own.

    Items are taken in the caller's thread. There, too, `meanwhile` is called again and again while a result is awaited, and before it is
    yielded. When the caller leaves, items that have begun are finished and the others dropped.

    Args:
        work: Called with an item, in a thread.
        items: What to work on.
        workers: Threads.
        ahead: Items taken for each of them before the first result is yielded.
        meanwhile: May raise to leave.
        begin: Called once in every thread.
    """
    waiting: deque[Future[Result]] = deque()
    with ThreadPoolExecutor(workers, "worker", begin) as pool:
        try:
            for item in items:
                waiting.append(pool.submit(work, item))
                if len(waiting) > ahead * workers:
                    yield _result(waiting.popleft(), meanwhile)
            while waiting:
                yield _result(waiting.popleft(), meanwhile)
        finally:
            for future in waiting:
                future.cancel()


def _result(future: Future[Result], meanwhile: Callable[[], None]) -> Result:
    while not future.done():
        wait([future], LOOK_SECONDS)
        meanwhile()
    meanwhile()
    return future.result()
