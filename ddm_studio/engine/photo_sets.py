"""From folders to two sets of tiles that are worth learning from: the first part of a calibration, and all of a check."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

from ddm_studio.control import RunControl
from ddm_studio.errors import InputError
from ddm_studio.events import HealthFound, Note, PhotosCounted, PhotoSkipped, Report, SetName
from ddm_studio.photos.health import check_sets
from ddm_studio.photos.library import Listing, choose_blurry, choose_sharp, leave_out, list_photos
from ddm_studio.photos.one_lens import split_one_lens
from ddm_studio.photos.patches import collect_tiles
from ddm_studio.photos.photo_measures import SampledSet
from ddm_studio.settings import CalibrationSettings

FEWEST_TILES = 64
"""Below that many tiles of a set an 8x8 grid has nodes without any; the spectra are noise."""


@dataclass(frozen=True, slots=True)
class ChosenPhotos:
    """The photos of both sets, from the headers alone; `sharp_crop` is the part of the sharp ones that is used.

    `one_lens` says in a sentence how a single folder was sorted, and is empty where there are two.
    """

    blurry: Listing
    sharp: Listing
    sharp_crop: tuple[int, int] | None
    one_lens: str = ""


def choose_photos(blurry: Path, sharp: Path | None, settings: CalibrationSettings, left_out: Sequence[Path] = ()) -> ChosenPhotos:
    """The usable photos of both folders, or of the one folder in which both sets lie, before anything is written.

    Photos `left_out` by a person are not used, as if they were not there, and named among the skipped ones.

    Raises:
        InputError: A folder holds none.
    """
    listed = leave_out(list_photos(blurry), left_out)
    _require_photos(listed, "blurry", blurry)
    of_sharp = None if sharp is None else leave_out(list_photos(sharp), left_out)
    listing = choose_blurry(listed, of_sharp)
    if sharp is None or of_sharp is None:
        split = split_one_lens(listing, settings.blurry_aperture)
        return ChosenPhotos(split.blurry, split.sharp, settings.sharp_crop or split.sharp_crop, split.sentence)
    chosen = choose_sharp(of_sharp, listing.photos[0].colour)
    _require_photos(chosen, "sharp", sharp)
    return ChosenPhotos(listing, chosen, settings.sharp_crop)


def sample_sets(
    chosen: ChosenPhotos, folder: Path, settings: CalibrationSettings, report: Report, control: RunControl
) -> tuple[SampledSet, SampledSet]:
    """Cut the tiles of both sets into a folder, and say which files are not used.

    Raises:
        InputError: Too few tiles could be cut.
        Cancelled: The person asked to stop.
    """
    if chosen.one_lens:
        report(Note(f"{chosen.one_lens}."))
    blurry = _sample("blurry", chosen.blurry, None, folder, settings, report, control)
    sharp = _sample("sharp", chosen.sharp, chosen.sharp_crop, folder, settings, report, control)
    return blurry, sharp


def check_health(
    chosen: ChosenPhotos, sets: tuple[SampledSet, SampledSet], settings: CalibrationSettings, report: Report, control: RunControl
) -> tuple[HealthFound, ...]:
    """Every finding about the sets, reported, too."""
    return check_sets(*sets, (settings.grid_rows, settings.grid_columns), bool(chosen.one_lens), report, control)


def _require_photos(listing: Listing, name: SetName, folder: Path) -> None:
    if listing.photos:
        return
    first = listing.skipped[0] if listing.skipped else None
    why = f"{first.path.name}: {first.reason}" if first else ""
    raise InputError(f"No photo in the {name} folder {folder} can be used", why, "Choose a folder with TIFF, PNG, JPEG or raw photos")


def _sample(
    name: SetName,
    listing: Listing,
    crop: tuple[int, int] | None,
    folder: Path,
    settings: CalibrationSettings,
    report: Report,
    control: RunControl,
) -> SampledSet:
    for file in listing.skipped:
        report(file)
    wanted = settings.tiles.blurry_tiles if name == "blurry" else settings.tiles.sharp_tiles
    threads = torch.get_num_threads()
    pool = collect_tiles(listing.photos, folder, name, settings.tiles.tile, wanted, settings.seed, crop, report, control, threads)
    skipped = (*listing.skipped, *pool.skipped)
    report(PhotosCounted(name, len(pool.names), len(skipped)))
    _require_tiles(len(pool), len(pool.names), name, skipped, settings.tiles.tile)
    used = set(pool.names)
    return SampledSet(name, tuple(info for info in listing.photos if info.path.name in used), pool)


def _require_tiles(tiles: int, photos: int, name: SetName, skipped: Sequence[PhotoSkipped], side: int) -> None:
    if tiles >= FEWEST_TILES:
        return
    what = f"The {name} photos give only {tiles} usable patches of {side} × {side} pixels; at least {FEWEST_TILES} are needed"
    why = f"{photos} photos were used and {len(skipped)} files skipped"
    raise InputError(what, why, "Add more or larger photos with visible texture that are not overexposed")
