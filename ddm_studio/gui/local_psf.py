"""The lens's kernel at a place of a photo, as the person sees the photo. NumPy only."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ddm_studio.photos.photo import PhotoInfo
from ddm_studio.photos.rendering import crop_to_sensor, turn_upright


@dataclass(frozen=True, slots=True, eq=False)
class LocalPsf:
    """A PSF grid (rows, columns, 3, k, k) of a photo's own frame; corner nodes are the corner pixels, between nodes it is bilinear."""

    psf: NDArray[np.float32]
    info: PhotoInfo

    def at(self, column: float, row: float) -> NDArray[np.float32]:
        """The kernel (3, k, k), upright, at a pixel of the upright photo."""
        left, top, _, _ = crop_to_sensor(round(column), round(row), 1, 1, self.info)
        down = _hat_weights(top / max(1, self.info.height - 1), self.psf.shape[0])
        across = _hat_weights(left / max(1, self.info.width - 1), self.psf.shape[1])
        kernel = np.einsum("i,j,ijckl->klc", down, across, self.psf)
        return np.asarray(np.moveaxis(turn_upright(kernel, self.info.orientation), -1, 0), np.float32)


def _hat_weights(place: float, nodes: int) -> NDArray[np.float64]:
    """Linear weights of the nodes at a relative place 0-1."""
    return np.asarray(np.maximum(0.0, 1 - np.abs(min(max(place, 0.0), 1.0) * (nodes - 1) - np.arange(nodes))))
