"""Random camera-shake kernels by the recipe that the paper names (its appendix B.1: Borodenko's `motionblur`, intensity 0.5).

Written from the recipe's distributions. A path of short steps whose directions keep their sign but for rare jitters is turned by
a random angle, drawn one pixel wide at twice the size, and reduced. Intensity 0 is a straight stroke, 1 a tangle.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

SLACK = 0.1
LONGEST = 0.75


def motion_kernel(seed: int, size: int = 28, intensity: float = 0.5) -> NDArray[np.float32]:
    """A kernel (size, size), not negative, that sums to 1; the middle of its path lies in the middle."""
    draw = np.random.default_rng(seed)
    side = 2 * size
    diagonal = side * 2**0.5
    steps = _steps(draw, diagonal, intensity)
    path = np.cumsum(steps * np.exp(1j * _angles(draw, len(steps), intensity)))
    path = (path - path.mean()) * np.exp(1j * draw.uniform(0, np.pi)) + (1 + 1j) * side / 2
    picture = Image.new("L", (side, side))
    points = [(float(point.real), float(point.imag)) for point in path]
    ImageDraw.Draw(picture).line(points, fill=255, width=max(1, int(diagonal / 150)))
    reduced = np.asarray(picture.resize((size, size), Image.Resampling.LANCZOS), np.float32)
    kernel: NDArray[np.float32] = reduced / reduced.sum()
    return kernel


def gaussian_kernel(sigma: float, size: int = 28) -> NDArray[np.float32]:
    """An isotropic Gaussian (size, size) of standard deviation `sigma` px about the middle, which sums to 1."""
    line = np.exp(-((np.arange(size) - (size - 1) / 2) ** 2) / (2 * sigma**2))
    kernel = np.outer(line, line)
    unit: NDArray[np.float32] = (kernel / kernel.sum()).astype(np.float32)
    return unit


def _steps(draw: np.random.Generator, diagonal: float, intensity: float) -> NDArray[np.float64]:
    longest = LONGEST * diagonal * (draw.uniform() + draw.uniform(0, intensity**2))
    steps: list[float] = []
    while sum(steps) < longest:
        step = draw.beta(1, 30) * (1 - intensity + SLACK) * diagonal
        if step < longest:
            steps.append(step)
    return np.array(steps)


def _angles(draw: np.random.Generator, count: int, intensity: float) -> NDArray[np.float64]:
    largest = draw.uniform(0, intensity * np.pi)
    jitter = draw.beta(2, 20)
    angles = [draw.uniform(-largest, largest)]
    while len(angles) < count:
        sign = np.sign(angles[-1]) * (-1 if draw.uniform() < jitter else 1)
        angles.append(sign * draw.triangular(0, intensity * largest, largest + SLACK))
    return np.array(angles)
