"""Restored photos tell a kernel from its mirror image, and are honest where there is nothing to tell."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from tiny_pool import photographed, pool_of, scenes

from ddm_studio.control import Cancelled, RunControl
from ddm_studio.flow.windows import WindowSource, windows_of
from ddm_studio.matching.reblur import LensEstimate
from ddm_studio.matching.restored_sparsity import tell_mirror_images

SIZE = 9


def lens(kernel: np.ndarray) -> LensEstimate:
    psf = torch.from_numpy(np.broadcast_to(kernel, (1, 1, 3, SIZE, SIZE)).astype(np.float32).copy())
    return LensEstimate(psf, torch.full((3,), 0.01), torch.ones(3))


def comet() -> np.ndarray:
    """A bright end and a fading tail."""
    kernel = np.zeros((SIZE, SIZE))
    kernel[4, 1:8] = [6, 3, 2, 1.5, 1, 0.7, 0.5]
    return kernel / kernel.sum()


def blurry(kernel: np.ndarray) -> WindowSource:
    return windows_of(pool_of(photographed(scenes(10, 100), lens(kernel).psf.numpy(), 0.01)))


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("transposed", [False, True])
def test_the_right_one_is_told_whichever_way_it_points(turned: bool, transposed: bool) -> None:
    kernel = comet()[:, ::-1] if turned else comet()
    kernel = np.ascontiguousarray(kernel.T if transposed else kernel)
    mirrored = np.ascontiguousarray(kernel[::-1, ::-1])
    photos = blurry(kernel)
    right_first = tell_mirror_images(lens(kernel), lens(mirrored), photos, 0, lambda event: None, RunControl(), windows=96)
    wrong_first = tell_mirror_images(lens(mirrored), lens(kernel), photos, 0, lambda event: None, RunControl(), windows=96)
    assert right_first.gain < 0 < wrong_first.gain
    assert right_first.certainty > 4


def test_a_symmetrical_kernel_is_no_better_than_itself() -> None:
    line = np.exp(-((np.arange(SIZE) - 4.0) ** 2) / 4)
    kernel = np.outer(line, line) / line.sum() ** 2
    verdict = tell_mirror_images(lens(kernel), lens(kernel[::-1, ::-1]), blurry(kernel), 0, lambda event: None, RunControl(), windows=64)
    assert abs(verdict.gain) < 1e-5


def test_it_stops_when_told_to() -> None:
    control = RunControl()
    control.stop()
    with pytest.raises(Cancelled):
        tell_mirror_images(lens(comet()), lens(comet()[::-1, ::-1]), blurry(comet()), 0, lambda event: None, control, windows=32)
