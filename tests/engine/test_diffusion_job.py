"""Stages 2 and 3 inside the calibration job: stopped anywhere they end alike, and they never make the grid worse in doubt."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import torch
from tiny_sets import NOISE, Listener, blurry_folder, known_lens, sharp_folder, tiny_settings

from ddm_studio.control import Cancelled, RunControl
from ddm_studio.engine.calibrate import calibrate
from ddm_studio.engine.checkpoints import load_snapshot
from ddm_studio.engine.diffusion import NOTHING_TO_ADD, DiffusionInput, diffuse
from ddm_studio.engine.kept_run import read_kept
from ddm_studio.engine.learned_grid import LearnedGrid
from ddm_studio.engine.loss_history import read_losses
from ddm_studio.engine.photo_sets import choose_photos, sample_sets
from ddm_studio.engine.requests import CalibrationRequest
from ddm_studio.engine.snapshot_files import SnapshotFiles
from ddm_studio.events import (
    CheckpointSaved,
    ConvergenceCurve,
    Event,
    KernelsLearned,
    LossCurve,
    Note,
    PatchesCompared,
    PatchKind,
    Report,
    StageFinished,
    StageStarted,
)
from ddm_studio.flow.flow_matching import PRETRAINING_STAGE as PRETRAINING
from ddm_studio.flow.flow_matching import STAGE as FLOW
from ddm_studio.matching.acceptance import STAGE as CHOICE
from ddm_studio.matching.convergence import STAGE as MEASURE
from ddm_studio.matching.convergence import WINDOWS, WINDOWS_AT_ONCE
from ddm_studio.matching.match_distributions import STAGE as MATCHING
from ddm_studio.matching.reblur import LensEstimate
from ddm_studio.profiles.lens_profile import LensProfile, load_profile
from ddm_studio.project import Project
from ddm_studio.settings import CalibrationSettings, Preset
from ddm_studio.spectra.gaussian_matching import STAGE as SPECTRA
from ddm_studio.spectra.kept_fits import FIRST_KERNELS

pytestmark = pytest.mark.slow

SETTINGS = tiny_settings(preset=Preset.QUICK)
LOOK = WINDOWS // WINDOWS_AT_ONCE
"""How often a look at held-out photos asks whether to stop."""


@dataclass(frozen=True, eq=False)
class Run:
    """A finished run."""

    project: Path
    profile: LensProfile
    events: list[Event]
    looks: Mapping[str, int]


@pytest.fixture(scope="module")
def sets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("sets")
    blurry_folder(root / "blurry")
    sharp_folder(root / "sharp")
    return root


@pytest.fixture(scope="module")
def undisturbed(sets: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """All three stages in one go."""
    torch.set_num_threads(1)
    project = tmp_path_factory.mktemp("undisturbed") / "project"
    control = Watchful()
    listener = Listener(control.hear)
    result = calibrate(asked(sets, project), listener, control)
    assert result.stage == load_profile(result.profile).facts.stage
    return Run(project, load_profile(result.profile), listener.events, control.looks)


def asked(sets: Path, project: Path, settings: CalibrationSettings = SETTINGS, resume: bool = False) -> CalibrationRequest:
    return CalibrationRequest(sets / "blurry", sets / "sharp", project, settings, resume)


class Watchful(RunControl):
    """Counts how often each stage looks at it, and stops by itself at a given look of a given stage."""

    def __init__(self, stage: str = "", look: int = 0) -> None:
        super().__init__()
        self.looks: Counter[str] = Counter()
        self._stage, self._look, self._running = stage, look, ""

    def hear(self, event: Event) -> None:
        if isinstance(event, StageStarted):
            self._running = event.stage

    def checkpoint(self, report: Report) -> None:
        self.looks[self._running] += 1
        if self._running == self._stage and self.looks[self._stage] == self._look:
            self.stop()
        super().checkpoint(report)


def stopped(sets: Path, project: Path, stage: str, look: int, resume: bool) -> Listener:
    """A run that is stopped at a look of a stage."""
    control = Watchful(stage, look)
    listener = Listener(control.hear)
    with pytest.raises(Cancelled):
        calibrate(asked(sets, project, resume=resume), listener, control)
    assert not (project / "profile.lens").exists()
    return listener


def state_of(project: Path, stage: str) -> dict[str, torch.Tensor]:
    return dict(load_snapshot(project / "checkpoints" / f"{stage.replace(' ', '_')}.safetensors").tensors)


def steps_saved(project: Path, stage: str) -> int:
    return load_snapshot(project / "checkpoints" / f"{stage.replace(' ', '_')}.safetensors").step


def assert_same_state(one: Path, other: Path) -> None:
    for stage in (SPECTRA, FLOW, MATCHING):
        ours, theirs = state_of(one, stage), state_of(other, stage)
        assert ours.keys() == theirs.keys()
        for name, value in ours.items():
            assert torch.equal(value, theirs[name]), f"{stage}: {name}"


def test_no_flow_is_trained_where_held_out_photos_already_agree(sets: Path, tmp_path: Path) -> None:
    """Their edges are those of the true lens: nothing could be shown to be better."""
    settings = SETTINGS.model_copy(update={"matching": SETTINGS.matching.model_copy(update={"always": False})})
    blurry, sharp = sample_sets(
        choose_photos(sets / "blurry", sets / "sharp", settings), tmp_path, settings, lambda event: None, RunControl()
    )
    truth = torch.from_numpy(known_lens())
    start = LensEstimate(truth, torch.full((3,), NOISE), torch.ones(3))
    given = DiffusionInput(blurry.pool, sharp.pool, start, settings, torch.device("cpu"))
    listener = Listener()
    files = SnapshotFiles(tmp_path, "photos", listener)
    grid = diffuse(given, LearnedGrid(truth, start.sigma, SPECTRA, {}), files, listener, RunControl())
    assert Note(NOTHING_TO_ADD) in listener.events
    assert not any(isinstance(event, StageStarted) and event.stage in (FLOW, MATCHING) for event in listener.events)
    assert torch.equal(grid.psf, truth)


def test_the_stages_follow_each_other(undisturbed: Run) -> None:
    marks = [(type(event), event.stage) for event in undisturbed.events if isinstance(event, StageStarted | StageFinished)]
    stages = [stage for kind, stage in marks if kind is StageStarted]
    assert stages == [
        "reading blurry photos",
        "reading sharp photos",
        "checking the photos",
        "measuring spectra",
        SPECTRA,
        "estimating the confidence",
        FLOW,
        MEASURE,
        MATCHING,
        CHOICE,
    ]
    assert marks == [(kind, stage) for stage in stages for kind in (StageStarted, StageFinished)]
    assert [event.stage for event in undisturbed.events if isinstance(event, CheckpointSaved)] == [FIRST_KERNELS, SPECTRA, FLOW, MATCHING]
    pictures = [event for event in undisturbed.events if isinstance(event, KernelsLearned)]
    assert {event.stage for event in pictures} == {SPECTRA, MATCHING}
    assert not any(event.kernels.flags.writeable for event in pictures)


def test_every_stage_shows_patches_beside_real_ones(undisturbed: Run) -> None:
    looks = [event for event in undisturbed.events if isinstance(event, PatchesCompared)]
    assert {(look.kind, look.stage) for look in looks} == {
        (PatchKind.REBLURRED, SPECTRA),
        (PatchKind.FLOW, FLOW),
        (PatchKind.REBLURRED, MATCHING),
    }
    for look in looks:
        assert look.made.shape == look.real.shape
        assert look.made.dtype == look.real.dtype == np.uint8
        assert look.real.std() > 0
    side = SETTINGS.flow.patch
    assert {look.made.shape[1:] for look in looks if look.kind is PatchKind.FLOW} == {(side, side, 3)}


def test_in_doubt_the_grid_of_stage_1_is_kept_and_the_profile_says_so(undisturbed: Run) -> None:
    # A handful of steps on a handful of photos proves nothing.
    facts = undisturbed.profile.facts
    assert facts.stage == SPECTRA
    (note,) = [event.message for event in undisturbed.events if isinstance(event, Note)]
    assert "did not improve" in note
    assert "the first grid is kept" in note
    first = state_of(undisturbed.project, SPECTRA)
    np.testing.assert_array_equal(undisturbed.profile.psf, first["psf"].numpy())
    np.testing.assert_array_equal(undisturbed.profile.noise_sigma, first["sigma"].numpy())
    assert {"whittle", "phase_gain", "likelihood_gain"} <= facts.scores.keys()
    assert facts.settings["preset"] == "quick"


def test_stage_3_did_move_the_kernels(undisturbed: Run) -> None:
    assert 0 < state_of(undisturbed.project, MATCHING)["average.coefficients"].abs().max() < 0.1


def test_held_out_photos_were_looked_at_before_and_after_and_the_best_grid_was_judged(undisturbed: Run) -> None:
    curve = [event for event in undisturbed.events if isinstance(event, ConvergenceCurve)][-1]
    assert curve.stage == MATCHING
    assert curve.steps.tolist() == [SETTINGS.matching.warm_up, SETTINGS.matching.warm_up + SETTINGS.matching.steps]
    state = state_of(undisturbed.project, MATCHING)
    is_last_better = curve.values[1] < curve.values[0]
    assert torch.equal(
        state["best.coefficients"],
        state["average.coefficients"] if is_last_better else torch.zeros(()).expand_as(state["best.coefficients"]),
    )


def test_a_run_stopped_in_stage_2_in_stage_3_and_in_the_choice_ends_bit_for_bit_alike(sets: Path, undisturbed: Run, tmp_path: Path) -> None:
    project = tmp_path / "project"
    # One look a step; those before the first step are taken while spectra are measured.
    before_flow = undisturbed.looks[FLOW] - SETTINGS.flow.steps
    # Held-out photos are looked at before the kernels first move and after they last did.
    before_matching = undisturbed.looks[MATCHING] - SETTINGS.matching.warm_up - SETTINGS.matching.steps - 2 * LOOK
    stopped(sets, project, FLOW, before_flow + 3, resume=False)
    assert steps_saved(project, FLOW) == 3
    again = stopped(sets, project, FLOW, 2, resume=True)
    assert SPECTRA not in {event.stage for event in again.events if isinstance(event, StageStarted)}
    assert steps_saved(project, FLOW) == 5
    # Once while the kernels rest, once in a look at held-out photos, and once while they move.
    stopped(sets, project, MATCHING, before_matching + 2, resume=True)
    assert steps_saved(project, MATCHING) == 2
    stopped(sets, project, MATCHING, 2, resume=True)
    assert steps_saved(project, MATCHING) == 3
    stopped(sets, project, MATCHING, LOOK + 2, resume=True)
    assert steps_saved(project, MATCHING) == 5
    kept = read_kept(Project(project))
    assert (kept.standing.stage, kept.standing.step, kept.standing.later) == (MATCHING, 5, (CHOICE,))
    assert kept.grid is not None
    np.testing.assert_allclose(kept.grid.kernels.sum((-2, -1)), 1, atol=1e-5)
    assert not np.array_equal(kept.grid.kernels, state_of(project, SPECTRA)["psf"].numpy())
    stopped(sets, project, CHOICE, 2, resume=True)
    assert_same_state(project, undisturbed.project)
    result = calibrate(asked(sets, project, resume=True), Listener(), RunControl())
    profile = load_profile(result.profile)
    np.testing.assert_array_equal(profile.psf, undisturbed.profile.psf)
    np.testing.assert_array_equal(profile.noise_sigma, undisturbed.profile.noise_sigma)
    assert profile.facts == undisturbed.profile.facts


def test_the_losses_of_a_stopped_run_are_kept_by_stages_and_go_on(sets: Path, undisturbed: Run, tmp_path: Path) -> None:
    place = Project(tmp_path / "project")
    stopped(sets, place.folder, FLOW, undisturbed.looks[FLOW] - SETTINGS.flow.steps + 4, resume=False)
    before = read_losses(place)
    assert SPECTRA in [curve.stage for curve in before]
    assert before[-1].stage == FLOW
    events: list[Event] = []
    calibrate(asked(sets, place.folder, resume=True), events.append, RunControl())
    told = [event for event in events if isinstance(event, LossCurve) and event.stage == FLOW][-1]
    kept = len(before[-1].steps)
    np.testing.assert_array_equal(told.steps[:kept], before[-1].steps)
    assert (np.diff(told.steps) > 0).all()
    assert told.steps[-1] == SETTINGS.flow.steps
    after = read_kept(place).losses
    assert [curve.stage for curve in after] == [*(curve.stage for curve in before), MATCHING]


def test_a_stop_before_the_first_step_of_a_stage_loses_nothing(sets: Path, undisturbed: Run, tmp_path: Path) -> None:
    project = tmp_path / "project"
    stopped(sets, project, FLOW, 1, resume=False)
    assert (project / "checkpoints" / f"{SPECTRA.replace(' ', '_')}.safetensors").exists()
    stopped(sets, project, MATCHING, 1, resume=True)
    stopped(sets, project, CHOICE, 1, resume=True)
    assert_same_state(project, undisturbed.project)


def test_pretraining_goes_before_stage_2_survives_a_stop_and_is_not_repeated(sets: Path, tmp_path: Path) -> None:
    project = tmp_path / "project"
    settings = SETTINGS.model_copy(update={"flow": SETTINGS.flow.model_copy(update={"pretrain_steps": 4})})
    control = Watchful(PRETRAINING, 10_000)
    listener = Listener(control.hear)
    calibrate(asked(sets, tmp_path / "whole", settings), listener, control)
    stages = [event.stage for event in listener.events if isinstance(event, StageStarted)]
    assert stages[stages.index(PRETRAINING) + 1] == FLOW
    last_looks = {PRETRAINING: control.looks[PRETRAINING], FLOW: control.looks[FLOW]}
    for number, (stage, look) in enumerate(last_looks.items()):
        watch = Watchful(stage, look - 1)
        again = Listener(watch.hear)
        with pytest.raises(Cancelled):
            calibrate(asked(sets, project, settings, resume=number > 0), again, watch)
        assert steps_saved(project, stage) == (3 if stage == PRETRAINING else settings.flow.steps - 1)
    end = Listener()
    calibrate(asked(sets, project, settings, resume=True), end, RunControl())
    assert PRETRAINING not in {event.stage for event in end.events if isinstance(event, StageStarted)}
    assert_same_state(project, tmp_path / "whole")
