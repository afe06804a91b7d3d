"""What JPEG compression has left to be matched, in each position bin, and how strong it still is.

Of luma and two colour differences (what JPEG makes of encoded values, ITU-T T.871) each cosine coefficient is rounded to a multiple
of its step, and colour differences are halved in size before. Weak coefficients, noise among them, are rounded to nothing, strong ones
get an error of a twelfth of the squared step. What comes out is, for each of the three, `a h` times what went in and an error that
does not depend on it (Bussgang's decomposition): `h` is the filter of the halving, `a` falls as the power sinks below the
rounding error, by one law for all scenes, frequencies and planes (`kept_amplitude`). Two things are matched:

* luma, where a trace of it is left: only its power counts, which is hardly changed down to half the power of the rounding error
  (`kept_power`), though four tenths of the amplitude are error there;
* luma and differences together, where halving and rounding have left some of the colour. The model is compressed for
  that, `diag(1, h, h)` included: otherwise the weakened differences pass for kernels that are alike in all channels.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from ddm_studio.photos.jpeg_coding import KEPT_AMPLITUDE, KEPT_POWER, TO_LUMA_AND_DIFFERENCES, mean_errors
from ddm_studio.photos.tile_pool import TilePool
from ddm_studio.spectra.hermitian import congruence, scaling
from ddm_studio.spectra.whittle import whittle


@dataclass(frozen=True, slots=True)
class Rounding:
    """What JPEG does to the spectra of a set, as a mean over its photos, in encoded units; each (p, p // 2 + 1).

    Attributes:
        luma: Power of the rounding error of luma.
        chroma: Of colour differences; infinite where their resolution does not reach.
        halving: Amplitude of colour differences that halving them leaves.
    """

    luma: Tensor
    chroma: Tensor
    halving: Tensor


def rounding_of(pool: TilePool, patch: int) -> Rounding | None:
    """Of the photos of a pool; None where none is a JPEG."""
    planes = mean_errors(pool.jpeg, patch)
    return None if planes is None else Rounding(*(torch.from_numpy(plane).float() for plane in planes))


def kept_amplitude(ratio: Tensor) -> Tensor:
    """The part `a` of coefficients that rounding lets through, given what comes out in units of the rounding error's power.

    Measured on twelve frames of quality 85 (seidel 1): 0.995 at a ratio of 44, 0.95 at 6, 0.80 at 0.8, 0.54 at 0.2, 0.30 at 0.07, and on
    colour differences 0.96 at 14 and 0.81 at 0.7.
    """
    return 1 / (1 + ratio.clamp_min(1e-6).pow(-0.85) / 4.6)


def kept_power(ratio: Tensor) -> Tensor:
    """What comes out over what went in, errors included: 1.01 at 6, 0.95 at 0.8, 0.82 at 0.2, 0.67 at 0.07 on the same frames."""
    return 1 / (1 + 0.048 * ratio.clamp_min(1e-6).pow(-0.86))


@dataclass(frozen=True, slots=True, eq=False)
class _Compressed:
    """Spectra of luma and both colour differences as compression has left them, and what it did.

    Attributes:
        mixing: (n, 3, 3) from linear light to luma and differences of encoded values.
        spectra: (9, n, F), packed, in those.
        through: (3, n, F) amplitude `a` that rounding lets through.
        halving: (3, n, F) amplitude `h` that halving leaves.
        power: (3, n, F) what comes out of rounding over what goes in.
        luma: (n, F) where luma can be matched.
        colour: (n, F) where all three can.
    """

    mixing: Tensor
    spectra: Tensor
    through: Tensor
    halving: Tensor
    power: Tensor
    luma: Tensor
    colour: Tensor

    @classmethod
    def of(cls, rounding: Rounding | None, used: Tensor, spectra: Tensor, slope2: Tensor) -> _Compressed:
        """Of spectra (9, n, F) in linear light; slope2 (n, 3), squared slopes of the curve: encoded, a spectrum is as much smaller."""
        mixing = torch.tensor(TO_LUMA_AND_DIFFERENCES, device=slope2.device) / slope2.sqrt()[:, None]
        seen = mixed(spectra, congruence(mixing))
        powers = seen[:3]
        one = torch.ones_like(powers)
        if rounding is None:
            return cls(mixing, seen, one, one, one, one[0] > 0, one[0] > 0)
        luma, chroma, halving = (plane[used].to(slope2) for plane in (rounding.luma, rounding.chroma, rounding.halving))
        ratios = powers / torch.stack([luma, chroma, chroma])[:, None]
        left = ratios > KEPT_POWER
        halvings = one * torch.stack([torch.ones_like(halving), halving, halving])[:, None]
        return cls(mixing, seen, kept_amplitude(ratios), halvings, kept_power(ratios), left[0], left.all(0) & (halving > KEPT_AMPLITUDE))

    def undone(self) -> Tensor:
        """The spectra (9, n, F) before compression, in linear light; where colour is lost, as they are."""
        scale = scaling(self.halving * self.through)
        scale[:3] = self.halving.square() * self.power
        known = torch.where(self.colour, self.spectra / scale, self.spectra)
        return mixed(known, congruence(torch.linalg.inv(self.mixing)))


@dataclass(frozen=True, slots=True, eq=False)
class SharpSpectrum:
    """The spectrum of the sharp set before compression.

    Attributes:
        planes: (9, p, p // 2 + 1), packed.
        luma: (p, p // 2 + 1) where luma of it is known.
        colour: (p, p // 2 + 1) where all of it is.
    """

    planes: Tensor
    luma: Tensor
    colour: Tensor


def before_compression(planes: Tensor, slope2: Tensor, rounding: Rounding | None) -> SharpSpectrum:
    """From the spectrum as measured, (9, p, p // 2 + 1) packed, the curve's squared slopes (3,) and what compression did."""
    everywhere = torch.ones(planes.shape[1:], dtype=torch.bool)
    if rounding is None:
        return SharpSpectrum(planes, everywhere, everywhere)
    left = _Compressed.of(rounding, everywhere, planes.flatten(1)[:, None], slope2[None])
    return SharpSpectrum(left.undone().reshape(planes.shape), left.luma.reshape(everywhere.shape), left.colour.reshape(everywhere.shape))


class KeptFrequencies:
    """The frequencies of each bin at which all colour, or only luma, is matched.

    Args:
        rounding: What compression did to the blurry set, None where nothing.
        sharp: Of the sharp set.
        used: (p, p // 2 + 1) which frequencies are used at all, F of them.
        measured: (9, bins, F) spectra of the blurry set, in linear light.
        slope2: (bins, 3) squared slopes of the curve.
    """

    def __init__(self, rounding: Rounding | None, sharp: SharpSpectrum, used: Tensor, measured: Tensor, slope2: Tensor) -> None:
        left = _Compressed.of(rounding, used, measured, slope2)
        luma, colour = left.luma & sharp.luma[used].to(slope2.device), left.colour & sharp.colour[used].to(slope2.device)
        self._somewhere = colour.any(0).nonzero()[:, 0]
        self._colour, self._luma = colour[:, self._somewhere].to(slope2), (luma & ~colour).to(slope2)
        self._mixing, self._luma_before = congruence(left.mixing), left.spectra[0] / left.power[0]
        spectra, through, halving, power = (part[..., self._somewhere] for part in (left.spectra, left.through, left.halving, left.power))
        self._measured, self._scaling = spectra, scaling(through * halving)
        # What of the measured power is no linear trace of the scene.
        self._errors = spectra[:3] * (1 - through.square() / power).clamp_min(0)

    def share(self, weight: Tensor) -> float:
        """How much of all frequencies of weight (F,) is matched, mean over the bins; luma alone is one channel of three."""
        colour = (self._colour @ weight[self._somewhere]).mean()
        return float(colour + (self._luma @ weight).mean() / 3)

    def whittle(self, model: Tensor, weight: Tensor) -> Tensor:
        """Whittle's negative log-likelihood of a model (9, bins, F) in linear light, mean over the share that is matched; weight (F,)."""
        compressed = mixed(model.index_select(-1, self._somewhere), self._mixing) * self._scaling
        noisy = torch.cat([compressed[:3] + self._errors, compressed[3:]])
        colour = whittle(noisy, self._measured, self._colour * weight[self._somewhere])
        luma = mixed(model, self._mixing[:, :1])[0].clamp_min(1e-30)
        of_luma = luma.log() + self._luma_before / luma
        total: Tensor = colour + (of_luma * self._luma) @ weight
        return total.mean() / max(self.share(weight), 1e-6)


def mixed(planes: Tensor, into: Tensor) -> Tensor:
    """Packed spectra (m, n, F) of mixtures of the channels, from planes (9, n, F) and a `congruence`, or rows of it (n, m, 9)."""
    spectra: Tensor = torch.einsum("nij,jnf->inf", into, planes)
    return spectra
