"""The command line: the same jobs as in the window, without one.

Exit codes: 0 done, 2 wrong usage or input (one sentence on stderr), 3 stopped by the user, 1 our fault;
130 when a second Ctrl-C left at once. Nothing slow is imported before a job needs it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from ddm_studio import __version__
from ddm_studio.command_jobs import Jobs
from ddm_studio.command_options import (
    ApertureOption,
    BlurryOption,
    DenoiserOption,
    DeviceOption,
    FormatOption,
    JpegColourOption,
    JsonOption,
    LeaveOutOption,
    PhotosOption,
    QualityOption,
    SharpOption,
    about,
)
from ddm_studio.console import LEFT_AT_ONCE_SENTENCE, ExitCode, choose_audience, complain, run_job
from ddm_studio.control import RunControl
from ddm_studio.engine.failure import failure_of
from ddm_studio.engine.requests import (
    BlendRequest,
    CalibrationRequest,
    CalibrationResult,
    CheckRequest,
    CheckResult,
    DeblurRequest,
    DeblurResult,
    DemoRequest,
    TrainRestorerRequest,
    TrainRestorerResult,
)
from ddm_studio.errors import InputError
from ddm_studio.events import Report
from ddm_studio.option_values import checked_settings, choose_folders, choose_profiles, parse_noise, parse_size, with_diffusion
from ddm_studio.profile_commands import profile_commands
from ddm_studio.settings import (
    BlendSettings,
    CalibrationSettings,
    DeblurSettings,
    Device,
    FileSettings,
    FlowSettings,
    JpegColour,
    MatchingSettings,
    Method,
    PhotoFormat,
    Preset,
    RestorerSettings,
    preset_settings,
)
from ddm_studio.stopped_words import DEMO_KEPT, MIXTURES_KEPT, PHOTOS_KEPT, calibration_kept, training_kept
from ddm_studio.upscale_command import upscale_command

LEFT_AT_ONCE = 130

app = typer.Typer(
    name="ddm-studio",
    add_completion=False,
    # Plain help and errors: one sentence on stderr is the rule, and boxes are not sentences.
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Calibrate a lens from ordinary photos and deblur with it. Without a command, the window opens.",
)
app.add_typer(profile_commands)
app.add_typer(upscale_command)


class Colour(StrEnum):
    """Kernels per colour channel, or one for all."""

    RGB = "rgb"
    MONO = "mono"


def main(arguments: Sequence[str] | None = None, jobs: Jobs | None = None) -> int:
    """Run the command line and return its exit code.

    Args:
        arguments: Words after the program's name; those of the process when left out.
        jobs: What the commands run.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    for stream in (sys.stdout, sys.stderr):
        # A file name that the terminal's encoding lacks must not end a calibration.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    try:
        code = app(words, standalone_mode=False, obj=jobs or Jobs(), prog_name="ddm-studio")
        sys.stdout.flush()
    except typer.TyperException as error:
        return _refuse_usage(error.format_message(), words)
    except (KeyboardInterrupt, typer.Abort):
        complain(LEFT_AT_ONCE_SENTENCE)
        return LEFT_AT_ONCE
    except BrokenPipeError:
        # Whoever read the output has left, as `head` does; the interpreter must not complain while it closes stdout.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitCode.OUR_FAULT
    return code if isinstance(code, int) else ExitCode.DONE


def _refuse_usage(message: str, words: Sequence[str]) -> int:
    error = InputError(message.replace("Value error, ", ""), advice="See ddm-studio --help, or --help after a command")
    if "--json" in words:
        choose_audience(as_json=True)(failure_of(error))
    complain(str(error))
    return ExitCode.WRONG_INPUT


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"ddm-studio {__version__}")
        raise typer.Exit


VersionOption = Annotated[bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version and leave.")]


@app.callback(invoke_without_command=True)
def _window(context: typer.Context, version: VersionOption = False) -> int:
    jobs: Jobs = context.obj
    return jobs.open_window(None) if context.invoked_subcommand is None else ExitCode.DONE


@app.command()
def demo(
    context: typer.Context,
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder for the photos, the profile, the pictures and result.json.")] = Path(
        "demo"
    ),
    headless: Annotated[bool, typer.Option("--headless", help="Run it here instead of in the window.")] = False,
) -> int:
    """Make, calibrate, deblur and score a synthetic lens."""
    jobs: Jobs = context.obj
    if not headless:
        return jobs.open_window(out.absolute())
    request = DemoRequest(out.absolute())
    return run_job(lambda report, control: jobs.demo(request, report, control), choose_audience(as_json=False), lambda: DEMO_KEPT)


