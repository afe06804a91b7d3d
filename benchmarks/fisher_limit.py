"""How near stage 1 comes to the limit of its own statistics: `python -m benchmarks.fisher_limit --family F --seeds A-B --data DIR`.

One line per lens, all as misfit, 1 - NCC, mean over the grid: stage 1; the Cramer-Rao limit of a wavefront, by draws of its parameters
from the bound's covariance (`fisher_information`); their ratio; the lens's own distance from the nearest wavefront of stage 1's
kind, at which the limit is taken; free taps alone, the nearest thing to the first sketch of stage 1, and how much of the way from
there to the limit stage 1 has come; and the limits of free taps, with the phase that the channels share told or not. With
`--simulate` also the misfit of stage 1 on spectra drawn from the model itself, where all that it assumes holds.
"""

from __future__ import annotations

import argparse
import tempfile
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from benchmarks.fisher_information import ModelSpectra, covered_area, information, model_at, simulated_spectra
from benchmarks.known_lenses import add_data_option, data_folder, make_known_lens, seeds
from benchmarks.lens_families import FAMILIES
from benchmarks.limits_of_kernels import changes_at_bins, misfit, nearest_wavefront, tap_limit
from ddm_studio.control import RunControl
from ddm_studio.engine.device import prepare_engine_thread
from ddm_studio.engine.photo_sets import choose_photos, sample_sets
from ddm_studio.events import Event
from ddm_studio.photos.tile_pool import TilePool
from ddm_studio.settings import CalibrationSettings, Preset, preset_settings
from ddm_studio.spectra.descent import descend
from ddm_studio.spectra.gaussian_matching import match_spectra
from ddm_studio.spectra.likelihood import SpectralLikelihood
from ddm_studio.spectra.power_spectrum import GroupedSpectra, measure_both

DRAWS = 30
NUISANCE_STEPS = 30
CPU = torch.device("cpu")


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """The spectra of a known lens's photos: truth (rows, columns, 3, k, k), width over height, px covered in each bin and the sharp set."""

    truth: NDArray[np.float32]
    blurry: GroupedSpectra
    sharp: GroupedSpectra
    aspect: float
    area: Tensor
    sharp_area: float


def main() -> None:
    """Print one line per lens."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=seeds, default=seeds("150-152"))
    parser.add_argument("--family", choices=FAMILIES, default="seidel", help="how the PSFs are made")
    parser.add_argument("--simulate", action="store_true", help="also fit spectra that are drawn from the model")
    add_data_option(parser)
    arguments = parser.parse_args()
    prepare_engine_thread(beside_window=False)
    settings = preset_settings(Preset.INSTANT, device="cpu")
    settings = settings.model_copy(update={"gaussian": settings.gaussian.model_copy(update={"groups": 1})})  # no confidence is needed
    print(f"{arguments.family} lenses, misfit 1 - NCC, mean over the grid")
    print(
        "seed  stage 1      limit  ratio  no wavefront  free taps  way covered  taps' limit  phase told"
        + "  simulated" * arguments.simulate
    )
    for seed in arguments.seeds:
        with tempfile.TemporaryDirectory() as folder:
            case = _photographed(seed, arguments.family, data_folder(arguments), Path(folder), settings)
        print(_line(seed, case, settings, arguments.simulate), flush=True)


def _line(seed: int, case: Case, settings: CalibrationSettings, simulate: bool) -> str:
    stage1, taps = _fitted(case, settings, True), _fitted(case, settings, False)
    field = nearest_wavefront(case.truth, settings, case.aspect)
    model = _model(case, field.psf, settings)
    blurry = case.blurry.whole()
    changes = field.changes()
    limit = field.expected_misfit(information(model, changes_at_bins(changes, blurry)), changes, DRAWS)
    by_taps = [tap_limit(torch.from_numpy(case.truth), model, blurry, phase_told, DRAWS) for phase_told in (False, True)]
    covered = (taps - stage1) / (taps - limit)
    line = (
        f"{seed:4}  {stage1:7.5f}  {limit:9.7f}  {stage1 / limit:5.0f}  {misfit(field.psf, case.truth):12.5f}  {taps:9.5f}  {covered:11.2f}"
        f"  {by_taps[0]:11.5f}  {by_taps[1]:10.5f}"
    )
    if not simulate:
        return line
    drawn = simulated_spectra(model, blurry, case.sharp.whole(), seed)
    fitted = match_spectra(*drawn, settings, case.aspect, CPU, _unheard, RunControl()).psf
    return f"{line}  {misfit(fitted, field.psf.numpy()):9.5f}"


def _photographed(seed: int, family: str, data: Path, folder: Path, settings: CalibrationSettings) -> Case:
    lens = make_known_lens(seed, data, folder, family)
    sets = sample_sets(choose_photos(lens.blurry, lens.sharp, settings), folder / "tiles", settings, _unheard, RunControl())
    pools: tuple[TilePool, TilePool] = sets[0].pool, sets[1].pool
    shape = settings.gaussian
    blurry, sharp = measure_both(*pools, shape.patch, shape.bins, shape.groups, _unheard, RunControl())
    height, width = pools[0].frames[0].tolist()
    area, sharp_area = covered_area(pools[0], shape.bins), float(covered_area(pools[1], 1))
    return Case(lens.truth, blurry, sharp, width / height, area, sharp_area)


def _fitted(case: Case, settings: CalibrationSettings, wavefront: bool) -> float:
    shape = settings.gaussian.model_copy(update={"wavefront": wavefront})
    wanted = settings.model_copy(update={"gaussian": shape})
    fit = match_spectra(case.blurry, case.sharp, wanted, case.aspect, CPU, _unheard, RunControl())
    return misfit(fit.psf, case.truth)


def _model(case: Case, psf: Tensor, settings: CalibrationSettings) -> ModelSpectra:
    """The model at known kernels, with noise, gain and scenes as they fit these photos best."""
    blurry, sharp = case.blurry.whole(), case.sharp.whole().before_compression()
    likelihood = SpectralLikelihood(blurry, sharp, settings, CPU)
    loss = partial(_loss, likelihood, psf)
    descend(likelihood.parameters(), loss, NUISANCE_STEPS, lambda value: None)
    return model_at(psf, likelihood, blurry, sharp.planes, case.area, case.sharp_area)


def _loss(likelihood: SpectralLikelihood, psf: Tensor) -> Tensor:
    return likelihood.negative_log_likelihood(psf) + likelihood.prior()


def _unheard(event: Event) -> None:
    """Nobody listens."""


if __name__ == "__main__":
    main()
