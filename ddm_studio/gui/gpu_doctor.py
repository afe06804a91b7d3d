"""Why a calibration runs on the graphics card or why not, as far as files tell: torch's version is read, torch not loaded."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from enum import StrEnum
from importlib.util import find_spec
from pathlib import Path

_NVIDIA = "0x10de"


class Finding(StrEnum):
    """What stands in the way of CUDA, the first thing first."""

    READY = "ready"
    NO_CARD = "no card"
    NO_DRIVER = "no driver"
    TORCH_WITHOUT_CUDA = "torch without CUDA"


@dataclass(frozen=True, slots=True)
class Machine:
    """Where the facts are read; tests bring their own.

    Args:
        devices: Linux's folder of PCI devices.
        driver: The file that NVIDIA's driver makes when it is loaded.
        tool: A program that the driver brings along.
        torch: Folder of the installed torch, None where there is none.
    """

    devices: Path = Path("/sys/bus/pci/devices")
    driver: Path = Path("/proc/driver/nvidia/version")
    tool: str = "nvidia-smi"
    torch: Path | None = None


def this_machine() -> Machine:
    """The machine that the program runs on."""
    spec = find_spec("torch")
    places = spec.submodule_search_locations if spec is not None else None
    return Machine(torch=Path(places[0]) if places else None)


def examine(machine: Machine) -> Finding:
    """What stands in the way of CUDA. Reads a few small files."""
    has_driver = machine.driver.exists() or shutil.which(machine.tool) is not None
    if not has_driver:
        return Finding.NO_DRIVER if _has_card(machine.devices) else Finding.NO_CARD
    return Finding.READY if _torch_knows_cuda(machine.torch) else Finding.TORCH_WITHOUT_CUDA


def _has_card(devices: Path) -> bool:
    return any(_vendor(device) == _NVIDIA for device in devices.glob("*/vendor"))


def _vendor(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii").strip()
    except OSError:
        return ""


def _torch_knows_cuda(torch: Path | None) -> bool:
    try:
        written = (torch / "version.py").read_text(encoding="utf-8") if torch is not None else ""
    except OSError:
        return False
    return re.search(r"^cuda\b[^=\n]*=\s*['\"]", written, re.MULTILINE) is not None
