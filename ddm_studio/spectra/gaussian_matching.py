"""Stage 1: the PSF grid under which the sharp set has the second-order statistics of the blurry set.

Two descriptions of a grid are fitted to the same likelihood (`likelihood`): free taps (`tap_matching`) and the wavefront field
of a pupil (`pupil_matching`). The second knows the phase that spectra do not show and has few numbers to get wrong, but not
every blur is made by a pupil (camera shake is not): it is taken unless free taps explain the spectra much better.

Free taps are led by one kernel for the whole frame (`kernel_retrieval`): alone they end in the nearest minimum of the phase. One such
kernel is all there is to a 1x1 grid.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from threading import Lock

import torch
from torch import Tensor

from ddm_studio.control import RunControl
from ddm_studio.events import KernelsLearned, Report
from ddm_studio.optics.psf_grid import read_only_copy
from ddm_studio.settings import CalibrationSettings
from ddm_studio.snapshot import Snapshot
from ddm_studio.spectra.confidence import (
    FEWEST_GROUPS,
    KERNEL_FACTORS,
    TAP_FACTORS,
    WAVEFRONT_FACTORS,
    Factors,
    GridConfidence,
    grid_confidence,
    nodes_with_evidence,
)
from ddm_studio.spectra.confidence import STAGE as CONFIDENCE_STAGE
from ddm_studio.spectra.descent import descend
from ddm_studio.spectra.kept_fits import (
    FIRST_KERNELS,
    FOUND_WAVEFRONT,
    FoundWavefront,
    KeepFit,
    KeptFits,
    snapshot_of_taps,
    snapshot_of_wavefront,
    taps_of,
    wavefront_of,
)
from ddm_studio.spectra.kept_frequencies import SharpSpectrum
from ddm_studio.spectra.kernel_retrieval import RetrievedKernel, retrieve_kernel
from ddm_studio.spectra.likelihood import START_NOISE, SpectralLikelihood
from ddm_studio.spectra.power_spectrum import GroupedSpectra, Spectra
from ddm_studio.spectra.pupil_matching import PolynomialFit, PupilMatching, in_threads, scene_power_law
from ddm_studio.spectra.search_progress import SearchProgress
from ddm_studio.spectra.tap_matching import TapFit
from ddm_studio.spectra.window_statistics import WindowStatistics
from ddm_studio.stage import StageReporter
from ddm_studio.workers import one_thread

STAGE = "matching spectra"
WAVEFRONT_STAGE = "fitting the wavefront"
POWER_SIDE = 24
REFIT_STEPS = 25
# Free taps always fit the spectra they are fitted to better than a wavefront: they fit the scenes as well, the fewer photos the
# more. By how many nats per frequency, on tuning sets of 40 photos (of 10 in brackets): 0.004-0.016 (0.03-0.05) where a wavefront
# described the lens better, PSFs that no pupil made included; 0.025 (0.054) where both were alike; 0.042 (0.070) where free taps
# were better: bent strokes of camera shake. Likelihoods of held-out photos told these apart less surely: scenes differ too much.
# Since the blurry set's contrast is free the two are nearer at 40 photos: 0.005-0.015 where a wavefront described the lens better, and
# 0.020 on shake 176, where taking it left Wiener 26.5 dB instead of 29.5.
# Of JPEGs the less is left, the more of the scenes free taps fit: 0.008-0.022 on four tuning lenses that a wavefront described better,
# where a share of 0.14-0.19 was left.
GAP = 0.006
GAP_OF_ONE_PHOTO = 0.44
GAP_GROWTH = 0.25
# For one kernel for the whole frame, which does not fit the scenes: -0.001-0.004 on defocus and coma, 0.08-0.10 on strokes.
KERNEL_GAP = 0.01
# A mirror image whose loss, in nats per frequency, is within TIE of the best cannot be ruled out by spectra: on three RGB
# lenses with coma other signs were worse by 0.009-0.07. Grids nearer to each other than DISTINCT, relative, are the same for all purposes.
TIE = 0.002
DISTINCT = 0.05
# Of the second stage, about, in the cheap steps of the starts (10 ms): these, the race of Seidel fields, and polynomials with the mirror
# image. Only the bar needs it. Six tuning lenses took 340 steps, and looked at 250-440 likelihoods, two thirds of them in the race.
WORK_OF_A_LIKELIHOOD = 5
USUAL_WORK = (340, 1000, 650)


@dataclass(frozen=True, slots=True, eq=False)
class GaussianFit:
    """What stage 1 knows.

    Attributes:
        psf: (rows, columns, 3, k, k).
        sigma: (3,) noise of each channel in encoded units.
        gain: (3,) contrast of the blurry set relative to the sharp set, about the mean, in linear light.
        rival: (rows, columns, 3, k, k) a grid with the mirrored coma that explains the spectra as well, None where there is none:
            with one kernel for all channels, or little colour, spectra cannot tell the two apart.
        confidence: How far each kernel can be trusted, None where the photos are too few to tell.
        scores: `whittle`: final negative log-likelihood per bin and frequency, in nats, priors left out. Where a wavefront was
            tried also `wavefront`: 1 if its grid was taken, and `wavefront_loss`: by how many nats per frequency free taps
            explain the spectra better. `kept`: the share of all channels and frequencies that JPEG
            compression left to be matched.
        scene: (6, p, p // 2 + 1) real spectra of the sharp set, as `power_spectrum.real_planes` has them.
    """

    psf: Tensor
    sigma: Tensor
    gain: Tensor
    scores: Mapping[str, float]
    rival: Tensor | None = None
    confidence: GridConfidence | None = None
    scene: Tensor | None = None


def match_spectra(
    blurry: GroupedSpectra,
    sharp: GroupedSpectra,
    settings: CalibrationSettings,
    aspect: float,
    device: torch.device,
    report: Report,
    control: RunControl,
    windows: Callable[[], WindowStatistics] | None = None,
    kept: KeptFits | None = None,
    keep: KeepFit = lambda name, snapshot: None,
) -> GaussianFit:
    """Fit the grid.

    Args:
        blurry: Spectra of the blurry set in position bins, in groups of photos.
        sharp: Of the sharp set, in as many groups.
        settings: Grid, kernel size, noise, seed and steps.
        aspect: Width over height of the frame.
        device: Where to compute.
        report: Audience; hears `KernelsLearned` a few times a second.
        control: Pause and stop.
        windows: Gathers what one kernel for the whole frame is retrieved from, if that is wanted; called at most once.
        kept: The free taps, and the wavefront, of a run that was stopped after them, from where this one goes on to the same end. A single
            kernel for the whole frame is searched for anew: its replicates belong to statistics that are not kept.
        keep: Receives them as soon as they are there.

    Raises:
        Cancelled: The person asked to stop.
    """
    matching = _Matching(sharp.whole().before_compression(), settings, device, report, control)
    whole = blurry.whole()
    single = settings.grid_rows * settings.grid_columns == 1
    lead = _retrieved(matching, windows, None) if single and windows else None
    kept = kept or {}
    best = _tap_candidate(matching, whole, lead, kept.get(FIRST_KERNELS))
    if lead is not None or FIRST_KERNELS not in kept:
        keep(FIRST_KERNELS, snapshot_of_taps(best.fit.psf, best.likelihood, settings.gaussian.steps))
    if settings.gaussian.wavefront:
        if FOUND_WAVEFRONT in kept:
            found = _kept_wavefront(matching, whole, kept[FOUND_WAVEFRONT], aspect)
        else:
            found = _fit_wavefront(matching, whole, best, aspect, keep)
        best = _chosen(best, _wavefront_candidate(matching, found, aspect), whole.photos)
    if windows and not single and best.factors is TAP_FACTORS:
        led = _tap_candidate(matching, whole, _retrieved(matching, windows, best.fit.sigma))
        if led.fit.scores["whittle"] < best.fit.scores["whittle"]:
            best = replace(led, fit=replace(led.fit, scores={**best.fit.scores, **led.fit.scores}))
    return _with_confidence(best, matching, blurry, sharp)


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A fit with its likelihood; what its misfit is worth; and its grid (rows, columns, 3, k, k) without one group of photos.

    `again` is given the number of the group, the other groups' spectra, and that of their sharp photos. `retrieved` is
    the kernel that the grid is made of, if it is.
    """

    fit: GaussianFit
    likelihood: SpectralLikelihood
    factors: Factors
    again: Callable[[int, Spectra, SharpSpectrum], Tensor]
    retrieved: RetrievedKernel | None = None


def _retrieved(matching: _Matching, windows: Callable[[], WindowStatistics], sigma: Tensor | None) -> RetrievedKernel:
    settings = matching.settings
    start = settings.noise if settings.noise is not None else START_NOISE if sigma is None else float(sigma.mean())
    grid = settings.grid_rows, settings.grid_columns
    return retrieve_kernel(windows(), settings.kernel_size, start, grid, settings.seed, matching.report, matching.control)


def _tap_candidate(matching: _Matching, spectra: Spectra, lead: RetrievedKernel | None, kept: Snapshot | None = None) -> _Candidate:
    """Free taps, fitted or kept; those that a retrieved kernel leads may as well be the mirror image."""
    settings, likelihood = matching.settings, matching.likelihood(spectra)
    if lead is None:
        taps = _fit_taps(matching, likelihood, None) if kept is None else _kept_taps(matching, likelihood, kept)
        return _Candidate(_result(taps, likelihood), likelihood, TAP_FACTORS, partial(_taps_again, matching, taps, likelihood))
    shape = (settings.grid_rows, settings.grid_columns, 3, settings.kernel_size, settings.kernel_size)
    start = lead.kernel.to(matching.device).expand(shape)
    if settings.colour == "mono" and shape[:2] == (1, 1):  # that kernel is the answer; its likelihood knows the window better
        descend(
            likelihood.parameters(), lambda: likelihood.negative_log_likelihood(start) + likelihood.prior(), REFIT_STEPS, matching.watch
        )
        fit = replace(_result(start, likelihood), rival=start.flip(-1, -2).cpu())
        if settings.noise is None:
            fit = replace(fit, sigma=torch.full((3,), lead.sigma))
        return _Candidate(fit, likelihood, KERNEL_FACTORS, lambda group, *rest: lead.replicates[group].expand(shape), lead)
    taps = _fit_taps(matching, likelihood, start)
    fit = replace(_result(taps, likelihood), rival=taps.flip(-1, -2).cpu())
    return _Candidate(fit, likelihood, TAP_FACTORS, partial(_taps_again, matching, taps, likelihood))


def _kept_taps(matching: _Matching, likelihood: SpectralLikelihood, kept: Snapshot) -> Tensor:
    """(rows, columns, 3, k, k); the likelihood's other parameters become those that were fitted along."""
    psf = taps_of(kept, likelihood).to(matching.device)
    matching.show(STAGE, kept.step, psf)
    return psf


def _kept_wavefront(matching: _Matching, spectra: Spectra, kept: Snapshot, aspect: float) -> FoundWavefront:
    found = wavefront_of(kept, PupilMatching(matching.settings, aspect, matching.device, matching.watch), matching.likelihood(spectra))
    matching.show(WAVEFRONT_STAGE, kept.step, found.best.psf)
    return found


def _taps_again(matching: _Matching, taps: Tensor, near: SpectralLikelihood, group: int, spectra: Spectra, sharp: SharpSpectrum) -> Tensor:
    likelihood = SpectralLikelihood(spectra, sharp, matching.settings, matching.device)
    likelihood.start_from(near)
    fit = TapFit(likelihood, matching.settings, REFIT_STEPS, start=taps)
    for _ in range(REFIT_STEPS):
        matching.control.checkpoint(matching.report)
        fit.step()
    return fit.psf().detach()


def _wavefront_candidate(matching: _Matching, found: FoundWavefront, aspect: float) -> _Candidate:
    settings, device, best = matching.settings, matching.device, found.best
    pupil = PupilMatching(settings, aspect, device, matching.watch)

    def again(group: int, spectra: Spectra, sharp: SharpSpectrum) -> Tensor:
        return pupil.refit(best, SpectralLikelihood(spectra, sharp, settings, device)).psf

    return _Candidate(replace(_result(best.psf, best.likelihood), rival=found.rival), best.likelihood, WAVEFRONT_FACTORS, again)


def _chosen(taps: _Candidate, wavefront: _Candidate, photos: int) -> _Candidate:
    if taps.retrieved is None:
        loss = wavefront.fit.scores["whittle"] - taps.fit.scores["whittle"]
        taken = loss < (GAP + GAP_OF_ONE_PHOTO / photos) * max(taps.fit.scores["kept"], 1e-6) ** -GAP_GROWTH
    else:  # by the statistics that know the window: in those of the grid a wrong kernel may win when strokes are long and noise is low
        losses = [taps.retrieved.loss_of(fit.psf[0, 0].mean(0).cpu()) for fit in (wavefront.fit, taps.fit)]
        loss = losses[0] - losses[1]
        taken = loss < KERNEL_GAP
    best = wavefront if taken else taps
    scores = {**best.fit.scores, "wavefront": float(taken), "wavefront_loss": loss}
    return replace(best, fit=replace(best.fit, scores=scores))


def _with_confidence(best: _Candidate, matching: _Matching, blurry: GroupedSpectra, sharp: GroupedSpectra) -> GaussianFit:
    groups = min(blurry.groups, sharp.groups)
    if groups < FEWEST_GROUPS:
        return best.fit
    stage = StageReporter(CONFIDENCE_STAGE, groups, matching.report, matching.control)

    def replicate(group: int) -> Tensor:
        return best.again(group, blurry.without(group), sharp.without(group).before_compression())

    replicates = []
    for grid in in_threads(replicate, range(groups), matching.device):
        replicates.append(grid)
        stage.checkpoint(len(replicates))
    stage.finish()
    seen = nodes_with_evidence(blurry.whole(), best.fit.sigma, *best.fit.psf.shape[:2])
    factors = best.factors.with_loss(best.fit.scores["kept"])
    doubt = best.retrieved.doubt if best.retrieved else 0.0
    return replace(best.fit, confidence=grid_confidence(best.fit.psf, replicates, factors, seen, doubt))


@torch.no_grad()
def _result(psf: Tensor, likelihood: SpectralLikelihood) -> GaussianFit:
    scores = {"whittle": float(likelihood.negative_log_likelihood(psf)), "kept": likelihood.share}
    return GaussianFit(psf.cpu(), likelihood.log_sigma.exp().cpu(), likelihood.log_gain.exp().cpu(), scores)


@dataclass(frozen=True)
class _Matching:
    """What all fits share."""

    sharp: SharpSpectrum
    settings: CalibrationSettings
    device: torch.device
    report: Report
    control: RunControl

    def likelihood(self, spectra: Spectra) -> SpectralLikelihood:
        return SpectralLikelihood(spectra, self.sharp, self.settings, self.device)

    def near(self, other: SpectralLikelihood, spectra: Spectra) -> SpectralLikelihood:
        """One that starts from the parameters of another."""
        likelihood = self.likelihood(spectra)
        likelihood.start_from(other)
        return likelihood

    def watch(self, loss: Tensor | None) -> None:
        """Inside an optimiser whose steps are not counted."""
        self.control.checkpoint(self.report)

    def show(self, stage: str, step: int, psf: Tensor) -> None:
        self.report(KernelsLearned(stage, step, read_only_copy(psf)))


def _fit_taps(matching: _Matching, likelihood: SpectralLikelihood, start: Tensor | None) -> Tensor:
    """A grid of free taps; the likelihood's other parameters are fitted along."""
    steps = matching.settings.gaussian.steps
    stage = StageReporter(STAGE, steps, matching.report, matching.control)
    fit = TapFit(likelihood, matching.settings, steps, start)
    with one_thread():
        for step in range(steps):
            stage.checkpoint(step + 1, fit.step())
            if stage.picture_is_due():
                matching.show(STAGE, step + 1, fit.psf())
    psf = fit.psf().detach()
    matching.show(STAGE, steps, psf)
    stage.finish()
    return psf


def _fit_wavefront(matching: _Matching, spectra: Spectra, free: _Candidate, aspect: float, keep: KeepFit) -> FoundWavefront:
    """The wavefront field whose kernels explain the spectra best, then its mirror image if that explains them as well.

    Free taps and their likelihood say where to start.
    """
    taps, likelihood = free.fit.psf.to(matching.device), free.likelihood
    stage = StageReporter(WAVEFRONT_STAGE, sum(USUAL_WORK), matching.report, matching.control)
    progress, one_at_a_time = SearchProgress(USUAL_WORK), Lock()
    lowest: Tensor | None = None

    def watch(loss: Tensor | None) -> None:
        nonlocal lowest
        with one_at_a_time:
            progress.add(1 if loss is None else WORK_OF_A_LIKELIHOOD)
            # Several fits run side by side, each with its line searches: a curve of them all would only jump.
            if loss is not None and not loss.isnan():
                lowest = loss if lowest is None else torch.minimum(lowest, loss)
            stage.expect(progress.total)
            stage.checkpoint(progress.done, lowest)

    def show_if_due(grid: Callable[[], Tensor], is_best: bool) -> None:
        with one_at_a_time:
            if stage.picture_is_due(is_best):
                matching.show(WAVEFRONT_STAGE, progress.done, grid())

    pupil = PupilMatching(matching.settings, aspect, matching.device, watch, show_if_due)
    noise = spectra.slope2.mean(0).to(matching.device) * (2 * likelihood.log_sigma.detach()).exp()
    scene_power = scene_power_law(matching.sharp.planes, POWER_SIDE).to(matching.device)
    starts = pupil.starts(taps, scene_power, noise, every=likelihood.share < 1)
    progress.begin(1)
    seidel = pupil.fit_seidel(starts, [matching.near(likelihood, spectra) for _ in starts])
    mirrored = seidel.field.mirrored()

    def best_field() -> PolynomialFit:
        return pupil.fit_polynomials(seidel.field, seidel.likelihood)

    def mirror_image() -> PolynomialFit | None:
        mirror = pupil.fit_rival(mirrored, matching.near(likelihood, spectra), seidel.loss + TIE)
        if mirror is None or (mirror.psf - seidel.psf).norm() <= DISTINCT * seidel.psf.norm():
            return None
        return pupil.fit_polynomials(mirror.field, mirror.likelihood)

    progress.begin(2)
    fits = in_threads(_call, (best_field, mirror_image), matching.device)
    best, *rivals = [fit for fit in fits if fit is not None]
    found = FoundWavefront(best, rivals[0].psf.cpu() if rivals else None)
    matching.show(WAVEFRONT_STAGE, progress.done, best.psf)
    stage.finish()
    keep(FOUND_WAVEFRONT, snapshot_of_wavefront(found, progress.done))
    return found


def _call(fit: Callable[[], PolynomialFit | None]) -> PolynomialFit | None:
    return fit()
