"""What the lens's own network is worth: PSNR on pairs made of sharp photos that it was not trained on, beside Wiener's."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from ddm_studio.control import RunControl
from ddm_studio.deblur.pairs import Lens, draw_sharp, middle, photograph_at, tile_side, tiles_of
from ddm_studio.deblur.restorer import RestorerNetwork, restorer_inputs
from ddm_studio.deblur.wiener import wiener_steps
from ddm_studio.events import Report
from ddm_studio.flow.windows import WindowSource
from ddm_studio.snapshot import seed_of
from ddm_studio.stage import StageReporter

STAGE = "scoring the restorer"
PAIRS = 48


@dataclass(frozen=True, slots=True)
class PairScores:
    """Mean PSNR in dB of display-encoded values at the profile's noise."""

    blurred: float
    wiener: float
    network: float


@torch.no_grad()
def score_restorer(
    network: RestorerNetwork, held_out: WindowSource, lens: Lens, patch: int, seed: int, report: Report, control: RunControl
) -> PairScores:
    """Score a network on `PAIRS` pairs at random places of the frame.

    Raises:
        Cancelled: The person asked to stop.
    """
    generator = torch.Generator().manual_seed(seed_of(seed, STAGE))
    stage = StageReporter(STAGE, PAIRS, report, control)
    found = []
    for number in range(PAIRS):
        sharp = draw_sharp(held_out, 1, tile_side(lens.psf, patch), generator)
        position = torch.rand(1, 2, generator=generator)
        patches = photograph_at(sharp, lens, position, torch.ones(1), generator)
        model = tiles_of(patches, lens.curve)
        inputs = middle(restorer_inputs(model, patches.positions[:, :, None, None], patches.levels, lens.curve), patch)
        wiener = lens.curve.encode(next(wiener_steps(model, lens.sigma, curve=lens.curve)))
        answers = middle(patches.photos, patch), middle(wiener, patch), network(inputs)
        found.append([_decibels(answer, middle(patches.sharp, patch)) for answer in answers])
        stage.checkpoint(number + 1)
    stage.finish()
    return PairScores(*torch.tensor(found).mean(0).tolist())


def _decibels(restored: Tensor, sharp: Tensor) -> float:
    return float(-10 * (restored.clamp(0, 1) - sharp).square().mean().clamp_min(1e-12).log10())
