"""How far a lens is from held-out photos, in seconds and without the truth: a number that follows the true error.

Half of the error of a grid is in its magnitudes and half in the phase that the channels share. So two distances are added, both from
photos that nothing was learned from:

* Second order: Whittle's negative log-likelihood of their spectra (`spectra.likelihood`). Noise, gains and what their scenes have of their
  own are fitted to every lens anew: held as they are, the wrong one of two lenses may win by its scenes.
* Phase: the distance of their edge votes (`edge_votes`), to which spectra are blind, from those of sharp photos seen through the lens.

Every lens is looked at through the same windows and the same noise: differences between lenses are much surer than the numbers.
`python -m benchmarks.convergence` measures how well it and others follow the truth.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from ddm_studio.control import RunControl
from ddm_studio.events import Report
from ddm_studio.flow.windows import WindowSource
from ddm_studio.matching.edge_votes import WINDOW, Votes, design_effect, edge_votes, vote_distance, vote_weight
from ddm_studio.matching.reblur import LensEstimate
from ddm_studio.photos.tile_pool import TilePool
from ddm_studio.settings import CalibrationSettings
from ddm_studio.snapshot import seed_of
from ddm_studio.spectra.descent import descend
from ddm_studio.spectra.likelihood import SpectralLikelihood
from ddm_studio.spectra.power_spectrum import GroupedSpectra, measure_spectra
from ddm_studio.stage import StageReporter

STAGE = "measuring held-out photos"
TILES = 1500
WINDOWS, WINDOWS_AT_ONCE = 1000, 250
NUISANCE_STEPS = 10
# Of 0.04-0.7 on tuning lenses: the ranks of grids hardly depend on it.
PHASE_WEIGHT = 0.1


class Convergence:
    """A measure of lenses, the lower the better.

    Args:
        blurry: Photos that the lenses were not learned from.
        sharp: The sharp set.
        settings: Of the calibration; its seed chooses tiles and windows.
        device: Where to compute.
        report: Hears how the photos are measured, once.
        control: Pause and stop, now and in every look.
        windows: Of either set.

    Raises:
        Cancelled: The person asked to stop.
    """

    def __init__(
        self,
        blurry: WindowSource,
        sharp: WindowSource,
        settings: CalibrationSettings,
        device: torch.device,
        report: Report,
        control: RunControl,
        windows: int = WINDOWS,
    ) -> None:
        self._settings, self._device, self._report, self._control = settings, device, report, control
        bins = settings.gaussian.bins if settings.grid_rows * settings.grid_columns > 1 else 1
        tiles = [_evenly_from(source) for source in (blurry, sharp)]
        stage = StageReporter(STAGE, len(tiles[0]) + len(tiles[1]), report, control)
        of_blurry = self._spectra(tiles[0], bins, stage.checkpoint)
        of_sharp = self._spectra(tiles[1], 1, lambda done: stage.checkpoint(len(tiles[0]) + done))
        stage.finish()
        self._spectra_of_blurry, self._spectrum_of_sharp = of_blurry.whole(), of_sharp.whole().before_compression()
        generator = torch.Generator().manual_seed(seed_of(settings.seed, STAGE))
        which, offsets = blurry.draw_places(windows, WINDOW, generator)
        positions = blurry.positions(which, offsets, WINDOW)
        self._of_blurry = Votes(edge_votes(blurry.cut(which, offsets, WINDOW), positions), blurry.pool.photo[which])
        self._weight, self._positions = vote_weight(self._of_blurry, self._of_blurry), positions.to(device)
        side = WINDOW + settings.kernel_size - 1
        which, offsets = sharp.draw_places(windows, side, generator)
        self._sharp, self._sharp_photo = sharp.cut(which, offsets, side), sharp.pool.photo[which]
        self._noise = torch.randn(windows, 3, WINDOW, WINDOW, generator=generator)

    def __call__(self, lens: LensEstimate) -> float:
        """The measure: both distances, weighed as tuning lenses told."""
        return self.second_order(lens) + PHASE_WEIGHT * self.phase(lens)

    def second_order(self, lens: LensEstimate) -> float:
        """Whittle's negative log-likelihood of the blurry photos' spectra, mean over bins and frequencies, in nats."""
        psf = lens.psf.to(self._device)
        likelihood = SpectralLikelihood(self._spectra_of_blurry, self._spectrum_of_sharp, self._settings, self._device)
        with torch.no_grad():
            likelihood.log_gain.copy_(lens.gain.log())
            likelihood.log_sigma.copy_(lens.sigma.clamp_min(1e-5).log())

        def loss() -> Tensor:
            return likelihood.negative_log_likelihood(psf) + likelihood.prior()

        descend(likelihood.parameters(), loss, NUISANCE_STEPS, lambda value: None)
        with torch.no_grad():
            return float(likelihood.negative_log_likelihood(psf))

    @torch.no_grad()
    def phase(self, lens: LensEstimate) -> float:
        """Distance of the edge votes of sharp windows seen through a lens from the blurry windows', per degree of freedom."""
        lens, votes = lens.to(self._device), []
        for first in range(0, len(self._positions), WINDOWS_AT_ONCE):
            self._control.checkpoint(self._report)
            part = slice(first, first + WINDOWS_AT_ONCE)
            seen = lens.see(self._sharp[part].to(self._device), self._positions[part])
            noisy = seen + lens.sigma.view(1, 3, 1, 1) * self._noise[part].to(self._device)
            votes.append(edge_votes(noisy, self._positions[part]))
        of_lens = Votes(torch.cat(votes), self._sharp_photo)
        distance = vote_distance(self._of_blurry, of_lens, self._weight)
        return distance / design_effect(self._of_blurry, of_lens) / of_lens.votes.shape[1]

    def _spectra(self, tiles: TilePool, bins: int, watch: Callable[[int], None]) -> GroupedSpectra:
        return measure_spectra(tiles, min(self._settings.gaussian.patch, tiles.tiles.shape[-1]), bins, watch=watch)


def _evenly_from(source: WindowSource) -> TilePool:
    """At most `TILES` tiles, evenly from all photos."""
    chosen = np.linspace(0, len(source) - 1, min(TILES, len(source))).round().astype(int)
    return source.pool.some(source.members[chosen])
