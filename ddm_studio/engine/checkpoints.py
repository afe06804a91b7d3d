"""Snapshots of stages on disk: safetensors, so that reading one never runs code; written all or nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from safetensors.torch import save_file

from ddm_studio.engine.snapshot_reading import CHECKPOINT_FORMAT, read_snapshot
from ddm_studio.project import write_atomically
from ddm_studio.snapshot import Snapshot


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
    header, tensors = read_snapshot(path, "pt", lambda name: True)
    return Snapshot(int(header["step"]), tensors)


def load_facts(path: Path) -> dict[str, Any]:
    """The JSON values kept beside a snapshot, without reading its tensors.

    Raises:
        InputError: The file is missing or damaged.
    """
    header, _ = read_snapshot(path, "pt", lambda name: False)
    return dict(header["facts"])
