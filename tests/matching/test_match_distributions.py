from dataclasses import replace

import pytest
import torch
from tiny_windows import CPU, Saved, StopsAfter, same_tensors
from toy_lenses import comet, grid_of, lens_of, photos_through, sharp_photos

from ddm_studio.control import Cancelled, RunControl
from ddm_studio.events import ConvergenceCurve, KernelsLearned, LossCurve, Note, StageFinished, StageStarted
from ddm_studio.flow.flow_matching import train_flow
from ddm_studio.matching.kernel_models import kernel_model
from ddm_studio.matching.match_distributions import MatchingTask, match_distributions
from ddm_studio.settings import FlowSettings, MatchingSettings

SETTINGS = MatchingSettings(steps=4, warm_up=2, batch=4)


@pytest.fixture(scope="module")
def task():
    blurry, sharp = photos_through(comet()), sharp_photos()
    flow = FlowSettings(patch=16, channels=8, steps=2, batch=4)
    teacher = train_flow(blurry, flow, 0, CPU, None, Saved(), lambda event: None, RunControl())
    start = lens_of(grid_of(comet(tail=0.3), 2, 3))
    return MatchingTask(blurry, sharp, model_of(start), start, teacher, SETTINGS, noise_fixed=False, seed=0, device=CPU)


def model_of(start, **changes):
    return kernel_model(start.psf, MatchingSettings(**changes), mono=False)


def matched(task, resume_from=None, control=None, report=lambda event: None):
    saved = Saved()
    try:
        return match_distributions(task, resume_from, saved, report, control or RunControl()), saved
    except Cancelled:
        return None, saved


@pytest.mark.parametrize("changes", [{"changes": "phase"}, {"changes": "taps"}, {"raw_taps": True, "sparsity": 0.01, "sum_to_one": 0.1}])
def test_any_model_ends_with_a_valid_grid(task, changes):
    model = model_of(task.start, **changes)
    result, _ = matched(replace(task, kernels=model, settings=SETTINGS.model_copy(update=changes)))
    assert torch.allclose(model.grid(), task.start.psf, atol=1e-5)
    assert result.psf.shape == (2, 3, 3, 5, 5)
    assert result.psf.min() >= 0
    assert torch.allclose(result.psf.sum((-1, -2)), torch.ones(2, 3, 3), atol=1e-5)
    assert (result.sigma > 0).all()


def test_known_noise_is_left_alone(task):
    result, _ = matched(replace(task, noise_fixed=True))
    assert torch.allclose(result.sigma, task.start.sigma)


def test_no_steps_give_the_start(task):
    result, _ = matched(replace(task, settings=MatchingSettings(steps=0, warm_up=0)))
    assert torch.allclose(result.psf, task.start.psf, atol=1e-5)


def test_the_teacher_is_left_alone(task):
    before = [value.clone() for value in task.teacher.flow.network.parameters()]
    matched(task)
    assert all(torch.equal(one, other) for one, other in zip(before, task.teacher.flow.network.parameters(), strict=True))


def test_stopped_and_resumed_equals_uninterrupted_bit_for_bit(task):
    whole, saved_whole = matched(task)
    nothing, saved_first = matched(task, control=StopsAfter(2 * 3 + 4))
    assert nothing is None
    assert saved_first.last.step == 4
    resumed, saved_rest = matched(task, resume_from=saved_first.last)
    assert same_tensors(saved_whole.last, saved_rest.last)
    assert torch.equal(whole.psf, resumed.psf)
    assert torch.equal(whole.sigma, resumed.sigma)


def test_says_what_it_does(task):
    heard = []
    result, _ = matched(task, report=heard.append)
    assert isinstance(heard[0], StageStarted)
    assert heard[0].total_steps == 6
    assert isinstance(heard[-1], StageFinished)
    assert any(isinstance(event, LossCurve) for event in heard)
    last = [event for event in heard if isinstance(event, KernelsLearned)][-1]
    assert torch.equal(torch.from_numpy(last.kernels.copy()), result.psf)
    assert not last.kernels.flags.writeable


class Likes:
    """A measure that likes the grids it is shown in an order of its own: the numbers given are what it answers by turns."""

    def __init__(self, *answers):
        self._answers, self.seen = answers, []

    def __call__(self, lens):
        self.seen.append(lens.psf.clone())
        return self._answers[(len(self.seen) - 1) % len(self._answers)]


class LikesMovement:
    """A measure that does not depend on what was asked before: the farther from a grid, the better, or the worse."""

    def __init__(self, start, sign):
        self._start, self._sign = start, sign

    def __call__(self, lens):
        return self._sign * float((lens.psf - self._start).square().sum())


def looked_at(task, measure, **changes):
    settings = SETTINGS.model_copy(update={"look_steps": 1, "patience": 2, **changes})
    return replace(task, settings=settings, measure=measure)


def test_the_grid_that_held_out_photos_like_best_is_kept(task):
    measure = Likes(5.0, 4.0, 1.0, 3.0, 2.0)
    result, _ = matched(looked_at(task, measure))
    assert len(measure.seen) == 5  # before the first step of the kernels and after each of four
    assert torch.equal(result.psf, measure.seen[2])


def test_where_nothing_is_better_than_the_start_the_start_is_kept(task):
    result, _ = matched(looked_at(task, LikesMovement(task.start.psf, 1.0)))
    assert torch.allclose(result.psf, task.start.psf, atol=1e-6)


def test_that_nothing_better_comes_is_said_once_and_ends_the_stage_only_if_asked(task):
    for until_settled, steps in ((False, 6), (True, 5)):
        heard = []
        measure = Likes(5.0, 1.0, 2.0, 3.0, 4.0)
        result, saved = matched(looked_at(task, measure, until_settled=until_settled), report=heard.append)
        (note,) = [event.message for event in heard if isinstance(event, Note)]
        assert "no grid better for 2 looks" in note
        assert ("ends here" in note) == until_settled
        assert saved.last.step == steps
        assert torch.equal(result.psf, measure.seen[1])


def test_the_looks_are_told_as_a_curve(task):
    heard = []
    followed = looked_at(task, Likes(3.0, 2.0, 1.0))
    matched(followed, report=heard.append)
    curve = [event for event in heard if isinstance(event, ConvergenceCurve)][-1]
    assert curve.steps.tolist() == [2, 3, 4, 5, 6]
    assert curve.values.tolist() == [3.0, 2.0, 1.0, 3.0, 2.0]
    assert curve.has_settled == (followed.settings.patience <= 2)


@pytest.mark.parametrize("checkpoint", range(2, 6))
def test_stopped_and_resumed_the_best_is_that_of_an_uninterrupted_run(task, checkpoint):
    followed = looked_at(task, LikesMovement(task.start.psf, -1.0), until_settled=True)
    whole, saved_whole = matched(followed)
    nothing, saved_first = matched(followed, control=StopsAfter(2 * 3 + checkpoint))
    assert nothing is None
    resumed, saved_rest = matched(followed, resume_from=saved_first.last)
    assert same_tensors(saved_whole.last, saved_rest.last)
    assert torch.equal(whole.psf, resumed.psf)
