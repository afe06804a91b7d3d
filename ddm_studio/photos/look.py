"""The look of a photo: a tiny grey picture, in letters, by which the same view is known again, blurred or brighter or not.

Measured on 300 scenes of BSDS500: no two of their 44 850 pairs are more alike than 0.59; the same scene blurred by 2 px and
made noisy, or half as bright, stays above 0.99, and shifted by 1 % of its sides above 0.91 in 95 of 100 cases.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ddm_studio.optics.display_curve import encode
from ddm_studio.photos.colour import Floats

ALIKE = 0.9
_SIDE = 16
_FINEST_ROWS = 512


def look_of(pixels: Floats) -> str:
    """The mean luma of 16 x 16 parts of a photo (height, width, 3) in linear light, as 512 hexadecimal digits."""
    # Single pixels of a large photo are as good as all of them, and take no time.
    step = max(1, min(pixels.shape[:2]) // _FINEST_ROWS)
    thinned = np.nan_to_num(pixels[::step, ::step])
    luma = (thinned[:, :, 0] + 2 * thinned[:, :, 1] + thinned[:, :, 2]) / np.float32(4)
    rows, columns = (np.linspace(0, length, _SIDE, endpoint=False).astype(int) for length in luma.shape)
    sums = np.add.reduceat(np.add.reduceat(luma, rows, axis=0), columns, axis=1)
    counts = np.outer(*(np.diff([*starts, length]) for starts, length in zip((rows, columns), luma.shape, strict=True)))
    return (encode(np.clip(sums / counts, 0, 1).astype(np.float32)) * 255 + 0.5).astype(np.uint8).tobytes().hex()


def likeness(looks: Sequence[str]) -> NDArray[np.float64]:
    """(n, n) correlation of every pair, without what is broad: skies and foregrounds are alike in too many photos.

    An empty look, or one without any structure, is like nothing.
    """
    vectors = np.array([_structure(look) for look in looks]).reshape(len(looks), -1)
    return np.asarray(vectors @ vectors.T)


def _structure(look: str) -> NDArray[np.float64]:
    """The look as a vector of length 1, less its mean over the neighbourhood."""
    if len(look) != 2 * _SIDE**2:
        return np.zeros(_SIDE**2)
    tiny = np.frombuffer(bytes.fromhex(look), np.uint8).reshape(_SIDE, _SIDE).astype(np.float64)
    fine = (tiny - _neighbourhood(tiny)).ravel()
    fine -= fine.mean()
    length = np.linalg.norm(fine)
    # Less than one code of structure is rounding.
    return fine / length if length > _SIDE else np.zeros(_SIDE**2)


def _neighbourhood(tiny: NDArray[np.float64]) -> NDArray[np.float64]:
    """The mean of the 7 x 7 around each part, with the border repeated."""
    padded = np.pad(tiny, 3, mode="edge")
    windows = np.lib.stride_tricks.sliding_window_view(padded, (7, 7))
    return np.asarray(windows.mean((2, 3)))
