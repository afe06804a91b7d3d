"""Where the snapshots of a calibration's stages lie in its project."""

from __future__ import annotations

from pathlib import Path

from ddm_studio.engine.checkpoints import load_facts, load_snapshot, save_snapshot
from ddm_studio.engine.snapshot_reading import snapshot_path
from ddm_studio.errors import InputError
from ddm_studio.events import CheckpointSaved, Report
from ddm_studio.snapshot import SaveSnapshot, Snapshot


class SnapshotFiles:
    """One file a stage, named after it; saving is reported.

    Args:
        folder: Where they lie.
        photos: A digest of the photos; a snapshot made from others is refused.
        report: Hears of every saving.
    """

    def __init__(self, folder: Path, photos: str, report: Report) -> None:
        self._folder = folder
        self._photos = photos
        self._report = report

    def load(self, stage: str) -> Snapshot | None:
        """The last snapshot of a stage, None when it has not begun.

        Raises:
            InputError: It is damaged, or was made from other photos.
        """
        path = snapshot_path(self._folder, stage)
        if not path.exists():
            return None
        if load_facts(path).get("photos") != self._photos:
            what = f"{self._folder.parent} cannot be resumed, because its photos have changed"
            raise InputError(what, advice="Start without --resume, or with the same photos")
        return load_snapshot(path)

    def saver(self, stage: str) -> SaveSnapshot:
        """What a stage calls to save itself."""

        def save(snapshot: Snapshot) -> None:
            save_snapshot(snapshot_path(self._folder, stage), snapshot, {"photos": self._photos})
            self._report(CheckpointSaved(stage, snapshot.step))

        return save
