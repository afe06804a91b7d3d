"""Which measure without truth follows the true error: `python -m benchmarks.convergence --families F G --seeds A-B --data DIR`.

Three quarters of a known lens's photos are calibrated, and the grids on the way are kept: those that stage 1 shows while it descends, and
its result made worse on purpose (mixed with its start, mirrored, too narrow, too wide, with noise, alike all over the frame). With
`--matching` those of stage 3 follow, in the settings of `quick` with a quarter of its steps. Every candidate
(`convergence_candidates`) then looks at each grid through the held-out quarter.

One line per lens and candidate, for the grids of the course, for the worse ones, for all, and for those within `NEAR` of the best:
Spearman's rank correlation of the measure (turned round) with the true NCC, for all also Kendall's tau, and what choosing by the measure
costs: the NCC of the best grid of the course less that of the chosen one. The last lines are means over lenses.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.stats import kendalltau, spearmanr
from torch import Tensor

from benchmarks.convergence_candidates import candidates, values_of
from benchmarks.known_lenses import add_data_option, data_folder, make_known_lens, seeds
from benchmarks.lens_families import FAMILIES
from ddm_studio.control import RunControl
from ddm_studio.engine.device import prepare_engine_thread
from ddm_studio.engine.photo_sets import choose_photos, sample_sets
from ddm_studio.events import Event, KernelsLearned, Report
from ddm_studio.flow.flow_matching import train_flow
from ddm_studio.flow.windows import WindowSource, windows_of
from ddm_studio.matching.kernel_models import kernel_model
from ddm_studio.matching.match_distributions import MatchingTask, match_distributions
from ddm_studio.matching.reblur import LensEstimate
from ddm_studio.optics.psf_grid import normalise
from ddm_studio.optics.psf_metrics import grid_ncc
from ddm_studio.settings import CalibrationSettings, Preset, preset_settings
from ddm_studio.snapshot import Snapshot
from ddm_studio.spectra.gaussian_matching import STAGE as TAPS
from ddm_studio.spectra.gaussian_matching import WAVEFRONT_STAGE, match_spectra
from ddm_studio.spectra.power_spectrum import measure_both

HELD_OUT_SHARE = 0.25
GROUPS = 4
"""Photos are dealt out by turns, as `WindowSource.split` does: the last group is the quarter that is held out."""
STEPS_SHOWN = (1, 3, 5, 8, 11, 15, 20, 26, 32, 40, 60, 150)
WAVEFRONTS_SHOWN = 4
NEAR = 0.02
MATCHING_SHOWN = 8
CPU = torch.device("cpu")


@dataclass(frozen=True, slots=True)
class Tracking:
    """How well a measure follows the truth; NaN where fewer than three grids are ranked."""

    course: float
    worse: float
    all: float
    near: float
    kendall: float
    loss: float


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=seeds, default=seeds("156"))
    parser.add_argument("--families", nargs="+", choices=FAMILIES, default=["seidel", "decentred", "comet"])
    parser.add_argument("--frames", type=int, default=40)
    parser.add_argument("--matching", action="store_true", help="also follow stage 3")
    add_data_option(parser)
    arguments = parser.parse_args()
    prepare_engine_thread(beside_window=False)
    print(f"{'lens':15}  {'measure':13}  course  worse    all   near  Kendall  loss of NCC")
    table: dict[str, list[Tracking]] = {}
    for family in arguments.families:
        for seed in arguments.seeds:
            for name, tracking in follow(family, seed, data_folder(arguments), arguments.frames, arguments.matching).items():
                print(row(f"{family} {seed}", name, tracking), flush=True)
                table.setdefault(name, []).append(tracking)
    for name, trackings in table.items():
        print(row("mean", name, Tracking(*np.nanmean([astuple(each) for each in trackings], axis=0).tolist())))


def row(lens: str, measure: str, tracking: Tracking) -> str:
    """One line of the table."""
    ranks = "  ".join(f"{value:5.2f}" for value in (tracking.course, tracking.worse, tracking.all, tracking.near))
    return f"{lens:15}  {measure:13}   {ranks}  {tracking.kendall:7.2f}  {tracking.loss:11.4f}"


def follow(family: str, seed: int, data: Path, frames: int, matching: bool) -> Mapping[str, Tracking]:
    """Make a lens's photos, calibrate it, and judge every candidate by its course."""
    settings = preset_settings(Preset.QUICK, seed=0)
    with tempfile.TemporaryDirectory() as folder:
        lens = make_known_lens(seed, data, Path(folder), family, frames)
        chosen = choose_photos(lens.blurry, lens.sharp, settings)
        blurry, sharp = (each.pool for each in sample_sets(chosen, Path(folder), settings, _ignore, RunControl()))
        shape = settings.gaussian
        of_blurry, of_sharp = measure_both(blurry, sharp, shape.patch, shape.bins, GROUPS, _ignore, RunControl())
        height, width = blurry.frames[0].tolist()
        shown: list[KernelsLearned] = []
        learning = of_blurry.of(range(GROUPS - 1))  # too few groups for a confidence, which nobody asks for here
        fit = match_spectra(learning, of_sharp, settings, width / height, CPU, _keeping(shown), RunControl())
        run, best = _some_of(shown), LensEstimate(fit.psf, fit.sigma, fit.gain)
        seen, held_out = windows_of(blurry).split(HELD_OUT_SHARE)
        if matching:
            run += _matched(best, seen, windows_of(sharp), settings)
        worse = made_worse(best.psf, run[0])
        grids = [LensEstimate(psf, fit.sigma, fit.gain) for psf in (*run, *worse)]
        ncc = np.array([grid_ncc(grid.psf.numpy(), lens.truth).mean() for grid in grids])
        own = np.arange(len(grids)) < len(run)
        measures = candidates(held_out, windows_of(sharp), settings)
        return {name: tracking_of(values, ncc, own) for name, values in values_of(measures, grids).items()}


