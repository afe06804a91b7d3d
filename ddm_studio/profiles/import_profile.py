"""A PSF grid known from elsewhere, as a lens profile."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ddm_studio.errors import ProfileError
from ddm_studio.profiles.lens_profile import LensProfile, check_kernels
from ddm_studio.profiles.npz_file import read_arrays
from ddm_studio.profiles.profile_facts import ProfileFacts

_ADVICE = "Save an array psf of shape (rows, columns, 3, k, k) or, for all colours alike, (rows, columns, k, k) with numpy.savez"


def import_grid(path: Path, noise: float, frame: tuple[int, int]) -> LensProfile:
    """Read the array `psf` of an NPZ file: (rows, columns, 3, k, k), or (rows, columns, k, k) for all colours alike.

    Kernels of any positive sum are taken, as a camera's exposure is no property of its lens: each channel is scaled to sum to 1.

    Args:
        path: The NPZ file.
        noise: Noise of the photos in encoded units 0-1.
        frame: Width and height of the sensor frame in pixels.

    Returns:
        A profile for photos of any colour space, acting on linear light.

    Raises:
        ProfileError: The file is no NPZ, lacks `psf`, or holds something else than a PSF grid.
    """
    (psf,) = read_arrays(path, ("psf",), partial(_unusable, path))
    if psf.dtype.kind not in "fui":
        raise _unusable(path, f"psf must hold numbers, got {psf.dtype}")
    if psf.ndim == 4:
        psf = np.repeat(psf[:, :, None], 3, axis=2)
    try:
        noise_sigma = np.full(3, noise, np.float32)
        return LensProfile(_normalised(psf.astype(np.float64)), noise_sigma, frame, facts=ProfileFacts(method="imported"))
    except ProfileError as error:
        raise _unusable(path, error.why) from error


def _normalised(psf: NDArray[np.float64]) -> NDArray[np.float32]:
    if psf.ndim != 5 or not np.isfinite(psf).all() or not psf.size:
        check_kernels(psf)
    sums = psf.sum((-1, -2), keepdims=True)
    return (psf / np.where(sums > 0, sums, 1)).astype(np.float32)


def _unusable(path: Path, why: str) -> ProfileError:
    return ProfileError(f"{path} is not a PSF grid", why, _ADVICE)
