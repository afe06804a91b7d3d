from dataclasses import replace

import pytest
import torch
from tiny_windows import CPU, Saved, StopsAfter, same_tensors
from toy_lenses import comet, grid_of, lens_of, photos_through, sharp_photos

from ddm_studio.control import Cancelled, RunControl
from ddm_studio.events import KernelsLearned, LossCurve, StageFinished, StageStarted
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
