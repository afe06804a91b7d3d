"""Seconds and memory of deblurring whole photos: `python -m benchmarks.full_size --methods wiener dpir --megapixels 24 100`.

Each run is the command `ddm-studio deblur` in a process of its own, from its start to its end: start-up, decoding an uncompressed 16-bit
TIFF, restoring, and writing such a TIFF. `photo s` are the seconds of the photo alone, from before it is decoded until it is saved, as its
sidecar has them: loading torch takes some two seconds, once for all photos. The photo is a generated scene seen through a synthetic lens
of 8x8 nodes of 13x13 px; the profile holds the spectrum of such scenes, so that Wiener restores the channels together. The lens's network
is one before its training: the bundled denoiser with more inputs, which takes the same time as a trained one.
Clock seconds depend on what else the machine does, processor seconds much less; memory is the peak of the process.
Slow methods may be run on a smaller photo: tiles are alike, so that seconds grow with the megapixels, but for the start.
With `--device cuda` DPIR and DiffPIR run as `on_card.py` says, and the share of the card's peak is printed; without a card it ends with 2.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import tifffile
import torch
from numpy.typing import NDArray
from torch import Tensor

from benchmarks.on_card import NO_CARD, CardRun
from ddm_studio.deblur.denoisers import bundled_weights, read_narrow_drunet
from ddm_studio.deblur.restorer import network_like
from ddm_studio.deblur.restorer_file import RestorerFacts, lens_digest, save_restorer
from ddm_studio.deblur.scene_prior import PAIRS
from ddm_studio.engine.sidecar import read_sidecar
from ddm_studio.optics.dead_leaves import dead_leaves
from ddm_studio.optics.display_curve import decode
from ddm_studio.optics.forward_model import photograph
from ddm_studio.optics.synthetic_lens import psf_grid, random_lens
from ddm_studio.profiles.lens_profile import LensProfile, save_profile
from ddm_studio.project import restorer_beside
from ddm_studio.settings import Method
from ddm_studio.spectra.power_spectrum import hann

SCENE = 1000
WINDOW = 48
OUT = "out"
NOISE = 0.01
# A small process between: Linux counts what the starting process holds as memory of the started one.
STARTER = """
import os, subprocess, sys, time
began = time.monotonic()
process = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL)
_, status, usage = os.wait4(process.pid, 0)
print(time.monotonic() - began, usage.ru_utime + usage.ru_stime, usage.ru_maxrss)
sys.exit(os.waitstatus_to_exitcode(status))
"""
HEAD = f"{'method':10} {'megapixels':>10} {'seconds':>8} {'photo s':>8} {'cpu s':>8} {'peak GB':>8} {'load':>5}"


@dataclass(frozen=True)
class Measured:
    """One run; `load` is the number of processes that wanted the machine before it began."""

    seconds: float
    processor_seconds: float
    peak: float
    load: float


def main(words: list[str] | None = None) -> int:
    """Print the table row by row; 2 where a card is asked for and there is none."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--methods", nargs="+", type=Method, choices=tuple(Method), default=[Method.WIENER])
    parser.add_argument("--megapixels", nargs="+", type=float, default=[24.0])
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=156, help="of the lens")
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    parser.add_argument("--denoiser", choices=("bundled", "drunet"), default="bundled", help="on a card; of random weights where missing")
    parser.add_argument("--compile", action="store_true", help="the denoiser, on a card")
    arguments = parser.parse_args(words)
    on_card = arguments.device == "cuda"
    if on_card and not torch.cuda.is_available():
        sys.stderr.write(NO_CARD)
        return 2
    if not on_card and (arguments.denoiser != "bundled" or arguments.compile):
        parser.error("--denoiser and --compile are for --device cuda")
    sys.stdout.write(HEAD + "\n")
    with tempfile.TemporaryDirectory() as folder:
        for megapixels in arguments.megapixels:
            photo, profile = make_photo(Path(folder), megapixels, arguments.seed)
            for method in arguments.methods:
                with_denoiser = on_card and method in (Method.DPIR, Method.DIFFPIR)
                if with_denoiser:
                    command = card_command(photo, profile, method, arguments.denoiser, arguments.compile)
                else:
                    command = deblur_command(photo, profile, method, arguments.device)
                run = measure(command, arguments.threads)
                # What runs on a card leaves no sidecar.
                alone = "-" if with_denoiser else f"{photo_seconds(photo, method):.1f}"
                sys.stdout.write(
                    f"{method:10} {megapixels:10.3g} {run.seconds:8.1f} {alone:>8} {run.processor_seconds:8.1f}"
                    f" {run.peak:8.2f} {run.load:5.1f}\n"
                )
                if with_denoiser:
                    tell_card(CardRun(**json.loads((photo.parent / OUT / "card.json").read_text())), run.seconds)
                sys.stdout.flush()
            photo.unlink()
    return 0


