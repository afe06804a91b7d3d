"""Stage 1 of a calibration: spectra, the grid that explains them, and which of two mirror images it is."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import torch

from ddm_studio.control import RunControl
from ddm_studio.engine.snapshot_files import SnapshotFiles
from ddm_studio.events import Note, Report, Severity
from ddm_studio.flow.windows import windows_of
from ddm_studio.matching.reblur import LensEstimate
from ddm_studio.matching.restored_sparsity import tell_mirror_images
from ddm_studio.photos.tile_pool import TilePool
from ddm_studio.settings import CalibrationSettings
from ddm_studio.snapshot import Snapshot
from ddm_studio.spectra.confidence import GridConfidence
from ddm_studio.spectra.gaussian_matching import STAGE, GaussianFit, match_spectra
from ddm_studio.spectra.kept_fits import FIRST_KERNELS, FOUND_WAVEFRONT
from ddm_studio.spectra.power_spectrum import measure_both, real_planes
from ddm_studio.spectra.window_statistics import measure_windows

NO_WAVEFRONT = (
    "No lens's wavefront explains these photos: camera shake, or processing after the shot? The kernels are searched for freely, which is "
    "less exact. Look at a deblurred crop before you rely on them."
)
# In standard errors; on nineteen of twenty tuning kernels the right one of two mirror images was chosen, the wrong one at 0.5.
SURE = 3.0
MIRROR_UNSURE = (
    "Which way round the kernels lie is not certain: photos restored with them and with their mirror images look alike. More photos with "
    "crisp edges would tell."
)
SCORE, CONFIDENCE = "score.", "confidence."
"""What the names of scores and of the confidence begin with in the snapshot."""


def stage_one(
    files: SnapshotFiles,
    blurry: TilePool,
    sharp: TilePool,
    settings: CalibrationSettings,
    device: torch.device,
    report: Report,
    control: RunControl,
) -> GaussianFit:
    """Stage 1, or its saved result. First kernels and wavefront are saved as soon as they are there; a stopped run goes on from them.

    Raises:
        Cancelled: The person asked to stop.
    """
    saved = files.load(STAGE)
    if saved is not None:
        return _fit_of(saved)
    shape = settings.gaussian
    patch = min(shape.patch, settings.tiles.tile)
    bins = shape.bins if settings.grid_rows * settings.grid_columns > 1 else 1
    of_blurry, of_sharp = measure_both(blurry, sharp, patch, bins, shape.groups, report, control)
    height, width = blurry.frames[0].tolist()
    windows = partial(measure_windows, blurry, sharp, settings.kernel_size, shape.groups, report, control) if shape.retrieval else None
    kept = {name: snapshot for name in (FIRST_KERNELS, FOUND_WAVEFRONT) if (snapshot := files.load(name)) is not None}

    def keep(name: str, snapshot: Snapshot) -> None:
        files.saver(name)(snapshot)

    fit = match_spectra(of_blurry, of_sharp, settings, width / height, device, report, control, windows, kept, keep)
    fit = replace(fit, scene=real_planes(of_sharp.whole()))
    if fit.scores.get("wavefront") == 0:
        report(Note(NO_WAVEFRONT, Severity.WARNING))
    fit = _right_way_round(fit, blurry, settings.seed, device, report, control)
    files.saver(STAGE)(_snapshot_of(fit, shape.steps))
    return fit


def _right_way_round(
    fit: GaussianFit, blurry: TilePool, seed: int, device: torch.device, report: Report, control: RunControl
) -> GaussianFit:
    """Where spectra cannot tell a grid from its mirror image, restored photos can."""
    if fit.rival is None:
        return fit
    both = [LensEstimate(psf, fit.sigma, fit.gain).to(device) for psf in (fit.psf, fit.rival)]
    verdict = tell_mirror_images(both[0], both[1], windows_of(blurry), seed, report, control)
    if verdict.certainty < SURE:
        report(Note(MIRROR_UNSURE, Severity.WARNING))
    psf = fit.rival if verdict.gain > 0 else fit.psf
    return replace(fit, psf=psf, rival=None, scores={**fit.scores, "mirror_certainty": verdict.certainty})


def _snapshot_of(fit: GaussianFit, steps: int) -> Snapshot:
    scores = {SCORE + name: torch.tensor(value, dtype=torch.float64) for name, value in fit.scores.items()}
    trust = fit.confidence
    confidence = {CONFIDENCE + name: getattr(trust, name) for name in ("expected", "low", "high")} if trust else {}
    scene = {"scene": fit.scene} if fit.scene is not None else {}
    return Snapshot(steps, {"psf": fit.psf, "sigma": fit.sigma, "gain": fit.gain, **scene, **scores, **confidence})


def _fit_of(saved: Snapshot) -> GaussianFit:
    tensors = saved.tensors
    scores = {name.removeprefix(SCORE): float(value) for name, value in tensors.items() if name.startswith(SCORE)}
    confidence = {name.removeprefix(CONFIDENCE): value for name, value in tensors.items() if name.startswith(CONFIDENCE)}
    trust = GridConfidence(**confidence) if confidence else None
    return GaussianFit(tensors["psf"], tensors["sigma"], tensors["gain"], scores, confidence=trust, scene=tensors.get("scene"))
