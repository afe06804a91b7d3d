"""Choosing between the grid that a stage began with and the one it ended with, without knowing the truth.

On photos that the flows have not seen, two questions are asked:

* Second order: is Whittle's likelihood of the blurry windows under the spectra of re-blurred sharp windows no worse?
* Phase: do the edge asymmetries of re-blurred sharp windows, weighed by smooth modes over the frame, come nearer to those of
  the blurry windows? With D the difference of the mean votes and C its covariance the distance is D^T C^-1 D.

Errors come from drawing the photos anew (bootstrap), because windows of one photo are not independent. A candidate must
win the second by a margin of its errors and must not lose the first; when in doubt the start stays.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from ddm_studio.control import RunControl
from ddm_studio.events import Report
from ddm_studio.flow.gaussian_velocity import GaussianField
from ddm_studio.flow.windows import WindowSource
from ddm_studio.matching.edge_votes import WINDOW, Votes, design_effect, edge_votes, vote_distance, vote_weight
from ddm_studio.matching.reblur import LensEstimate, reblurred_field
from ddm_studio.snapshot import seed_of
from ddm_studio.spectra.hermitian import outer_planes
from ddm_studio.spectra.whittle import whittle
from ddm_studio.stage import StageReporter

STAGE = "choosing the grid"
AGREEMENT_STAGE = "comparing edges"
WINDOWS = 4000
WINDOWS_AT_ONCE = 250
FIELD_PATCH = 32
BOOTSTRAPS = 300
# How many standard errors the phase distance must improve by, and the likelihood may get worse by.
MARGIN = 3.0
TOLERANCE = 2.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the candidate is taken, and why.

    Attributes:
        accepted: Take the candidate.
        likelihood_gain: Rise of the log-likelihood per frequency (nats), positive is better.
        likelihood_error: Its standard error.
        phase_gain: Fall of the distance of edge asymmetries (a chi square), positive is better.
        phase_error: Its standard error.
        phase_start: The distance of the start.
    """

    accepted: bool
    likelihood_gain: float
    likelihood_error: float
    phase_gain: float
    phase_error: float
    phase_start: float

    @property
    def scores(self) -> Mapping[str, float]:
        """The numbers by name."""
        return {name: getattr(self, name) for name in self.__slots__ if name != "accepted"}


