"""Kernels are found from the amplitude of their transfer function, but for shift and mirror image."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

from ddm_studio.control import Cancelled
from ddm_studio.optics.psf_metrics import grid_ncc
from ddm_studio.spectra.phase_retrieval import consensus, retrieve

SIZE, SIDE = 9, 32


def hook() -> Tensor:
    """An uneven hook: no turn or mirror image is like it."""
    kernel = torch.zeros(SIZE, SIZE)
    kernel[2, 2:7] = torch.tensor([3.0, 2.0, 2.0, 1.0, 1.0])
    kernel[3:6, 6] = torch.tensor([1.0, 2.0, 4.0])
    return kernel / kernel.sum()


def likeness(kernel: Tensor, truth: Tensor) -> float:
    return float(grid_ncc(kernel.expand(1, 1, 3, -1, -1).numpy(), truth.expand(1, 1, 3, -1, -1).numpy()).mean())


def test_the_amplitude_alone_finds_the_kernel_or_its_mirror_image() -> None:
    amplitude = torch.fft.rfft2(hook(), s=(SIDE, SIDE)).abs()
    found = retrieve(amplitude, torch.full_like(amplitude, 1e-4), SIZE, torch.Generator().manual_seed(0), starts=16, steps=300)
    assert torch.all(found >= 0)
    assert found.sum((1, 2)).numpy() == pytest.approx(1, abs=1e-5)
    centred = consensus(found[:1], 0.5)
    assert max(likeness(centred, hook()), likeness(centred, hook().flip(0, 1))) > 0.99


def test_the_same_seed_finds_the_same_kernels() -> None:
    amplitude = torch.fft.rfft2(hook(), s=(SIDE, SIDE)).abs()
    one, two = (retrieve(amplitude, 0.01 + 0 * amplitude, SIZE, torch.Generator().manual_seed(3), starts=4, steps=20) for _ in range(2))
    assert torch.equal(one, two)


def test_a_search_stops_when_it_is_told_to() -> None:
    steps = 0

    def watch() -> None:
        nonlocal steps
        steps += 1
        if steps == 5:
            raise Cancelled

    amplitude = torch.fft.rfft2(hook(), s=(SIDE, SIDE)).abs()
    with pytest.raises(Cancelled):
        retrieve(amplitude, 0.01 + 0 * amplitude, SIZE, torch.Generator(), watch, starts=2, steps=100)
    assert steps == 5


def test_the_mean_of_moved_and_mirrored_copies_is_the_kernel() -> None:
    copies = torch.stack([hook(), torch.roll(hook(), (1, -1), (0, 1)), hook().flip(0, 1), torch.roll(hook().flip(0, 1), (0, 1), (0, 1))])
    assert likeness(consensus(copies, 0.8), hook()) > 0.995


def test_errors_of_equally_good_kernels_average_out_and_strangers_are_left_out() -> None:
    noise = 0.02 * torch.rand(12, SIZE, SIZE, generator=torch.Generator().manual_seed(1)) * (1 + torch.arange(12) % 2).view(-1, 1, 1)
    noisy = hook() + noise
    alone = np.mean([likeness(kernel, hook()) for kernel in noisy])
    stranger = torch.zeros(1, SIZE, SIZE)
    stranger[:, 4, 4] = 1
    assert 1 - likeness(consensus(torch.cat([noisy, stranger]), 0.8), hook()) < 0.8 * (1 - alone)
