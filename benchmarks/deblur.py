"""How well photos of known lenses are deblurred: `python -m benchmarks.deblur --families seidel --seeds 156 --data DIR`.

For each lens, photos that the calibration has not seen are restored with the true grid and with the one learned by `instant`,
which is kept in a work folder, so that a rerun learns none; so is the lens's own network. Scores are means over all photos, a kernel's
side cropped at each border: PSNR, Y-PSNR, SSIM and LPIPS of display-encoded values, `again` is the re-blur residual (1: nothing but the
noise of the photo), seconds are those of the clock and of the processor for each megapixel, memory is the peak of the process meanwhile.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Iterator
from dataclasses import astuple, dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from benchmarks.known_lenses import add_data_option, data_folder, make_known_lens, seeds
from benchmarks.lens_families import FAMILIES
from benchmarks.peak_memory import PeakMemory
from ddm_studio.control import RunControl
from ddm_studio.deblur.denoisers import Denoiser, load_denoiser
from ddm_studio.deblur.reblur_residual import reblur_residual
from ddm_studio.deblur.restore import restore_frame
from ddm_studio.deblur.restorer import Restorer
from ddm_studio.deblur.restorer_file import RestorerFacts, lens_digest, load_restorer, load_restorer_facts
from ddm_studio.deblur.scores import LPIPS_ABSENT, load_lpips, lpips, luma_psnr, psnr, ssim
from ddm_studio.deblur.tiles import whole
from ddm_studio.deblur.weights import DRUNET, cache_folder
from ddm_studio.engine.calibrate import calibrate
from ddm_studio.engine.device import choose_device, prepare_engine_thread
from ddm_studio.engine.prepared_lens import scene_prior
from ddm_studio.engine.requests import CalibrationRequest, TrainRestorerRequest
from ddm_studio.engine.train_restorer import train_lens_restorer
from ddm_studio.optics.display_curve import encode
from ddm_studio.photos.reading import read_photo
from ddm_studio.profiles.lens_profile import LensProfile, load_profile
from ddm_studio.project import Project
from ddm_studio.settings import DeblurSettings, Device, Method, Preset, RestorerSettings, preset_settings

CALIBRATION_FRAMES = 40


@dataclass(frozen=True)
class Contender:
    """One line of the table: which grid, and which method with which prior."""

    name: str
    method: Method
    true_grid: bool = False
    hand_set: bool = False
    denoiser: str | None = None


CONTENDERS = (
    Contender("Wiener, true grid, hand-set law", Method.WIENER, true_grid=True, hand_set=True),
    Contender("Wiener, true grid", Method.WIENER, true_grid=True),
    Contender("Wiener", Method.WIENER),
    Contender("DPIR, bundled denoiser", Method.DPIR, denoiser="bundled"),
    Contender("DiffPIR, bundled denoiser", Method.DIFFPIR, denoiser="bundled"),
    Contender("DPIR, published DRUNet", Method.DPIR, denoiser="drunet"),
    Contender("network of the lens", Method.NETWORK),
)


@dataclass(frozen=True)
class Scores:
    """What is measured of one restored photo, or the mean over many; NaN where it is not known."""

    psnr: float
    luma_psnr: float
    ssim: float
    lpips: float
    again: float
    seconds: float
    processor_seconds: float
    peak: float


HEAD = f"{'':32}   PSNR  Y-PSNR   SSIM  LPIPS  again    s/MP  cpu s/MP  peak GB"


def row(name: str, scores: Scores) -> str:
    """One line of the table; a dash where nothing was measured."""
    widths = ("6.2f", "7.2f", "6.4f", "6.3f", "6.2f", "7.2f", "9.2f", "8.2f")
    columns = [
        "-".rjust(int(width.split(".")[0])) if np.isnan(value) else f"{value:{width}}"
        for value, width in zip(astuple(scores), widths, strict=True)
    ]
    return f"{name:32} " + " ".join(columns)


@dataclass(frozen=True)
class HeldOutPhoto:
    """A blurry photo in linear light and the scene behind it, display-encoded, both (height, width, 3)."""

    pixels: NDArray[np.float32]
    scene: NDArray[np.float32]


@dataclass(frozen=True)
class Lens:
    """A known lens: what was learned of it, the same with the true grid, and photos that were not learned from."""

    project: Path
    learned: LensProfile
    true: LensProfile
    photos: tuple[HeldOutPhoto, ...]


def main() -> None:
    """Print one table per lens and one of the means."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--families", nargs="+", choices=FAMILIES, default=["seidel"], help="how the PSFs are made")
    parser.add_argument("--seeds", type=seeds, default=seeds("156"))
    parser.add_argument("--photos", type=int, default=3, help="photos of each lens to restore")
    parser.add_argument("--methods", nargs="+", type=Method, choices=list(Method), default=list(Method))
    budget = parser.add_mutually_exclusive_group()
    budget.add_argument("--network-steps", type=int, default=300, help="steps that the network of each lens is trained for")
    budget.add_argument("--network-minutes", type=float, help="minutes of training instead, as the program counts them")
    parser.add_argument("--device", type=Device, default=Device.AUTO)
    parser.add_argument("--download", action="store_true", help="download weights that are not on this machine")
    work = Path(tempfile.gettempdir()) / "ddm-studio-benchmark-deblur"
    parser.add_argument("--work", type=Path, default=work, help="folder where lenses are kept from run to run")
    add_data_option(parser)
    arguments = parser.parse_args()
    threads = prepare_engine_thread(beside_window=False)
    device = choose_device(arguments.device)
    network = load_lpips(arguments.download)
    contenders = [contender for contender in CONTENDERS if contender.method in arguments.methods]
    minutes = arguments.network_minutes
    training = RestorerSettings(minutes=minutes) if minutes else RestorerSettings(steps=arguments.network_steps)
    print(f"{arguments.photos} photos of 642 x 962 a lens, noise 0.01, {threads} threads, {device}")
    table: dict[str, list[Scores]] = {}
    for family in arguments.families:
        for seed in arguments.seeds:
            lens = known_lens(family, seed, data_folder(arguments), arguments.work, arguments.photos)
            print(f"{family + ' ' + str(seed):32}{HEAD[32:]}", flush=True)
            own = own_network(lens, training, device) if Method.NETWORK in arguments.methods else None
            for name, scores in measured(lens, contenders, device, network, arguments.download, own):
                table.setdefault(name, []).append(scores)
                print(row(name, scores), flush=True)
    print(f"{'mean of all lenses':32}{HEAD[32:]}")
    for name, lines in table.items():
        print(row(name, mean_of(lines)))
    if network is None:
        print(LPIPS_ABSENT)


