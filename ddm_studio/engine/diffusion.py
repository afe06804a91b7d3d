"""Stages 2 and 3 of a calibration, and the choice between their grid and stage 1's."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from ddm_studio.photos.tile_pool import TilePool
from ddm_studio.settings import CalibrationSettings
from ddm_studio.spectra.gaussian_matching import GaussianFit


@dataclass(frozen=True, slots=True, eq=False)
class DiffusionInput:
    """What stages 2 and 3 start from."""

    blurry: TilePool
    sharp: TilePool
    fit: GaussianFit
    settings: CalibrationSettings
    device: torch.device


def diffuse(task, files, report, control):
    raise AssertionError
