"""One kernel for all photos: the paper's FFHQ experiments (its appendix B.1), on crops of natural scenes instead of faces."""

from __future__ import annotations

import math
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from benchmarks.motion_kernels import gaussian_kernel, motion_kernel
from benchmarks.paper.photo_sets import photograph_squares
from benchmarks.paper.pictures import save_grids
from benchmarks.paper.scales import SingleScale
from benchmarks.paper.scores import kernel_ncc, restored_scores
from ddm_studio.control import RunControl
from ddm_studio.engine.calibrate import calibrate
from ddm_studio.engine.checkpoints import load_snapshot
from ddm_studio.engine.device import choose_device
from ddm_studio.engine.requests import CalibrationRequest
from ddm_studio.events import Event
from ddm_studio.optics.psf_grid import normalise
from ddm_studio.optics.psf_metrics import aligned
from ddm_studio.profiles.lens_profile import load_profile
from ddm_studio.settings import CalibrationSettings

NOISE = 0.02
NOISE_LEVELS = 0.0, 0.02, 0.04, 0.08
# The paper says that its Gaussian is isotropic, not how wide it is.
GAUSSIAN_WIDTH_PX = 3.0
# The photos are 8-bit files, and rounding is noise as well: all there is where the experiment adds none.
QUANTISATION = 1 / (255 * math.sqrt(12))
RESTORED_NOISE = 0.02
"""Of the photos that are deblurred, whatever the noise was in calibration: as in the paper's appendix B.1.1."""


@dataclass(frozen=True)
class PaperFigures:
    """What the paper reports of motion kernels (its figure 9), over 1000 faces."""

    ncc: float
    psnr: float
    lpips: float


PAPER = {
    0.0: PaperFigures(0.98, 28.93, 0.068),
    0.02: PaperFigures(0.94, 28.76, 0.069),
    0.04: PaperFigures(0.96, 28.84, 0.070),
    0.08: PaperFigures(0.91, 28.01, 0.079),
}


@dataclass(frozen=True)
class SingleScores:
    """What is measured of one kernel at one noise; PSNR in dB and LPIPS are of held-out photos deblurred by DiffPIR."""

    ncc: float
    stage1: float
    psnr: float
    psnr_true: float
    lpips: float | None
    seconds: float


HEAD = "kernel    seed  noise   NCC (paper)  stage 1  PSNR (paper)  true kernel's   LPIPS (paper)  seconds"


def row(name: str, seed: str, noise: float, scores: SingleScores) -> str:
    """One line of the table; a dash where the paper or this machine has no figure."""
    paper = PAPER[noise] if name == "motion" else None
    ncc, psnr, lpips = (f"{paper.ncc:.2f}", f"{paper.psnr:.2f}", f"{paper.lpips:.3f}") if paper else ("-",) * 3
    ours = "-" if scores.lpips is None else f"{scores.lpips:.3f}"
    return (
        f"{name:8}  {seed:>4}  {noise:5.2f}  {scores.ncc:.3f} ({ncc:>4})  {scores.stage1:7.3f}  {scores.psnr:5.2f} ({psnr:>5})"
        f"  {scores.psnr_true:13.2f}  {ours:>6} ({lpips:>5})  {scores.seconds:7.1f}"
    )


def kernel_of(name: str, seed: int) -> NDArray[np.float32]:
    """`motion` or `gaussian`, (28, 28)."""
    return motion_kernel(seed) if name == "motion" else gaussian_kernel(GAUSSIAN_WIDTH_PX)


def run(name: str, seed: int, noise: float, scale: SingleScale, settings: CalibrationSettings, data: Path, out: Path) -> SingleScores:
    """Make the photos, calibrate with the noise given, save the kernel's picture, deblur held-out photos, score.

    Args:
        name: Which kind of kernel.
        seed: Of kernel, scenes and noise.
        noise: Of the blurry set, in encoded units.
        scale: Sizes of the sets.
        settings: Of the calibration; `noise` and `seed` are put in.
        data: Holds natural_a and natural_b.
        out: Receives the pictures.
    """
    settings = settings.model_copy(update={"noise": math.hypot(noise, QUANTISATION), "seed": seed})
    with tempfile.TemporaryDirectory() as folder:
        kernel = kernel_of(name, seed)
        sets = photograph_squares(kernel, noise, scale.sizes, data, Path(folder), seed)
        began = time.perf_counter()
        result = calibrate(CalibrationRequest(sets.blurry, sets.sharp, Path(folder) / "project", settings), _ignore, RunControl())
        seconds = time.perf_counter() - began
        learned = load_profile(result.profile).psf
        snapshot = load_snapshot(result.profile.parent / "checkpoints" / "matching_spectra.safetensors")
        stage1 = snapshot.tensors["psf"].numpy()[0, 0, 0]
    save_grids(out, f"{name}_{seed}_noise_{noise:.2f}", sets.truth, learned)
    device = choose_device(settings.device)
    # A shift of the kernel cannot be known and costs no sharpness, but PSNR would see the picture moved.
    in_place = normalise(torch.from_numpy(aligned(learned, sets.truth)).float()).numpy()
    ours, best = restored_scores(sets.held_out, sets.truth, (in_place, sets.truth), RESTORED_NOISE, device)
    return SingleScores(kernel_ncc(learned[0, 0, 0], kernel), kernel_ncc(stage1, kernel), ours.psnr, best.psnr, ours.lpips, seconds)


def mean(scores: list[SingleScores]) -> SingleScores:
    """Of several seeds."""

    def of(field: str) -> float:
        return float(np.mean([getattr(one, field) for one in scores]))

    lpips = None if any(one.lpips is None for one in scores) else of("lpips")
    return SingleScores(of("ncc"), of("stage1"), of("psnr"), of("psnr_true"), lpips, of("seconds"))


def _ignore(event: Event) -> None:
    pass
