"""A lens with known PSFs, from Fourier optics: for the demo, the tests and the benchmarks.

The PSF is the squared magnitude of the Fourier transform of the pupil, `|FT{P exp(2 pi i W)}|^2` (Goodman, Introduction
to Fourier Optics, chapter 6), integrated over the pixel. The wavefront `W` is in waves of the green channel and holds
the Seidel terms over the field (Welford, Aberrations of Optical Systems): defocus and field curvature, spherical
aberration, coma, astigmatism; longitudinal colour is a defocus per channel, lateral colour a tilt per channel.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from ddm_studio.optics.psf_grid import node_centres

_WAVELENGTHS = np.array([0.61, 0.54, 0.46])  # micrometres, of R, G and B
_OVERSAMPLING = 3
_EXTENT = 4  # the PSF is computed on a field this many times wider than it is kept, so that it does not wrap round


@dataclass(frozen=True, slots=True)
class LensPrescription:
    """Aberrations in waves (green) at the corner of the frame; colour shifts in pixels at the corner.

    `airy_px` is wavelength times f-number in pixels: the diffraction cut-off is its inverse. `decentring` moves the
    optical axis off the middle of the frame, as a share of half the diagonal (rows, columns).
    """

    airy_px: float
    defocus: float
    field_curvature: float
    spherical: float
    coma: float
    astigmatism: float
    longitudinal_colour: tuple[float, float]
    lateral_colour_px: tuple[float, float]
    decentring: tuple[float, float]


def random_lens(seed: int) -> LensPrescription:
    """A plausible lens of character: sharp enough in the middle, soft and fringed in the corners."""
    draw = np.random.default_rng(seed)
    sign = draw.choice([-1.0, 1.0], 4)
    return LensPrescription(
        airy_px=draw.uniform(1.1, 1.7),
        defocus=draw.uniform(-0.15, 0.15),
        field_curvature=sign[0] * draw.uniform(0.2, 0.6),
        spherical=sign[1] * draw.uniform(0.0, 0.25),
        coma=sign[2] * draw.uniform(0.4, 1.1),
        astigmatism=sign[3] * draw.uniform(0.2, 0.7),
        longitudinal_colour=(draw.uniform(0.05, 0.25), draw.uniform(-0.3, -0.05)),
        lateral_colour_px=(draw.uniform(0.4, 1.3), draw.uniform(-1.3, -0.4)),
        decentring=(draw.uniform(-0.1, 0.1), draw.uniform(-0.1, 0.1)),
    )


def psf_grid(lens: LensPrescription, rows: int = 8, columns: int = 8, size: int = 13, aspect: float = 1.5) -> NDArray[np.float32]:
    """The PSF grid (rows, columns, 3, size, size) of a lens on a frame of `aspect` = width / height.

    Radial aberrations point away from the optical axis, in sensor coordinates (rows down, columns to the right). Nodes are
    centred (`node_centres`): what is left out is distortion, which no unpaired photo tells.
    """
    half = np.array([1.0, aspect]) / np.hypot(1.0, aspect)
    psf = np.empty((rows, columns, 3, size, size))
    for row, down in enumerate(_places(rows)):
        for column, across in enumerate(_places(columns)):
            field = np.array([down, across]) * half - np.array(lens.decentring)
            psf[row, column] = _centred_node(lens, field, size)
    return psf.astype(np.float32)


def _centred_node(lens: LensPrescription, field: NDArray[np.float64], size: int) -> NDArray[np.float64]:
    """(3, size, size): the kernels of a field position, tilted together until their centre lies on the centre tap."""
    offset = np.zeros(2)
    for _ in range(3):
        node = np.stack([_psf(lens, field, channel, size, offset) for channel in range(3)])
        offset -= node_centres(torch.from_numpy(node)).numpy()
    return node


def _places(nodes: int) -> NDArray[np.float64]:
    return np.linspace(-1, 1, nodes) if nodes > 1 else np.zeros(1)


def _psf(lens: LensPrescription, field: NDArray[np.float64], channel: int, size: int, offset: NDArray[np.float64]) -> NDArray[np.float64]:
    """One kernel at a field position (row, column; 1 = half the diagonal), moved by `offset` in px."""
    samples = size * _EXTENT * _OVERSAMPLING
    frequencies = np.fft.fftfreq(samples, 1 / _OVERSAMPLING)  # cycles per pixel
    airy = lens.airy_px * _WAVELENGTHS[channel] / _WAVELENGTHS[1]
    down, across = np.meshgrid(frequencies, frequencies, indexing="ij")
    inside = (down * 2 * airy) ** 2 + (across * 2 * airy) ** 2 <= 1
    down, across = down[inside], across[inside]  # the pupil is a twentieth of the field
    y, x = down * 2 * airy, across * 2 * airy  # pupil coordinates, rim at 1
    rho2 = y**2 + x**2
    along = y * field[0] + x * field[1]  # h rho cos(theta)
    h2 = float(field @ field)
    colour = (lens.longitudinal_colour[0], 0.0, lens.longitudinal_colour[1])[channel]
    shift_px = (lens.lateral_colour_px[0], 0.0, lens.lateral_colour_px[1])[channel] * field + offset
    waves = (lens.defocus + colour + lens.field_curvature * h2) * rho2 + lens.spherical * rho2**2
    waves = waves + lens.coma * rho2 * along + lens.astigmatism * along**2
    phase = waves * _WAVELENGTHS[1] / _WAVELENGTHS[channel]
    tilt = -(down * shift_px[0] + across * shift_px[1])
    pupil = np.zeros((samples, samples), np.complex128)
    pupil[inside] = np.exp(2j * np.pi * (phase + tilt))
    reach = size * _OVERSAMPLING // 2
    kept = np.arange(-reach, reach + 1)  # places below zero lie at the end of a transform
    filled = inside.any(1)
    lines = np.zeros((samples, len(kept)), np.complex128)
    lines[filled] = np.fft.ifft(pupil[filled])[:, kept]
    window = np.abs(np.fft.ifft(lines, axis=0)[kept]) ** 2
    kernel: NDArray[np.float64] = window.reshape(size, _OVERSAMPLING, size, _OVERSAMPLING).sum((1, 3))
    kernel /= kernel.sum()
    return kernel
