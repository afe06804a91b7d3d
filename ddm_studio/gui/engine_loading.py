"""Loading torch beside a living window: on the engine's thread, and as little in the way of Python's lock as can be."""

from __future__ import annotations

import ctypes
import gc
import importlib
import os
import sys
import threading
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

_LOADING = threading.Event()
_WITH_TORCH = ("torch._dynamo",)
"""What torch would load by itself at the first step of an optimiser, in the middle of the training."""


def is_loading() -> bool:
    """Whether a library is being loaded: a bad time to collect garbage, with half a million young objects around."""
    return _LOADING.is_set()


def load(name: str) -> ModuleType:
    """Import a module of the engine, to be called on the engine's thread."""
    if name in sys.modules:
        return sys.modules[name]
    _LOADING.set()
    try:
        if "torch" not in sys.modules:
            _map_torch()
            for part in _WITH_TORCH:
                importlib.import_module(part)
        module = importlib.import_module(name)
        gc.freeze()  # what a library holds stays: a collection on the window's thread need not walk through it
        return module
    finally:
        _LOADING.clear()


def _map_torch() -> None:
    """Have the system load torch's libraries through a foreign call.

    An import holds Python's lock for as long as the system maps the libraries (up to a second); a foreign call does not. The import
    that follows finds them loaded. Where that is not possible, the import does it.
    """
    if sys.platform != "linux":
        return
    spec = find_spec("torch")
    if spec is None or not spec.submodule_search_locations:
        return
    library = Path(spec.submodule_search_locations[0]) / "lib" / "libtorch_python.so"
    system = ctypes.CDLL(None)
    system.dlopen.restype = ctypes.c_void_p
    system.dlopen.argtypes = (ctypes.c_char_p, ctypes.c_int)
    system.dlopen(os.fsencode(library), os.RTLD_NOW)
