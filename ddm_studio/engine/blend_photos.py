"""The job that mixes saved results with their blurry photos: strength and fidelity after the fact."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image

from ddm_studio.control import RunControl
from ddm_studio.deblur.blending import blend
from ddm_studio.engine.output_names import free_targets, safe_name
from ddm_studio.engine.photo_queue import PhotoQueue, Task
from ddm_studio.engine.requests import BlendRequest, DeblurResult
from ddm_studio.engine.sidecar import BlendFacts, FileFacts, Sidecar, read_sidecar
from ddm_studio.engine.written_result import write_result
from ddm_studio.errors import InputError, PhotoError
from ddm_studio.events import Report
from ddm_studio.photos.colour import Floats
from ddm_studio.photos.photo import Photo, PhotoInfo
from ddm_studio.photos.reading import read_photo
from ddm_studio.photos.rendering import row_bands, turn_upright
from ddm_studio.photos.writing import SUFFIXES, make_folder, written_light
from ddm_studio.settings import BlendSettings, FileSettings, PhotoFormat


def blend_photos(request: BlendRequest, report: Report, control: RunControl) -> DeblurResult:
    """Mix each result with its blurry photo, which its sidecar names, and save the mixture under the result's name and strength.

    A result that has no sidecar, or whose photo is not found, is reported and the others are finished.

    Raises:
        InputError: The folder cannot be made, or the disk is full.
        Cancelled: The person asked to stop; photos that were saved are finished.
    """
    make_folder(request.out)
    name = _name_of(request.settings, request.mask)
    suffixes = [SUFFIXES[_file_settings(result, request).photo_format] for result in request.results]
    names = [safe_name(f"{result.stem}_{name}") + suffix for result, suffix in zip(request.results, suffixes, strict=True)]
    targets = free_targets(request.results, names, request.out, _is_of)
    queue = PhotoQueue([Task(*pair) for pair in zip(request.results, targets, strict=True)], report, control)
    queue.run(lambda task: False, lambda task: _blend_one(task, request, report, control))
    return DeblurResult(tuple(queue.saved), tuple(queue.failed))


def _blend_one(task: Task, request: BlendRequest, report: Report, control: RunControl) -> None:
    began = time.monotonic()
    made = read_sidecar(task.source)
    _check_result(task.source, made)
    source = read_photo(find_source(task.source, made.source, request.source))
    result = read_photo(task.source)
    settings = request.settings
    mask = None if request.mask is None else _read_mask(request.mask, result.info)
    mask_facts = None if request.mask is None else FileFacts.of(request.mask)
    blend_facts = BlendFacts(result=FileFacts.of(task.source), settings=settings, mask=mask_facts)
    sidecar = Sidecar(source=made.source, profile=made.profile, lens=made.lens, settings=made.settings, blend=blend_facts)
    bands = _mixed_bands(source, result, settings, mask)
    write_result(task, sidecar, bands, result, _file_settings(task.source, request), began, report, control)


def _mixed_bands(source: Photo, result: Photo, settings: BlendSettings, mask: Floats | None) -> Iterator[Floats]:
    """Bands of the mixture, upright, in the result's linear light."""
    upright = turn_upright(source.pixels, source.info.orientation)
    if upright.shape != result.pixels.shape:
        sizes = f"{upright.shape[1]} x {upright.shape[0]} and {result.info.width} x {result.info.height} pixels"
        raise PhotoError(f"{result.info.path.name} and its blurry photo have different sizes", sizes, "Deblur the photo again")
    for rows in row_bands(upright):
        blurry = written_light(upright[rows], source.rendering)
        shares = None if mask is None else mask[rows]
        mixture = blend(blurry, written_light(result.pixels[rows], result.rendering), settings, result.rendering.to_srgb, shares)
        yield np.repeat(mixture, 3, axis=2) if mixture.shape[2] == 1 else mixture


def _read_mask(path: Path, like: PhotoInfo) -> Floats:
    """(height, width) 0-1 of a grey picture: codes are shares, white is the result and black the photo. Colours count by brightness."""
    try:
        with Image.open(path) as picture:
            sixteen = picture.mode.startswith("I;16")
            codes = np.asarray(picture if sixteen else picture.convert("L"))
    except (OSError, ValueError, Image.DecompressionBombError) as error:
        raise InputError(f"The mask {path.name} cannot be read", str(error), "Give a grey picture, PNG or TIFF") from error
    if codes.shape != (like.height, like.width):
        sizes = f"it has {codes.shape[1]} x {codes.shape[0]} pixels, {like.path.name} {like.width} x {like.height}"
        raise PhotoError(f"The mask {path.name} does not fit {like.path.name}", sizes, "Draw it on the result, at its full size")
    return codes.astype(np.float32) / np.float32(65535 if sixteen else 255)


def find_source(result: Path, facts: FileFacts, pointed_to: Path | None) -> Path:
    """The blurry photo of a result: where it was, or where the person points to (the file, or a folder that holds it).

    Raises:
        PhotoError: It is not there, or has another content.
    """
    place = facts.path if pointed_to is None else pointed_to / facts.path.name if pointed_to.is_dir() else pointed_to
    if not place.is_file():
        raise PhotoError(f"The blurry photo of {result.name} is not at {place}", "It was moved or removed", "Point to it with --source")
    if not facts.describes(place):
        raise PhotoError(
            f"{place.name} is not the photo that {result.name} was made of",
            "Its content differs from what the sidecar noted",
            "Point to the original with --source, or deblur the photo again",
        )
    return place


def _check_result(result: Path, made: Sidecar) -> None:
    if made.blend is not None:
        original = made.blend.result.path
        raise PhotoError(f"{result.name} is a mixture itself", f"It was made of {original}", f"Mix {original.name} anew")
    if made.profile is None:
        why = "There is no blurry photo of its size to mix it with"
        raise PhotoError(f"{result.name} was made larger, not deblurred", why, "Mix results of deblur")
    if made.result is None or not made.result.describes(result):
        why = "Its content differs from what its sidecar noted"
        raise PhotoError(f"{result.name} was changed after it was deblurred", why, "Deblur the photo again")


def _file_settings(result: Path, request: BlendRequest) -> FileSettings:
    """As asked for, else the kind of file that the result is."""
    kinds = {suffix: kind for kind, suffix in SUFFIXES.items()}
    photo_format = request.photo_format or kinds.get(result.suffix.lower(), PhotoFormat.TIFF16)
    return FileSettings(photo_format=photo_format, jpeg_quality=request.jpeg_quality, jpeg_colour=request.jpeg_colour)


def _name_of(settings: BlendSettings, mask: Path | None) -> str:
    """The strength in percent, every other share that is not whole, and the mask."""
    shares = {"r": settings.red, "g": settings.green, "b": settings.blue, "c": settings.colour}
    parts = [f"{100 * settings.strength:g}", *(f"{letter}{100 * share:g}" for letter, share in shares.items() if share != 1)]
    return "_".join((*parts, *(() if mask is None else (mask.stem,))))


def _is_of(target: Path, result: Path) -> bool:
    """Whether a mixture was made of this result."""
    try:
        mixed = read_sidecar(target).blend
    except InputError:
        return False
    return mixed is not None and mixed.result.path == result.resolve()
