"""How much memory is free on the device that restores tiles, and telling that it ran out.

The tiling never depends on memory: a result must not. What does is how many tiles are restored at once.
"""

from __future__ import annotations

from typing import Protocol

import torch

from ddm_studio.host_memory import HostMemory

# Said by torch's CPU allocator ("not enough memory: you tried to allocate", "can't allocate memory"), cuFFT, cuBLAS and cuDNN.
_SENTENCES = ("not enough memory", "can't allocate memory", "out of memory", "alloc_failed", "alloc failed")


class Memory(Protocol):
    """The memory of one device."""

    def free(self) -> int:
        """Bytes that may be taken now."""

    def begin_watching(self) -> None:
        """From now on, notice how much is taken."""

    def most_taken(self) -> int | None:
        """Bytes taken at most since `begin_watching`; None where that is not known."""

    def give_back(self) -> None:
        """Return what is kept for later use to the system."""


class CudaMemory:
    """The memory of a graphics card; torch keeps what it has taken, which counts as free."""

    def __init__(self, device: torch.device) -> None:
        self._device = device
        self._before = 0

    def free(self) -> int:
        """What the driver could give, and what torch holds unused."""
        unused = torch.cuda.memory_reserved(self._device) - torch.cuda.memory_allocated(self._device)
        return int(torch.cuda.mem_get_info(self._device)[0]) + unused

    def begin_watching(self) -> None:
        """Forget earlier peaks."""
        torch.cuda.reset_peak_memory_stats(self._device)
        self._before = torch.cuda.memory_allocated(self._device)

    def most_taken(self) -> int | None:
        """Above what was allocated when the watching began."""
        return max(0, torch.cuda.max_memory_allocated(self._device) - self._before)

    def give_back(self) -> None:
        """Empty torch's cache."""
        torch.cuda.empty_cache()


def memory_of(device: torch.device) -> Memory:
    """The memory of a device."""
    return CudaMemory(device) if device.type == "cuda" else HostMemory()


def ran_out(error: BaseException) -> bool:
    """Whether an error says that memory ran out, on a card or on the computer."""
    if isinstance(error, torch.OutOfMemoryError | MemoryError):
        return True
    return isinstance(error, RuntimeError) and any(sentence in str(error).lower() for sentence in _SENTENCES)
