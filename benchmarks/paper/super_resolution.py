"""Super-resolution by two: the kernel under which another picture, blurred and subsampled, has the patches of one small picture.

Data made like DIV2KRK's: an anisotropic Gaussian of 11x11 px with multiplicative noise, every second pixel, noise 0.01, which is
given. With the learned kernel, the true one and the bicubic one the picture is then upscaled (`upscaling.py`). Our pictures are
mosaics of scenes, because one scene of the size at hand makes a low-resolution picture of hardly any patches; and the blur acts
on linear light, as everywhere in this program.
"""

from __future__ import annotations

import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from benchmarks.known_lenses import Picture, load_picture, mosaic_of, save_picture
from benchmarks.paper.photo_sets import cut_photo, grid_of
from benchmarks.paper.pictures import save_grids
from benchmarks.paper.scales import SuperResolutionScale
from benchmarks.paper.scores import centred_psnr, kernel_ncc
from benchmarks.paper.upscaling import Table, upscaled_scores
from ddm_studio.control import RunControl
from ddm_studio.deblur.subsampled_model import FACTOR
from ddm_studio.engine.photo_sets import choose_photos, sample_sets
from ddm_studio.events import Event
from ddm_studio.flow.flow_matching import train_flow
from ddm_studio.flow.windows import WindowSource, windows_of
from ddm_studio.matching.deep_linear_kernel import RECEPTIVE_FIELD, DeepLinearKernel
from ddm_studio.matching.match_distributions import MatchingTask, match_distributions
from ddm_studio.matching.reblur import LensEstimate
from ddm_studio.profiles.upscaling_kernel import bicubic_kernel, save_upscaling_kernel
from ddm_studio.settings import CalibrationSettings, TileSettings
from ddm_studio.snapshot import Snapshot, seed_of

Kernel = NDArray[np.float32]

NOISE = 0.01
KERNEL_SIDE = 11
VARIANCES = 0.6, 5.0
MULTIPLICATIVE_NOISE = 0.25
START_WIDTH_PX = 1.2


@dataclass(frozen=True)
class SuperResolutionScores:
    """NCC and PSNR (dB, 25x25, centred) of the learned kernel, of the one that learning starts from, and of the bicubic kernel."""

    ncc: float
    psnr: float
    start_ncc: float
    start_psnr: float
    bicubic_ncc: float
    bicubic_psnr: float
    seconds: float


HEAD = "seed    NCC   PSNR dB   start's: NCC   PSNR   bicubic's: NCC   PSNR   seconds"


def row(name: str, scores: SuperResolutionScores) -> str:
    """One line of the table."""
    return (
        f"{name:4}  {scores.ncc:.3f}  {scores.psnr:8.2f}  {scores.start_ncc:13.3f}  {scores.start_psnr:5.2f}"
        f"  {scores.bicubic_ncc:15.3f}  {scores.bicubic_psnr:5.2f}  {scores.seconds:8.1f}"
    )


def anisotropic_kernel(seed: int, side: int = KERNEL_SIDE) -> Kernel:
    """A turned Gaussian (side, side) whose variances along its axes are uniform in `VARIANCES`, each tap off by up to a quarter."""
    draw = np.random.default_rng(seed)
    variances, angle = draw.uniform(*VARIANCES, 2), draw.uniform(-np.pi, np.pi)
    line = np.arange(side) - (side - 1) / 2
    down, across = np.meshgrid(line, line, indexing="ij")
    along, aside = across * np.cos(angle) + down * np.sin(angle), down * np.cos(angle) - across * np.sin(angle)
    kernel = np.exp(-(along**2 / variances[0] + aside**2 / variances[1]) / 2)
    kernel *= draw.uniform(1 - MULTIPLICATIVE_NOISE, 1 + MULTIPLICATIVE_NOISE, kernel.shape)
    return (kernel / kernel.sum()).astype(np.float32)


