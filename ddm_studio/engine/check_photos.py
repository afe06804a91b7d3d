"""The health check by itself, without a calibration: nothing is left on the disk."""

from __future__ import annotations

import tempfile
from pathlib import Path

from ddm_studio.control import RunControl
from ddm_studio.engine.photo_sets import check_health, choose_photos, sample_sets
from ddm_studio.engine.requests import CheckRequest, CheckResult
from ddm_studio.events import Report, Severity
from ddm_studio.photos.health import refuse_hopeless
from ddm_studio.settings import CalibrationSettings, TileSettings

TILES = 2000
"""Of each set: enough for every place of the grid to be seen, and 110 MB on the disk instead of 720 for both sets."""


def check_photos(request: CheckRequest, report: Report, control: RunControl) -> CheckResult:
    """Say what is wrong with two sets of photos, or with one folder of one lens.

    Raises:
        InputError: A folder is wrong, or the sets cannot teach a lens.
        Cancelled: The person asked to stop.
    """
    tiles = TileSettings(blurry_tiles=TILES, sharp_tiles=TILES)
    settings = CalibrationSettings(tiles=tiles, blurry_aperture=request.blurry_aperture)
    chosen = choose_photos(request.blurry, request.sharp, settings, request.left_out)
    with tempfile.TemporaryDirectory(prefix="ddm-studio-check-") as folder:
        sets = sample_sets(chosen, Path(folder), settings, report, control)
        findings = check_health(chosen, sets, settings, report, control)
        # An open memory map would keep the file from being removed on Windows.
        del sets
    refuse_hopeless(findings)
    return CheckResult(
        warnings=sum(finding.severity is Severity.WARNING for finding in findings),
        notes=sum(finding.severity is Severity.NOTE for finding in findings),
    )
