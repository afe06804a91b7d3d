import threading
import time
from collections.abc import Iterator

import pytest
import torch
from torch import Tensor

from ddm_studio.control import Cancelled
from ddm_studio.deblur.memory import CudaMemory, memory_of, ran_out
from ddm_studio.deblur.tile_runs import TilesAtOnce, restore_in_batches, restore_in_threads
from ddm_studio.deblur.tiles import Span, Tile
from ddm_studio.errors import StudioError
from ddm_studio.host_memory import HostMemory

GIGABYTE = 1 << 30


class SmallMemory:
    """A device on which a tile takes `per_tile` of `size` bytes."""

    def __init__(self, size: int, per_tile: int) -> None:
        self.size, self.per_tile = size, per_tile
        self.given_back = 0

    def free(self) -> int:
        return self.size

    def begin_watching(self) -> None:
        """Nothing to note."""

    def most_taken(self) -> int | None:
        return self.per_tile

    def give_back(self) -> None:
        self.given_back += 1


class Doubling:
    """Doubles its tiles in two steps, and runs out of memory in the second where more than `fitting` of them come at once."""

    def __init__(self, fitting: int, error: Exception) -> None:
        self.fitting, self.error = fitting, error
        self.sizes: list[int] = []

    def __call__(self, tiles: list[Tile], windows: Tensor) -> Iterator[Tensor]:
        self.sizes.append(len(tiles))
        yield 1.5 * windows
        if len(tiles) > self.fitting:
            raise self.error
        yield 2 * windows


class CrowdedThreads:
    """Doubles tiles one by one, and runs out of memory when more than `fitting` threads do so at once."""

    def __init__(self, fitting: int) -> None:
        self._lock, self._inside, self._fitting = threading.Lock(), 0, fitting

    def __call__(self, tiles: list[Tile], windows: Tensor) -> Iterator[Tensor]:
        with self._lock:
            self._inside += 1
            crowded = self._inside > self._fitting
        time.sleep(0.02)
        with self._lock:
            self._inside -= 1
        if crowded:
            raise MemoryError
        yield 2 * windows


OUT_OF_MEMORY = [
    torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 MiB"),
    RuntimeError("[enforce fail at alloc_cpu.cpp:117] DefaultCPUAllocator: not enough memory: you tried to allocate 9 bytes."),
    MemoryError(),
]


def strips(rows: int = 2, columns: int = 6) -> list[Tile]:
    return [
        Tile(Span(8 * row, 8, 8 * row, 8 * row + 8), Span(8 * column, 8, 8 * column, 8 * column + 8))
        for row in range(rows)
        for column in range(columns)
    ]


def windows_of(tiles: list[Tile]) -> Tensor:
    return torch.tensor([[tile.rows.start + 0.1 * tile.columns.start] for tile in tiles])


def nobody(batch: list[Tile], estimate: Tensor, number: int) -> None:
    """Does not look on."""


@pytest.mark.parametrize("error", OUT_OF_MEMORY, ids=lambda error: type(error).__name__)
def test_where_memory_runs_out_the_same_tiles_are_begun_again_in_smaller_batches(error: Exception) -> None:
    tiles, steps = strips(), Doubling(2, error)
    memory = SmallMemory(GIGABYTE, 1)
    done = list(restore_in_batches(tiles, windows_of, steps, TilesAtOnce(memory, 5), nobody))
    assert [tile for batch, _ in done for tile in batch] == tiles
    torch.testing.assert_close(torch.cat([estimate for _, estimate in done]), 2 * windows_of(tiles))
    assert steps.sizes[:3] == [1, 5, 2]
    assert memory.given_back == 1


def test_threads_that_do_not_fit_become_fewer_and_every_tile_comes_once_in_order() -> None:
    tiles = strips(3, 6)
    at_once = TilesAtOnce(SmallMemory(GIGABYTE, 1), 4, expected=1)
    assert at_once.now == 4
    done = list(restore_in_threads(tiles, windows_of, CrowdedThreads(1), at_once, nobody))
    assert [batch for batch, _ in done] == [[tile] for tile in tiles]
    torch.testing.assert_close(torch.cat([estimate for _, estimate in done]), 2 * windows_of(tiles))
    assert at_once.now == 1


@pytest.mark.parametrize("run", [restore_in_batches, restore_in_threads])
def test_a_single_tile_that_does_not_fit_is_an_error_in_words(run) -> None:
    with pytest.raises(StudioError, match=r"not enough memory.*Not even one tile fits.*Close other programs"):
        list(run(strips(), windows_of, Doubling(0, OUT_OF_MEMORY[0]), TilesAtOnce(SmallMemory(GIGABYTE, 1), 1), nobody))


@pytest.mark.parametrize("run", [restore_in_batches, restore_in_threads])
def test_other_errors_are_not_mistaken_for_full_memory(run) -> None:
    with pytest.raises(RuntimeError, match="shapes differ"):
        list(run(strips(), windows_of, Doubling(0, RuntimeError("shapes differ")), TilesAtOnce(SmallMemory(GIGABYTE, 1), 1), nobody))


def test_after_the_first_tile_as_many_are_taken_as_fit() -> None:
    steps = Doubling(100, MemoryError())
    list(restore_in_batches(strips(1, 12), windows_of, steps, TilesAtOnce(SmallMemory(100, 20), 16), nobody))
    assert steps.sizes == [1, 3, 3, 3, 2]
    steps = Doubling(100, MemoryError())
    list(restore_in_batches(strips(2, 6), windows_of, steps, TilesAtOnce(SmallMemory(GIGABYTE, 20), 4), nobody))
    assert steps.sizes == [1, 4, 1, 4, 2]


def test_little_memory_means_fewer_threads_but_always_one() -> None:
    assert TilesAtOnce(SmallMemory(1000, 0), 8, expected=200).now == 3
    assert TilesAtOnce(SmallMemory(1000, 0), 8, expected=5000).now == 1


def test_stopping_leaves_waiting_tiles_undone() -> None:
    def stop(batch: list[Tile], estimate: Tensor, number: int) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        list(restore_in_threads(strips(), windows_of, CrowdedThreads(4), TilesAtOnce(SmallMemory(GIGABYTE, 1), 2, 1), stop))


def test_a_device_has_its_own_memory() -> None:
    assert isinstance(memory_of(torch.device("cpu")), HostMemory)
    assert isinstance(memory_of(torch.device("cuda")), CudaMemory)
    assert not ran_out(ValueError("not enough memory of the past"))


def test_threads_tell_every_step_while_they_work_and_end_after_one_when_asked_to_stop() -> None:
    told: list[int] = []

    def endless(tiles: list[Tile], windows: Tensor) -> Iterator[Tensor]:
        while True:
            time.sleep(0.02)
            yield windows

    def stop_at_third(tiles: list[Tile], estimate: Tensor, number: int) -> None:
        told.append(number)
        if number == 3:
            raise Cancelled

    began = time.monotonic()
    with pytest.raises(Cancelled):
        list(restore_in_threads(strips(), windows_of, endless, TilesAtOnce(SmallMemory(GIGABYTE, 1), 2, 1), stop_at_third))
    assert told[0] == 1
    assert max(told) == 3
    assert time.monotonic() - began < 20
