"""The job that doubles the size of photos."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from ddm_studio.control import RunControl
from ddm_studio.deblur.denoisers import Denoiser, load_denoiser
from ddm_studio.deblur.subsampled_model import FACTOR
from ddm_studio.deblur.upscale import UPSCALE_SCHEDULE, UpscaleMethod, by_dpir, by_network, upscaled_rows
from ddm_studio.deblur.zero_shot import ZeroShotNetwork, ZeroShotSchedule, learn_from_photo
from ddm_studio.engine.device import choose_device
from ddm_studio.engine.output_names import free_targets, safe_name
from ddm_studio.engine.photo_queue import PhotoQueue, Task
from ddm_studio.engine.requests import DeblurResult, UpscaleRequest
from ddm_studio.engine.sidecar import FileFacts, Recipe, Sidecar, is_done, settings_table
from ddm_studio.engine.written_result import write_result
from ddm_studio.errors import PhotoError
from ddm_studio.events import Report
from ddm_studio.photos.colour import Floats
from ddm_studio.photos.photo import Photo
from ddm_studio.photos.reading import read_photo
from ddm_studio.photos.rendering import upright_bands
from ddm_studio.photos.writing import SUFFIXES, check_room, make_folder
from ddm_studio.profiles.upscaling_kernel import bicubic_kernel, load_upscaling_kernel
from ddm_studio.settings import UpscaleMethodName, UpscaleSettings
from ddm_studio.stage import StageReporter


def upscale_photos(request: UpscaleRequest, report: Report, control: RunControl) -> DeblurResult:
    """Double the size of photos, each by the same kernel, into a folder.

    A photo that cannot be read, upscaled or written is reported and the others are finished. Beside each result lies its
    sidecar, by which a later run knows what is done; files that are none of our results are never replaced.

    Raises:
        InputError: The kernel or the folder cannot be used, or the disk is full.
        Cancelled: The person asked to stop; photos that were saved are finished.
    """
    settings = request.settings
    device = choose_device(settings.device)
    taps = np.repeat(bicubic_kernel()[None], 3, axis=0) if request.kernel is None else load_upscaling_kernel(request.kernel)
    kernel = torch.from_numpy(taps).to(device)
    make_folder(request.out)
    denoiser = load_denoiser("bundled", device) if settings.method is UpscaleMethodName.DPIR else None
    names = [safe_name(f"{photo.stem}_x{FACTOR}_{settings.method}") + SUFFIXES[settings.photo_format] for photo in request.photos]
    targets = free_targets(request.photos, names, request.out)
    recipe = Recipe(kernel=FileFacts.of(request.kernel) if request.kernel else None, settings=settings_table(settings))
    upscaler = _Upscaler(kernel, denoiser, settings, recipe, report, control)
    queue = PhotoQueue([Task(*pair) for pair in zip(request.photos, targets, strict=True)], report, control)
    queue.run(lambda task: not request.again and is_done(task.target, task.source, recipe), upscaler.upscale)
    return DeblurResult(tuple(queue.saved), tuple(queue.failed), tuple(queue.done_before))


@dataclass(eq=False)
class _Upscaler:
    kernel: Tensor
    denoiser: Denoiser | None
    settings: UpscaleSettings
    recipe: Recipe
    report: Report
    control: RunControl

    def upscale(self, task: Task) -> None:
        """One photo, from file to file."""
        began = time.monotonic()
        photo = read_photo(task.source)
        large = _of_twice_the_size(photo)
        check_room(task.target.parent, large.info, self.settings)
        bands = upright_bands(self._bands(photo, task.source.name), large.info)
        write_result(task, Sidecar.begun(self.recipe, task.source), bands, large, self.settings, began, self.report, self.control)

    def _bands(self, photo: Photo, name: str) -> Iterator[Floats]:
        linear = torch.from_numpy(photo.pixels).permute(2, 0, 1)
        method = self._method(linear, name)
        stage: StageReporter | None = None

        def on_step(done: int, total: int) -> None:
            nonlocal stage
            stage = stage or StageReporter(f"upscale {name}", total, self.report, self.control)
            stage.checkpoint(done)

        for rows in upscaled_rows(linear, self.kernel, method, on_step):
            yield rows.permute(1, 2, 0).numpy()
        if stage is not None:
            stage.finish()

    def _method(self, linear: Tensor, name: str) -> UpscaleMethod:
        sigma = torch.full((3,), self.settings.noise, device=self.kernel.device)
        if self.denoiser is not None:
            return by_dpir(self.kernel, sigma, self.denoiser, UPSCALE_SCHEDULE)
        schedule, generator = ZeroShotSchedule(self.settings.learning_steps), torch.Generator().manual_seed(self.settings.seed)
        network = ZeroShotNetwork(generator).to(self.kernel.device)
        stage = StageReporter(f"learn from {name}", schedule.steps, self.report, self.control)
        try:
            for step, loss in enumerate(learn_from_photo(network, linear, self.kernel, sigma, schedule, generator), 1):
                stage.checkpoint(step, loss)
        except ValueError as error:
            raise PhotoError(f"{name} is too small to learn from", str(error), "Use --method dpir") from error
        stage.finish()
        return by_network(self.kernel, network)


def _of_twice_the_size(photo: Photo) -> Photo:
    """What the writer takes from the photo, for a result of twice its size."""
    info = replace(photo.info, width=FACTOR * photo.info.width, height=FACTOR * photo.info.height)
    alpha = None if photo.alpha is None else photo.alpha.repeat(FACTOR, 0).repeat(FACTOR, 1)
    return replace(photo, info=info, alpha=alpha)
