"""How a wavefront changes over the frame: first as the few terms of a centred lens, then as any smooth field.

* `SeidelField`: field curvature, coma and astigmatism grow with the distance from an optical axis that need not lie in the
  middle of the frame (Welford, Aberrations of Optical Systems); twelve numbers in all, so that several starts cost little.
* `PolynomialField`: every Zernike coefficient and the lateral colour is a polynomial over the frame, which holds tilted and
  decentred elements too; it starts as a Seidel field and is held to it by a prior.

Both are parameters of an optimiser and give `Wavefronts` at any place. A mono field has one channel and no colour.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Mapping
from typing import Protocol

import torch
from torch import Tensor

from ddm_studio.optics.field_modes import field_modes
from ddm_studio.optics.pupil import SMALLEST_AIRY_PX, WAVELENGTHS, Aperture, Wavefronts

USUAL_AIRY_PX = 1.3
USUAL_BLUR_PX = 0.25
COLOUR_DEGREE = 1
# Of a polynomial field: what is fitted, and what its prior holds to.
_STATE = (
    *("zernike", "shift", "colour", "log_airy", "log_blur", "log_wavelengths"),
    *("_start_zernike", "_start_shift", "_start_colour"),
)


class WavefrontField(Protocol):
    """A wavefront all over the frame, made from parameters."""

    def parameters(self) -> list[Tensor]:
        """What an optimiser may change."""

    def at(self, positions: Tensor) -> Wavefronts:
        """The light at relative positions (n, 2)."""

    def aperture(self) -> Aperture:
        """What is the same everywhere."""

    def prior(self) -> Tensor:
        """How unusual the parameters are, in nats per frequency of the likelihood."""


class SeidelField:
    """A rotationally symmetric lens whose axis may be off the middle.

    Args:
        signs: Start values of the signs of astigmatism, coma and longitudinal colour. That of the field curvature is +1 without
            loss: all even terms and the colour may change their signs together, and no kernel changes.
        aspect: Width over height of the frame.
        mono: One channel for all.
        device: Where the parameters live.
    """

    def __init__(self, signs: tuple[int, int, int], aspect: float, mono: bool, device: torch.device) -> None:
        astigmatism, coma, colour = signs
        self.mono = mono
        self._half = torch.tensor([1.0, aspect], device=device) / math.hypot(1.0, aspect)
        self.centre = _parameter([0.0, 0.0], device)
        self.terms = _parameter([0.0, 0.4, 0.0, 0.7 * coma, 0.4 * astigmatism], device)
        self.colour = _parameter([0.15 * colour, -0.15 * colour], device)
        self.lateral = _parameter([0.0, 0.0], device)
        self.log_airy = _parameter(math.log(USUAL_AIRY_PX - SMALLEST_AIRY_PX), device)
        self.log_blur = _parameter(math.log(USUAL_BLUR_PX), device)

    def parameters(self) -> list[Tensor]:
        """What an optimiser may change."""
        shared = [self.centre, self.terms, self.log_airy, self.log_blur]
        return shared if self.mono else [*shared, self.colour, self.lateral]

    def mirrored(self) -> SeidelField:
        """The field with its coma turned round: its kernels are mirror images, but for their lateral colour."""
        other = copy.deepcopy(self)
        with torch.no_grad():
            other.terms[3] *= -1
        return other

    def at(self, positions: Tensor) -> Wavefronts:
        """The light at relative positions (n, 2); terms of the wavefront in powers of the pupil, turned into Zernike's."""
        field = (2 * positions - 1) * self._half - self.centre
        h2 = field.square().sum(1)
        defocus, curvature, spherical, coma, astigmatism = self.terms
        nothing = torch.zeros_like(h2)
        zernike = [
            (defocus + curvature * h2 + spherical) / 2 + astigmatism * h2 / 4,
            astigmatism * field[:, 0] * field[:, 1],
            astigmatism * (field[:, 1].square() - field[:, 0].square()) / 2,
            coma * field[:, 0] / 3,
            coma * field[:, 1] / 3,
            (spherical / 6).expand_as(h2),
            nothing,
            nothing,
        ]
        if self.mono:
            return Wavefronts(torch.stack(zernike, 1), nothing[:, None], torch.zeros_like(field)[:, None])
        red, blue = self.colour / 2
        colour = torch.stack([red.expand_as(h2), nothing, blue.expand_as(h2)], 1)
        shift = torch.stack([self.lateral[0] * field, torch.zeros_like(field), self.lateral[1] * field], 1)
        return Wavefronts(torch.stack(zernike, 1), colour, shift)

    def aperture(self) -> Aperture:
        """What is the same everywhere."""
        wavelengths = torch.ones(1) if self.mono else torch.tensor(WAVELENGTHS)
        wavelengths = wavelengths.to(self.terms)
        return Aperture(_airy(self.log_airy), wavelengths, self.log_blur.exp().expand_as(wavelengths))

    def prior(self) -> Tensor:
        """How unusual the parameters are."""
        size = self.terms.square().sum() + 10 * self.centre.square().sum() + _unusual(self.log_blur)
        return 1e-4 * size + 1e-3 * (_airy(self.log_airy) / USUAL_AIRY_PX).log().square()


