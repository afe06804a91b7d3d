"""Stage 1: the PSF grid under which the sharp set has the second-order statistics of the blurry set.

Two descriptions of a grid are fitted to the same likelihood (`likelihood`): free taps (`tap_matching`) and the wavefront field
of a pupil (`pupil_matching`). The second knows the phase that spectra do not show and has few numbers to get wrong, but not
every blur is made by a pupil (camera shake is not): it is taken unless free taps explain the spectra much better.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from ddm_studio.control import RunControl
from ddm_studio.events import KernelsLearned, Report
from ddm_studio.optics.psf_grid import read_only_copy
from ddm_studio.settings import CalibrationSettings
from ddm_studio.spectra.likelihood import SpectralLikelihood
from ddm_studio.spectra.power_spectrum import Spectra
from ddm_studio.spectra.pupil_matching import PupilFit, PupilMatching, scene_power_law
from ddm_studio.spectra.tap_matching import TapFit
from ddm_studio.stage import StageReporter

STAGE = "matching spectra"
WAVEFRONT_STAGE = "fitting the wavefront"
POWER_SIDE = 24
# Free taps always fit the spectra they are fitted to better than a wavefront: they fit the scenes as well, the fewer photos the
# more. By how many nats per frequency, on tuning sets of 40 photos (of 10 in brackets): 0.004-0.016 (0.03-0.05) where a wavefront
# described the lens better, PSFs that no pupil made included; 0.025 (0.054) where both were alike; 0.042 (0.070) where free taps
# were better: bent strokes of camera shake. Likelihoods of held-out photos told these apart less surely: scenes differ too much.
GAP = 0.01
GAP_OF_ONE_PHOTO = 0.4
# Losses looked at in the second stage, about; only the bar needs it.
USUAL_EVALUATIONS = 560


@dataclass(frozen=True, slots=True, eq=False)
class GaussianFit:
    """What stage 1 knows.

    Attributes:
        psf: (rows, columns, 3, k, k).
        sigma: (3,) noise of each channel in encoded units.
        gain: (3,) contrast of the blurry set relative to the sharp set, about the mean, in linear light.
        scores: `whittle`: final negative log-likelihood per bin and frequency, in nats, priors left out. Where a wavefront was
            tried also `wavefront`: 1 if its grid was taken, and `wavefront_loss`: by how many nats per frequency free taps
            explain the spectra better.
    """

    psf: Tensor
    sigma: Tensor
    gain: Tensor
    scores: Mapping[str, float]


def match_spectra(
    blurry: Spectra,
    sharp: Tensor,
    settings: CalibrationSettings,
    aspect: float,
    device: torch.device,
    report: Report,
    control: RunControl,
) -> GaussianFit:
    """Fit the grid.

    Args:
        blurry: Spectra of the blurry set in position bins.
        sharp: (9, p, p // 2 + 1) packed spectrum of the sharp set.
        settings: Grid, kernel size, noise, seed and steps.
        aspect: Width over height of the frame.
        device: Where to compute.
        report: Audience; hears `KernelsLearned` a few times a second.
        control: Pause and stop.

    Raises:
        Cancelled: The person asked to stop.
    """
    matching = _Matching(sharp, settings, device, report, control)
    taps, likelihood = _fit_taps(matching, blurry)
    of_taps = _result(taps, likelihood)
    if not settings.gaussian.wavefront:
        return of_taps
    fit = _fit_wavefront(matching, blurry, taps, likelihood, aspect)
    of_wavefront = _result(fit.psf, fit.likelihood)
    loss = of_wavefront.scores["whittle"] - of_taps.scores["whittle"]
    taken = loss < GAP + GAP_OF_ONE_PHOTO / blurry.photos
    better = of_wavefront if taken else of_taps
    return replace(better, scores={**better.scores, "wavefront": float(taken), "wavefront_loss": loss})


@torch.no_grad()
def _result(psf: Tensor, likelihood: SpectralLikelihood) -> GaussianFit:
    whittle = float(likelihood.negative_log_likelihood(psf))
    return GaussianFit(psf.cpu(), likelihood.log_sigma.exp().cpu(), likelihood.log_gain.exp().cpu(), {"whittle": whittle})


@dataclass(frozen=True)
class _Matching:
    """What all fits share."""

    sharp: Tensor
    settings: CalibrationSettings
    device: torch.device
    report: Report
    control: RunControl

    def likelihood(self, spectra: Spectra) -> SpectralLikelihood:
        return SpectralLikelihood(spectra, self.sharp, self.settings, self.device)

    def show(self, stage: str, step: int, psf: Tensor) -> None:
        self.report(KernelsLearned(stage, step, read_only_copy(psf)))


def _fit_taps(matching: _Matching, spectra: Spectra) -> tuple[Tensor, SpectralLikelihood]:
    """A grid of free taps, and the likelihood with its other parameters fitted along."""
    steps = matching.settings.gaussian.steps
    stage = StageReporter(STAGE, steps, matching.report, matching.control)
    likelihood = matching.likelihood(spectra)
    fit = TapFit(likelihood, matching.settings, steps)
    for step in range(steps):
        stage.checkpoint(step + 1, fit.step())
        if stage.picture_is_due():
            matching.show(STAGE, step + 1, fit.psf())
    psf = fit.psf().detach()
    matching.show(STAGE, steps, psf)
    stage.finish()
    return psf, likelihood


def _fit_wavefront(matching: _Matching, spectra: Spectra, taps: Tensor, likelihood: SpectralLikelihood, aspect: float) -> PupilFit:
    """The wavefront field whose kernels explain the spectra best; free taps and their likelihood say where to start."""
    stage = StageReporter(WAVEFRONT_STAGE, USUAL_EVALUATIONS, matching.report, matching.control)
    numbers = itertools.count(1)
    # Should there be more evaluations than usual, the bar waits at its end.
    pupil = PupilMatching(
        matching.settings, aspect, matching.device, lambda loss: stage.checkpoint(min(next(numbers), USUAL_EVALUATIONS - 1))
    )
    noise = spectra.slope2.mean(0).to(matching.device) * (2 * likelihood.log_sigma.detach()).exp()
    starts = pupil.starts(taps, scene_power_law(matching.sharp, POWER_SIDE).to(matching.device), noise)
    fits = []
    for number, start in enumerate(starts):
        own = matching.likelihood(spectra)
        own.start_from(likelihood)
        fits.append((pupil.fit_seidel(start, own), start))
        matching.show(WAVEFRONT_STAGE, number + 1, fits[-1][0].psf)
    best, start = min(fits, key=lambda pair: pair[0].loss)
    fit = pupil.fit_polynomials(start, best.likelihood)
    matching.show(WAVEFRONT_STAGE, len(starts) + 1, fit.psf)
    stage.finish()
    return fit
