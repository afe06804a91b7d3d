"""What a stopped command has kept, told by what lies on the disk, and how to go on."""

from __future__ import annotations

from pathlib import Path

from ddm_studio.engine.kept_run import standing_of
from ddm_studio.engine.snapshot_reading import snapshot_path
from ddm_studio.engine.standing_words import left_words, standing_words
from ddm_studio.errors import StudioError
from ddm_studio.project import Project

NOTHING_KEPT = "Stopped; nothing is kept."
PHOTOS_KEPT = "Stopped; the photos that are finished are kept. Give the same command again to go on."
MIXTURES_KEPT = "Stopped; the mixtures that are finished are kept."
DEMO_KEPT = "Stopped; the demo begins anew next time."
RESUME = "Give the same command with --resume to go on."
# `deblur.train_restorer.STAGE`, which loads torch.
TRAINING = "training the restorer"


def calibration_kept(project: Path) -> str:
    """Of a calibration into a project folder."""
    try:
        standing = standing_of(Project(project.absolute()))
    except StudioError:  # stopped before the folder was made; or a snapshot is damaged, which is told in full when the run goes on
        return NOTHING_KEPT
    if standing.is_finished:
        return "Stopped; the lens profile of before is kept."
    words = standing_words(standing) + "."
    return f"{words} {left_words(standing)} {RESUME}" if standing.has_work else words


def training_kept(project: Path) -> str:
    """Of the training of a lens's own network."""
    if snapshot_path(Project(project.absolute()).checkpoints, TRAINING).is_file():
        return f"Stopped; what the network has learned so far is kept. {RESUME}"
    return NOTHING_KEPT