@app.command()
def calibrate(
    context: typer.Context,
    out: Annotated[Path, typer.Option(metavar="PROJECT", help="Project folder: new, empty, or one of an earlier calibration.")],
    blurry: BlurryOption = None,
    sharp: SharpOption = None,
    photos: PhotosOption = None,
    blurry_aperture: ApertureOption = None,
    leave_out: LeaveOutOption = None,
    preset: Annotated[Preset, typer.Option(help=about(CalibrationSettings, "preset"))] = Preset.INSTANT,
    grid: Annotated[str, typer.Option(metavar="ROWSxCOLUMNS", help="Nodes of the PSF grid.")] = "8x8",
    kernel: Annotated[int, typer.Option(help=about(CalibrationSettings, "kernel_size"))] = 13,
    pretrain: Annotated[int, typer.Option(metavar="N", min=0, help=about(FlowSettings, "pretrain_steps"))] = 0,
    until_settled: Annotated[bool, typer.Option("--until-settled", help=about(MatchingSettings, "until_settled"))] = False,
    colour: Annotated[Colour, typer.Option(help=about(CalibrationSettings, "colour"))] = Colour.RGB,
    noise: Annotated[
        str, typer.Option(metavar="learn|LEVEL", help="Noise of the blurry photos in encoded units 0-1, or learned.")
    ] = "learn",
    sharp_crop: Annotated[
        str,
        typer.Option(
            metavar="WIDTHxHEIGHT|none",
            help="Use only the centre of sharp photos; smaller ones are used whole. With --photos half of each side when none.",
        ),
    ] = "none",
    device: DeviceOption = Device.AUTO,
    seed: Annotated[int, typer.Option(help=about(CalibrationSettings, "seed"))] = 0,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with a calibration that was stopped.")] = False,
    as_json: JsonOption = False,
) -> int:
    """Learn a lens from blurry and sharp photos, or from one folder of photos taken with it.

    Blurry and sharp photos need not show the same things. One folder is sorted by aperture: the widest is blurry, the
    centres of stopped-down photos are sharp; without such photos, the centres of the blurry ones.
    """
    jobs: Jobs = context.obj

    def job(report: Report, control: RunControl) -> CalibrationResult:
        rows, columns = parse_size("--grid", grid)
        settings = checked_settings(
            lambda: preset_settings(
                preset,
                grid_rows=rows,
                grid_columns=columns,
                kernel_size=kernel,
                colour=colour.value,
                noise=parse_noise(noise),
                sharp_crop=None if sharp_crop == "none" else parse_size("--sharp-crop", sharp_crop),
                blurry_aperture=blurry_aperture,
                device=device,
                seed=seed,
            )
        )
        folders = choose_folders(blurry, sharp, photos, blurry_aperture)
        request = CalibrationRequest(*folders, out, with_diffusion(settings, pretrain, until_settled), resume, tuple(leave_out or ()))
        return jobs.calibrate(request, report, control)

    return run_job(job, choose_audience(as_json), lambda: calibration_kept(out))


@app.command()
def check(
    context: typer.Context,
    blurry: BlurryOption = None,
    sharp: SharpOption = None,
    photos: PhotosOption = None,
    blurry_aperture: ApertureOption = None,
    leave_out: LeaveOutOption = None,
    as_json: JsonOption = False,
) -> int:
    """Say what is wrong with photos before a lens is learned from them. Nothing is written."""
    jobs: Jobs = context.obj

    def job(report: Report, control: RunControl) -> CheckResult:
        folders = choose_folders(blurry, sharp, photos, blurry_aperture)
        return jobs.check(CheckRequest(*folders, blurry_aperture, tuple(leave_out or ())), report, control)

    return run_job(job, choose_audience(as_json))


@app.command("train-restorer")
def train_restorer(
    context: typer.Context,
    project: Annotated[Path, typer.Argument(metavar="PROJECT", help="Project folder of a finished calibration.", show_default=False)],
    minutes: Annotated[float, typer.Option(help=about(RestorerSettings, "minutes"))] = 15.0,
    steps: Annotated[int | None, typer.Option(help=about(RestorerSettings, "steps"), show_default=False)] = None,
    device: DeviceOption = Device.AUTO,
    seed: Annotated[int, typer.Option(help=about(RestorerSettings, "seed"))] = 0,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with a training that was stopped, or is to last longer.")] = False,
    as_json: JsonOption = False,
) -> int:
    """Train the lens's own network, for deblur --method network, on the project's sharp photos seen through its profile."""
    jobs: Jobs = context.obj

    def job(report: Report, control: RunControl) -> TrainRestorerResult:
        settings = checked_settings(lambda: RestorerSettings(minutes=minutes, steps=steps, device=device, seed=seed))
        return jobs.train_restorer(TrainRestorerRequest(project, settings, resume), report, control)

    return run_job(job, choose_audience(as_json), lambda: training_kept(project))