def start_kernel() -> Kernel:
    """The isotropic Gaussian (15, 15) that learning starts from."""
    line = np.exp(-((np.arange(RECEPTIVE_FIELD) - RECEPTIVE_FIELD // 2) ** 2) / (2 * START_WIDTH_PX**2))
    kernel = np.outer(line, line)
    return (kernel / kernel.sum()).astype(np.float32)


def run(seed: int, scale: SuperResolutionScale, data: Path, out: Path, device: torch.device) -> tuple[SuperResolutionScores, Table]:
    """Make the pictures of a seed, learn the kernel, save it and its picture, score it, and upscale with it."""
    truth = anisotropic_kernel(seed)
    with tempfile.TemporaryDirectory() as folder:
        scene = make_pictures(truth, scale.mosaic, data, Path(folder), seed)
        low, sharp = _windows(scale, Path(folder), seed)
        began = time.perf_counter()
        learned = learn_kernel(low, sharp, scale, seed, device)
        seconds = time.perf_counter() - began
        picture = load_picture(Path(folder) / "low" / "low.png")
    save_grids(out, f"super_resolution_{seed}", grid_of(truth), grid_of(learned))
    save_upscaling_kernel(learned, out / f"super_resolution_{seed}.npz")
    start, bicubic = start_kernel(), bicubic_kernel()
    scores = SuperResolutionScores(
        kernel_ncc(learned, truth),
        centred_psnr(learned, truth),
        kernel_ncc(start, truth),
        centred_psnr(start, truth),
        kernel_ncc(bicubic, truth),
        centred_psnr(bicubic, truth),
        seconds,
    )
    kernels = {"learned": learned, "true": truth, "bicubic": bicubic}
    return scores, upscaled_scores(picture, scene, kernels, scale, NOISE, seed, device)


def learn_kernel(low: WindowSource, sharp: WindowSource, scale: SuperResolutionScale, seed: int, device: torch.device) -> Kernel:
    """The kernel (15, 15) that leads from the sharp windows to the low-resolution ones: stages 2 and 3 with a deep linear kernel."""
    control = RunControl()
    teacher = train_flow(low, scale.flow, seed, device, None, _forget, _ignore, control)
    model = DeepLinearKernel(torch.Generator().manual_seed(seed_of(seed, "deep linear kernel")), scale.channels)
    model.fit_to(torch.from_numpy(start_kernel()))
    # Two pictures differ in contrast; that must not be pushed into the kernel.
    start = LensEstimate(model.grid().detach(), torch.full((3,), NOISE), torch.ones(3), FACTOR)
    task = MatchingTask(low, sharp, model, start, teacher, scale.matching, noise_fixed=True, seed=seed, device=device)
    kernel: Kernel = match_distributions(task, None, _forget, _ignore, control).psf[0, 0, 0].numpy()
    return kernel


def make_pictures(truth: Kernel, mosaic: int, data: Path, folder: Path, seed: int) -> Picture:
    """Write a small picture of natural_b (low/low.png) and a sharp one of natural_a (sharp/sharp.png), mosaics both.

    Returns:
        (2 h, 2 w, 3) what the small picture was made of, its pixels of even row and column where those of the small one are.
    """
    draw = np.random.default_rng(seed + 2_000_000)
    pictures = [mosaic_of(sorted((data / name).glob("*.jpg")), mosaic, draw) for name in ("natural_b", "natural_a")]
    places = folder / "low", folder / "sharp"
    for place in places:
        place.mkdir()
    small = cut_photo(pictures[0], grid_of(truth), 0.0, 0)[::FACTOR, ::FACTOR]
    save_picture(small + NOISE * draw.standard_normal(small.shape).astype(np.float32), places[0] / "low.png")
    save_picture(pictures[1], places[1] / "sharp.png")
    reach = truth.shape[-1] // 2
    return pictures[0][reach:, reach:][: FACTOR * small.shape[0], : FACTOR * small.shape[1]]


def _windows(scale: SuperResolutionScale, folder: Path, seed: int) -> tuple[WindowSource, WindowSource]:
    settings = CalibrationSettings(tiles=TileSettings(tile=96, blurry_tiles=scale.tiles, sharp_tiles=scale.tiles), seed=seed)
    low, sharp = sample_sets(choose_photos(folder / "low", folder / "sharp", settings), folder, settings, _ignore, RunControl())
    return windows_of(low.pool), windows_of(sharp.pool)


def _ignore(event: Event) -> None:
    pass


def _forget(snapshot: Snapshot) -> None:
    pass
