"""The two deblurring jobs: whole photos to files, and one crop with several methods to look at."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ddm_studio.control import Cadence, RunControl
from ddm_studio.deblur.blending import blend
from ddm_studio.deblur.light import ENCODED_VALUES, LINEAR_LIGHT
from ddm_studio.deblur.reblur_residual import ReblurCheck
from ddm_studio.deblur.restore import Watch, restore_rows
from ddm_studio.deblur.scene_prior import ScenePrior
from ddm_studio.deblur.tiles import Box
from ddm_studio.engine.device import choose_device
from ddm_studio.engine.output_names import free_targets, output_names
from ddm_studio.engine.photo_queue import PhotoQueue, Task
from ddm_studio.engine.requests import CompareRequest, DeblurRequest, DeblurResult
from ddm_studio.engine.sidecar import FileFacts, Recipe, Sidecar, claimed, is_done, settings_table, write_sidecar
from ddm_studio.errors import InputError, ProfileError
from ddm_studio.events import DeblurPreview, Note, Report, ResultReblurred
from ddm_studio.optics.display_curve import decode, encode
from ddm_studio.photos.photo import Photo, PhotoInfo
from ddm_studio.photos.reading import OpenedPhoto, open_photo, read_photo_info
from ddm_studio.photos.rendering import crop_to_sensor, render_for_display, turn_upright, upright_bands, upright_size
from ddm_studio.photos.writing import SUFFIXES, check_room, make_folder, write_bands
from ddm_studio.profiles.lens_profile import LensProfile, load_profile
from ddm_studio.profiles.match_frame import fit_profile
from ddm_studio.project import restorer_beside
from ddm_studio.settings import BlendSettings, DeblurSettings, Method
from ddm_studio.stage import StageReporter

if TYPE_CHECKING:
    from ddm_studio.deblur.denoisers import Denoiser
    from ddm_studio.deblur.restorer import Restorer

PREVIEW_SECONDS = 0.25
OTHER_FRAME = "cannot be restored by the network of the lens"
OTHER_FRAME_WHY = "It was cropped or resized, and the network knows the kernels and places of whole photos at full size only"


def deblur_photos(request: DeblurRequest, report: Report, control: RunControl) -> DeblurResult:
    """Deblur photos at full size into a folder.

    A photo that cannot be read, fitted or written is reported and the others are finished. Beside each result lies its
    sidecar, by which a later run knows what is done.

    Raises:
        InputError: The profile, the folder or the denoiser cannot be used at all, or the disk is full.
        Cancelled: The person asked to stop; photos that were saved are finished.
    """
    lens = _lens(request, report, control)
    settings = request.settings
    make_folder(request.out)
    lens.prepare((settings.method,))
    names = output_names(request.photos, settings.name, settings.method, request.profile, SUFFIXES[settings.photo_format])
    targets = free_targets(request.photos, names, request.out)
    recipe = Recipe(
        profile=FileFacts.of(request.profile),
        lens=lens.profile.facts.lens,
        restorer=FileFacts.of(lens.network) if settings.method is Method.NETWORK else None,
        settings=settings_table(settings),
    )
    queue = PhotoQueue([Task(*pair) for pair in zip(request.photos, targets, strict=True)], report, control)

    queue.run(lambda task: not request.again and is_done(task.target, task.source, recipe), lambda task: _deblur_one(task, lens, recipe))
    return DeblurResult(tuple(queue.saved), tuple(queue.failed), tuple(queue.done_before))


def compare_on_crop(request: CompareRequest, report: Report, control: RunControl) -> None:
    """Restore a crop of one photo with several methods and report pictures of each, first the blurry one.

    Raises:
        InputError: The photo, the profile, the crop or the denoiser cannot be used.
        Cancelled: The person asked to stop.
    """
    lens = _lens(request, report, control)
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

        bands = lens.restore(opened, method, f"compare {method}", box, due, show_so_far)
        show(method.value, np.concatenate(list(bands)), began, True)
        lens.tell_honesty(opened.photo.info.path, method)


def _lens(request: DeblurRequest | CompareRequest, report: Report, control: RunControl) -> _Lens:
    network = request.restorer or restorer_beside(request.profile)
    return _Lens(load_profile(request.profile), network, request.settings, report, control)


def never() -> bool:
    """No picture is due."""
    return False


@dataclass(eq=False)
class _Lens:
    """A profile ready to restore photos with."""

    profile: LensProfile
    network: Path
    settings: DeblurSettings
    report: Report
    control: RunControl
    denoiser: Denoiser | None = None
    restorer: Restorer | None = None
    again: ReblurCheck | None = None

    def __post_init__(self) -> None:
        self.device = choose_device(self.settings.device)
        self.fitted = self.profile

    def fit_to(self, info: PhotoInfo) -> tuple[str, ...]:
        """Work on this photo from now on, and say and return what is assumed where its frame is another than the profile's.

        Raises:
            ProfileError: It does not fit.
        """
        fitted = fit_profile(self.profile, info)
        self.fitted = fitted.profile
        if not fitted.assumption:
            return ()
        self.report(Note(f"{fitted.assumption}."))
        return (fitted.assumption,)

    def tell_honesty(self, source: Path, method: Method) -> dict[str, float]:
        """Report, and return by name, how far the last result, blurred again, is from its photo; empty where that cannot be told."""
        ratio = self.again.ratio() if self.again is not None else None
        if ratio is None:
            return {}
        self.report(ResultReblurred(source, method.value, ratio))
        return {"reblur_residual": round(ratio, 3)}

    def prepare(self, methods: tuple[Method, ...]) -> None:
        """Load the denoiser (downloading a published one) and the lens's own network if one of the methods needs them."""
        if self.denoiser is None and {Method.DPIR, Method.DIFFPIR} & set(methods):
            self.denoiser = _load_denoiser(self.settings, self.device, self.report, self.control)
        if self.restorer is None and Method.NETWORK in methods:
            self.restorer = _load_restorer(self.network, self.profile, self.device)

    def restore(
        self,
        opened: OpenedPhoto,
        method: Method,
        stage: str,
        box: Box | None = None,
        picture_due: Callable[[], bool] = never,
        picture: Callable[[NDArray[np.float32]], None] = lambda linear: None,
    ) -> Iterator[NDArray[np.float32]]:
        """The photo, or a box of it, restored: bands (rows, width, 3) of linear light in the sensor frame, from the top."""
        if method is Method.NETWORK and self.fitted is not self.profile:
            raise ProfileError(f"{opened.photo.info.path.name} {OTHER_FRAME}", OTHER_FRAME_WHY, "Use another method for this photo")
        encoded_kernels = self.fitted.light == "encoded"
        reporter: StageReporter | None = None

        def step(done: int, total: int) -> None:
            nonlocal reporter
            reporter = reporter or StageReporter(stage, total, self.report, self.control)
            reporter.checkpoint(done)

        def back(restored: Tensor) -> NDArray[np.float32]:
            linear: Tensor = decode(restored) if encoded_kernels else restored
            array: NDArray[np.float32] = linear.permute(1, 2, 0).numpy()
            return array

        frame = _Frame(opened, encoded_kernels)
        psf, sigma = torch.from_numpy(self.fitted.psf), torch.from_numpy(self.fitted.noise_sigma)
        curve = ENCODED_VALUES if encoded_kernels else LINEAR_LIGHT
        self.again = ReblurCheck(psf, sigma, frame.height, frame.width, curve)
        bands = restore_rows(
            frame,
            psf.to(self.device),
            sigma,
            self.settings.model_copy(update={"method": method}),
            self.denoiser,
            Watch(step, picture_due, lambda so_far: picture(back(so_far))),
            box,
            curve,
            restorer=self.restorer,
            prior=scene_prior(self.fitted),
        )
        top, left = (0, 0) if box is None else (box.top, box.left)
        for band in bands:
            photo = frame.rows(top, top + band.shape[1])[:, :, left : left + band.shape[2]]
            self.again.add(band, photo, top, left)
            top += band.shape[1]
            yield back(band)
        if reporter is not None:
            reporter.finish()


