"""How well one small picture is upscaled with each of some kernels, scored as in the paper: Y-PSNR and LPIPS, 60 px cropped."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from benchmarks.known_lenses import Picture
from benchmarks.paper.photo_sets import grid_of
from benchmarks.paper.scales import SuperResolutionScale
from ddm_studio.deblur.denoisers import load_denoiser
from ddm_studio.deblur.scores import load_lpips, lpips, luma_psnr
from ddm_studio.deblur.subsampled_model import FACTOR, interpolated
from ddm_studio.deblur.upscale import UPSCALE_SCHEDULE, UpscaleMethod, by_dpir, by_network, upscaled_rows
from ddm_studio.deblur.zero_shot import ZeroShotNetwork, learn_from_photo
from ddm_studio.optics.display_curve import decode, encode
from ddm_studio.optics.psf_grid import normalise
from ddm_studio.optics.psf_metrics import aligned

Kernel = NDArray[np.float32]
BORDER = 60
METHODS = "dpir", "zero-shot"


@dataclass(frozen=True)
class Upscaled:
    """Y-PSNR in dB and LPIPS, None where its weights are not on this machine."""

    luma_psnr: float
    lpips: float | None

    def __str__(self) -> str:
        return f"{self.luma_psnr:6.2f} {'-' if self.lpips is None else f'{self.lpips:.3f}'}"


Table = dict[tuple[str, str], Upscaled]
"""By method and kernel; interpolation stands under ("interpolated", "")."""


def upscaled_scores(
    low: Picture, truth: Picture, kernels: Mapping[str, Kernel], scale: SuperResolutionScale, noise: float, seed: int, device: torch.device
) -> Table:
    """Upscale the middle of a picture by all methods.

    Args:
        low: (h, w, 3) display-encoded, noisy.
        truth: (2 h, 2 w, 3) display-encoded, its pixels of even row and column where those of `low` are.
        kernels: (k, k) each, by name; "true" is the one that `low` was made with.
        scale: How large a part is upscaled, and how long a network learns from the whole picture.
        noise: Of `low`, in encoded units.
        seed: Of the networks.
        device: Where to compute.
    """
    photo = _linear(low)
    down, across = (_middle(extent, scale.restored_side) for extent in photo.shape[-2:])
    part = photo[:, down, across]
    wanted = truth[_twice(down), _twice(across)]
    network = load_lpips()

    def score_by(method: UpscaleMethod, taps: Tensor) -> Upscaled:
        return score(torch.cat(list(upscaled_rows(part, taps, method)), 1))

    def score(large: Tensor) -> Upscaled:
        return _score(encode(large.permute(1, 2, 0).cpu().numpy()).clip(0, 1).astype(np.float32), wanted, network)

    table = {("interpolated", ""): score(interpolated(part[None])[0])}
    denoiser, sigma = load_denoiser("bundled", device), torch.full((3,), noise, device=device)
    for name, kernel in kernels.items():
        taps = _in_place(kernel, kernels["true"]).to(device)
        table["dpir", name] = score_by(by_dpir(taps, sigma, denoiser, UPSCALE_SCHEDULE), taps)
        table["zero-shot", name] = score_by(_zero_shot(photo, taps, sigma, scale, seed), taps)
    return table


def rows(table: Table) -> list[str]:
    """Lines of a table, one per method."""
    lines = [f"      {'interpolated':12}  {table['interpolated', '']}"]
    for method in METHODS:
        cells = [f"{name} kernel {scores}" for (by, name), scores in table.items() if by == method]
        lines.append(f"      {method:12}  {'   '.join(cells)}")
    return lines


def mean_of(tables: list[Table]) -> Table:
    """Means over seeds."""
    mean: Table = {}
    for key in tables[0]:
        distances = [table[key].lpips for table in tables]
        known = [distance for distance in distances if distance is not None]
        mean[key] = Upscaled(float(np.mean([table[key].luma_psnr for table in tables])), float(np.mean(known)) if known else None)
    return mean


def _zero_shot(photo: Tensor, taps: Tensor, sigma: Tensor, scale: SuperResolutionScale, seed: int) -> UpscaleMethod:
    generator = torch.Generator().manual_seed(seed)
    network = ZeroShotNetwork(generator).to(taps.device)
    for _ in learn_from_photo(network, photo, taps, sigma, scale.zero_shot, generator):
        pass
    return by_network(taps, network)


def _in_place(kernel: Kernel, truth: Kernel) -> Tensor:
    """The kernel (3, k, k), not negative, of sum 1, moved onto the true one.

    A shift cannot be known and costs no sharpness, but PSNR would see the picture moved.
    """
    moved: Tensor = normalise(torch.from_numpy(aligned(grid_of(kernel), grid_of(truth))).float())[0, 0]
    return moved


def _score(estimate: Picture, wanted: Picture, network: nn.Module | None) -> Upscaled:
    return Upscaled(luma_psnr(estimate, wanted, BORDER), None if network is None else lpips(network, estimate, wanted, BORDER))


def _linear(encoded: Picture) -> Tensor:
    return torch.from_numpy(decode(encoded)).permute(2, 0, 1)


def _middle(extent: int, side: int) -> slice:
    taken = min(extent, side)
    return slice((extent - taken) // 2, (extent - taken) // 2 + taken)


def _twice(part: slice) -> slice:
    return slice(FACTOR * part.start, FACTOR * part.stop)
