"""What JPEG compression has taken from a set, told before anything is learned from what is left."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from ddm_studio.events import HealthFound, Severity
from ddm_studio.photos.jpeg_coding import KEPT_AMPLITUDE, KEPT_POWER, TO_LUMA_AND_DIFFERENCES, mean_errors
from ddm_studio.photos.photo_measures import SampledSet
from ddm_studio.photos.tile_measures import columns_it_stands_for, power_spectra
from ddm_studio.photos.tile_pool import TilePool

# Of all that three channels show, brightness being one. Frames of a tuning lens kept all of it at quality 98 with full colour, 0.51 at 95,
# 0.21 at 85; with halved colour 0.42, 0.30 and 0.15. Quality 85 with halved colour cost 0.03-0.12 of NCC (benchmarks/README.md).
_MUCH_KEPT = 0.9
_AS_MUCH = 0.05
_TILES = 400


def jpeg_findings(sampled: SampledSet) -> Iterator[HealthFound]:
    """Whether the photos of a set are JPEGs that have lost what is needed."""
    codings = [coding for coding in sampled.pool.jpeg if coding is not None]
    if not codings or not len(sampled.pool):
        return
    luma, colour = kept_detail(sampled.pool)
    if colour + (luma - colour) / 3 > _MUCH_KEPT:
        return
    name = sampled.name
    which = f"The {name} photos" if len(codings) == len(sampled.photos) else f"{len(codings)} of {len(sampled.photos)} {name} photos"
    quality = round(float(np.median([coding.quality for coding in codings])))
    halved = ", which keep colour at less resolution" if any(max(coding.reduced) > 1 for coding in codings) else ""
    what = f"{which} are JPEGs of about quality {quality}{halved}: {_left(luma, colour)}"
    most = ", red and blue most of all" if _is_colour_worse(luma, colour) else ""
    why = f"The lens is learned from what is left, so its kernels are less certain{most}"
    advice = "Shoot raw; or export as TIFF, or as JPEG of quality 98 or more with full colour (4:4:4)"
    yield HealthFound("compression", Severity.WARNING, "keep", what, why, advice, name)


def _left(luma: float, colour: float) -> str:
    if luma > _MUCH_KEPT:
        return f"fine detail is still there in brightness, but only {colour:.0%} of it in colour"
    return f"only {luma:.0%} of their fine detail is left" + (f", {colour:.0%} in colour" if _is_colour_worse(luma, colour) else "")


def _is_colour_worse(luma: float, colour: float) -> bool:
    return colour < luma - _AS_MUCH


def kept_detail(pool: TilePool) -> tuple[float, float]:
    """The shares of all frequencies at which brightness, and at which brightness and colour, stand out of JPEG's rounding errors."""
    side = pool.tiles.shape[-1]
    errors = mean_errors(pool.jpeg, side)
    if errors is None:
        return 1.0, 1.0
    luma_error, chroma_error, halving = errors
    luma, *differences = _mean_power(pool)
    has_luma = luma > KEPT_POWER * luma_error
    has_colour = has_luma & (np.min(differences, axis=0) > KEPT_POWER * chroma_error) & (halving > KEPT_AMPLITUDE)
    weight = np.tile(columns_it_stands_for(side), (side, 1))
    weight[0, 0] = 0
    weight /= weight.sum()
    return float((weight * has_luma).sum()), float((weight * has_colour).sum())


def _mean_power(pool: TilePool) -> NDArray[np.float64]:
    """(3, T, T // 2 + 1) power spectra of luma and colour differences, encoded 0-1, in which white noise has its variance everywhere."""
    index = np.linspace(0, len(pool) - 1, min(len(pool), _TILES)).round().astype(np.int64)
    tiles = np.asarray(pool.tiles[index], np.float32) / np.float32(65535)
    planes = np.einsum("ij,njhw->nihw", np.array(TO_LUMA_AND_DIFFERENCES, np.float32), tiles)
    return np.stack([power_spectra(planes[:, plane]).mean(0, dtype=np.float64) for plane in range(planes.shape[1])])
