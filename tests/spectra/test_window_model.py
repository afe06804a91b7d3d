"""The windows' spectra of a blurred scene are what the model says, and not what the plain product says."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest
import torch
from torch import Tensor

from ddm_studio.spectra.descent import descend
from ddm_studio.spectra.power_spectrum import hann
from ddm_studio.spectra.window_model import WindowModel

PATCH, SIZE, FIELD = 32, 11, 256


def bar() -> Tensor:
    kernel = torch.zeros(SIZE, SIZE)
    kernel[5, 1:10] = torch.tensor([2.0, 1, 1, 1, 1, 1, 1, 1, 2])
    return kernel / kernel.sum()


def scene_power() -> Tensor:
    frequency = torch.hypot(torch.fft.fftfreq(FIELD)[:, None], torch.fft.rfftfreq(FIELD))
    power = frequency.clamp_min(1 / FIELD) ** -2
    power[0, 0] = 0
    return power / power.mean()


def measured(kernel: Tensor, sigma: float) -> tuple[Tensor, Tensor]:
    """Mean power of Hann windows of simulated fields, and its standard error."""
    generator = torch.Generator().manual_seed(0)
    transfer = torch.fft.rfft2(kernel, s=(FIELD, FIELD))
    window = hann(PATCH)
    powers = []
    for _ in range(60):
        white = torch.fft.rfft2(torch.randn(FIELD, FIELD, generator=generator))
        field = torch.fft.irfft2(white * scene_power().sqrt() * transfer) + sigma * torch.randn(FIELD, FIELD, generator=generator)
        patches = field.unfold(0, PATCH, PATCH).unfold(1, PATCH, PATCH).flatten(0, 1)
        patches = patches - (patches * window.square()).sum((-1, -2), keepdim=True)
        powers.append(torch.fft.rfft2(patches * window).abs().square().mean(0))
    stacked = torch.stack(powers)
    return stacked.mean(0), stacked.std(0) / len(powers) ** 0.5


def model_of(power: Tensor, sigma: float) -> WindowModel:
    autocorrelation = torch.fft.irfft2(scene_power())
    lags = torch.arange(-PATCH - SIZE, PATCH + SIZE + 1)
    return WindowModel(power[None], torch.ones(1), autocorrelation[lags][:, lags], SIZE, sigma)


def test_the_true_kernel_explains_the_spectra_to_their_error() -> None:
    sigma = 0.05
    power, error = measured(bar(), sigma)
    model = model_of(power, sigma)
    with torch.no_grad():
        model.levels.copy_(torch.tensor([1 / sigma**2]).log())  # the scene's own level, in noise variances
        expected = model._expected(model.kernel_power(bar()))[0] * sigma**2
    seen = torch.ones_like(power, dtype=torch.bool)
    seen[[0, 0, 1, 1, -1, -1], [0, 1, 0, 1, 0, 1]] = False
    deviation = ((expected - power) / error)[seen]
    assert float(deviation.square().mean()) < 2.0
    plain = (torch.fft.rfft2(bar(), s=(PATCH, PATCH)).abs().square() * model._plain + sigma**2)[seen]
    assert float(((plain - power[seen]) / error[seen]).square().mean()) > 10.0


def loss_of(model: WindowModel, kernel: Tensor) -> Tensor:
    return model.negative_log_likelihood(model.kernel_power(kernel)) + model.prior()


def test_the_true_kernel_is_likelier_than_one_of_another_width() -> None:
    power, _ = measured(bar(), 0.05)
    losses = []
    for kernel in (bar(), torch.roll(bar(), 1, 1) * 0.5 + bar() * 0.5):
        model = model_of(power, 0.05)
        losses.append(descend(model.parameters, partial(loss_of, model, kernel), 40, lambda loss: None))
    assert losses[0] < losses[1] - 0.002


def test_the_noise_is_told_without_what_was_added_to_quiet_photos() -> None:
    power, _ = measured(bar(), 0.003)
    model = model_of(power, 0.003)
    assert model.noise_sigma() == pytest.approx(0.003, rel=1e-3)


def test_information_is_greatest_where_the_scene_stands_out_of_the_noise() -> None:
    power, _ = measured(bar(), 0.05)
    information = model_of(power, 0.05).information(torch.ones(96, 49)).numpy()
    assert information[2, 2] > information[PATCH // 2, PATCH // 2] > 0
    assert np.isfinite(information).all()
