"""The command that doubles the size of photos."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ddm_studio.command_options import DeviceOption, FormatOption, JpegColourOption, JsonOption, QualityOption, about
from ddm_studio.console import choose_audience, run_job
from ddm_studio.control import RunControl
from ddm_studio.engine.requests import DeblurResult, UpscaleRequest
from ddm_studio.events import Report
from ddm_studio.option_values import checked_settings
from ddm_studio.settings import Device, JpegColour, PhotoFormat, UpscaleMethodName, UpscaleSettings
from ddm_studio.stopped_words import PHOTOS_KEPT

upscale_command = typer.Typer()


@upscale_command.command()
def upscale(
    photos: Annotated[list[Path], typer.Argument(metavar="PHOTO", help="Photos to double in size.", show_default=False)],
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder for the larger photos.")],
    method: Annotated[UpscaleMethodName, typer.Option(help=about(UpscaleSettings, "method"))] = UpscaleMethodName.DPIR,
    kernel: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.npz",
            help="Arrays kernel, on the pixels of the larger photo, and scale, 2. Left out: software's bicubic.",
            show_default=False,
        ),
    ] = None,
    noise: Annotated[float, typer.Option(help=about(UpscaleSettings, "noise"))] = 0.01,
    learning_steps: Annotated[int, typer.Option(metavar="N", help=about(UpscaleSettings, "learning_steps"))] = 800,
    photo_format: FormatOption = PhotoFormat.TIFF16,
    jpeg_quality: QualityOption = 95,
    jpeg_colour: JpegColourOption = JpegColour.FULL,
    device: DeviceOption = Device.AUTO,
    seed: Annotated[int, typer.Option(help=about(UpscaleSettings, "seed"))] = 0,
    again: Annotated[bool, typer.Option("--again", help="Upscale anew what is done already.")] = False,
    as_json: JsonOption = False,
) -> int:
    """Double the size of photos by the kernel that made them small. A photo that fails is named, and the others are finished.

    What is done already, of the same photo by the same kernel, settings and version, is not done again; so a batch that was
    stopped goes on when it is asked for again.
    """

    def job(report: Report, control: RunControl) -> DeblurResult:
        settings = checked_settings(
            lambda: UpscaleSettings(
                method=method,
                noise=noise,
                learning_steps=learning_steps,
                photo_format=photo_format,
                jpeg_quality=jpeg_quality,
                jpeg_colour=jpeg_colour,
                device=device,
                seed=seed,
            )
        )
        from ddm_studio.engine.device import prepare_engine_thread

        prepare_engine_thread(beside_window=False)
        from ddm_studio.engine.upscale_photos import upscale_photos

        return upscale_photos(UpscaleRequest(tuple(photos), kernel, out, settings, again), report, control)

    return run_job(job, choose_audience(as_json), lambda: PHOTOS_KEPT)
