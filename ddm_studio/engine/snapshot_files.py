"""Where the snapshots of a calibration's stages lie in its project."""

from __future__ import annotations

from pathlib import Path

from ddm_studio.engine.checkpoints import load_snapshot, save_snapshot
from ddm_studio.events import CheckpointSaved, Report
from ddm_studio.snapshot import SaveSnapshot, Snapshot


class SnapshotFiles:
    """One file a stage, named after it; saving is reported."""

    def __init__(self, folder: Path, report: Report) -> None:
        self._folder = folder
        self._report = report

    def load(self, stage: str) -> Snapshot | None:
        """The last snapshot of a stage, None when it has not begun."""
        path = self._path(stage)
        return load_snapshot(path) if path.exists() else None

    def saver(self, stage: str) -> SaveSnapshot:
        """What a stage calls to save itself."""

        def save(snapshot: Snapshot) -> None:
            save_snapshot(self._path(stage), snapshot)
            self._report(CheckpointSaved(stage, snapshot.step))

        return save

    def _path(self, stage: str) -> Path:
        return self._folder / f"{stage.replace(' ', '_')}.safetensors"
