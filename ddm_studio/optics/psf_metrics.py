"""Numbers that describe a PSF or compare two: NCC, kernel PSNR, FWHM, centroid, lateral chromatic aberration.

NumPy only, so that a window can use it without loading torch.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]

_MARGIN = 4
"""Zero pixels round a kernel while it is moved, so that a shift does not wrap round."""


def pad_to(psf: Floats, size: int) -> Floats:
    """Zero-pad (..., k, k) kernels of odd k to an odd `size`, keeping the centre tap in the centre."""
    rest = size - psf.shape[-1]
    if rest < 0 or rest % 2:
        raise ValueError(f"cannot pad kernels of side {psf.shape[-1]} to {size}: both must be odd, the second not smaller")
    return np.pad(psf, [(0, 0)] * (psf.ndim - 2) + [(rest // 2, rest // 2)] * 2)


def ncc(a: Floats, b: Floats) -> Floats:
    """Normalised cross-correlation of (..., h, w) arrays over the last two axes, means removed; 0 where one is flat."""
    a = a - a.mean((-1, -2), keepdims=True)
    b = b - b.mean((-1, -2), keepdims=True)
    energy = np.sqrt((a**2).sum((-1, -2)) * (b**2).sum((-1, -2)))
    scores: Floats = np.where(energy > 0, (a * b).sum((-1, -2)) / np.maximum(energy, 1e-30), 0.0)
    return scores


def grid_ncc(estimate: Floats, truth: Floats) -> Floats:
    """NCC of each node and channel after the best sub-pixel shift of the node, common to its channels.

    That shift cannot be known from unpaired photos; a shift between channels can, and counts.

    Args:
        estimate: (rows, columns, 3, k, k).
        truth: (rows, columns, 3, k', k').

    Returns:
        (rows, columns, 3).
    """
    ours = aligned(estimate, truth)
    return ncc(ours, pad_to(truth.astype(np.float64), ours.shape[-1]))


def aligned(estimate: Floats, truth: Floats) -> Floats:
    """The estimate with each node moved to where it correlates best with the true one, in zeros enough that it fits.

    Args:
        estimate: (rows, columns, 3, k, k).
        truth: (rows, columns, 3, k', k').

    Returns:
        (rows, columns, 3, s, s), s odd and larger than k and k'.
    """
    if estimate.shape[:3] != truth.shape[:3]:
        raise ValueError(f"the grids differ: {estimate.shape[:3]} and {truth.shape[:3]}")
    size = max(estimate.shape[-1], truth.shape[-1]) + 2 * _MARGIN
    ours, theirs = pad_to(estimate.astype(np.float64), size), pad_to(truth.astype(np.float64), size)
    return shift(ours, _best_shift(ours, theirs)[:, :, None])


def shift(psf: Floats, offset: Floats) -> Floats:
    """Move (..., k, k) kernels by (..., 2) rows and columns, sub-pixel and circular, by the Fourier shift theorem."""
    size = psf.shape[-1]
    frequencies = np.fft.fftfreq(size)
    down = np.exp(-2j * np.pi * offset[..., 0, None] * frequencies)
    across = np.exp(-2j * np.pi * offset[..., 1, None] * frequencies)
    return np.fft.ifft2(np.fft.fft2(psf) * down[..., :, None] * across[..., None, :]).real


def _best_shift(estimate: Floats, truth: Floats) -> Floats:
    """(rows, columns, 2): the shift of the estimate that maximises the mean correlation over channels, to 1/100 px."""
    size = estimate.shape[-1]
    ours = np.fft.fft2(estimate - estimate.mean((-1, -2), keepdims=True))
    theirs = np.fft.fft2(truth - truth.mean((-1, -2), keepdims=True))
    norm = np.sqrt((np.abs(ours) ** 2).sum((-1, -2)) * (np.abs(theirs) ** 2).sum((-1, -2)))
    cross = (theirs * ours.conj() / np.maximum(norm, 1e-30)[..., None, None]).sum(-3)
    frequencies = np.fft.fftfreq(size)
    best = np.zeros((*cross.shape[:-2], 2))
    for reach, points in ((float(_MARGIN), 2 * _MARGIN + 1), (1.0, 21), (0.1, 21)):
        steps = np.linspace(-reach, reach, points)
        rows, columns = best[..., 0, None] + steps, best[..., 1, None] + steps
        down = np.exp(2j * np.pi * rows[..., None] * frequencies)
        across = np.exp(2j * np.pi * columns[..., None] * frequencies)
        scores = (down @ cross @ across.swapaxes(-1, -2)).real.reshape(*cross.shape[:-2], -1)
        winner = scores.argmax(-1)
        best = np.stack(
            [
                np.take_along_axis(rows, (winner // points)[..., None], -1)[..., 0],
                np.take_along_axis(columns, (winner % points)[..., None], -1)[..., 0],
            ],
            -1,
        )
    return best


def kernel_psnr(estimate: Floats, truth: Floats, size: int = 25) -> Floats:
    """PSNR in dB (peak 1) of (..., k, k) kernels, both padded to `size` and centred by their centres of mass."""
    size = max(size, estimate.shape[-1], truth.shape[-1])
    ours, theirs = pad_to(estimate.astype(np.float64), size), pad_to(truth.astype(np.float64), size)
    error = ((shift(ours, -centroid(ours)) - shift(theirs, -centroid(theirs))) ** 2).mean((-1, -2))
    decibels: Floats = -10 * np.log10(np.maximum(error, 1e-20))
    return decibels


def centroid(psf: Floats) -> Floats:
    """Centre of mass (..., 2) of (..., k, k) kernels: row and column in px relative to the centre tap."""
    size = psf.shape[-1]
    places = np.arange(size) - size // 2
    mass = np.maximum(psf.sum((-1, -2)), 1e-30)
    return np.stack([(psf.sum(-1) * places).sum(-1) / mass, (psf.sum(-2) * places).sum(-1) / mass], -1)


def lateral_shift(psf: Floats) -> Floats:
    """Lateral chromatic aberration of a grid.

    Args:
        psf: (rows, columns, 3, k, k).

    Returns:
        (rows, columns, 2, 2): centroid of red minus green, then of blue minus green, each row and column in px.
    """
    centres = centroid(psf)
    return np.stack([centres[..., 0, :] - centres[..., 1, :], centres[..., 2, :] - centres[..., 1, :]], -2)


def fwhm(psf: Floats, oversampling: int = 8) -> Floats:
    """Full width at half maximum (...) in px of (..., k, k) kernels, k odd.

    It is the diameter of the circle as large as the region above half of the maximum, measured on the kernel oversampled
    by trigonometric interpolation, so that it is defined for lopsided PSFs as well.
    """
    size = psf.shape[-1]
    fine = np.arange(-(size // 2) * oversampling, size // 2 * oversampling + 1) / oversampling
    # The Dirichlet kernel interpolates an odd number of samples exactly.
    distance = np.pi * (fine[:, None] - (np.arange(size) - size // 2)) / size
    near = np.abs(np.sin(distance)) < 1e-9
    matrix = np.where(near, 1.0, np.sin(size * distance) / np.where(near, 1.0, size * np.sin(distance)))
    dense = matrix @ psf @ matrix.T
    area = (dense >= dense.max((-1, -2), keepdims=True) / 2).sum((-1, -2)) / oversampling**2
    diameter: Floats = 2 * np.sqrt(area / np.pi)
    return diameter