def mean_of(lines: list[Scores]) -> Scores:
    """The mean of some lines, column by column; memory is the largest."""
    columns = np.array([astuple(line) for line in lines])
    return replace(Scores(*columns.mean(0).tolist()), peak=float(columns[:, -1].max()))


def known_lens(family: str, seed: int, data: Path, work: Path, photos: int) -> Lens:
    """A lens out of the work folder, made and calibrated when it is not there."""
    folder = work / f"{family}-{seed}-{photos}"
    project = folder / "project"
    if not (project / "profile.lens").exists():
        known = make_known_lens(seed, data, folder, family, CALIBRATION_FRAMES + photos)
        (folder / "photos").mkdir(exist_ok=True)
        for frame in sorted(known.blurry.iterdir())[CALIBRATION_FRAMES:]:
            frame.rename(folder / "photos" / frame.name)
        np.save(folder / "truth.npy", known.truth)
        calibrate(CalibrationRequest(known.blurry, known.sharp, project, preset_settings(Preset.INSTANT)), lambda event: None, RunControl())
    learned = load_profile(project / "profile.lens")
    pairs = [(path, folder / "scenes" / f"{path.stem}.png") for path in sorted((folder / "photos").iterdir())]
    shown = tuple(HeldOutPhoto(read_photo(photo).pixels, encode(read_photo(scene).pixels)) for photo, scene in pairs)
    return Lens(project, learned, replace(learned, psf=np.load(folder / "truth.npy")), shown)


