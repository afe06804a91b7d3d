"""How close a restored photo is to a known truth: PSNR, that of luma, SSIM and LPIPS of display-encoded pictures.

Pictures are (height, width, 3), peak 1; `border` pixels are cropped at each side, where a restoration had to guess what was not
photographed. SSIM and LPIPS are torchmetrics'. How close a result is to its own photo, truth unknown, is `reblur_residual`'s.
"""

from __future__ import annotations

import urllib.error
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ddm_studio.errors import WeightsError

Picture: TypeAlias = NDArray[np.floating[Any]]

# Rec. 601 with studio levels (16-235), by which the literature's Y-PSNR is computed.
_LUMA = np.array([65.481, 128.553, 24.966]) / 255

ALEXNET = "alexnet-owt-7be5be79.pth"
"""Torchvision's file name of the weights that LPIPS needs; the digits are the start of its SHA-256, which torchvision checks."""
LPIPS_ABSENT = "LPIPS is left out: torchvision's AlexNet weights (244 MB) are not on this machine, and nothing is downloaded unasked."


def psnr(estimate: Picture, truth: Picture, border: int) -> float:
    """Peak signal-to-noise ratio in dB over all three channels.

    Raises:
        ValueError: The shapes differ.
    """
    return _decibels(_inside(estimate, truth, border))


def luma_psnr(estimate: Picture, truth: Picture, border: int) -> float:
    """Y-PSNR: peak signal-to-noise ratio in dB of Rec. 601 luma at studio levels.

    Raises:
        ValueError: The shapes differ.
    """
    inside = _inside(estimate, truth, border)
    return _decibels((inside[0] @ _LUMA, inside[1] @ _LUMA))


def ssim(estimate: Picture, truth: Picture, border: int) -> float:
    """Structural similarity (Wang et al. 2004, Gaussian windows of 11 px), mean over channels.

    Raises:
        ValueError: The shapes differ.
    """
    # Inside: torchmetrics takes seconds to load, and jobs that score nothing import this package too.
    from torchmetrics.functional.image import structural_similarity_index_measure

    inside = _inside(estimate, truth, border)
    score = structural_similarity_index_measure(_batch(inside[0]), _batch(inside[1]), data_range=1.0)
    assert isinstance(score, Tensor)
    return float(score)


def load_lpips(download: bool = False) -> nn.Module | None:
    """LPIPS's network (Zhang et al. 2018, AlexNet), None where its weights are not on this machine and may not be downloaded.

    Raises:
        WeightsError: They may be downloaded and cannot be.
    """
    if not download and not (Path(torch.hub.get_dir()) / "checkpoints" / ALEXNET).exists():
        return None
    from torchmetrics.image.lpip import LearnedPerceptualImagePatchSimilarity

    try:
        network: nn.Module = LearnedPerceptualImagePatchSimilarity("alex", normalize=True)
    except (urllib.error.URLError, OSError, RuntimeError) as error:
        raise WeightsError(f"The weights {ALEXNET} could not be downloaded", str(error), "Try again later, or do without LPIPS") from error
    return network


def lpips(network: nn.Module, estimate: Picture, truth: Picture, border: int) -> float:
    """Learned perceptual distance by the network of `load_lpips`; 0 for equal pictures.

    Raises:
        ValueError: The shapes differ.
    """
    distance: Tensor = network(*(_batch(picture).clamp(0, 1) for picture in _inside(estimate, truth, border)))
    return float(distance)


def _inside(estimate: Picture, truth: Picture, border: int) -> tuple[Picture, Picture]:
    if estimate.shape != truth.shape:
        raise ValueError(f"expected pictures of one size, got {estimate.shape} and {truth.shape}")
    inside = slice(border, -border or None)
    return estimate[inside, inside].astype(np.float64), truth[inside, inside].astype(np.float64)


def _decibels(pair: tuple[Picture, Picture]) -> float:
    error = np.mean((pair[0] - pair[1]) ** 2)
    return float(-10 * np.log10(max(float(error), 1e-12)))


def _batch(picture: Picture) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(picture, np.float32)).permute(2, 0, 1)[None]