def made_worse(learned: Tensor, start: Tensor) -> list[Tensor]:
    """Grids (rows, columns, 3, k, k) that are wrong in ways a calibration can go wrong in."""
    mirrored, everywhere = learned.flip(-1, -2), learned.mean((0, 1), keepdim=True).expand_as(learned)
    noise = torch.randn(learned.shape, generator=torch.Generator().manual_seed(0))
    mixed = [(share, other) for share in (0.1, 0.25, 0.5) for other in (start, everywhere)] + [(0.25, mirrored), (0.5, mirrored)]
    mixtures = [learned.lerp(other, share) for share, other in mixed]
    powers = [normalise(learned.clamp_min(1e-7) ** power) for power in (0.75, 0.9, 1.1, 1.25, 1.6)]
    noisy = [normalise(learned * (strength * noise).exp()) for strength in (0.15, 0.3, 0.6)]
    return [*mixtures, mirrored, everywhere, *powers, *noisy]


def tracking_of(values: NDArray[np.float64], ncc: NDArray[np.float64], own: NDArray[np.bool_]) -> Tracking:
    """Compare a measure, the lower the better, with the truth; `own` are the grids of the run itself."""

    def rank(which: NDArray[np.bool_]) -> float:
        return float(spearmanr(-values[which], ncc[which]).statistic) if which.sum() > 2 else float("nan")

    every = np.ones_like(own)
    chosen = np.argmin(values[own])
    return Tracking(
        course=rank(own),
        worse=rank(~own),
        all=rank(every),
        near=rank(ncc > ncc.max() - NEAR),
        kendall=float(kendalltau(-values, ncc).statistic),
        loss=float(ncc[own].max() - ncc[own][chosen]),
    )


def _some_of(shown: Sequence[KernelsLearned]) -> list[Tensor]:
    """As many grids of the free taps' descent as `STEPS_SHOWN`, `WAVEFRONTS_SHOWN` of the wavefront's, all others."""
    steps = np.array([event.step for event in shown if event.stage == TAPS])
    wanted = {int(steps[min(np.searchsorted(steps, step), len(steps) - 1)]) for step in STEPS_SHOWN}
    of_taps = [event for event in shown if event.stage == TAPS and event.step in wanted]
    of_wavefront = [event for event in shown if event.stage == WAVEFRONT_STAGE]
    places = np.linspace(0, len(of_wavefront) - 1, min(WAVEFRONTS_SHOWN, len(of_wavefront))).round().astype(int)
    others = [event for event in shown if event.stage not in (TAPS, WAVEFRONT_STAGE)]
    return [torch.from_numpy(event.kernels.copy()) for event in (*of_taps, *(of_wavefront[place] for place in places), *others)]


def _matched(start: LensEstimate, blurry: WindowSource, sharp: WindowSource, settings: CalibrationSettings) -> list[Tensor]:
    """The grids that stage 3 shows, from a flow of a few steps."""
    flow = settings.flow.model_copy(update={"steps": settings.flow.steps // 4})
    matching = settings.matching.model_copy(update={"steps": settings.matching.steps // 4, "warm_up": settings.matching.warm_up // 4})
    teacher = train_flow(blurry, flow, settings.seed, CPU, None, _forget, _ignore, RunControl())
    kernels = kernel_model(start.psf, matching, mono=False)
    task = MatchingTask(blurry, sharp, kernels, start, teacher, matching, noise_fixed=False, seed=settings.seed, device=CPU)
    shown: list[KernelsLearned] = []
    match_distributions(task, None, _forget, _keeping(shown), RunControl())
    every = max(1, len(shown) // MATCHING_SHOWN)
    return [torch.from_numpy(event.kernels.copy()) for event in (*shown[:-1:every], shown[-1])]


def _keeping(shown: list[KernelsLearned]) -> Report:
    """Keeps the grids that are shown."""

    def hear(event: Event) -> None:
        if isinstance(event, KernelsLearned):
            shown.append(event)

    return hear


def _ignore(event: Event) -> None:
    """Nobody listens."""


def _forget(snapshot: Snapshot) -> None:
    """Nothing is resumed."""


if __name__ == "__main__":
    main()
