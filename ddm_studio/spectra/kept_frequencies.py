"""Which frequencies JPEG compression has left to be matched, in each position bin.

A cosine coefficient weaker than its step is rounded to nothing, and with it the noise that the likelihood expects there. On frames
of quality 85 with halved colour differences luma came through unchanged up to 0.25 cycles/px and colour differences only up to 0.05:
above that all channels are luma (coherence of the differences with what was photographed 0.98, 0.88, 0.6, 0.13 at 0.045, 0.075, 0.105
and 0.165). So where rounding has taken the colour differences only luma is matched, and nothing where it has taken luma, too.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from ddm_studio.photos.tile_pool import TilePool
from ddm_studio.spectra.hermitian import Hermitian

# Of luma and both colour differences (ITU-T T.871), which JPEG makes of display-encoded values.
TO_LUMA = (0.299, 0.587, 0.114)
_TO_DIFFERENCES = (-0.168736, -0.331264, 0.5), (0.5, -0.418688, -0.081312)
# Power over that of the rounding error from which on a frequency counts as kept: its coefficients are, root mean square, longer than
# half a step. A whole step for luma gave an NCC of 0.967 instead of 0.964 on one tuning lens and 0.910 instead of 0.912 on another.
KEPT_POWER = 4.0
# Colour differences that halving has weakened by more are left out: nothing else tells that from blur.
KEPT_AMPLITUDE = 0.8


@dataclass(frozen=True, slots=True, eq=False)
class Rounding:
    """What JPEG's rounding adds to the spectra of a set, as a mean over its windows, in encoded units.

    Attributes:
        luma: (p, p // 2 + 1) power of the error of luma.
        chroma: (p, p // 2 + 1) of colour differences; infinite where halving has taken them.
    """

    luma: Tensor
    chroma: Tensor

    def worse_of(self, other: Rounding | None) -> Rounding:
        """The larger error of two sets."""
        if other is None:
            return self
        return Rounding(torch.maximum(self.luma, other.luma), torch.maximum(self.chroma, other.chroma))


def rounding_of(pool: TilePool, patch: int) -> Rounding | None:
    """Of the photos of a pool; None where none is a JPEG. Files that are none round too finely to matter."""
    codings = [coding for coding in pool.jpeg if coding is not None]
    if not codings:
        return None
    luma = np.sum([coding.luma_error(patch) for coding in codings], axis=0)
    chroma = np.sum(
        [np.where(coding.chroma_kept(patch) < KEPT_AMPLITUDE, np.inf, coding.chroma_error(patch)) for coding in codings], axis=0
    )
    return Rounding(*(torch.from_numpy(total / len(pool.jpeg)).float() for total in (luma, chroma)))


class KeptFrequencies:
    """The frequencies of each bin at which all colour, or only luma, is matched.

    Args:
        rounding: The errors, at all frequencies.
        used: (p, p // 2 + 1) which frequencies are used at all, F of them.
        measured: Spectra of the blurry set (bins, F), in linear light.
        slope2: (bins, 3) squared slopes of the curve: in encoded values a spectrum is as much smaller.
    """

    def __init__(self, rounding: Rounding, used: Tensor, measured: Hermitian, slope2: Tensor) -> None:
        def in_encoded(weights: tuple[float, float, float]) -> Tensor:
            return torch.tensor(weights, device=slope2.device) / slope2.sqrt()

        luma_error, chroma_error = (KEPT_POWER * error[used].to(slope2) for error in (rounding.luma, rounding.chroma))
        self._to_luma = in_encoded(TO_LUMA)
        luma = measured.form(self._to_luma) > luma_error
        colour = luma
        for weights in _TO_DIFFERENCES:
            colour = colour & (measured.form(in_encoded(weights)) > chroma_error)
        self._somewhere = colour.any(0)
        self._colour = colour[:, self._somewhere].to(slope2)
        self._luma = (luma & ~colour).to(slope2)

    def share(self, weight: Tensor) -> float:
        """How much of all frequencies of weight (F,) is matched, mean over the bins; luma alone is one channel of three."""
        colour = (self._colour @ weight[self._somewhere]).mean()
        return float(colour + (self._luma @ weight).mean() / 3)

    def whittle(self, model: Hermitian, measured: Hermitian, weight: Tensor) -> Tensor:
        """Whittle's negative log-likelihood of spectra (bins, F), those of luma where only luma was kept; weight (F,)."""
        colour = whittle_terms(model.at(self._somewhere), measured.at(self._somewhere))
        model_luma, measured_luma = model.form(self._to_luma), measured.form(self._to_luma)
        luma = model_luma.clamp_min(1e-30).log() + measured_luma / model_luma.clamp_min(1e-30)
        total: Tensor = (colour * self._colour) @ weight[self._somewhere] + (luma * self._luma) @ weight
        return total.mean()


def whittle_terms(model: Hermitian, measured: Hermitian) -> Tensor:
    """`log det M + tr(M^-1 S)` of each matrix."""
    factors = model.factors()
    return factors.log_determinant() + factors.trace_of_solved(measured)
