"""The kernel between a photo and the picture of twice its size, and its file.

It is no lens profile: it has one node, belongs to no frame, and lives on the pixels of the larger picture. Its file is an NPZ with
`kernel`, (k, k) or (3, k, k), k odd, and `scale`, 2, so that nobody takes a PSF on the photo's own pixels for one.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ddm_studio.errors import ProfileError
from ddm_studio.profiles.npz_file import read_arrays

Kernel = NDArray[np.float32]

SCALE = 2
_ADVICE = "Save arrays kernel, (k, k) or (3, k, k) with k odd, and scale=2 with numpy.savez"


def bicubic_kernel() -> Kernel:
    """The kernel (9, 9) of reducing by two with Catmull-Rom's cubic: what software does when nobody says otherwise."""
    x = np.abs(np.arange(-4, 5)) / SCALE
    line = np.where(x <= 1, 1.5 * x**3 - 2.5 * x**2 + 1, np.where(x < 2, -0.5 * x**3 + 2.5 * x**2 - 4 * x + 2, 0))
    outer = np.outer(line, line)
    kernel: Kernel = (outer / outer.sum()).astype(np.float32)
    return kernel


def save_upscaling_kernel(kernel: Kernel, path: Path) -> None:
    """Write a kernel (k, k) or (3, k, k)."""
    np.savez(path, kernel=kernel, scale=SCALE)


def load_upscaling_kernel(path: Path) -> Kernel:
    """A kernel (3, k, k) whose channels sum to 1; taps may be negative, as those of software's own kernels are.

    Raises:
        ProfileError: The file is none, or holds something else than a kernel for twice the size.
    """
    kernel, scale = read_arrays(path, ("kernel", "scale"), partial(_unusable, path))
    if scale.size != 1 or scale.item() != SCALE:
        raise _unusable(path, f"Its scale is {scale}, and photos are doubled only")
    return _checked(path, kernel)


def _checked(path: Path, kernel: NDArray[Any]) -> Kernel:
    if kernel.ndim == 2:
        kernel = np.repeat(kernel[None], 3, axis=0)
    square = kernel.ndim == 3 and kernel.shape[0] == 3 and kernel.shape[1] == kernel.shape[2] and kernel.shape[1] % 2 == 1
    if not square or kernel.dtype.kind not in "fui" or not np.isfinite(kernel).all():
        raise _unusable(path, f"The array kernel must be numbers of shape (k, k) or (3, k, k), k odd, got {kernel.dtype} {kernel.shape}")
    sums = kernel.sum((-1, -2), keepdims=True, dtype=np.float64)
    if (sums <= 0).any():
        raise _unusable(path, "A channel of the kernel has no positive sum")
    normalised: Kernel = (kernel / sums).astype(np.float32)
    return normalised


def _unusable(path: Path, why: str) -> ProfileError:
    return ProfileError(f"{path} is not a kernel to upscale by", why, _ADVICE)
