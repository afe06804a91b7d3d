"""How well a known lens is recovered: `python -m benchmarks.recover_lens --preset instant --seeds 100-109 --data DIR`.

One line per lens: NCC of the grid (mean, worst, 10th percentile), seconds, peak memory, the stage the grid came from, and the
share of the true grid's Wiener gain (PSNR) that the learned grid reaches on four frames. `quick` prints stage 1's NCC beside.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from benchmarks.known_lenses import KnownLens, add_data_option, data_folder, make_known_lens, seeds
from benchmarks.lens_families import FAMILIES
from ddm_studio.control import RunControl
from ddm_studio.deblur.restore import restore_frame
from ddm_studio.deblur.scores import psnr
from ddm_studio.engine.calibrate import calibrate
from ddm_studio.engine.checkpoints import load_snapshot
from ddm_studio.engine.device import prepare_engine_thread
from ddm_studio.engine.requests import CalibrationRequest
from ddm_studio.optics.display_curve import encode
from ddm_studio.optics.psf_metrics import grid_ncc
from ddm_studio.photos.reading import read_photo
from ddm_studio.profiles.lens_profile import LensProfile, load_profile
from ddm_studio.settings import DeblurSettings, Preset, preset_settings


def main() -> None:
    """Print one line per lens and the summary."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--preset", type=Preset, default=Preset.INSTANT)
    parser.add_argument("--seeds", type=seeds, default=seeds("100-102"))
    parser.add_argument("--device", default="auto")
    parser.add_argument("--frames", type=int, default=40)
    parser.add_argument("--family", choices=FAMILIES, default="seidel", help="how the PSFs are made")
    add_data_option(parser)
    arguments = parser.parse_args()
    threads = prepare_engine_thread(beside_window=False)
    photos = f"{arguments.frames} frames of 642 x 962, 100 sharp, noise 0.01"
    print(f"preset {arguments.preset.value}, {arguments.family} lenses, {threads} threads, {photos}")
    print("seed  NCC mean   min   p10   stage 1 mean   PSNR gain / true grid's   seconds   peak GB   stage")
    means = []
    for seed in arguments.seeds:
        with tempfile.TemporaryDirectory() as folder:
            lens = make_known_lens(seed, data_folder(arguments), Path(folder), arguments.family, arguments.frames)
            settings = preset_settings(arguments.preset, device=arguments.device)
            began = time.perf_counter()
            result = calibrate(CalibrationRequest(lens.blurry, lens.sharp, Path(folder) / "project", settings), _quiet, RunControl())
            seconds = time.perf_counter() - began
            profile = load_profile(result.profile)
            stage1 = load_snapshot(result.profile.parent / "checkpoints" / "matching_spectra.safetensors").tensors["psf"].numpy()
            ncc, first = grid_ncc(profile.psf, lens.truth), grid_ncc(stage1, lens.truth)
            share, gain = _gain_share(lens, profile)
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
            means.append((ncc.mean(), ncc.min(), first.mean(), share, seconds))
            print(
                f"{seed:4}  {ncc.mean():8.4f} {ncc.min():.3f} {np.percentile(ncc, 10):.3f} {first.mean():14.4f} "
                f"{share:12.2f} of {gain:4.2f} dB {seconds:14.1f} {peak:9.2f}   {result.stage}",
                flush=True,
            )
    mean = np.mean(means, axis=0)
    print(f"mean  {mean[0]:8.4f} {mean[1]:.3f}       {mean[2]:14.4f} {mean[3]:12.2f} {mean[4]:24.1f}")


def _quiet(event: object) -> None:
    """Nobody listens."""


def _gain_share(lens: KnownLens, profile: LensProfile) -> tuple[float, float]:
    """Wiener's PSNR gain with the learned grid over that with the true grid, and the latter in dB."""
    gains: list[tuple[float, float]] = []
    for scene in lens.scenes[:4]:
        truth, photo = read_photo(scene).pixels, read_photo(lens.blurry / scene.name).pixels
        before = psnr(encode(photo), encode(truth), profile.kernel_size)
        after = [psnr(_restored(photo, psf, profile), encode(truth), profile.kernel_size) for psf in (profile.psf, lens.truth)]
        gains.append((after[0] - before, after[1] - before))
    learned, true = np.mean(gains, axis=0)
    return float(learned / true), float(true)


def _restored(photo: NDArray[np.float32], psf: NDArray[np.float32], profile: LensProfile) -> NDArray[np.float32]:
    linear = torch.from_numpy(photo).permute(2, 0, 1)
    restored = restore_frame(linear, torch.from_numpy(psf), torch.from_numpy(profile.noise_sigma), DeblurSettings())
    return encode(restored.permute(1, 2, 0).numpy())


if __name__ == "__main__":
    main()