class _Frame:
    """The photo in the values in which its lens's blur is linear."""

    def __init__(self, opened: OpenedPhoto, encoded_kernels: bool) -> None:
        self._opened, self._encoded = opened, encoded_kernels
        self.width, self.height = opened.photo.info.frame

    def rows(self, top: int, bottom: int) -> Tensor:
        """(3, bottom - top, width)."""
        linear = torch.from_numpy(self._opened.rows(top, bottom)).permute(2, 0, 1)
        values: Tensor = encode(linear) if self._encoded else linear
        return values


def _load_restorer(path: Path, profile: LensProfile, device: torch.device) -> Restorer:
    # Here for the same reason as `load_denoiser` below.
    from ddm_studio.deblur.restorer_file import lens_digest, load_restorer

    return load_restorer(path, lens_digest(profile.psf, profile.noise_sigma, profile.light), device)


def scene_prior(profile: LensProfile) -> ScenePrior | None:
    """Wiener's prior out of a profile; None for those that were made without one."""
    return ScenePrior(torch.from_numpy(profile.scene_spectrum)) if profile.scene_spectrum.size else None


def _load_denoiser(settings: DeblurSettings, device: torch.device, report: Report, control: RunControl) -> Denoiser:
    # Here, because it loads deepinv: two seconds that Wiener need not wait for.
    from ddm_studio.deblur.denoisers import load_denoiser

    reporter: StageReporter | None = None

    def on_bytes(done: int, total: int) -> None:
        nonlocal reporter
        reporter = reporter or StageReporter("download denoiser", total, report, control)
        reporter.checkpoint(done)

    denoiser = load_denoiser(settings.denoiser, device, on_bytes=on_bytes)
    if reporter is not None:
        reporter.finish()
    return denoiser


