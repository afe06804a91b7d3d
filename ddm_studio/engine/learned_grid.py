"""The grid that a calibration ends with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from torch import Tensor

from ddm_studio.spectra.confidence import GridConfidence


@dataclass(frozen=True, slots=True, eq=False)
class LearnedGrid:
    """A PSF grid and where it came from.

    Attributes:
        psf: (rows, columns, 3, k, k).
        sigma: (3,) noise in encoded units.
        stage: The stage whose grid this is, in words.
        scores: Criteria measured on the way, by name; none needs the truth.
        confidence: How far each kernel can be trusted, None where it is not known.
    """

    psf: Tensor
    sigma: Tensor
    stage: str
    scores: Mapping[str, float] = field(default_factory=dict)
    confidence: GridConfidence | None = None
