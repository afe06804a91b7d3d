"""The losses of a run that was left are there again, stage by stage, and go on where they ended."""

import logging
from pathlib import Path

import numpy as np
import pytest

from ddm_studio.engine.loss_history import LossHistory, read_losses
from ddm_studio.events import CheckpointSaved, Event, LossCurve, StageStarted
from ddm_studio.project import Project, begin_project
from ddm_studio.settings import Preset, preset_settings
from ddm_studio.stage import CURVE_POINTS

FIRST, SECOND = "matching spectra", "learning the blurry photos"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    for name in ("blurry", "sharp"):
        (tmp_path / name).mkdir()
    return begin_project(tmp_path / "project", tmp_path / "blurry", tmp_path / "sharp", preset_settings(Preset.QUICK))


def curve(stage: str, first: int, last: int, every: int = 1) -> LossCurve:
    steps = np.arange(first, last + 1, every)
    return LossCurve(stage, steps, (1000 / (steps + 7)).astype(np.float32))


def visit(project: Project, *events: Event) -> list[Event]:
    heard: list[Event] = []
    history = LossHistory(project, heard.append)
    for event in events:
        history.report(event)
    return heard


def assert_same(one: LossCurve, other: LossCurve) -> None:
    assert one.stage == other.stage
    np.testing.assert_array_equal(one.steps, other.steps)
    np.testing.assert_allclose(one.losses, other.losses, rtol=1e-6)


def test_curves_are_kept_in_the_order_of_the_stages_whenever_a_snapshot_is(project: Project) -> None:
    visit(project, curve(FIRST, 1, 9))
    assert read_losses(project) == ()  # nothing of the stage is kept either
    visit(project, curve(FIRST, 1, 9), CheckpointSaved(FIRST, 9), curve(SECOND, 1, 3), curve(SECOND, 1, 5), CheckpointSaved(SECOND, 5))
    first, second = read_losses(project)
    assert_same(first, curve(FIRST, 1, 9))
    assert_same(second, curve(SECOND, 1, 5))
    assert not first.losses.flags.writeable


def test_a_stage_that_goes_on_is_told_with_its_curve_from_before(project: Project) -> None:
    visit(project, curve(FIRST, 1, 9), CheckpointSaved(FIRST, 9), curve(SECOND, 1, 5), CheckpointSaved(SECOND, 5))
    heard = visit(project, StageStarted(SECOND, 20), curve(SECOND, 6, 8), CheckpointSaved(SECOND, 8))
    assert_same(heard[1], curve(SECOND, 1, 8))
    heard = visit(project, curve(SECOND, 9, 20), CheckpointSaved(SECOND, 20))
    assert_same(heard[0], curve(SECOND, 1, 20))
    assert [one.stage for one in read_losses(project)] == [FIRST, SECOND]


def test_what_is_done_again_takes_the_place_of_what_was(project: Project) -> None:
    visit(project, curve(SECOND, 1, 50), CheckpointSaved(SECOND, 50))
    heard = visit(project, curve(SECOND, 31, 40), CheckpointSaved(SECOND, 40))  # resumed from an older snapshot
    assert_same(heard[0], curve(SECOND, 1, 40))
    heard = visit(project, curve(SECOND, 1, 4))
    assert_same(heard[0], curve(SECOND, 1, 4))


def test_many_visits_do_not_make_the_table_grow_without_end(project: Project) -> None:
    for number in range(8):
        visit(project, curve(SECOND, 400 * number + 1, 400 * number + 400), CheckpointSaved(SECOND, 400 * number + 400))
    (kept,) = read_losses(project)
    assert len(kept.steps) <= 2 * CURVE_POINTS
    assert (np.diff(kept.steps) > 0).all()
    assert kept.steps[0] == 1
    assert kept.steps[-1] > 3100


def test_a_project_that_is_begun_anew_has_none(project: Project) -> None:
    visit(project, curve(FIRST, 1, 9), CheckpointSaved(FIRST, 9))
    begun = project.read()
    begin_project(project.folder, begun.blurry, begun.sharp, begun.settings)
    assert read_losses(project) == ()


@pytest.mark.parametrize("content", [b"", b"half of", b"stage,step,loss\nflow,one,2\n", b"stage,step,loss\nflow,1\n", b"\xff\xfe\x00"])
def test_a_damaged_table_costs_the_curves_and_nothing_else(project: Project, content: bytes, caplog: pytest.LogCaptureFixture) -> None:
    project.losses.write_bytes(content)
    with caplog.at_level(logging.WARNING):
        assert read_losses(project) == ()
    assert "cannot be read" in caplog.text
    heard = visit(project, curve(FIRST, 1, 9), CheckpointSaved(FIRST, 9))
    assert_same(heard[0], curve(FIRST, 1, 9))
    assert len(read_losses(project)) == 1
