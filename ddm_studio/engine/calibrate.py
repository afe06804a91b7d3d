"""The calibration job: photos -> tiles -> health check -> spectra -> stage 1 (-> flow -> matching) -> lens profile.

Every stage leaves its result in the project's `checkpoints/`; a resumed run takes what is finished, goes on with what
is not, and draws the same random numbers at the same steps as an uninterrupted one.
"""

from __future__ import annotations

import hashlib
import shutil
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

from ddm_studio.control import RunControl
from ddm_studio.engine.device import choose_device
from ddm_studio.engine.diffusion import DiffusionInput, diffuse
from ddm_studio.engine.learned_grid import LearnedGrid
from ddm_studio.engine.loss_history import LossHistory
from ddm_studio.engine.photo_sets import check_health, choose_photos, sample_sets
from ddm_studio.engine.requests import CalibrationRequest, CalibrationResult
from ddm_studio.engine.snapshot_files import SnapshotFiles
from ddm_studio.engine.stage_one import stage_one
from ddm_studio.errors import InputError
from ddm_studio.events import ConfidenceEstimated, Note, Report, Severity
from ddm_studio.flow.windows import windows_of
from ddm_studio.matching.reblur import LensEstimate
from ddm_studio.matching.reblurred_patches import ReblurredPatches
from ddm_studio.optics.psf_grid import read_only_copy
from ddm_studio.photos.health import refuse_hopeless
from ddm_studio.photos.photo_measures import SampledSet
from ddm_studio.photos.pixel_pitch import pitch_of_set
from ddm_studio.photos.tile_pool import TilePool
from ddm_studio.profiles.cut_kernels import cut_kernels
from ddm_studio.profiles.lens_profile import LensProfile, save_profile
from ddm_studio.profiles.little_blur import little_blur
from ddm_studio.profiles.profile_facts import ProfileFacts
from ddm_studio.project import Project, begin_project, resume_project
from ddm_studio.settings import CalibrationSettings
from ddm_studio.spectra.gaussian_matching import STAGE as SPECTRA_STAGE

Value = TypeVar("Value")


def calibrate(request: CalibrationRequest, report: Report, control: RunControl) -> CalibrationResult:
    """Learn a lens and write `profile.lens` into the project folder.

    Raises:
        InputError: A folder or setting is wrong, too few photos can be used, or they cannot teach a lens.
        Cancelled: The person asked to stop; what is finished and the state of the running stage are saved.
    """
    began = time.monotonic()
    settings = request.settings
    device = choose_device(settings.device)
    left_out = request.left_out or (Project(request.project).read().left_out if request.resume else ())
    chosen = choose_photos(request.blurry, request.sharp, settings, left_out)
    is_new = not request.project.exists()
    enter = resume_project if request.resume else begin_project
    project = enter(request.project, request.blurry, request.sharp, settings, left_out)
    report = LossHistory(project, report).report
    try:
        blurry, sharp = sets = sample_sets(chosen, project.checkpoints, settings, report, control)
        refuse_hopeless(check_health(chosen, sets, settings, report, control))
    except InputError:
        if is_new:  # nothing can be learned from these photos: leave no half of a project behind
            shutil.rmtree(project.folder)
        raise
    files = SnapshotFiles(project.checkpoints, _digest(blurry.pool, sharp.pool), report)
    fit = stage_one(files, blurry.pool, sharp.pool, settings, device, report, control)
    grid = LearnedGrid(fit.psf, fit.sigma, SPECTRA_STAGE, fit.scores, fit.confidence)
    if fit.confidence is not None:
        report(ConfidenceEstimated(read_only_copy(fit.confidence.expected)))
    lens = LensEstimate(fit.psf, fit.sigma, fit.gain)
    report(ReblurredPatches(windows_of(blurry.pool), windows_of(sharp.pool), lens, settings.seed).look(lens, SPECTRA_STAGE, 0))
    if settings.has_diffusion:
        given = DiffusionInput(blurry.pool, sharp.pool, lens, settings, device)
        grid = diffuse(given, grid, files, report, control)
    profile = _profile(grid, blurry, sharp, settings, chosen.one_lens)
    if fit.scene is not None:
        profile = replace(profile, scene_spectrum=fit.scene.numpy())
    save_profile(profile, project.profile)
    caution = little_blur(profile.psf)
    for warning in filter(None, (caution, cut_kernels(profile.psf))):
        report(Note(warning, Severity.WARNING))
    return CalibrationResult(project.profile, grid.stage, time.monotonic() - began, caution)


def _digest(*pools: TilePool) -> str:
    """The same for the same photos under the same names (which seed the places of the tiles)."""
    return hashlib.sha256(repr([(pool.names, pool.hashes) for pool in pools]).encode()).hexdigest()


def _profile(grid: LearnedGrid, blurry: SampledSet, sharp: SampledSet, settings: CalibrationSettings, one_lens: str) -> LensProfile:
    first = blurry.photos[0]
    pitch = pitch_of_set(blurry.photos)
    isos = [info.iso for info in blurry.photos if info.iso is not None]
    facts = ProfileFacts(
        camera=_most_common([info.camera for info in blurry.photos]) or "",
        lens=_most_common([info.lens for info in blurry.photos]) or "",
        focal_length=_most_common([info.focal_length for info in blurry.photos]),
        aperture=_most_common([info.aperture for info in blurry.photos]),
        focus_distance=_most_common([info.focus_distance for info in blurry.photos]),
        pixel_pitch=pitch.micrometres if pitch else None,
        pixel_pitch_source=pitch.source.value if pitch else "",
        iso_range=(min(isos), max(isos)) if isos else None,
        method=f"{one_lens or 'unpaired photos'}: Gaussian matching"
        + (", then diffusion distribution matching" if settings.has_diffusion else ""),
        stage=grid.stage,
        settings=settings.model_dump(mode="json"),
        blurry_photos=len(blurry.pool.names),
        sharp_photos=len(sharp.pool.names),
        blurry_hashes=blurry.pool.hashes,
        sharp_hashes=sharp.pool.hashes,
        scores=grid.scores,
    )
    profile = LensProfile(grid.psf.numpy(), grid.sigma.numpy(), first.frame, first.colour, facts)
    trust = grid.confidence
    if trust is None:
        return profile
    return replace(profile, confidence=trust.expected.numpy(), confidence_low=trust.low.numpy(), confidence_high=trust.high.numpy())


def _most_common(values: Sequence[Value]) -> Value | None:
    return Counter(values).most_common(1)[0][0] if values else None
