"""What stage 1 keeps on its way, to go on from bit for bit: the free taps, and the wavefront that is found."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

import torch
from torch import Tensor

from ddm_studio.snapshot import Snapshot
from ddm_studio.spectra.likelihood import SpectralLikelihood
from ddm_studio.spectra.pupil_matching import PolynomialFit, PupilMatching

FIRST_KERNELS = "first kernels"
FOUND_WAVEFRONT = "found wavefront"
"""What the free taps, and the wavefront, are kept as while the stage goes on."""

KeptFits: TypeAlias = Mapping[str, Snapshot]
"""By these names, as far as an earlier run came."""
KeepFit: TypeAlias = Callable[[str, Snapshot], None]
"""Takes a snapshot with its name."""

_FITTED_ALONG = ("log_sigma", "log_gain", "scene", "common_scene")
_FIELD = "field."


@dataclass(frozen=True, slots=True, eq=False)
class FoundWavefront:
    """The field that explains the spectra best, and the grid (rows, columns, 3, k, k) of its mirror image if that explains them as well."""

    best: PolynomialFit
    rival: Tensor | None


def snapshot_of_taps(psf: Tensor, likelihood: SpectralLikelihood, steps: int) -> Snapshot:
    """Free taps (rows, columns, 3, k, k) and what was fitted along."""
    return Snapshot(steps, {"psf": psf, **_fitted_along(likelihood)})


def taps_of(kept: Snapshot, likelihood: SpectralLikelihood) -> Tensor:
    """(rows, columns, 3, k, k) on the CPU; the likelihood's other parameters become those that were fitted along."""
    _take(kept, likelihood)
    return kept.tensors["psf"]


def snapshot_of_wavefront(found: FoundWavefront, step: int) -> Snapshot:
    """The best field with what was fitted along; of its mirror image the grid."""
    best = found.best
    rival = {} if found.rival is None else {"rival": found.rival}
    field = {_FIELD + name: value for name, value in best.field.state().items()}
    loss = torch.tensor(best.loss, dtype=torch.float64)
    return Snapshot(step, {"psf": best.psf.cpu(), **rival, **field, **_fitted_along(best.likelihood), "loss": loss})


def wavefront_of(kept: Snapshot, pupil: PupilMatching, likelihood: SpectralLikelihood) -> FoundWavefront:
    """What was found; the likelihood's other parameters become those that were fitted along."""
    _take(kept, likelihood)
    field = pupil.polynomials(pupil.seidel())
    field.take({name.removeprefix(_FIELD): value for name, value in kept.tensors.items() if name.startswith(_FIELD)})
    psf = kept.tensors["psf"].to(likelihood.log_gain.device)
    return FoundWavefront(PolynomialFit(field, psf, likelihood, float(kept.tensors["loss"])), kept.tensors.get("rival"))


def _fitted_along(likelihood: SpectralLikelihood) -> dict[str, Tensor]:
    return {name: getattr(likelihood, name).detach().cpu() for name in _FITTED_ALONG}


@torch.no_grad()
def _take(kept: Snapshot, likelihood: SpectralLikelihood) -> None:
    for name in _FITTED_ALONG:
        getattr(likelihood, name).copy_(kept.tensors[name])
