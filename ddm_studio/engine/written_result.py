"""Writes a result and, when it lies there whole, the sidecar that says what it was made of."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

from ddm_studio.control import RunControl
from ddm_studio.engine.photo_queue import Task
from ddm_studio.engine.sidecar import FileFacts, Sidecar, claimed, write_sidecar
from ddm_studio.events import Note, Report
from ddm_studio.photos.colour import Floats
from ddm_studio.photos.photo import Photo
from ddm_studio.photos.writing import write_bands
from ddm_studio.settings import FileSettings


def write_result(
    task: Task,
    sidecar: Sidecar,
    bands: Iterable[Floats],
    like: Photo,
    settings: FileSettings,
    began: float,
    report: Report,
    control: RunControl,
    scores: Callable[[], dict[str, float]] = dict,
) -> None:
    """Write the result of a photo, its bands made as they are wanted.

    Args:
        task: Where from and where to.
        sidecar: All that is known before; what could not be kept of the metadata is added to its notes, and reported.
        bands: See `write_bands`.
        like: The photo that the file takes after.
        settings: Kind of file.
        began: When work on the photo began, by `time.monotonic`.
        report: Audience.
        control: Looked at between bands.
        scores: Asked for what was measured, when the last band is written.

    Raises:
        PhotoError: It cannot be written.
        Cancelled: The person asked to stop; nothing is left behind, nor is after any other failure.
    """
    with claimed(task.target, sidecar):
        notes = write_bands(task.target, bands, like, settings, lambda: control.checkpoint(report))
        facts = {
            "result": FileFacts.of(task.target),
            "notes": (*sidecar.notes, *notes),
            "scores": scores(),
            "seconds": round(time.monotonic() - began, 2),
        }
    write_sidecar(task.target, sidecar.model_copy(update=facts))
    for note in notes:
        report(Note(f"{task.source.name}: {note}"))
