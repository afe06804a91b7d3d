"""The two deblurring jobs: whole photos to files, and one crop with several methods to look at."""

from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from ddm_studio.control import Cadence, RunControl
from ddm_studio.deblur.blending import blend
from ddm_studio.deblur.mask import Mask, mask_values
from ddm_studio.deblur.tiles import Box
from ddm_studio.engine.output_names import free_targets, output_names
from ddm_studio.engine.photo_lenses import PhotoLenses
from ddm_studio.engine.photo_queue import PhotoQueue, Task
from ddm_studio.engine.prepared_lens import PreparedLens, never
from ddm_studio.engine.requests import CompareRequest, DeblurRequest, DeblurResult
from ddm_studio.engine.sidecar import Sidecar, is_done
from ddm_studio.engine.written_result import write_result
from ddm_studio.errors import InputError, StudioError
from ddm_studio.events import DeblurPreview, MethodTimed, Report
from ddm_studio.photos.photo import Photo
from ddm_studio.photos.reading import OpenedPhoto, open_photo, read_photo_info
from ddm_studio.photos.rendering import (
    crop_to_sensor,
    crop_to_upright,
    render_for_display,
    turn_to_sensor,
    turn_upright,
    upright_bands,
    upright_size,
)
from ddm_studio.photos.writing import SUFFIXES, check_room, make_folder
from ddm_studio.profiles.lens_profile import load_profile
from ddm_studio.project import restorer_beside
from ddm_studio.settings import BlendSettings, Method

PREVIEW_SECONDS = 0.25


def deblur_photos(request: DeblurRequest, report: Report, control: RunControl) -> DeblurResult:
    """Deblur photos at full size into a folder.

    A photo that cannot be read, fitted or written is reported and the others are finished. Beside each result lies its
    sidecar, by which a later run knows what is done.

    Raises:
        InputError: The profile, the folder or the denoiser cannot be used at all, or the disk is full.
        Cancelled: The person asked to stop; photos that were saved are finished.
    """
    lenses = PhotoLenses(request, report, control)
    settings = request.settings
    make_folder(request.out)
    names = output_names(request.photos, settings.name, settings.method, lenses.name_for, SUFFIXES[settings.photo_format])
    targets = free_targets(request.photos, names, request.out)
    queue = PhotoQueue([Task(*pair) for pair in zip(request.photos, targets, strict=True)], report, control)

    def is_done_already(task: Task) -> bool:
        try:
            return is_done(task.target, task.source, lenses.recipe_for(task.source))
        except StudioError:
            return False  # it is told when the photo is tried

    queue.run(lambda task: not request.again and is_done_already(task), lambda task: _deblur_one(task, lenses))
    return DeblurResult(tuple(queue.saved), tuple(queue.failed), tuple(queue.done_before))


def compare_on_crop(request: CompareRequest, report: Report, control: RunControl) -> None:
    """Restore a crop of one photo with several methods and report pictures of each, first the blurry one.

    Raises:
        InputError: The photo, the profile, the crop or the denoiser cannot be used.
        Cancelled: The person asked to stop.
    """
    network = request.restorer or restorer_beside(request.profile)
    lens = PreparedLens(load_profile(request.profile), network, request.settings, report, control)
    lens.fit_to(read_photo_info(request.photo))
    opened = open_photo(request.photo)
    photo = opened.photo
    box = _sensor_box(request.crop, photo)

    def show(method: str, linear: NDArray[np.float32], began: float, final: bool) -> None:
        picture = render_for_display(linear, photo, photo.info.orientation)
        light = np.ascontiguousarray(turn_upright(light_of(linear), photo.info.orientation)) if final else None
        for array in (picture, light):
            if array is not None:
                array.flags.writeable = False
        to_srgb = photo.rendering.to_srgb if final else None
        report(DeblurPreview(method, picture, time.monotonic() - began, final, light, to_srgb))

    show("blurry", opened.rows(box.top, box.top + box.height)[:, box.left : box.left + box.width], time.monotonic(), True)
    for method in request.methods:
        lens.prepare((method,))
        began = time.monotonic()
        # Wiener and the network are done before a first picture could be drawn.
        due = never if method in (Method.WIENER, Method.NETWORK) else Cadence(PREVIEW_SECONDS).is_due

        def show_so_far(linear: NDArray[np.float32], method: Method = method, began: float = began) -> None:
            show(method.value, linear, began, False)

        worked_before = control.working_time()
        bands = lens.restore(opened, method, f"compare {method}", box, due, show_so_far)
        restored = np.concatenate(list(bands))
        seconds = control.working_time() - worked_before
        report(MethodTimed(method, request.settings.denoiser, box.width * box.height, seconds, is_whole=False))
        show(method.value, restored, began, True)
        lens.tell_honesty(opened.photo.info.path, method)


def _deblur_one(task: Task, lenses: PhotoLenses) -> None:
    lens = lenses.lens_for(task.source)
    settings, control = lens.settings, lens.control
    began, worked_before = time.monotonic(), control.working_time()
    info = read_photo_info(task.source)
    assumed = (*lenses.reasons_for(task.source), *lens.fit_to(info))
    check_room(task.target.parent, info, settings)
    opened = open_photo(task.source)
    sidecar = Sidecar.begun(lenses.recipe_for(task.source), task.source).model_copy(update={"notes": assumed})
    restored = lens.restore(opened, settings.method, f"deblur {task.source.name}")
    bands = upright_bands(_blended(restored, opened, settings.blend, lenses.mask_for(task.source)), info)

    def scores() -> dict[str, float]:
        return lens.tell_honesty(task.source, settings.method)

    write_result(task, sidecar, bands, opened.photo, settings, began, lens.report, control, scores)
    seconds = control.working_time() - worked_before
    lens.report(MethodTimed(settings.method, settings.denoiser, info.width * info.height, seconds, is_whole=True))


def _blended(
    bands: Iterator[NDArray[np.float32]], opened: OpenedPhoto, settings: BlendSettings, mask: Mask | None
) -> Iterator[NDArray[np.float32]]:
    """Bands of the sensor frame mixed with the photo, just as a comparison on a crop shows them."""
    if settings == BlendSettings() and mask is None:
        yield from bands
        return
    top = 0
    for band in bands:
        photo, info = opened.rows(top, top + len(band)), opened.photo.info
        shares = None
        if mask is not None:
            shares = turn_to_sensor(mask_values(mask, *crop_to_upright(0, top, info.width, len(band), info)), info.orientation)
        yield blend(light_of(photo), light_of(band), settings, opened.photo.rendering.to_srgb, shares)
        top += len(band)


def light_of(linear: NDArray[np.float32]) -> NDArray[np.float32]:
    """Linear values as light that can be mixed: between 0 and 1."""
    return np.fmin(np.fmax(linear, 0), 1)


def _sensor_box(crop: tuple[int, int, int, int], photo: Photo) -> Box:
    left, top, width, height = crop
    full_width, full_height = upright_size(photo.info)
    if left < 0 or top < 0 or width < 1 or height < 1 or left + width > full_width or top + height > full_height:
        raise InputError(
            "The crop does not lie in the photo", f"left {left}, top {top}, {width} x {height} of {full_width} x {full_height} pixels"
        )
    return Box(*crop_to_sensor(left, top, width, height, photo.info))
