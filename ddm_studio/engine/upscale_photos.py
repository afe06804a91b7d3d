"""The job that doubles the size of photos."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch

from ddm_studio.control import RunControl
from ddm_studio.deblur.denoisers import Denoiser, load_denoiser
from ddm_studio.deblur.subsampled_model import FACTOR
from ddm_studio.deblur.upscale import UPSCALE_SCHEDULE, UpscaleMethod, by_dpir, by_network, upscale_frame
from ddm_studio.deblur.zero_shot import ZeroShotNetwork, ZeroShotSchedule, learn_from_photo
from ddm_studio.engine.device import choose_device
from ddm_studio.engine.output_names import free_targets, safe_name
from ddm_studio.engine.photo_queue import PhotoQueue, Task
from ddm_studio.engine.requests import DeblurResult, UpscaleRequest
from ddm_studio.errors import PhotoError
from ddm_studio.events import Note, Report
from ddm_studio.photos.photo import Photo
from ddm_studio.photos.reading import read_photo
from ddm_studio.photos.writing import SUFFIXES, make_folder, write_photo
from ddm_studio.profiles.upscaling_kernel import bicubic_kernel, load_upscaling_kernel
from ddm_studio.settings import UpscaleMethodName, UpscaleSettings
from ddm_studio.stage import StageReporter


def upscale_photos(request: UpscaleRequest, report: Report, control: RunControl) -> DeblurResult:
    """Double the size of photos, each by the same kernel, into a folder; no file there is replaced.

    A photo that cannot be read, upscaled or written is reported and the others are finished.

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
    targets = free_targets(request.photos, names, request.out, lambda there, source: False)
    upscaler = _Upscaler(kernel, denoiser, settings, report, control)
    queue = PhotoQueue([Task(*pair) for pair in zip(request.photos, targets, strict=True)], report, control)
    queue.run(lambda task: False, upscaler.upscale)
    return DeblurResult(tuple(queue.saved), tuple(queue.failed))


class _Upscaler:
    def __init__(
        self, kernel: torch.Tensor, denoiser: Denoiser | None, settings: UpscaleSettings, report: Report, control: RunControl
    ) -> None:
        self._kernel, self._denoiser, self._settings = kernel, denoiser, settings
        self._report, self._control = report, control

    def upscale(self, task: Task) -> None:
        """One photo, from file to file."""
        photo = read_photo(task.source)
        linear = torch.from_numpy(photo.pixels).permute(2, 0, 1)
        method = self._method(linear, task.source.name)
        stage: StageReporter | None = None

        def on_step(done: int, total: int) -> None:
            nonlocal stage
            stage = stage or StageReporter(f"upscale {task.source.name}", total, self._report, self._control)
            stage.checkpoint(done)

        large = upscale_frame(linear, self._kernel, method, on_step)
        if stage is not None:
            stage.finish()
        pixels = large.permute(1, 2, 0).numpy()
        for note in write_photo(
            task.target, pixels, _of_twice_the_size(photo), self._settings, lambda: self._control.checkpoint(self._report)
        ):
            self._report(Note(f"{task.source.name}: {note}"))

    def _method(self, linear: torch.Tensor, name: str) -> UpscaleMethod:
        sigma = torch.full((3,), self._settings.noise, device=self._kernel.device)
        if self._denoiser is not None:
            return by_dpir(self._kernel, sigma, self._denoiser, UPSCALE_SCHEDULE)
        schedule, generator = ZeroShotSchedule(self._settings.learning_steps), torch.Generator().manual_seed(self._settings.seed)
        network = ZeroShotNetwork(generator).to(self._kernel.device)
        stage = StageReporter(f"learn from {name}", schedule.steps, self._report, self._control)
        try:
            for step, loss in enumerate(learn_from_photo(network, linear, self._kernel, sigma, schedule, generator), 1):
                stage.checkpoint(step, loss)
        except ValueError as error:
            raise PhotoError(f"{name} is too small to learn from", str(error), "Use --method dpir") from error
        stage.finish()
        return by_network(self._kernel, network)


def _of_twice_the_size(photo: Photo) -> Photo:
    """What the writer takes from the photo, for a result of twice its size."""
    info = replace(photo.info, width=FACTOR * photo.info.width, height=FACTOR * photo.info.height)
    alpha = None if photo.alpha is None else photo.alpha.repeat(FACTOR, 0).repeat(FACTOR, 1)
    return replace(photo, info=info, alpha=alpha)