class PolynomialField:
    """Polynomials over the frame, at first those of a Seidel field.

    Args:
        start: Where to start, and what the prior holds to.
        degree: Of the polynomials; colour defocus has `COLOUR_DEGREE` at most.
        nodes: (n, 2) positions at which the start is copied.
        hold: Weight of the prior towards the start, per squared wave (and 0.3 of it per squared px).
    """

    def __init__(self, start: SeidelField, degree: int, nodes: Tensor, hold: float) -> None:
        self._hold = hold
        self._degree, self._colour_degree = degree, min(degree, COLOUR_DEGREE)
        self._mono = start.mono
        with torch.no_grad():
            light, aperture = start.at(nodes), start.aperture()
            to_modes = torch.linalg.pinv(field_modes(nodes, degree))
            self._start_zernike = to_modes @ light.zernike
            self._start_shift = torch.einsum("mn,ncx->mcx", to_modes, light.shift)
            self._start_colour = torch.linalg.pinv(field_modes(nodes, self._colour_degree)) @ light.colour_defocus
        self.zernike = self._start_zernike.clone().requires_grad_()
        # Green stays where it is: a shift common to the channels cannot be known, and centring takes it away.
        self.shift = self._start_shift.clone().requires_grad_(not self._mono)
        self.colour = self._start_colour.clone().requires_grad_(not self._mono)
        self._free_channels = torch.tensor([0.0] if self._mono else [1.0, 0.0, 1.0], device=nodes.device)
        self.log_airy = start.log_airy.detach().clone().requires_grad_()
        self.log_blur = start.log_blur.detach().expand(len(aperture.wavelengths)).clone().requires_grad_()
        self.log_wavelengths = torch.zeros_like(aperture.wavelengths).requires_grad_(not self._mono)

    def parameters(self) -> list[Tensor]:
        """What an optimiser may change."""
        values = [self.zernike, self.shift, self.colour, self.log_airy, self.log_blur, self.log_wavelengths]
        return [value for value in values if value.requires_grad]

    def state(self) -> dict[str, Tensor]:
        """All that it is made of, by name, copied to the CPU."""
        return {name.lstrip("_"): getattr(self, name).detach().cpu().clone() for name in _STATE}

    def take(self, state: Mapping[str, Tensor]) -> None:
        """Become the field, of the same degree and channels, that this is the `state` of."""
        with torch.no_grad():
            for name in _STATE:
                getattr(self, name).copy_(state[name.lstrip("_")])

    def at(self, positions: Tensor) -> Wavefronts:
        """The light at relative positions (n, 2)."""
        modes, few = field_modes(positions, self._degree), field_modes(positions, self._colour_degree)
        shift = torch.einsum("nm,mcx->ncx", modes, self.shift * self._free_channels[:, None])
        return Wavefronts(modes @ self.zernike, few @ (self.colour * self._free_channels), shift)

    def aperture(self) -> Aperture:
        """What is the same everywhere."""
        usual = torch.ones(1) if self._mono else torch.tensor(WAVELENGTHS)
        wavelengths = usual.to(self.zernike) * (self.log_wavelengths * self._free_channels).exp()
        return Aperture(_airy(self.log_airy), wavelengths, self.log_blur.exp())

    def prior(self) -> Tensor:
        """How unusual the parameters are, and how far from the start."""
        moved = (self.zernike - self._start_zernike).square().sum() + (self.colour - self._start_colour).square().sum()
        moved = moved + 0.3 * (self.shift - self._start_shift).square().sum()
        usual = (_airy(self.log_airy) / USUAL_AIRY_PX).log().square() + _unusual(self.log_blur)
        unusual: Tensor = 1e-4 * self.zernike.square().sum() + 1e-3 * usual + 0.1 * self.log_wavelengths.square().sum()
        prior: Tensor = self._hold * moved + unusual
        return prior


def _airy(log_excess: Tensor) -> Tensor:
    airy: Tensor = SMALLEST_AIRY_PX + log_excess.exp()
    return airy


def _unusual(log_blur: Tensor) -> Tensor:
    return (log_blur - math.log(USUAL_BLUR_PX)).square().mean()


def _parameter(value: float | list[float], device: torch.device) -> Tensor:
    return torch.tensor(value, device=device, requires_grad=True)
