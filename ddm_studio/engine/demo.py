"""The demo: a synthetic lens, photos taken with it, a calibration from them, deblurring, and scores against the truth.

Nothing is given away: blurry and sharp photos show different generated scenes, and the photos that are deblurred (one
real photo among them) are in neither set.
"""

from __future__ import annotations

import json
import time
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from ddm_studio.bundled import bundled_file
from ddm_studio.control import RunControl
from ddm_studio.deblur.scores import psnr
from ddm_studio.engine.calibrate import calibrate
from ddm_studio.engine.deblur_photos import deblur_photos
from ddm_studio.engine.requests import CalibrationRequest, DeblurRequest, DemoRequest, DemoResult
from ddm_studio.errors import InputError, StudioError
from ddm_studio.events import Report
from ddm_studio.optics.dead_leaves import dead_leaves
from ddm_studio.optics.display_curve import encode
from ddm_studio.optics.forward_model import photograph
from ddm_studio.optics.psf_metrics import grid_ncc
from ddm_studio.optics.synthetic_lens import psf_grid, random_lens
from ddm_studio.photos.reading import read_photo
from ddm_studio.profiles.edit_facts import known_facts, write_facts
from ddm_studio.profiles.export_profile import export_profile
from ddm_studio.profiles.lens_profile import LensProfile, load_profile
from ddm_studio.project import write_atomically
from ddm_studio.settings import ANY_LENS_METHODS, DeblurSettings, PhotoFormat, Preset, preset_settings
from ddm_studio.snapshot import seed_of
from ddm_studio.stage import StageReporter

WIDTH, HEIGHT = 600, 400
BLURRY_PHOTOS, SHARP_PHOTOS = 32, 24
NOISE = 0.005
LENS = "Demo lens"
STAGE = "taking photos with a synthetic lens"


def run_demo(request: DemoRequest, report: Report, control: RunControl) -> DemoResult:
    """Make, calibrate, deblur and score everything inside `request.out`; `result.json` there holds the scores.

    Raises:
        InputError: The folder holds other files than an earlier demo's.
        Cancelled: The person asked to stop.
    """
    began = time.monotonic()
    out = request.out.absolute()
    _refuse_foreign_folder(out)
    truth = torch.from_numpy(psf_grid(random_lens(request.seed), aspect=WIDTH / HEIGHT))
    tests = _take_photos(out, truth, request.seed, report, control)
    settings = preset_settings(Preset.INSTANT, seed=request.seed)
    project = out / "lens"
    learned = calibrate(CalibrationRequest(out / "blurry", out / "sharp", project, settings), report, control)
    profile = _named(learned.profile)
    border = profile.kernel_size
    scores = {"blurred": _mean_psnr(tests, tests, border)}
    pictures = {"before": tests[0]}
    for method in ANY_LENS_METHODS:
        wanted = DeblurSettings(method=method, photo_format=PhotoFormat.PNG16)
        restored = deblur_photos(DeblurRequest(tests, learned.profile, out / "deblurred", wanted), report, control)
        if restored.failed:
            raise StudioError(f"{restored.failed[0][0].name} could not be deblurred", restored.failed[0][1])
        scores[method.value] = _mean_psnr(restored.saved, tests, border)
        pictures[method.value] = restored.saved[0]
    ncc = grid_ncc(profile.psf, truth.numpy())
    result = DemoResult(
        ncc_mean=float(ncc.mean()),
        ncc_min=float(ncc.min()),
        psnr_blurred=scores["blurred"],
        psnr_wiener=scores["wiener"],
        psnr_dpir=scores["dpir"],
        psnr_diffpir=scores["diffpir"],
        seconds=time.monotonic() - began,
        profile=learned.profile,
        to_deblur=tests,
    )
    export_profile(profile, out / "psf_grid.png")
    _save_comparison(out, pictures)
    write_atomically(out / "result.json", json.dumps(asdict(result), default=str, indent=2).encode())
    return result


def _named(path: Path) -> LensProfile:
    """The profile, under a name by which it is known for the demo's: its photos tell of no lens."""
    facts = replace(known_facts(load_profile(path).facts), lens=LENS)
    write_facts(path, path, facts)
    return load_profile(path)


def _refuse_foreign_folder(out: Path) -> None:
    if out.exists() and any(out.iterdir()) and not (out / "truth").is_dir():
        raise InputError(f"The demo cannot be made in {out}", "The folder holds other files", "Choose a new or empty folder with --out")


def _take_photos(out: Path, psf: Tensor, seed: int, report: Report, control: RunControl) -> tuple[Path, ...]:
    """Write the blurry set, the sharp set, and the photos to deblur with their sharp truth; return the photos to deblur."""
    stage = StageReporter(STAGE, BLURRY_PHOTOS + SHARP_PHOTOS + 2, report, control)
    for folder in ("truth", "blurry", "sharp", "to_deblur"):
        (out / folder).mkdir(parents=True, exist_ok=True)
    for number in range(BLURRY_PHOTOS):
        scene = dead_leaves(HEIGHT, WIDTH, seed_of(seed, "blurry scene", number))
        _save(out / "blurry" / f"blurry_{number + 1:02}.png", _through_lens(scene, psf, seed_of(seed, "noise", number)))
        stage.checkpoint(number + 1)
    for number in range(SHARP_PHOTOS):
        _save(out / "sharp" / f"sharp_{number + 1:02}.png", dead_leaves(HEIGHT, WIDTH, seed_of(seed, "sharp scene", number)))
        stage.checkpoint(BLURRY_PHOTOS + number + 1)
    real = np.asarray(Image.open(bundled_file("demo_photos/coffee.png")), np.float32) / np.float32(255)
    scenes: dict[str, NDArray[np.float32]] = {"coffee": real, "leaves": dead_leaves(HEIGHT, WIDTH, seed_of(seed, "test scene"))}
    tests = []
    for name, scene in scenes.items():
        tests.append(out / "to_deblur" / f"{name}.png")
        _save(out / "truth" / f"{name}.png", scene)
        _save(tests[-1], _through_lens(scene, psf, seed_of(seed, f"noise of {name}")))
    stage.finish()
    return tuple(tests)


def _through_lens(scene: NDArray[np.float32], psf: Tensor, seed: int) -> NDArray[np.float32]:
    photo = photograph(torch.from_numpy(scene).permute(2, 0, 1), psf, NOISE, torch.Generator().manual_seed(seed))
    return photo.permute(1, 2, 0).numpy()


def _save(path: Path, encoded: NDArray[np.float32]) -> None:
    codes = (encoded.clip(0, 1) * 255 + 0.5).astype(np.uint8)
    write_atomically(path, lambda temporary: Image.fromarray(codes).save(temporary, compress_level=1))


def _mean_psnr(photos: tuple[Path, ...], tests: tuple[Path, ...], border: int) -> float:
    """Mean PSNR in dB against the truth of each test photo."""
    truths = [test.parents[1] / "truth" / test.name for test in tests]
    return float(np.mean([psnr(_encoded(photo), _encoded(truth), border) for photo, truth in zip(photos, truths, strict=True)]))


def _encoded(path: Path) -> NDArray[np.float32]:
    return encode(read_photo(path).pixels)


def _save_comparison(out: Path, pictures: dict[str, Path]) -> None:
    """Write `before.png`, `after_<method>.png`, and all of them side by side as `comparison.png`."""
    panels = {name: _encoded(path) for name, path in pictures.items()}
    for name, panel in panels.items():
        _save(out / (f"{name}.png" if name == "before" else f"after_{name}.png"), panel)
    _save(out / "comparison.png", np.concatenate(list(panels.values()), axis=1))
