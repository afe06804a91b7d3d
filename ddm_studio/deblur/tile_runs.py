"""Working through the tiles of a photo: in batches that fit into memory, or several at once in threads of their own."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from itertools import islice
from queue import SimpleQueue
from threading import Event
from typing import TypeAlias

from torch import Tensor

from ddm_studio.deblur.memory import Memory, ran_out
from ddm_studio.deblur.tiles import Tile
from ddm_studio.errors import StudioError
from ddm_studio.workers import in_order

# From the windows (n, 3, h, w) of some tiles to estimates of them, one after each step.
Steps: TypeAlias = Callable[[list[Tile], Tensor], Iterator[Tensor]]
Windows: TypeAlias = Callable[[list[Tile]], Tensor]
OnStep: TypeAlias = Callable[[list[Tile], Tensor, int], None]
Done: TypeAlias = Iterator[tuple[list[Tile], Tensor]]

# Of the free memory; the rest is for the photo and for other programs.
SHARE_OF_FREE = 0.6


class TilesAtOnce:
    """How many tiles are restored at once: what fits into memory, learned from the first one, and less after it ran out.

    Args:
        memory: Of the device that restores.
        most: Never more than this.
        expected: Bytes that one tile takes, where the memory cannot tell; None where it can.
    """

    def __init__(self, memory: Memory, most: int, expected: int | None = None) -> None:
        self._memory, self._most = memory, most
        self._measured = expected is not None
        self.now = self._fitting(expected) if expected is not None else 1

    def begin(self) -> None:
        """A batch begins."""
        if not self._measured:
            self._memory.begin_watching()

    def succeeded(self, tiles: int) -> None:
        """A batch is done: after the first, as many as fit."""
        if self._measured:
            return
        self._measured = True
        taken = self._memory.most_taken()
        if taken:
            self.now = self._fitting(taken / tiles)

    def _fitting(self, per_tile: float) -> int:
        return max(1, min(self._most, int(SHARE_OF_FREE * self._memory.free() / per_tile)))

    def failed(self, tiles: int, reason: str) -> None:
        """Memory ran out: half as many from now on.

        Raises:
            StudioError: It was a single tile.
        """
        self._measured = True
        if tiles == 1:
            raise StudioError(
                "There is not enough memory to restore the photo",
                f"Not even one tile fits ({reason})",
                "Close other programs, use Wiener, or use --device cpu where a graphics card ran out",
            )
        self.now = tiles // 2
        self._memory.give_back()


def restore_in_batches(tiles: list[Tile], windows_of: Windows, steps: Steps, at_once: TilesAtOnce, on_step: OnStep) -> Done:
    """Tiles with their last estimate (n, 3, h, w), neighbours of one strip together.

    Args:
        tiles: Strip by strip.
        windows_of: Cuts the windows of some tiles.
        steps: What is done with them. When memory runs out, the same tiles are begun again in smaller batches.
        at_once: How many.
        on_step: Told a batch, its estimate and the number of the step after each step; may raise.
    """
    waiting = deque(tiles)
    while waiting:
        batch = [tile for tile in islice(waiting, at_once.now) if tile.rows == waiting[0].rows]
        estimate: Tensor | None = None
        failure = ""
        at_once.begin()
        try:
            for number, estimate in enumerate(steps(batch, windows_of(batch)), 1):
                on_step(batch, estimate, number)
        except (RuntimeError, MemoryError) as error:
            failure = _reason(error)
        if failure:
            # Only now, when the error and with it the tensors of the failed step are gone.
            estimate = None
            at_once.failed(len(batch), failure)
            continue
        at_once.succeeded(len(batch))
        assert estimate is not None
        yield batch, estimate
        for _ in batch:
            waiting.popleft()


def restore_in_threads(tiles: list[Tile], windows_of: Windows, steps: Steps, at_once: TilesAtOnce, on_step: OnStep) -> Done:
    """As `restore_in_batches`, on the CPU: each tile in a thread of its own.

    A tile's arrays are too small for several threads to share the work on each of them: they would wait for each other after
    every operation. On two busy cores that took Wiener four times the time, and the bundled denoiser twice the processor time.
    Steps are told, and stopping is asked, in the caller's thread; other tiles that have begun end with the step they are in.
    """
    first = 0
    line = _Line(steps, on_step)
    try:
        while first < len(tiles):
            failure = ""
            items = ((tile, windows_of([tile])) for tile in tiles[first:])
            try:
                for tile, estimate in in_order(line.restored, items, min(at_once.now, len(tiles) - first), line.tell):
                    yield [tile], estimate
                    first += 1
            except (RuntimeError, MemoryError) as error:
                failure = _reason(error)
            if failure:
                at_once.failed(at_once.now, failure)
    finally:
        line.stop.set()


class _Line:
    """Steps on their way from the threads that take them to the caller's."""

    def __init__(self, steps: Steps, on_step: OnStep) -> None:
        self.stop = Event()
        self._steps, self._on_step = steps, on_step
        self._taken: SimpleQueue[tuple[Tile, Tensor, int]] = SimpleQueue()

    def restored(self, item: tuple[Tile, Tensor]) -> tuple[Tile, Tensor]:
        """In a thread: the tile with its last estimate, or that reached when asked to stop."""
        tile, windows = item
        last = windows
        for number, estimate in enumerate(self._steps([tile], windows), 1):
            self._taken.put((tile, estimate, number))
            last = estimate
            if self.stop.is_set():
                break
        return tile, last

    def tell(self) -> None:
        """In the caller's thread."""
        while not self._taken.empty():
            tile, estimate, number = self._taken.get()
            try:
                self._on_step([tile], estimate, number)
            except BaseException:
                self.stop.set()
                raise


def _reason(error: Exception) -> str:
    """Why memory ran out; other errors go on their way."""
    if not ran_out(error):
        raise error
    return " ".join(str(error).split())[:120] or type(error).__name__