def own_network(lens: Lens, training: RestorerSettings, device: torch.device) -> Restorer:
    """The network of the lens, trained so long altogether unless the project holds such a one."""
    path, digest = Project(lens.project).restorer, lens_digest(lens.learned.psf, lens.learned.noise_sigma, lens.learned.light)
    if not path.exists() or not _trained_so_long(load_restorer_facts(path, digest), training):
        trained = train_lens_restorer(TrainRestorerRequest(lens.project, training), lambda event: None, RunControl())
        print(f"network of the lens trained: {trained.steps} steps, {trained.seconds:.0f} s", flush=True)
    return load_restorer(path, digest, device)


def _trained_so_long(facts: RestorerFacts, training: RestorerSettings) -> bool:
    if training.steps is not None:
        return facts.steps == training.steps
    # The last step may end a little after the time is up.
    return 0 <= facts.seconds - 60 * training.minutes < 60


def measured(
    lens: Lens, contenders: list[Contender], device: torch.device, network: nn.Module | None, download: bool, own: Restorer | None
) -> Iterator[tuple[str, Scores]]:
    """Name and mean scores of the blurred photos and of each contender; NaN for one whose weights are absent."""
    border = lens.learned.kernel_size
    yield "blurred", mean_of([Scores(*likeness(encode(photo.pixels), photo, border, network), *[np.nan] * 4) for photo in lens.photos])
    for contender in contenders:
        if contender.denoiser == "drunet" and not download and not (cache_folder() / DRUNET.file).exists():
            yield contender.name, Scores(*[np.nan] * 8)
            continue
        denoiser = None if contender.denoiser is None else load_denoiser(contender.denoiser, device)  # type: ignore[arg-type]
        profile = lens.true if contender.true_grid else lens.learned
        if contender.hand_set:
            profile = replace(profile, scene_spectrum=np.empty(0, np.float32))
        lines = [restored_scores(photo, profile, contender.method, denoiser, device, network, own) for photo in lens.photos]
        yield contender.name, mean_of(lines)


def restored_scores(
    photo: HeldOutPhoto,
    profile: LensProfile,
    method: Method,
    denoiser: Denoiser | None,
    device: torch.device,
    network: nn.Module | None,
    own: Restorer | None = None,
) -> Scores:
    """Restore one photo and score it."""
    linear, psf = torch.from_numpy(photo.pixels).permute(2, 0, 1), torch.from_numpy(profile.psf)
    sigma = torch.from_numpy(profile.noise_sigma)
    megapixels = photo.pixels.shape[0] * photo.pixels.shape[1] / 1e6
    memory, began, processor = PeakMemory(), time.perf_counter(), time.process_time()
    settings, prior = DeblurSettings(method=method), scene_prior(profile)
    restored = restore_frame(linear, psf.to(device), sigma, settings, denoiser, restorer=own, prior=prior)
    seconds, processor = (time.perf_counter() - began) / megapixels, (time.process_time() - processor) / megapixels
    peak = memory.gigabytes()
    again = reblur_residual(restored, linear, psf, sigma, whole(*linear.shape[1:]))
    found = likeness(pixels_of(restored), photo, profile.kernel_size, network)
    return Scores(*found, np.nan if again is None else again, seconds, processor, peak)


def pixels_of(restored: Tensor) -> NDArray[np.float32]:
    """A restored frame (3, height, width) as it would be written: display-encoded (height, width, 3) in 0-1."""
    pixels: NDArray[np.float32] = encode(restored.permute(1, 2, 0).numpy()).clip(0, 1)
    return pixels


def likeness(
    estimate: NDArray[np.float32], photo: HeldOutPhoto, border: int, network: nn.Module | None
) -> tuple[float, float, float, float]:
    """PSNR, Y-PSNR, SSIM and LPIPS (NaN without a network) of a display-encoded picture."""
    pair = estimate, photo.scene, border
    return psnr(*pair), luma_psnr(*pair), ssim(*pair), np.nan if network is None else lpips(network, *pair)


if __name__ == "__main__":
    main()
