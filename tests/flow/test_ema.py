import numpy as np
import pytest
import torch
from torch import nn

from ddm_studio.flow.ema import PowerAverage, beta_at, gamma_of


def profile(relative_std, steps):
    """How much each step weighs in the average at the end."""
    gamma = gamma_of(relative_std)
    weights = np.zeros(steps)
    for step in range(1, steps + 1):
        weights *= beta_at(step, gamma)
        weights[step - 1] = 1 - beta_at(step, gamma)
    return weights


def module_of(value):
    made = nn.Linear(1, 1, bias=False)
    with torch.no_grad():
        made.weight.fill_(value)
    return made


def test_published_exponents():
    assert gamma_of(0.05) == pytest.approx(16.97, abs=0.01)
    assert gamma_of(0.10) == pytest.approx(6.94, abs=0.01)


@pytest.mark.parametrize("asked", [0.05, 0.1, 0.2])
def test_relative_std_is_what_was_asked(asked):
    weights, times = profile(asked, 4000), np.arange(1, 4001) / 4000
    mean = (weights * times).sum()
    assert weights.sum() == pytest.approx(1)
    assert np.sqrt((weights * (times - mean) ** 2).sum()) == pytest.approx(asked, rel=0.01)


def test_average_of_a_constant_is_the_constant():
    module = module_of(3.0)
    average = PowerAverage(module, 0.05)
    for step in range(1, 20):
        average.update(module, step)
    assert float(average.values["weight"]) == pytest.approx(3.0)


def test_start_weights_are_forgotten_at_the_first_step():
    average = PowerAverage(module_of(100.0), 0.05)
    average.update(module_of(1.0), 1)
    target = module_of(0.0)
    average.copy_to(target)
    assert target.weight.item() == pytest.approx(1.0)


@pytest.mark.parametrize("wrong", [0.0, 0.3])
def test_refuses_impossible_widths(wrong):
    with pytest.raises(ValueError, match="relative standard deviation"):
        gamma_of(wrong)
