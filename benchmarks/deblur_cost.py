"""What deblurring takes, in units of the window's probe of the machine, and how much memory: the constants of `deblur.tile_costs`.

    python -m benchmarks.deblur_cost [--megapixels 0.4] [--denoisers bundled drunet diffunet]

Each method, and each denoiser of DPIR, in a process of its own with one thread; processor time, so that a busy machine matters little.
Networks that have to be downloaded, and the lens's own, are made with random weights: they take the same time.
"""

from __future__ import annotations

import argparse
import math
import multiprocessing
import time
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

import numpy as np
import torch
from deepinv.models import DiffUNet, DRUNet
from torch import Tensor

from ddm_studio.deblur.denoisers import Denoiser, load_denoiser, ready
from ddm_studio.deblur.mixed_precision import MixedPrecisionDrunet, fast_type
from ddm_studio.deblur.restore import restore_frame
from ddm_studio.deblur.restorer import Restorer, RestorerNetwork
from ddm_studio.deblur.tiles import plan_tiles
from ddm_studio.optics.dead_leaves import dead_leaves
from ddm_studio.optics.display_curve import decode
from ddm_studio.optics.synthetic_lens import psf_grid, random_lens
from ddm_studio.settings import DeblurSettings, DenoiserName, Method

CPU = torch.device("cpu")
RUNS = (
    (Method.WIENER, "bundled"),
    (Method.NETWORK, "bundled"),
    (Method.DPIR, "bundled"),
    (Method.DIFFPIR, "bundled"),
    (Method.DPIR, "drunet"),
    (Method.DPIR, "diffunet"),
)
# Of the bundled denoiser, which the lens's network begins as.
WIDTHS, BLOCKS = (24, 48, 96, 192), 2


@dataclass(frozen=True)
class Cost:
    """Batches of the probe for a million pixels of tiles, and bytes for each pixel of one tile."""

    batches: float
    bytes: float


def main() -> None:
    """Print one row for each run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--megapixels", type=float, default=0.4)
    parser.add_argument("--denoisers", nargs="+", choices=get_args(DenoiserName), default=get_args(DenoiserName))
    options = parser.parse_args()
    print(f"{'method':10} {'denoiser':10} {'batches/MP of tiles':>20} {'bytes/px of a tile':>20}", flush=True)
    for method, denoiser in RUNS:
        if denoiser not in options.denoisers:
            continue
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            cost = pool.apply(measure, (method, denoiser, options.megapixels))
        print(f"{method:10} {denoiser:10} {cost.batches:20.0f} {cost.bytes:20.0f}", flush=True)


def measure(method: Method, name: str, megapixels: float) -> Cost:
    """Restore a generated scene of so many megapixels."""
    torch.set_num_threads(1)
    side = round(1000 * math.sqrt(megapixels))
    scene = torch.from_numpy(decode(dead_leaves(side, side, 1).astype(np.float32).clip(0, 1))).permute(2, 0, 1).contiguous()
    # As few kernels a tile as in a photo of 24 megapixels.
    psf = torch.from_numpy(psf_grid(random_lens(1), 8, 8, 13)[:2, :2].astype(np.float32))
    denoiser, restorer = _denoiser(name) if method in (Method.DPIR, Method.DIFFPIR) else None, None
    if method is Method.NETWORK:
        network = RestorerNetwork(WIDTHS, BLOCKS, CPU).eval().requires_grad_(False)
        restorer = Restorer(network)

    def restore(part: Tensor) -> None:
        restore_frame(part, psf, torch.full((3,), 0.01), DeblurSettings(method=method), denoiser, restorer=restorer)

    restore(scene[:, :64, :64])  # what is only loaded or planned once
    batch = _batch()
    before, began = _forget_peak(), time.process_time()
    restore(scene)
    seconds = time.process_time() - began
    layout = plan_tiles(side, side, psf)
    pixels = [down.size * across.size for down in layout.down for across in layout.across]
    return Cost(seconds / batch / (sum(pixels) / 1e6), (_peak() - before) / max(pixels))


def _denoiser(name: str) -> Denoiser:
    if name == "bundled":
        return load_denoiser("bundled", CPU)
    if name == "drunet":
        return ready(MixedPrecisionDrunet(DRUNet(pretrained=None), fast_type(CPU)), CPU)
    return ready(DiffUNet(pretrained=None), CPU)


def _batch() -> float:
    """Processor seconds of one batch of the probe, as `gui.speed_probe` times it by the clock."""
    patches = np.random.default_rng(0).random((64, 48, 48), np.float32)
    times = []
    for _ in range(200):
        began = time.process_time()
        np.fft.irfft2(np.fft.rfft2(patches))
        times.append(time.process_time() - began)
    return float(np.quantile(times, 0.25))


def _forget_peak() -> int:
    """Bytes taken now; from here on counts the peak (Linux)."""
    Path("/proc/self/clear_refs").write_text("5")
    return _peak()


def _peak() -> int:
    """Bytes."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(1024 * int(line.split()[1]) for line in lines if line.startswith("VmHWM"))


if __name__ == "__main__":
    main()
