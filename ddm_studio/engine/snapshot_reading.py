"""Reads the snapshots of a calibration's stages, with torch or, for whoever only looks at them, without it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

from safetensors import SafetensorError, safe_open

from ddm_studio.errors import InputError

CHECKPOINT_FORMAT = 1


def snapshot_path(folder: Path, stage: str) -> Path:
    """Where the snapshot of a stage lies among the checkpoints."""
    return folder / f"{stage.replace(' ', '_')}.safetensors"


def read_snapshot(path: Path, framework: Literal["pt", "np"], wanted: Callable[[str], bool]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The header with its `step` and `facts`, and the arrays whose names are wanted: torch's ("pt") or NumPy's ("np").

    Raises:
        InputError: The file is missing, damaged, or of a newer program.
    """
    try:
        with safe_open(path, framework=framework, device="cpu") as file:
            header = json.loads((file.metadata() or {})["checkpoint"])
            if header["format"] > CHECKPOINT_FORMAT:
                raise ValueError(f"it was written by a newer DDM Studio (format {header['format']})")
            if not isinstance(header["step"], int) or not isinstance(header["facts"], dict):
                raise ValueError("its header is not that of a checkpoint")
            names = [name for name in list(file.keys()) if wanted(name)]
            # Copies: the file is mapped into memory, and may be replaced while the arrays live.
            found = {name: file.get_tensor(name) for name in names}
            arrays = {name: value.clone() if framework == "pt" else value.copy() for name, value in found.items()}
    except (OSError, SafetensorError, ValueError, KeyError, TypeError) as error:
        why = f"{error} is missing in its header" if isinstance(error, KeyError) else str(error)
        raise InputError(f"The checkpoint {path} cannot be read", why, "Start without --resume") from error
    return header, arrays
