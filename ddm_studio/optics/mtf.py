"""The modulation transfer function of PSFs: contrast that is left of fine lines, along and across the radius of the frame.

The MTF is the magnitude of the Fourier transform of the PSF, 1 at frequency 0 (Goodman, Introduction to Fourier Optics,
6.3). For lines of one orientation it is taken along the direction across the lines: *meridional* (tangential) for lines that
lie across the radius, so along it; *sagittal* for lines that point to the middle of the frame, so across it (ISO 15529).

Frequencies are in cycles per pixel, up to Nyquist's 0.5, beyond which the taps of a kernel tell nothing. NumPy only.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]

NYQUIST = 0.5
_FREQUENCIES = np.linspace(0, NYQUIST, 101)


@dataclass(frozen=True, slots=True, eq=False)
class ByHeight:
    """A quantity of nodes gathered by image height: (n,) mean height of each ring, mean, least and greatest value, count."""

    height: Floats
    mean: Floats
    low: Floats
    high: Floats
    count: NDArray[np.int64]


def mtf(psf: Floats, direction: Floats, frequencies: Floats) -> Floats:
    """Contrast left of a line pattern.

    Args:
        psf: (..., k, k) kernels, k odd.
        direction: (..., 2) unit vectors (row, column) across the lines; broadcast against the leading axes of `psf`.
        frequencies: (f,) in cycles per pixel.

    Returns:
        (..., f) in 0-1 for kernels without negative taps.
    """
    places = np.arange(psf.shape[-1]) - psf.shape[-1] // 2
    turns = -2j * np.pi * places[:, None] * frequencies  # (k, f)
    down = np.exp(direction[..., 0, None, None] * turns)
    across = np.exp(direction[..., 1, None, None] * turns)
    spectrum = ((psf @ across) * down).sum(-2)
    contrast: Floats = np.abs(spectrum) / np.maximum(psf.sum((-1, -2)), 1e-30)[..., None]
    return contrast


def mtf50(psf: Floats, direction: Floats) -> Floats:
    """The lowest frequency (...) in cycles per pixel at which the contrast has fallen to one half; Nyquist's 0.5 where it has not."""
    contrast = mtf(psf, direction, _FREQUENCIES)
    below = contrast < 0.5
    after = np.where(below.any(-1), below.argmax(-1), len(_FREQUENCIES) - 1)[..., None]
    high, low = (np.take_along_axis(contrast, place, -1)[..., 0] for place in (after - 1, after))
    step = np.clip((high - 0.5) / np.maximum(high - low, 1e-12), 0, 1)
    found: Floats = _FREQUENCIES[after[..., 0] - 1] + step * (_FREQUENCIES[1] - _FREQUENCIES[0])
    return np.where(below.any(-1), found, NYQUIST)


def node_offsets(rows: int, columns: int, frame: tuple[int, int]) -> Floats:
    """(rows, columns, 2): row and column of each node in px from the middle of a frame of (width, height) px."""
    width, height = frame
    down, across = (
        (np.linspace(-0.5, 0.5, nodes) if nodes > 1 else np.zeros(1)) * (side - 1) for nodes, side in ((rows, height), (columns, width))
    )
    return np.stack(np.meshgrid(down, across, indexing="ij"), -1)


def image_heights(rows: int, columns: int, frame: tuple[int, int]) -> Floats:
    """(rows, columns): distance of each node from the middle of the frame in px."""
    offsets = node_offsets(rows, columns, frame)
    return np.asarray(np.hypot(offsets[..., 0], offsets[..., 1]))


def meridional(rows: int, columns: int, frame: tuple[int, int]) -> Floats:
    """(rows, columns, 2): unit vectors (row, column) away from the middle of the frame; in the very middle, to the right."""
    offsets = node_offsets(rows, columns, frame)
    length = np.hypot(offsets[..., 0], offsets[..., 1])[..., None]
    return np.where(length > 1e-9, offsets / np.maximum(length, 1e-9), np.array([0.0, 1.0]))


def sagittal(rows: int, columns: int, frame: tuple[int, int]) -> Floats:
    """(rows, columns, 2): unit vectors across those of `meridional`."""
    radial = meridional(rows, columns, frame)
    return np.stack([radial[..., 1], -radial[..., 0]], -1)


def by_image_height(heights: Floats, values: Floats, rings: int = 8) -> ByHeight:
    """Gather nodes in rings of equal width; rings without a node are left out.

    Args:
        heights: (rows, columns) image heights.
        values: (rows, columns).
        rings: How many, from the middle to the farthest node.
    """
    ring = np.minimum(heights / max(float(heights.max()), 1e-12) * rings, rings - 1).astype(int).ravel()
    inside = [np.flatnonzero(ring == number) for number in range(rings) if (ring == number).any()]
    flat, places = values.ravel(), heights.ravel()
    return ByHeight(
        height=np.array([places[nodes].mean() for nodes in inside]),
        mean=np.array([flat[nodes].mean() for nodes in inside]),
        low=np.array([flat[nodes].min() for nodes in inside]),
        high=np.array([flat[nodes].max() for nodes in inside]),
        count=np.array([len(nodes) for nodes in inside]),
    )


def resample_map(values: Floats, rows: int, columns: int) -> Floats:
    """(rows, columns): a map (r, c) read at the nodes of another grid over the same frame, bilinearly."""
    for count in (rows, columns):  # the second round finds the columns in front
        places = np.linspace(0, 1, len(values)) if len(values) > 1 else np.array([0.5])
        wanted = np.linspace(0, 1, count) if count > 1 else np.array([0.5])
        values = np.stack([np.interp(wanted, places, line) for line in values.T])
    return values


def cycles_per_pixel(line_pairs_per_mm: float, pixel_pitch: float) -> float:
    """A frequency on a sensor with a pixel pitch in µm."""
    return line_pairs_per_mm * pixel_pitch / 1000


def line_pairs_per_mm(cycles: float, pixel_pitch: float) -> float:
    """The inverse of `cycles_per_pixel`."""
    return cycles * 1000 / pixel_pitch
