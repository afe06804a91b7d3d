"""The space-varying experiments: a mono grid of wide kernels, and an RGB lens whose sharp set is the centres of its own frames."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray

from benchmarks.known_lenses import KnownLens, photograph_sets
from benchmarks.lens_families import seidel
from benchmarks.paper.pictures import save_grids
from benchmarks.paper.scales import LensScale
from benchmarks.recover_lens import Scores, measure
from ddm_studio.engine.requests import CalibrationRequest
from ddm_studio.optics.psf_grid import interpolation_weights
from ddm_studio.optics.synthetic_lens import psf_grid, random_lens
from ddm_studio.profiles.lens_profile import load_profile
from ddm_studio.settings import CalibrationSettings

Grid = NDArray[np.float32]
RunLens: TypeAlias = Callable[[int, LensScale, CalibrationSettings, Path, Path], tuple[Scores, str]]

WIDER = 2.0
"""How many times the aberrations of an ordinary synthetic lens those of the wide grid are."""
SMALL_SCENE = 321, 481
"""Height and width of the scenes that frames are made of."""


def wide_mono_grid(seed: int) -> Grid:
    """An 8x8 grid (8, 8, 3, 27, 27), alike in all channels, of a lens with strong aberrations: the stand-in for the paper's real PSFs."""
    lens = random_lens(seed)
    strong = {name: WIDER * getattr(lens, name) for name in ("airy_px", "defocus", "field_curvature", "spherical", "coma", "astigmatism")}
    colourless = {"longitudinal_colour": (0.0, 0.0), "lateral_colour_px": (0.0, 0.0)}
    grid = psf_grid(replace(lens, **strong, **colourless), size=27).mean(2, keepdims=True)
    return np.repeat(grid, 3, 2)


def sharp_in_the_middle(lens: Grid, crop: tuple[int, int], mosaic: int) -> Grid:
    """A lens that is perfect in the central `crop` (width x height in px) and blurs like `lens` further out.

    Whoever uses more than the centre of its frames as the sharp set calibrates too little blur.
    """
    rows, columns, _, size, _ = lens.shape
    height, width = (mosaic * side for side in SMALL_SCENE)
    reach = np.array([crop[1] / height, crop[0] / width]) / 2
    corners = torch.tensor([[0.5 + down * reach[0], 0.5 + across * reach[1]] for down in (-1, 0, 1) for across in (-1, 0, 1)])
    lines = [torch.linspace(float(corners[0, axis]), float(corners[-1, axis]), 50) for axis in (0, 1)]
    inside = interpolation_weights(torch.cartesian_prod(*lines), rows, columns).sum(0).reshape(rows, columns) > 0
    perfect = np.zeros((size, size), np.float32)
    perfect[size // 2, size // 2] = 1
    return np.where(inside.numpy()[:, :, None, None, None], perfect, lens).astype(np.float32)


def run_grid(seed: int, scale: LensScale, settings: CalibrationSettings, data: Path, out: Path) -> tuple[Scores, str]:
    """The mono grid: scores, and the columns that have no mean."""
    with tempfile.TemporaryDirectory() as folder:
        lens = photograph_sets(wide_mono_grid(seed), seed, data, Path(folder), scale.frames, scale.sharp, scale.mosaic)
        return _calibrated(f"grid_{seed}", lens, settings, Path(folder), out)


def run_lens(seed: int, scale: LensScale, settings: CalibrationSettings, data: Path, out: Path) -> tuple[Scores, str]:
    """The RGB lens and the centres of frames that are sharp there only; the same results."""
    truth = seidel(seed)
    assert settings.sharp_crop is not None
    sharp_lens = sharp_in_the_middle(truth, settings.sharp_crop, scale.mosaic)
    with tempfile.TemporaryDirectory() as folder:
        lens = photograph_sets(truth, seed, data, Path(folder), scale.frames, scale.sharp, scale.mosaic, sharp_lens)
        return _calibrated(f"lens_{seed}", lens, settings, Path(folder), out)


def _calibrated(name: str, lens: KnownLens, settings: CalibrationSettings, folder: Path, out: Path) -> tuple[Scores, str]:
    request = CalibrationRequest(lens.blurry, lens.sharp, folder / "project", settings)
    scores, rest = measure(lens, request)
    profile = load_profile(folder / "project" / "profile.lens")
    save_grids(out, name, lens.truth, profile.psf)
    return scores, f"{rest}   noise {profile.noise_sigma.mean():.4f}"