def _deblur_one(task: Task, lens: _Lens, recipe: Recipe) -> None:
    began = time.monotonic()
    settings = lens.settings
    info = read_photo_info(task.source)
    assumed = lens.fit_to(info)
    check_room(task.target.parent, info, settings)
    opened = open_photo(task.source)
    sidecar = Sidecar.begun(recipe, task.source)
    with claimed(task.target, sidecar):
        restored = lens.restore(opened, settings.method, f"deblur {task.source.name}")
        bands = upright_bands(_blended(restored, opened, settings.blend), info)
        notes = write_bands(task.target, bands, opened.photo, settings, lambda: lens.control.checkpoint(lens.report))
        scores = lens.tell_honesty(task.source, settings.method)
        facts = {
            "result": FileFacts.of(task.target),
            "notes": (*assumed, *notes),
            "scores": scores,
            "seconds": round(time.monotonic() - began, 2),
        }
    write_sidecar(task.target, sidecar.model_copy(update=facts))
    for note in notes:
        lens.report(Note(f"{task.source.name}: {note}"))


def _blended(bands: Iterator[NDArray[np.float32]], opened: OpenedPhoto, settings: BlendSettings) -> Iterator[NDArray[np.float32]]:
    """Bands of the sensor frame mixed with the photo, just as a comparison on a crop shows them."""
    if settings == BlendSettings():
        yield from bands
        return
    top = 0
    for band in bands:
        photo = opened.rows(top, top + len(band))
        yield blend(light_of(photo), light_of(band), settings, opened.photo.rendering.to_srgb)
        top += len(band)


def light_of(linear: NDArray[np.float32]) -> NDArray[np.float32]:
    """Linear values as light that can be mixed: between 0 and 1."""
    return np.clip(np.nan_to_num(linear), 0, 1)


def _sensor_box(crop: tuple[int, int, int, int], photo: Photo) -> Box:
    left, top, width, height = crop
    full_width, full_height = upright_size(photo.info)
    if left < 0 or top < 0 or width < 1 or height < 1 or left + width > full_width or top + height > full_height:
        raise InputError(
            "The crop does not lie in the photo", f"left {left}, top {top}, {width} x {height} of {full_width} x {full_height} pixels"
        )
    return Box(*crop_to_sensor(left, top, width, height, photo.info))