def choose_grid(
    start: LensEstimate,
    candidate: LensEstimate,
    blurry: WindowSource,
    sharp: WindowSource,
    seed: int,
    report: Report,
    control: RunControl,
    windows: int = WINDOWS,
) -> Verdict:
    """Judge `candidate` against `start`, both on the same device, on held-out blurry photos and any sharp ones.

    Raises:
        Cancelled: The person asked to stop.
    """
    stage = StageReporter(STAGE, 3 * (windows // WINDOWS_AT_ONCE), report, control)
    generator = torch.Generator().manual_seed(seed_of(seed, STAGE))
    fields = [reblurred_field(lens, sharp, FIELD_PATCH, _same(seed), lambda: control.checkpoint(report)) for lens in (start, candidate)]
    of_blurry, likelihoods = _look_at_blurry(blurry, fields, windows, generator, stage)
    of_start = _look_at_reblurred(start, sharp, blurry, windows, _same(seed), stage)
    of_candidate = _look_at_reblurred(candidate, sharp, blurry, windows, _same(seed), stage)
    stage.finish()
    gain, gain_error = _mean_and_error(Votes(likelihoods[:, :1] - likelihoods[:, 1:], of_blurry.photo), generator)
    distance, phase_gain, phase_error = _phase_distances(of_blurry, of_start, of_candidate, generator)
    accepted = phase_gain > MARGIN * phase_error and gain > -TOLERANCE * gain_error
    return Verdict(bool(accepted), gain, gain_error, phase_gain, phase_error, distance)


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far the edges of re-blurred sharp windows are from the blurry ones': about a chi square, and its degrees of freedom."""

    distance: float
    degrees: int

    @property
    def is_within_error(self) -> bool:
        """Whether no other grid could be shown to be nearer."""
        return self.distance < self.degrees + MARGIN * math.sqrt(2 * self.degrees)


def edge_agreement(
    lens: LensEstimate, blurry: WindowSource, sharp: WindowSource, seed: int, report: Report, control: RunControl, windows: int = WINDOWS
) -> Agreement:
    """Whether held-out blurry photos ask for anything that the phase of a grid could give them.

    Raises:
        Cancelled: The person asked to stop.
    """
    stage = StageReporter(AGREEMENT_STAGE, 2 * (windows // WINDOWS_AT_ONCE), report, control)
    of_blurry, _ = _look_at_blurry(blurry, [], windows, torch.Generator().manual_seed(seed_of(seed, AGREEMENT_STAGE)), stage)
    of_lens = _look_at_reblurred(lens, sharp, blurry, windows, _same(seed), stage)
    stage.finish()
    distance = vote_distance(of_blurry, of_lens, vote_weight(of_blurry, of_lens))
    return Agreement(distance / design_effect(of_blurry, of_lens), of_blurry.votes.shape[1])


def window_likelihood(field: GaussianField, y1: Tensor, positions: Tensor) -> Tensor:
    """Whittle's negative log-likelihood (n,), mean over frequencies, of windows y1 (n, 3, p, p) under a field.

    DC and its neighbours are left out: there scenes differ, not lenses.
    """
    mean, packed = field.at(positions)
    observed = outer_planes(torch.fft.rfft2(y1 - mean[:, :, None, None], norm="ortho"))
    weight = torch.full(observed.shape[-2:], 2.0, device=observed.device)
    weight[:, [0, -1]] = 1
    weight[[0, 0, 1, 1, -1, -1], [0, 1, 0, 1, 0, 1]] = 0
    model, measured = (planes.flatten(2).transpose(0, 1) for planes in (packed, observed))
    return whittle(model, measured, (weight / weight.sum()).flatten()).float()


def _same(seed: int) -> torch.Generator:
    """Both lenses are looked at through the same sharp windows, places and noise."""
    return torch.Generator().manual_seed(seed_of(seed, f"{STAGE}, sharp windows"))


@torch.no_grad()
def _look_at_blurry(
    blurry: WindowSource, fields: list[GaussianField], windows: int, generator: torch.Generator, stage: StageReporter
) -> tuple[Votes, Tensor]:
    """Edge votes of the blurry windows, and their likelihoods (n, fields) on the CPU."""
    device = fields[0].mean.device if fields else torch.device("cpu")
    votes, photos, likelihoods = [], [], []
    for turn in range(windows // WINDOWS_AT_ONCE):
        which, offsets = blurry.draw_places(WINDOWS_AT_ONCE, WINDOW, generator)
        encoded, positions = blurry.cut(which, offsets, WINDOW).to(device), blurry.positions(which, offsets, WINDOW).to(device)
        votes.append(edge_votes(encoded, positions))
        photos.append(blurry.pool.photo[which])
        border = (WINDOW - FIELD_PATCH) // 2
        y1 = 2 * encoded[:, :, border:-border, border:-border] - 1
        each = [window_likelihood(field, y1, positions).cpu() for field in fields]
        likelihoods.append(torch.stack(each, 1) if each else torch.empty(len(y1), 0))
        stage.checkpoint(turn + 1)
    return Votes(torch.cat(votes), np.concatenate(photos)), torch.cat(likelihoods)


@torch.no_grad()
def _look_at_reblurred(
    lens: LensEstimate, sharp: WindowSource, blurry: WindowSource, windows: int, generator: torch.Generator, stage: StageReporter
) -> Votes:
    """Edge votes of sharp windows seen through a lens, at positions distributed like the blurry ones'."""
    device = lens.psf.device
    votes, photos = [], []
    for _ in range(windows // WINDOWS_AT_ONCE):
        which, offsets = sharp.draw_places(WINDOWS_AT_ONCE, lens.window(WINDOW), generator)
        positions = blurry.draw_positions(WINDOWS_AT_ONCE, WINDOW, generator).to(device)
        noise = torch.randn(WINDOWS_AT_ONCE, 3, WINDOW, WINDOW, generator=generator).to(device)
        encoded = sharp.cut(which, offsets, lens.window(WINDOW)).to(device)
        seen = lens.see(encoded, positions) + lens.sigma.view(1, 3, 1, 1) * noise
        votes.append(edge_votes(seen, positions))
        photos.append(sharp.pool.photo[which])
        stage.checkpoint(windows // WINDOWS_AT_ONCE)
    return Votes(torch.cat(votes), np.concatenate(photos))


def _phase_distances(blurry: Votes, start: Votes, candidate: Votes, generator: torch.Generator) -> tuple[float, float, float]:
    """Distance of the start, its fall, and the fall's standard error."""
    weight = vote_weight(blurry, start)
    of_blurry, of_start, of_candidate = blurry.by_photo(), start.by_photo(), candidate.by_photo()

    def distances(blurry_draw: Tensor, sharp_draw: Tensor) -> tuple[float, float]:
        target = _weighted_mean(of_blurry, blurry_draw)
        both = [target - _weighted_mean(votes, sharp_draw) for votes in (of_start, of_candidate)]
        return float(both[0] @ weight @ both[0]), float(both[1] @ weight @ both[1])

    before, after = distances(torch.ones(len(of_blurry[1])), torch.ones(len(of_start[1])))
    falls = []
    for _ in range(BOOTSTRAPS):
        old, new = distances(_redraw(len(of_blurry[1]), generator), _redraw(len(of_start[1]), generator))
        falls.append(old - new)
    return before, before - after, float(torch.tensor(falls).std())


def _mean_and_error(votes: Votes, generator: torch.Generator) -> tuple[float, float]:
    """Mean of one vote per window and its standard error over photos."""
    by_photo = votes.by_photo()
    means = [_weighted_mean(by_photo, _redraw(len(by_photo[1]), generator)) for _ in range(BOOTSTRAPS)]
    return float(_weighted_mean(by_photo, torch.ones(len(by_photo[1])))), float(torch.cat(means).std())


def _weighted_mean(by_photo: tuple[Tensor, Tensor], draw: Tensor) -> Tensor:
    sums, counts = by_photo
    return (draw @ sums) / (draw @ counts).clamp_min(1)


def _redraw(count: int, generator: torch.Generator) -> Tensor:
    """How often each photo is taken when as many are drawn with replacement."""
    return torch.bincount(torch.randint(count, (count,), generator=generator), minlength=count).float()
