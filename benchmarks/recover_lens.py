"""How well a known lens is recovered: `python -m benchmarks.recover_lens --preset instant --seeds 100-109 --data DIR`.

One line per lens: NCC of the grid (mean, worst, 10th percentile) and stage 1's mean, the share of the true grid's Wiener gain
(PSNR) that the learned grid reaches on four frames, the share of kernels whose NCC lies in its 90 % interval, seconds in all and
after the photos are read, peak memory, and the model and stage that the grid came from.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from dataclasses import astuple, dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from benchmarks.developing import DEVELOPINGS
from benchmarks.known_lenses import KnownLens, add_data_option, data_folder, make_known_lens, seeds
from benchmarks.lens_families import FAMILIES
from ddm_studio.control import RunControl
from ddm_studio.deblur.restore import restore_frame
from ddm_studio.deblur.scores import psnr
from ddm_studio.engine.calibrate import calibrate
from ddm_studio.engine.checkpoints import load_snapshot
from ddm_studio.engine.device import prepare_engine_thread
from ddm_studio.engine.requests import CalibrationRequest
from ddm_studio.events import Event, StageFinished
from ddm_studio.optics.display_curve import encode
from ddm_studio.optics.psf_metrics import grid_ncc
from ddm_studio.photos.reading import read_photo
from ddm_studio.profiles.lens_profile import LensProfile, load_profile
from ddm_studio.settings import DeblurSettings, Preset, preset_settings


@dataclass(frozen=True)
class Scores:
    """What is measured of one lens."""

    ncc_mean: float
    ncc_min: float
    ncc_p10: float
    stage1: float
    share: float
    covered: float
    seconds: float
    after_reading: float


HEAD = "seed  NCC mean    min    p10  stage 1  share of gain  covered  seconds  after reading"


def row(name: str, scores: Scores) -> str:
    """One line of the table."""
    return (
        f"{name:4}  {scores.ncc_mean:8.4f}  {scores.ncc_min:.3f}  {scores.ncc_p10:.3f}  {scores.stage1:7.4f}  {scores.share:13.2f}"
        f"  {scores.covered:7.2f}  {scores.seconds:7.1f}  {scores.after_reading:13.1f}"
    )


def main() -> None:
    """Print one line per lens and the summary."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--preset", type=Preset, default=Preset.INSTANT)
    parser.add_argument("--seeds", type=seeds, default=seeds("140-142"))
    parser.add_argument("--device", default="auto")
    parser.add_argument("--frames", type=int, default=40)
    parser.add_argument("--family", choices=FAMILIES, default="seidel", help="how the PSFs are made")
    parser.add_argument("--developed", choices=DEVELOPINGS, default="alike", help="how the blurry frames are developed")
    parser.add_argument("--sharp-developed", choices=DEVELOPINGS, default="alike", help="how the sharp photos are")
    add_data_option(parser)
    arguments = parser.parse_args()
    threads = prepare_engine_thread(beside_window=False)
    settings = preset_settings(arguments.preset, device=arguments.device)
    photos = f"{arguments.frames} frames of 642 x 962, 100 sharp, noise 0.01"
    tiles = f"{settings.tiles.blurry_tiles} + {settings.tiles.sharp_tiles} tiles of {settings.tiles.tile} px"
    lenses = f"{arguments.family} lenses, blurry frames developed {arguments.developed}, sharp ones {arguments.sharp_developed}"
    print(f"preset {arguments.preset.value}, {lenses}, {threads} threads, {photos}, {tiles}")
    print(f"{HEAD}   true gain  peak GB  model, stage")
    table = []
    for seed in arguments.seeds:
        with tempfile.TemporaryDirectory() as folder:
            developed = {"developing": DEVELOPINGS[arguments.developed], "of_sharp": DEVELOPINGS[arguments.sharp_developed]}
            lens = make_known_lens(seed, data_folder(arguments), Path(folder), arguments.family, arguments.frames, **developed)
            scores, rest = measure(lens, CalibrationRequest(lens.blurry, lens.sharp, Path(folder) / "project", settings))
        table.append(astuple(scores))
        print(f"{row(str(seed), scores)}   {rest}", flush=True)
    print(row("mean", Scores(*np.mean(table, axis=0).tolist())))


def measure(lens: KnownLens, request: CalibrationRequest) -> tuple[Scores, str]:
    """Calibrate and score; and the columns of a line that have no mean."""
    began, clock = time.perf_counter(), _Clock()
    result = calibrate(request, clock, RunControl())
    seconds = time.perf_counter() - began
    profile = load_profile(result.profile)
    stage1 = load_snapshot(result.profile.parent / "checkpoints" / "matching_spectra.safetensors").tensors["psf"].numpy()
    ncc = grid_ncc(profile.psf, lens.truth)
    share, gain = _gain_share(lens, profile)
    scores = Scores(
        ncc_mean=float(ncc.mean()),
        ncc_min=float(ncc.min()),
        ncc_p10=float(np.percentile(ncc, 10)),
        stage1=float(grid_ncc(stage1, lens.truth).mean()),
        share=share,
        covered=float(np.mean((ncc >= profile.confidence_low) & (ncc <= profile.confidence_high))),
        seconds=seconds,
        after_reading=seconds - clock.reading,
    )
    model = "wavefront" if profile.facts.scores.get("wavefront") else "free taps"
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    return scores, f"{gain:6.2f} dB  {peak:7.2f}  {model}, {result.stage}"


class _Clock:
    """Hears how long the photos took to be read."""

    def __init__(self) -> None:
        self.reading = 0.0

    def __call__(self, event: Event) -> None:
        if isinstance(event, StageFinished) and event.stage.startswith("reading"):
            self.reading += event.seconds


def _gain_share(lens: KnownLens, profile: LensProfile) -> tuple[float, float]:
    """Wiener's PSNR gain with the learned grid over that with the true grid, and the latter in dB."""
    gains: list[tuple[float, float]] = []
    for scene in lens.scenes[:4]:
        (frame,) = lens.blurry.glob(f"{scene.stem}.*")
        truth, photo = read_photo(scene).pixels, read_photo(frame).pixels
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
