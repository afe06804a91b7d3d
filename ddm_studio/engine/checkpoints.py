"""Snapshots of stages on disk: safetensors, so that reading one never runs code; written all or nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from ddm_studio.errors import InputError
from ddm_studio.project import write_atomically
from ddm_studio.snapshot import Snapshot

CHECKPOINT_FORMAT = 1


def save_snapshot(path: Path, snapshot: Snapshot, facts: Mapping[str, Any] | None = None) -> None:
    """Write a snapshot; a crash at any moment leaves the previous one or this one, never half of one.

    Args:
        path: The file, `*.safetensors`.
        snapshot: Step and tensors; they may share no memory.
        facts: JSON values to keep beside it, read back with `load_facts`.

    Raises:
        InputError: The file cannot be written.
    """
    header = {"format": CHECKPOINT_FORMAT, "step": snapshot.step, "facts": dict(facts or {})}
    tensors = {name: tensor.detach().cpu().contiguous() for name, tensor in snapshot.tensors.items()}
    metadata = {"checkpoint": json.dumps(header)}
    write_atomically(path, lambda temporary: save_file(tensors, temporary, metadata=metadata))


def load_snapshot(path: Path) -> Snapshot:
    """Read a snapshot; its tensors are on the CPU.

    Raises:
        InputError: The file is missing or damaged.
    """
    header, tensors = _read(path, with_tensors=True)
    return Snapshot(int(header["step"]), tensors)


def load_facts(path: Path) -> dict[str, Any]:
    """The JSON values kept beside a snapshot, without reading its tensors.

    Raises:
        InputError: The file is missing or damaged.
    """
    header, _ = _read(path, with_tensors=False)
    return dict(header["facts"])


def _read(path: Path, with_tensors: bool) -> tuple[dict[str, Any], dict[str, Any]]:
    try:
        with safe_open(path, framework="pt", device="cpu") as file:
            header = json.loads((file.metadata() or {})["checkpoint"])
            if header["format"] > CHECKPOINT_FORMAT:
                raise ValueError(f"it was written by a newer DDM Studio (format {header['format']})")
            if not isinstance(header["step"], int) or not isinstance(header["facts"], dict):
                raise ValueError("its header is not that of a checkpoint")
            # Copies: the file is mapped into memory, and may be replaced while the tensors live.
            names = list(file.keys()) if with_tensors else []
            tensors = {name: file.get_tensor(name).clone() for name in names}
    except (OSError, SafetensorError, ValueError, KeyError, TypeError) as error:
        why = f"{error} is missing in its header" if isinstance(error, KeyError) else str(error)
        raise InputError(f"The checkpoint {path} cannot be read", why, "Start without --resume") from error
    return header, tensors
