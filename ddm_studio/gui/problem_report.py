"""What whoever helps a person wants to know: the message, the program and its surroundings, the last lines of the log."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import qVersion

from ddm_studio import __version__
from ddm_studio.gui.views.message_bar import Message

_LINES = 60


def problem_report(message: Message | None, log: Sequence[str]) -> str:
    """A text to copy. The home folder is written as ~, so that it does not tell the person's name."""
    parts = [surroundings()]
    if message is not None:
        parts.insert(0, message.sentences)
        if message.details:
            parts.append(message.details.strip())
    if log:
        parts.append("\n".join(["Log:", *log[-_LINES:]]))
    return "\n\n".join(parts).replace(str(Path.home()), "~") + "\n"


def surroundings() -> str:
    """Versions and machine, in one line each. Torch tells of itself only where it has been loaded."""
    lines = [
        f"DDM Studio {__version__}, Python {platform.python_version()}, Qt {qVersion()}",
        f"{platform.platform()}, {platform.machine()}, {os.cpu_count()} cores",
    ]
    torch = sys.modules.get("torch")
    if torch is None or not hasattr(torch, "cuda"):
        lines.append("torch is not loaded yet")
    else:
        card = torch.cuda.get_device_name() if torch.cuda.is_available() else "no CUDA graphics card"
        lines.append(f"torch {torch.__version__}, {card}")
    return "\n".join(lines)
