"""Known lenses of several kinds, so that no figure rests on one way of making PSFs.

* `seidel`: the program's own synthetic lenses (Fourier optics, mild decentring).
* `decentred`: the same optics with stronger coma and field curvature, the axis far off the middle: one corner is much worse.
* `comet`: no optics at all: sums of Gaussians, a core with a flare to one side that turns and grows over the frame.
* `shake`: no lens at all: bent strokes of a moving camera, alike in all channels; no pupil makes them.

The last two are there because the calibration describes kernels by a wavefront: they show what that costs where it is wrong.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray

from ddm_studio.optics.psf_grid import node_centres
from ddm_studio.optics.psf_metrics import shift
from ddm_studio.optics.synthetic_lens import psf_grid, random_lens

Grid = NDArray[np.float32]

NODES, SIZE, ASPECT = 8, 13, 1.5
SUBSAMPLES = 5


def seidel(seed: int) -> Grid:
    """The program's own synthetic lens."""
    return psf_grid(random_lens(seed))


def decentred(seed: int) -> Grid:
    """Strong coma and field curvature about an axis far off the middle."""
    draw = np.random.default_rng(seed + 5)
    sign = draw.choice([-1.0, 1.0], 2)
    changes = {
        "coma": sign[0] * draw.uniform(0.8, 1.6),
        "field_curvature": sign[1] * draw.uniform(0.5, 1.0),
        "decentring": tuple(draw.uniform(-0.35, 0.35, 2)),
    }
    return psf_grid(replace(random_lens(seed), **changes))


def comet(seed: int) -> Grid:
    """A Gaussian core and a flare of ever fainter Gaussians to one side, in another width and place for each channel."""
    draw = np.random.default_rng(seed)
    centre = draw.uniform(-0.3, 0.3, 2)
    core, growth, flare, reach, turn = draw.uniform([0.5, 0.3, 0.2, 1.0, -0.6], [0.8, 0.9, 0.6, 2.5, 0.6])
    lateral = np.array([draw.uniform(0.4, 1.3), 0.0, draw.uniform(-1.3, -0.4)])
    widths = np.array([draw.uniform(1.0, 1.2), 1.0, draw.uniform(1.0, 1.25)])
    grid = np.empty((NODES, NODES, 3, SIZE, SIZE))
    for row, column, channel in np.ndindex(NODES, NODES, 3):
        field = _field(row, column) - centre
        height, angle = np.hypot(*field), np.arctan2(*field) + turn
        y, x = (axis - moved for axis, moved in zip(_fine_places(), lateral[channel] * field, strict=True))
        along, aside = y * np.sin(angle) + x * np.cos(angle), x * np.sin(angle) - y * np.cos(angle)
        width = widths[channel] * (core + growth * height**2)
        body = _unit(np.exp(-((along / (1 + 0.4 * height)) ** 2 + aside**2) / (2 * width**2)))
        tail = np.zeros_like(body)
        for step in np.linspace(0, 1, 12):
            spread = width * (0.8 + 0.8 * step)
            tail += (1 - 0.8 * step) * _unit(np.exp(-((along - 2 * step * reach * height) ** 2 + aside**2) / (2 * spread**2)))
        grid[row, column, channel] = _binned((1 - flare) * body + flare * _unit(tail))
    return _centred(grid)


def shake(seed: int) -> Grid:
    """A thin bent stroke, turning a little over the frame."""
    control = np.random.default_rng(seed).uniform(-4, 4, (4, 2))
    time = np.linspace(0, 1, 60)
    y, x = _fine_places()
    grid = np.empty((NODES, NODES, 3, SIZE, SIZE))
    for row, column in np.ndindex(NODES, NODES):
        turn = 0.5 * _field(row, column)
        weights = np.stack([(1 - time) ** 3, 3 * time * (1 - time) ** 2, 3 * time**2 * (1 - time), time**3], 1)  # a Bezier curve
        stroke = weights @ np.array([control[0], control[1] + turn, control[2] - turn, control[3]])
        stroke = stroke - stroke.mean(0)
        grid[row, column] = _binned(sum(np.exp(-((y - down) ** 2 + (x - across) ** 2) / (2 * 0.45**2)) for down, across in stroke))
    return _centred(grid)


FAMILIES: dict[str, Callable[[int], Grid]] = {"seidel": seidel, "decentred": decentred, "comet": comet, "shake": shake}


def _field(row: int, column: int) -> NDArray[np.float64]:
    """Place of a node, 1 at a corner of the frame."""
    half = np.array([1.0, ASPECT]) / np.hypot(1.0, ASPECT)
    return (2 * np.array([row, column]) / (NODES - 1) - 1) * half


def _fine_places() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    line = (np.arange(SIZE * SUBSAMPLES) - (SIZE * SUBSAMPLES) // 2) / SUBSAMPLES
    y, x = np.meshgrid(line, line, indexing="ij")
    return y, x


def _unit(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return values / values.sum()


def _binned(fine: NDArray[np.float64]) -> NDArray[np.float64]:
    return _unit(fine.reshape(SIZE, SUBSAMPLES, SIZE, SUBSAMPLES).sum((1, 3)))


def _centred(grid: NDArray[np.float64]) -> Grid:
    for _ in range(3):
        centres = node_centres(torch.from_numpy(grid)).numpy()
        grid = np.clip(shift(grid, -centres[:, :, None]), 0, None)
        grid = grid / grid.sum((-1, -2), keepdims=True)
    return grid.astype(np.float32)