def tell_card(card: CardRun, seconds: float) -> None:
    """Print what a card did in a run of so many seconds."""
    sys.stdout.write(
        f"    {card.card}, {card.weights} weights, up to {card.largest_batch} tiles at once: {card.operations / 1e12:.0f} TFLOP in"
        f" {card.network_seconds:.1f} s of the denoiser, {card.share(card.network_seconds):.2f} of the"
        f" {card.peak / 1e12:.0f} TFLOP/s of a matrix product measured in the same run ({card.share(seconds):.2f} over all seconds)\n"
    )


def make_photo(folder: Path, megapixels: float, seed: int) -> tuple[Path, Path]:
    """A 3:2 photo of a scene that repeats, as an uncompressed 16-bit TIFF, and the profile of its lens."""
    height = round(math.sqrt(megapixels * 1e6 * 2 / 3))
    width = round(height * 1.5)
    psf = psf_grid(random_lens(seed))
    scene = torch.from_numpy(dead_leaves(SCENE, SCENE, seed)).permute(2, 0, 1)
    blurry = photograph(scene, torch.from_numpy(psf[3:5, 3:5].mean((0, 1), keepdims=True)), NOISE, torch.Generator().manual_seed(seed))
    codes = (blurry.permute(1, 2, 0).numpy() * 65535).round().astype(np.uint16)
    across = np.tile(codes, (1, math.ceil(width / SCENE), 1))[:, :width]
    photo, profile = folder / f"{megapixels:g}.tif", folder / f"{megapixels:g}.lens"
    written = tifffile.memmap(photo, shape=(height, width, 3), dtype=np.uint16, photometric="rgb")
    for top in range(0, height, SCENE):
        written[top : top + SCENE] = across[: height - top]
    written.flush()
    del written
    lens = LensProfile(psf, np.full(3, NOISE, np.float32), (width, height), scene_spectrum=scene_spectrum(scene))
    save_profile(lens, profile)
    network = network_like(read_narrow_drunet(bundled_weights()), torch.device("cpu"))
    save_restorer(restorer_beside(profile), network, lens_digest(lens.psf, lens.noise_sigma, lens.light), RestorerFacts())
    return photo, profile


def scene_spectrum(scene: Tensor) -> NDArray[np.float32]:
    """The planes (6, p, p // 2 + 1) that a profile keeps of sharp photos, of a display-encoded scene (3, h, w)."""
    windows = decode(scene).unfold(1, WINDOW, WINDOW // 2).unfold(2, WINDOW, WINDOW // 2).flatten(1, 2).transpose(0, 1)
    spectra = torch.fft.rfft2((windows - windows.mean((-2, -1), keepdim=True)) * hann(WINDOW))
    pairs = (*((channel, channel) for channel in range(3)), *PAIRS)
    planes = torch.stack([(spectra[:, i] * spectra[:, j].conj()).real.mean(0) for i, j in pairs])
    array: NDArray[np.float32] = planes.numpy()
    return array


def deblur_command(photo: Path, profile: Path, method: Method, device: str = "cpu") -> list[str]:
    """The program's own command."""
    command = [sys.executable, "-m", "ddm_studio", "deblur", str(photo), "--profile", str(profile), "--method", method.value]
    return [*command, "--device", device, "--out", str(photo.parent / OUT), "--again"]


def card_command(photo: Path, profile: Path, method: Method, denoiser: str, compiled: bool) -> list[str]:
    """The same with a network that need not be published, on a card."""
    command = [sys.executable, "-m", "benchmarks.on_card", str(photo), str(profile), str(photo.parent / OUT), "--method", method.value]
    return [*command, "--denoiser", denoiser, *(["--compile"] if compiled else [])]


def photo_seconds(photo: Path, method: Method) -> float:
    """What the result of a photo took, from before it was decoded until it was saved."""
    return read_sidecar(photo.parent / OUT / f"{photo.stem}_{method.value}.tif").seconds


def measure(command: list[str], threads: int) -> Measured:
    """Run a command once.

    Raises:
        SystemExit: It failed; it has said why.
    """
    load = os.getloadavg()[0]
    environment = os.environ | {"DDM_STUDIO_THREADS": str(threads)}
    told = subprocess.run([sys.executable, "-c", STARTER, *command], env=environment, stdout=subprocess.PIPE, text=True, check=False)
    if told.returncode != 0:
        raise SystemExit(told.returncode)
    seconds, processor_seconds, peak = map(float, told.stdout.split())
    # Linux counts in KB, macOS in bytes.
    per_gigabyte = 1e6 if sys.platform == "linux" else 1e9
    return Measured(seconds, processor_seconds, peak / per_gigabyte, load)


if __name__ == "__main__":
    sys.exit(main())
