"""How far each kernel of a grid can be trusted: an interval on its NCC with the true kernel, which nobody knows.

Photos are dealt out to groups, and the grid is fitted again with each group left out (jackknife, Efron and Stein, Annals of
Statistics 9, 1981): `(G - 1) / G sum_g (1 - NCC(grid without g, grid))` is the misfit that the choice of photos alone explains.
What is wrong for all groups alike (scenes of two sets differ, a wavefront is a model) it cannot show. So the true misfit is taken
to be that number, plus a floor, times a factor, whose quantiles were measured on known lenses (benchmarks, tuning seeds).

What JPEG compression has taken is taken from all groups alike, too, and so is what a model of compression gets wrong. So the factor grows
a little with the share of the spectra that is lost, like a power of what is kept.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ddm_studio.optics.psf_grid import interpolation_weights
from ddm_studio.optics.psf_metrics import grid_ncc
from ddm_studio.spectra.likelihood import frequencies
from ddm_studio.spectra.power_spectrum import Spectra

STAGE = "estimating the confidence"
FEWEST_GROUPS = 4
# A window says something of a lens where its scene stands out of the noise between these frequencies, in cycles/px.
BAND = (0.08, 0.25)
TEXTURE = 2.0
# Share of the textured position bins' weights below which a node only leans on its neighbours.
EVIDENCE = 0.02


@dataclass(frozen=True, slots=True)
class Factors:
    """Quantiles of true misfit over jackknife misfit: 5 %, 50 % and 95 %."""

    low: float
    middle: float
    high: float

    def with_loss(self, kept: float) -> Factors:
        """The factors where compression has left a share `kept` of the spectra to be matched."""
        part = math.log(max(kept, LEAST_KEPT)) / math.log(KEPT_OF_JPEG)
        more = JPEG_FACTORS
        return Factors(self.low * more.low**part, self.middle * more.middle**part, self.high * more.high**part)


# Added to the misfit before its factor: an error that no choice of photos shows. With it the factors of lenses lie nearer together.
FLOOR = 0.001
# From eight tuning lenses, six made by optics (factors of 0.3-0.8 in the middle) and two comets (2.8 and 4.2): these cover 0.92 of their
# kernels on average (0.76-1.0); each left out, intervals from the others covered 0.85 (0.41-1.0; the least is a comet's).
WAVEFRONT_FACTORS = Factors(0.12, 0.8, 6.0)
# From only two lenses, both camera shake: here the shared phase is not known, and intervals are wide.
TAP_FACTORS = Factors(1.5, 4.3, 20.0)

# By how much they grow where a share of KEPT_OF_JPEG is left: from photos of quality 85 with halved colour differences, of four tuning
# lenses (seidel 1, 3, 8, 11), whose factors were 1.2-2.8 in the middle.
JPEG_FACTORS, KEPT_OF_JPEG = Factors(1.7, 1.5, 1.4), 0.16
LEAST_KEPT = 0.05

# From ten strokes of camera shake at two levels of noise, which the middle of these covers 18 times; with the doubt of equally good
# kernels: without it the misfit of the worst was 52 times what replicates told.
KERNEL_FACTORS = Factors(0.25, 0.8, 4.0)


@dataclass(frozen=True, slots=True, eq=False)
class GridConfidence:
    """Expected NCC of each kernel with the true one and the bounds of a 90 % interval, (rows, columns, 3); NaN without evidence."""

    expected: Tensor
    low: Tensor
    high: Tensor


def grid_confidence(
    psf: Tensor, replicates: Sequence[Tensor], factors: Factors, seen: NDArray[np.bool_], doubt: float = 0.0
) -> GridConfidence:
    """The confidence in a grid.

    Args:
        psf: (rows, columns, 3, k, k).
        replicates: Grids alike, each without one group of photos.
        factors: Of the model that the grids were fitted with.
        seen: (rows, columns) nodes that there is evidence of.
        doubt: Misfit that is known of without replicates.
    """
    reference = psf.cpu().numpy()
    share = (len(replicates) - 1) / len(replicates)
    misfit = FLOOR + doubt + share * sum(1 - grid_ncc(replicate.cpu().numpy(), reference) for replicate in replicates)
    misfit = np.where(seen[..., None], misfit, np.nan)
    bounds = (np.clip(1 - factor * misfit, -1, 1) for factor in (factors.middle, factors.high, factors.low))
    return GridConfidence(*(torch.from_numpy(bound.astype(np.float32)) for bound in bounds))


def nodes_with_evidence(spectra: Spectra, sigma: Tensor, rows: int, columns: int) -> NDArray[np.bool_]:
    """(rows, columns): whether windows with texture lie near a node.

    Args:
        spectra: Of the blurry set.
        sigma: (3,) noise in encoded units.
        rows: Of the grid.
        columns: Of the grid.
    """
    radius = torch.hypot(*frequencies(spectra.patch))
    inside = (radius > BAND[0]) & (radius < BAND[1])
    power = spectra.planes[:, :3, inside].mean((1, 2))
    noise = (spectra.slope2 * sigma.cpu().square()).mean(1)
    textured = power > TEXTURE * noise
    weights = interpolation_weights(spectra.positions, rows, columns)
    near = weights[textured].sum(0) / weights.sum(0).clamp_min(1e-9)
    return np.asarray((near > EVIDENCE).reshape(rows, columns).numpy())
