"""What a calibration has left in its project so far, for whoever looks at it again. Without torch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray

from ddm_studio.engine.loss_history import read_losses
from ddm_studio.engine.snapshot_reading import read_snapshot, snapshot_path
from ddm_studio.events import ConfidenceEstimated, ConvergenceCurve, KernelsLearned, LossCurve, SetName
from ddm_studio.photos.tile_pool import has_tiles
from ddm_studio.profiles.lens_profile import load_profile
from ddm_studio.project import Project
from ddm_studio.settings import CalibrationSettings

# The stages that leave snapshots, by the names that they have where torch is loaded; and the last one, which leaves the profile.
SPECTRA, PRETRAINING, FLOW, MATCHING = (
    "matching spectra",
    "learning the sharp photos",
    "learning the blurry photos",
    "matching distributions",
)
CHOICE = "choosing the grid"
# Within the first of them: what its first kernels are kept as, and the wavefront after them; and what follows each.
FIRST_KERNELS, FOUND_WAVEFRONT = "first kernels", "found wavefront"
WAVEFRONT, CONFIDENCE = "fitting the wavefront", "estimating the confidence"


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a calibration is.

    Attributes:
        is_finished: Whether it has left its profile.
        has_work: Whether there is anything to go on with.
        stage: The stage that comes next, or that was stopped within; nothing where only the profile is to be written.
        step: Steps of it that are done; 0 where it has not begun, or keeps nothing before its end.
        total_steps: Steps of it altogether.
        later: The stages after it.
        unread: Sets of photos that are still to be read before it, while no stage is finished.
        has_first_kernels: Whether the first stage was stopped after its first kernels, which are kept.
        has_wavefront: Whether that was after its wavefront was found, which is kept too.
    """

    is_finished: bool
    has_work: bool = False
    stage: str = ""
    step: int = 0
    total_steps: int = 0
    later: tuple[str, ...] = ()
    unread: tuple[SetName, ...] = ()
    has_first_kernels: bool = False
    has_wavefront: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class KeptRun:
    """How far a calibration is, and its newest grid with what belongs to it, None where there is none yet; the losses by stages."""

    project: Project
    standing: Standing
    grid: KernelsLearned | None = None
    confidence: ConfidenceEstimated | None = None
    looks: ConvergenceCurve | None = None
    losses: tuple[LossCurve, ...] = ()


def standing_of(project: Project) -> Standing:
    """Look at the headers of a project's files only.

    Raises:
        InputError: It is no project, or a file of it is damaged.
    """
    if project.profile.is_file():
        return Standing(is_finished=True)
    has_work = project.has_work
    settings = project.read().settings
    stages = _stages(settings)
    names = list(stages)
    begun = [name for name in names if snapshot_path(project.checkpoints, name).is_file()]
    first, found = (snapshot_path(project.checkpoints, name) for name in (FIRST_KERNELS, FOUND_WAVEFRONT))
    if not begun and first.is_file():
        read_snapshot(first, "np", lambda name: False)
        is_resumed = _is_resumed_from_first_kernels(settings)
        has_wavefront = is_resumed and found.is_file()
        if has_wavefront:
            read_snapshot(found, "np", lambda name: False)
        goes_on = names[0] if not is_resumed else CONFIDENCE if has_wavefront else WAVEFRONT
        return Standing(False, has_work, goes_on, 0, 0, tuple(names[1:]), has_first_kernels=True, has_wavefront=has_wavefront)
    if not begun:
        unread = tuple(name for name in get_args(SetName) if not has_tiles(project.checkpoints, name))
        return Standing(False, has_work, names[0], 0, stages[names[0]], tuple(names[1:]), unread)
    last = begun[-1]
    header, _ = read_snapshot(snapshot_path(project.checkpoints, last), "np", lambda name: False)
    step, place = int(header["step"]), names.index(last)
    if last == SPECTRA or step >= stages[last]:
        step, place = 0, place + 1
    if place == len(names):
        return Standing(False, has_work)
    return Standing(False, has_work, names[place], step, stages[names[place]], tuple(names[place + 1 :]))


def read_kept(project: Project) -> KeptRun:
    """Read what a calibration has learned so far; of a finished one the grid that it has settled on.

    Raises:
        InputError: It is no project, or a file of it is damaged.
    """
    standing = standing_of(project)
    early, found, first, refined = (
        snapshot_path(project.checkpoints, stage) for stage in (FIRST_KERNELS, FOUND_WAVEFRONT, SPECTRA, MATCHING)
    )
    grid, confidence, looks = None, None, None
    if not first.is_file():
        first = found if found.is_file() else early
    if first.is_file():
        header, arrays = read_snapshot(first, "np", lambda name: name in {"psf", "confidence.expected"})
        grid = KernelsLearned(SPECTRA, header["step"], _frozen(arrays["psf"]))
        if "confidence.expected" in arrays:
            confidence = ConfidenceEstimated(_frozen(arrays["confidence.expected"]))
    if refined.is_file():
        header, arrays = read_snapshot(refined, "np", lambda name: name == "psf" or name.startswith("looks."))
        if "psf" in arrays:  # else a version wrote it that kept only what the engine needs
            grid = KernelsLearned(MATCHING, header["step"], _frozen(arrays["psf"]))
        if len(arrays.get("looks.steps", ())):
            looks = ConvergenceCurve(MATCHING, _frozen(arrays["looks.steps"]), _frozen(arrays["looks.values"].astype(np.float32)))
    if standing.is_finished:
        profile = load_profile(project.profile)
        grid, confidence = KernelsLearned(CHOICE, 0, _frozen(profile.psf.copy())), ConfidenceEstimated(_frozen(profile.confidence.copy()))
    return KeptRun(project, standing, grid, confidence, looks, read_losses(project))


def _is_resumed_from_first_kernels(settings: CalibrationSettings) -> bool:
    """Else, as with one kernel for the whole frame, they are looked at only, and the stage begins again."""
    return settings.gaussian.wavefront and settings.grid_rows * settings.grid_columns > 1


def _stages(settings: CalibrationSettings) -> dict[str, int]:
    """Those of a calibration in their order, each with its steps; 0 where they are not counted."""
    stages = {SPECTRA: 0}
    if settings.has_diffusion:
        if settings.flow.pretrain_steps:
            stages[PRETRAINING] = settings.flow.pretrain_steps
        stages |= {FLOW: settings.flow.steps, MATCHING: settings.matching.warm_up + settings.matching.steps, CHOICE: 0}
    return stages


def _frozen(array: NDArray[Any]) -> NDArray[Any]:
    """As events carry them: read-only."""
    array.flags.writeable = False
    return array
