"""The paper's scores, and its own figures to print beside ours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from benchmarks.known_lenses import Picture
from benchmarks.paper.photo_sets import cut_photo, grid_of
from ddm_studio.deblur.denoisers import load_denoiser
from ddm_studio.deblur.restore import restore_frame
from ddm_studio.deblur.scores import load_lpips, lpips, psnr
from ddm_studio.optics.display_curve import decode, encode
from ddm_studio.optics.psf_metrics import centroid, grid_ncc, kernel_psnr, pad_to
from ddm_studio.settings import DeblurSettings, Method

Kernel = NDArray[np.float32]

PSNR_SIDE = 25


def kernel_ncc(estimate: Kernel, truth: Kernel) -> float:
    """NCC of two kernels (k, k) and (k', k') of any sides, both padded to one size, after the best shift, sub-pixel too.

    The true kernel is first moved by whole pixels towards the estimate, which leaves its taps as they are.
    """
    ours, theirs = (grid_of(kernel)[0, 0, 0] for kernel in (estimate, truth))
    side = 2 * max(ours.shape[-1], theirs.shape[-1]) - 1
    ours, theirs = pad_to(ours, side), pad_to(theirs, side)
    # Of squares, because faint tails move a centre of mass.
    away = np.round(centroid(ours**2) - centroid(theirs**2)).astype(int)
    return float(grid_ncc(grid_of(ours), grid_of(np.roll(theirs, tuple(away), (0, 1)))).mean())


def centred_psnr(estimate: Kernel, truth: Kernel) -> float:
    """PSNR in dB of two kernels (k, k) and (k', k') of any sides, padded to 25x25 and centred: the paper's score of super-resolution."""
    return float(kernel_psnr(grid_of(estimate)[0, 0, 0], grid_of(truth)[0, 0, 0], PSNR_SIDE))


@dataclass(frozen=True)
class RestoredScores:
    """Means over photos: PSNR in dB and LPIPS, None where its weights are not on this machine."""

    psnr: float
    lpips: float | None


def restored_scores(
    scenes: Sequence[Picture], truth: Kernel, kernels: Sequence[Kernel], noise: float, device: torch.device
) -> list[RestoredScores]:
    """How well photos are deblurred by DiffPIR, with each of some grids (rows, columns, 3, k, k).

    Args:
        scenes: Display-encoded (height, width, 3), larger than the photos made of them by the kernel's reach.
        truth: The grid that the photos are made with.
        kernels: The grids that they are deblurred with.
        noise: Of the photos, in encoded units.
        device: Where to compute.

    Returns:
        Scores of each grid.
    """
    denoiser = load_denoiser("bundled", device)
    settings, sigma = DeblurSettings(method=Method.DIFFPIR), torch.full((3,), noise)
    border = truth.shape[-1]
    reach = border // 2
    # Never downloaded here: a score must not depend on the network.
    network = load_lpips()
    results = []
    for psf in kernels:
        pairs = []
        for number, scene in enumerate(scenes):
            photo = torch.from_numpy(decode(cut_photo(scene, truth, noise, number))).permute(2, 0, 1)
            restored = restore_frame(photo, torch.from_numpy(psf).to(device), sigma, settings, denoiser)
            pairs.append((encode(restored.permute(1, 2, 0).numpy()).clip(0, 1), scene[reach:-reach, reach:-reach]))
        # As everywhere, a kernel's side is cut away at each border: what lies beyond it was not photographed.
        likeness = float(np.mean([psnr(one, other, border) for one, other in pairs]))
        distance = None if network is None else float(np.mean([lpips(network, one, other, border) for one, other in pairs]))
        results.append(RestoredScores(likeness, distance))
    return results
