"""The job that trains the lens's own network: sharp photos of the project -> tiles -> pairs by the learned grid -> network."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import asdict

import torch

from ddm_studio.control import RunControl
from ddm_studio.deblur.light import ENCODED_VALUES, LINEAR_LIGHT
from ddm_studio.deblur.pairs import Lens, fitting_patch, tile_side
from ddm_studio.deblur.restorer_file import RestorerFacts, lens_digest, save_restorer
from ddm_studio.deblur.restorer_scores import score_restorer
from ddm_studio.deblur.train_restorer import STAGE, train_restorer
from ddm_studio.engine.device import choose_device
from ddm_studio.engine.photo_sets import choose_photos
from ddm_studio.engine.requests import TrainRestorerRequest, TrainRestorerResult
from ddm_studio.engine.snapshot_files import SnapshotFiles
from ddm_studio.events import Note, Report
from ddm_studio.flow.windows import WindowSource, windows_of
from ddm_studio.photos.patches import collect_tiles
from ddm_studio.photos.photo import PhotoInfo
from ddm_studio.profiles.lens_profile import LensProfile, load_profile
from ddm_studio.project import Project
from ddm_studio.settings import RestorerSettings

HELD_OUT_SHARE = 0.1
# Apart from the tiles of the calibration, which are smaller.
TILES_FOLDER = "pairs"
NO_BETTER = "On sharp photos that it was not trained on, the network is no better than Wiener. Train it longer, or with more sharp photos."


def train_lens_restorer(request: TrainRestorerRequest, report: Report, control: RunControl) -> TrainRestorerResult:
    """Train the network of a project's lens and write it beside the profile.

    Raises:
        InputError: The project is not finished, its sharp photos are gone, or they have changed since a training that is resumed.
        Cancelled: The person asked to stop; the state of the training is saved.
    """
    settings, project = request.settings, Project(request.project.absolute())
    profile = load_profile(project.profile)
    lens = lens_of(profile, choose_device(settings.device))
    windows, patch = _sharp_windows(project, lens, settings, report, control)
    digest = lens_digest(profile.psf, profile.noise_sigma, profile.light)
    files = SnapshotFiles(project.checkpoints, _digest(windows, digest, patch), report)
    training, held_out = windows.split(HELD_OUT_SHARE)
    begun = files.load(STAGE) if request.resume else None
    trained = train_restorer(training, lens, settings, patch, begun, files.saver(STAGE), report, control)
    scores = score_restorer(trained.network, held_out, lens, patch, settings.seed, report, control)
    if scores.network <= scores.wiener:
        report(Note(NO_BETTER))
    facts = RestorerFacts(
        steps=trained.steps,
        seconds=trained.seconds,
        sharp_photos=len(set(training.pool.photo[training.members])),
        held_out_photos=len(set(held_out.pool.photo[held_out.members])),
        scores={f"psnr_{name}": value for name, value in asdict(scores).items()},
        settings=settings.model_dump(mode="json"),
    )
    save_restorer(project.restorer, trained.network, digest, facts)
    return TrainRestorerResult(project.restorer, trained.steps, trained.seconds, scores.blurred, scores.wiener, scores.network)


def lens_of(profile: LensProfile, device: torch.device) -> Lens:
    """What the network needs of a profile, on a device."""
    curve = ENCODED_VALUES if profile.light == "encoded" else LINEAR_LIGHT
    return Lens(torch.from_numpy(profile.psf).to(device), torch.from_numpy(profile.noise_sigma).to(device), curve)


def _sharp_windows(
    project: Project, lens: Lens, settings: RestorerSettings, report: Report, control: RunControl
) -> tuple[WindowSource, int]:
    """Tiles of the calibration's sharp photos, and the side of the patches that fit into them."""
    contents = project.read()
    chosen = choose_photos(contents.blurry, contents.sharp, contents.settings)
    patch = fitting_patch(lens.psf, settings.patch, _room(chosen.sharp.photos, chosen.sharp_crop))
    folder, side = project.checkpoints / TILES_FOLDER, tile_side(lens.psf, patch)
    crop, threads = chosen.sharp_crop, torch.get_num_threads()
    pool = collect_tiles(chosen.sharp.photos, folder, "sharp", side, settings.tiles, settings.seed, crop, report, control, threads)
    return windows_of(pool), patch


def _room(photos: Sequence[PhotoInfo], crop: tuple[int, int] | None) -> int:
    """The side of the largest square that fits into the used part of at least half the photos."""
    sides = sorted(min(info.width, info.height, *(crop or ())) for info in photos)
    return sides[len(sides) // 2]


def _digest(windows: WindowSource, lens: str, patch: int) -> str:
    """The same for the same photos, profile and size of patches."""
    return hashlib.sha256(repr((windows.pool.names, windows.pool.hashes, lens, patch)).encode()).hexdigest()