@app.command()
def deblur(
    context: typer.Context,
    photos: Annotated[list[Path], typer.Argument(metavar="PHOTO", help="Photos of the profile's frame.", show_default=False)],
    method: Annotated[Method, typer.Option(help=about(DeblurSettings, "method"))],
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder for the deblurred photos.")],
    profile: Annotated[
        Path | None,
        typer.Option(metavar="FILE.lens", help="Lens profile; with --profiles, that of photos of which none is told.", show_default=False),
    ] = None,
    profiles: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Folder of profiles, of which each photo gets the one that its EXIF tells.", show_default=False),
    ] = None,
    photo_format: FormatOption = PhotoFormat.TIFF16,
    jpeg_quality: QualityOption = 95,
    jpeg_colour: JpegColourOption = JpegColour.FULL,
    name: Annotated[str, typer.Option(metavar="TEMPLATE", help=about(DeblurSettings, "name"))] = "{name}_{method}",
    again: Annotated[bool, typer.Option("--again", help="Deblur anew what is done already.")] = False,
    restorer: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="The lens's own network; restorer.safetensors beside the profile by default.", show_default=False
        ),
    ] = None,
    strength: Annotated[float, typer.Option(help=about(DeblurSettings, "strength"))] = 1.0,
    denoiser: DenoiserOption = "bundled",
    device: DeviceOption = Device.AUTO,
    seed: Annotated[int, typer.Option(help=about(DeblurSettings, "seed"))] = 0,
    as_json: JsonOption = False,
) -> int:
    """Deblur photos with a lens profile. A photo that fails is named, and the others are finished.

    What is done already, of the same photo by the same profile, settings and version, is not done again; so a batch that
    was stopped goes on when it is asked for again.
    """
    jobs: Jobs = context.obj

    def job(report: Report, control: RunControl) -> DeblurResult:
        settings = checked_settings(
            lambda: DeblurSettings(
                method=method,
                photo_format=photo_format,
                jpeg_quality=jpeg_quality,
                jpeg_colour=jpeg_colour,
                name=name,
                strength=strength,
                denoiser=denoiser,
                device=device,
                seed=seed,
            )
        )
        known = choose_profiles(profile, profiles)
        return jobs.deblur(DeblurRequest(tuple(photos), profile, out, settings, again, restorer, known), report, control)

    return run_job(job, choose_audience(as_json), lambda: PHOTOS_KEPT)


@app.command()
def blend(
    context: typer.Context,
    results: Annotated[list[Path], typer.Argument(metavar="RESULT", help="Deblurred photos with their .json files.", show_default=False)],
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder for the mixtures.")],
    strength: Annotated[float, typer.Option(help=about(BlendSettings, "strength"))] = 1.0,
    red: Annotated[float, typer.Option(help=about(BlendSettings, "red"))] = 1.0,
    green: Annotated[float, typer.Option(help=about(BlendSettings, "green"))] = 1.0,
    blue: Annotated[float, typer.Option(help=about(BlendSettings, "blue"))] = 1.0,
    colour: Annotated[float, typer.Option(help=about(BlendSettings, "colour"))] = 1.0,
    mask: Annotated[
        Path | None,
        typer.Option(metavar="FILE.png", help="Grey picture of the result's size: white is sharpened, black stays.", show_default=False),
    ] = None,
    source: Annotated[
        Path | None,
        typer.Option(metavar="PHOTO|DIR", help="The blurry photo, or its folder, where it was moved.", show_default=False),
    ] = None,
    photo_format: Annotated[PhotoFormat | None, typer.Option("--format", help="Left out: that of the result.", show_default=False)] = None,
    jpeg_quality: QualityOption = 95,
    jpeg_colour: JpegColourOption = JpegColour.FULL,
    as_json: JsonOption = False,
) -> int:
    """Mix results with their blurry photos: less strength, in all colours or one, without deblurring again."""
    jobs: Jobs = context.obj

    def job(report: Report, control: RunControl) -> DeblurResult:
        mixing = checked_settings(lambda: BlendSettings(strength=strength, red=red, green=green, blue=blue, colour=colour))
        kind = checked_settings(lambda: FileSettings(jpeg_quality=jpeg_quality, jpeg_colour=jpeg_colour))
        request = BlendRequest(tuple(results), out, mixing, source, photo_format, kind.jpeg_quality, kind.jpeg_colour, mask)
        return jobs.blend(request, report, control)

    return run_job(job, choose_audience(as_json), lambda: MIXTURES_KEPT)
