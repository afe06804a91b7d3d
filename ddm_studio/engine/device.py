"""Where the tensors live and how many threads work on them."""

from __future__ import annotations

import os
import sys
import threading

import torch

from ddm_studio.engine.cores import usable_cores
from ddm_studio.errors import InputError
from ddm_studio.settings import Device

THREADS_VARIABLE = "DDM_STUDIO_THREADS"
_NICENESS = 10


def choose_device(wanted: Device) -> torch.device:
    """The device for a setting; `auto` picks CUDA where there is one.

    Raises:
        InputError: CUDA was asked for and there is none.
    """
    has_cuda = torch.cuda.is_available()
    if wanted is Device.CUDA and not has_cuda:
        why = "PyTorch sees no CUDA graphics card" if torch.version.cuda else "The installed torch was built without CUDA"
        raise InputError("The device cuda is not available here", why, "Use --device auto or --device cpu")
    return torch.device("cuda" if has_cuda and wanted is not Device.CPU else "cpu")


def prepare_engine_thread(beside_window: bool = True) -> int:
    """To be called first in the thread that runs a job.

    Args:
        beside_window: Leave the window a core and the right of way: one thread less than cores, and (on Linux only:
            elsewhere it would slow the whole program, window included) niced. Otherwise every core is used.

    Returns:
        The number of torch threads now in use. `DDM_STUDIO_THREADS` overrides it.

    Raises:
        InputError: `DDM_STUDIO_THREADS` is not a positive whole number.
    """
    if beside_window and sys.platform == "linux":
        # Before torch starts its workers: they inherit the niceness of the thread that starts them.
        thread = threading.get_native_id()
        already = os.getpriority(os.PRIO_PROCESS, thread)
        os.setpriority(os.PRIO_PROCESS, thread, max(already, _NICENESS))
    threads = _threads_asked_for() or max(1, usable_cores() - int(beside_window))
    torch.set_num_threads(threads)
    return threads


def _threads_asked_for() -> int | None:
    wish = os.environ.get(THREADS_VARIABLE, "").strip()
    if not wish:
        return None
    if not wish.isdecimal() or int(wish) < 1:
        raise InputError(f"{THREADS_VARIABLE} must be a positive whole number", f"It is {wish!r}", f"Unset it, or use {THREADS_VARIABLE}=1")
    return int(wish)
