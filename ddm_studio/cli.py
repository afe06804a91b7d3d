"""The command line: the same jobs as in the window, without one.

Exit codes: 0 done, 2 wrong usage or input (one sentence on stderr), 3 stopped by the user with the work saved, 1 our fault;
130 when a second Ctrl-C left at once. Nothing slow is imported before a job needs it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from pydantic import BaseModel

from ddm_studio import __version__
from ddm_studio.console import LEFT_AT_ONCE_SENTENCE, ExitCode, choose_audience, complain, run_job
from ddm_studio.control import RunControl
from ddm_studio.engine.failure import failure_of
from ddm_studio.engine.requests import (
    CalibrationRequest,
    CalibrationResult,
    CheckRequest,
    CheckResult,
    DeblurRequest,
    DeblurResult,
    DemoRequest,
    DemoResult,
)
from ddm_studio.errors import InputError
from ddm_studio.events import Report
from ddm_studio.option_values import checked_settings, choose_folders, parse_noise, parse_size, with_pretraining
from ddm_studio.profiles.summary import ProfileSummary
from ddm_studio.settings import (
    CalibrationSettings,
    DeblurSettings,
    Device,
    FileSettings,
    FlowSettings,
    JpegColour,
    Method,
    PhotoFormat,
    Preset,
    preset_settings,
)

LEFT_AT_ONCE = 130

app = typer.Typer(
    name="ddm-studio",
    add_completion=False,
    # Plain help and errors: one sentence on stderr is the rule, and boxes are not sentences.
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Calibrate a lens from ordinary photos and deblur with it. Without a command, the window opens.",
)


class Colour(StrEnum):
    """Kernels per colour channel, or one for all."""

    RGB = "rgb"
    MONO = "mono"


def _calibrate(request: CalibrationRequest, report: Report, control: RunControl) -> CalibrationResult:
    _prepare_torch()
    from ddm_studio.engine.calibrate import calibrate

    return calibrate(request, report, control)


def _check(request: CheckRequest, report: Report, control: RunControl) -> CheckResult:
    from ddm_studio.engine.check_photos import check_photos

    return check_photos(request, report, control)


def _deblur(request: DeblurRequest, report: Report, control: RunControl) -> DeblurResult:
    _prepare_torch()
    from ddm_studio.engine.deblur_photos import deblur_photos

    return deblur_photos(request, report, control)


def _demo(request: DemoRequest, report: Report, control: RunControl) -> DemoResult:
    _prepare_torch()
    from ddm_studio.engine.demo import run_demo

    return run_demo(request, report, control)


def _prepare_torch() -> None:
    from ddm_studio.engine.device import prepare_engine_thread

    prepare_engine_thread(beside_window=False)


def _open_window(demo_out: Path | None) -> int:
    if sys.platform == "linux" and not any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")):
        # Qt would abort the process.
        complain(
            str(
                InputError(
                    "The window cannot be opened", "There is no screen", "Use demo --headless or the other commands, see ddm-studio --help"
                )
            )
        )
        return ExitCode.WRONG_INPUT
    try:
        from ddm_studio.gui.app import main as open_window
    except ImportError as error:
        advice = "Install the system packages that the README names; every job also runs on the command line, see ddm-studio --help"
        complain(str(InputError("The window cannot be opened", str(error), advice)))
        return ExitCode.WRONG_INPUT
    return open_window([], demo_out)


@dataclass(frozen=True, slots=True)
class Jobs:
    """What the commands run; tests bring their own."""

    calibrate: Callable[[CalibrationRequest, Report, RunControl], CalibrationResult] = _calibrate
    deblur: Callable[[DeblurRequest, Report, RunControl], DeblurResult] = _deblur
    demo: Callable[[DemoRequest, Report, RunControl], DemoResult] = _demo
    open_window: Callable[[Path | None], int] = _open_window
    check: Callable[[CheckRequest, Report, RunControl], CheckResult] = _check


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


def _about(settings: type[BaseModel], name: str) -> str:
    """The sentence of a setting, so that the help says what the form in the window says."""
    return settings.model_fields[name].description or ""


JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object per line instead of sentences.")]
FormatOption = Annotated[PhotoFormat, typer.Option("--format", help=_about(FileSettings, "photo_format"))]
QualityOption = Annotated[int, typer.Option(help=_about(FileSettings, "jpeg_quality"))]
JpegColourOption = Annotated[JpegColour, typer.Option(help=_about(FileSettings, "jpeg_colour"))]
DeviceOption = Annotated[Device, typer.Option(help=_about(CalibrationSettings, "device"))]
BlurryOption = Annotated[Path | None, typer.Option(metavar="DIR", help="Folder of photos taken with the lens.", show_default=False)]
SharpOption = Annotated[Path | None, typer.Option(metavar="DIR", help="Folder of sharp photos of anything.", show_default=False)]
PhotosOption = Annotated[
    Path | None, typer.Option(metavar="DIR", help="Instead of the two: one folder of photos by one lens.", show_default=False)
]
ApertureOption = Annotated[float | None, typer.Option(metavar="F", help=_about(CalibrationSettings, "blurry_aperture"), show_default=False)]
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
    return run_job(lambda report, control: jobs.demo(DemoRequest(out.absolute()), report, control), choose_audience(as_json=False))


@app.command()
def calibrate(
    context: typer.Context,
    out: Annotated[Path, typer.Option(metavar="PROJECT", help="Project folder: new, empty, or one of an earlier calibration.")],
    blurry: BlurryOption = None,
    sharp: SharpOption = None,
    photos: PhotosOption = None,
    blurry_aperture: ApertureOption = None,
    preset: Annotated[Preset, typer.Option(help=_about(CalibrationSettings, "preset"))] = Preset.INSTANT,
    grid: Annotated[str, typer.Option(metavar="ROWSxCOLUMNS", help="Nodes of the PSF grid.")] = "8x8",
    kernel: Annotated[int, typer.Option(help=_about(CalibrationSettings, "kernel_size"))] = 13,
    pretrain: Annotated[int, typer.Option(metavar="N", min=0, help=_about(FlowSettings, "pretrain_steps"))] = 0,
    colour: Annotated[Colour, typer.Option(help=_about(CalibrationSettings, "colour"))] = Colour.RGB,
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
    seed: Annotated[int, typer.Option(help=_about(CalibrationSettings, "seed"))] = 0,
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
        request = CalibrationRequest(*folders, out, with_pretraining(settings, pretrain), resume)
        return jobs.calibrate(request, report, control)

    return run_job(job, choose_audience(as_json), hint_when_stopped="Give the same command with --resume to go on.")


@app.command()
def check(
    context: typer.Context,
    blurry: BlurryOption = None,
    sharp: SharpOption = None,
    photos: PhotosOption = None,
    blurry_aperture: ApertureOption = None,
    as_json: JsonOption = False,
) -> int:
    """Say what is wrong with photos before a lens is learned from them. Nothing is written."""
    jobs: Jobs = context.obj

    def job(report: Report, control: RunControl) -> CheckResult:
        folders = choose_folders(blurry, sharp, photos, blurry_aperture)
        return jobs.check(CheckRequest(*folders, blurry_aperture), report, control)

    return run_job(job, choose_audience(as_json))


@app.command()
def deblur(
    context: typer.Context,
    photos: Annotated[list[Path], typer.Argument(metavar="PHOTO", help="Photos of the profile's frame.", show_default=False)],
    profile: Annotated[Path, typer.Option(metavar="FILE.lens", help="Lens profile.")],
    method: Annotated[Method, typer.Option(help=_about(DeblurSettings, "method"))],
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder for the deblurred photos.")],
    photo_format: FormatOption = PhotoFormat.TIFF16,
    jpeg_quality: QualityOption = 95,
    jpeg_colour: JpegColourOption = JpegColour.FULL,
    name: Annotated[str, typer.Option(metavar="TEMPLATE", help=_about(DeblurSettings, "name"))] = "{name}_{method}",
    again: Annotated[bool, typer.Option("--again", help="Deblur anew what is done already.")] = False,
    device: DeviceOption = Device.AUTO,
    seed: Annotated[int, typer.Option(help=_about(DeblurSettings, "seed"))] = 0,
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
                device=device,
                seed=seed,
            )
        )
        return jobs.deblur(DeblurRequest(tuple(photos), profile, out, settings, again), report, control)

    return run_job(job, choose_audience(as_json), hint_when_stopped="Give the same command again to go on.")


@app.command()
def export(
    profile: Annotated[Path, typer.Argument(metavar="FILE.lens", help="Lens profile.", show_default=False)],
    to: Annotated[Path, typer.Option(metavar="FILE.npz|.tiff|.png|.json", help="File to write; its suffix names the format.")],
) -> int:
    """Write a profile's kernels for other programs."""

    def job(report: Report, control: RunControl) -> str:
        from ddm_studio.profiles.export_profile import export_profile
        from ddm_studio.profiles.lens_profile import load_profile

        export_profile(load_profile(profile), to)
        return f"{profile} -> {to}"

    return run_job(job, choose_audience(as_json=False))


@app.command("import")
def import_(
    grid: Annotated[Path, typer.Argument(metavar="FILE.npz", help="Array psf, (rows, columns, 3, k, k) or (rows, columns, k, k).")],
    noise: Annotated[float, typer.Option(help="Noise of the photos in encoded units 0-1.")],
    frame: Annotated[str, typer.Option(metavar="WIDTHxHEIGHT", help="Pixels of the photos, as stored by the camera.")],
    to: Annotated[Path, typer.Option(metavar="FILE.lens", help="Profile to write.")],
) -> int:
    """Make a profile of a known PSF grid."""

    def job(report: Report, control: RunControl) -> str:
        from ddm_studio.profiles.import_profile import import_grid
        from ddm_studio.profiles.lens_profile import save_profile

        if to.suffix.lower() != ".lens":
            raise InputError(f"--to {to} names no lens profile", advice="Use a name that ends in .lens")
        save_profile(import_grid(grid, noise, parse_size("--frame", frame)), to)
        return f"{grid} -> {to}"

    return run_job(job, choose_audience(as_json=False))


@app.command()
def info(
    profile: Annotated[Path, typer.Argument(metavar="FILE.lens", help="Lens profile.", show_default=False)],
    as_json: JsonOption = False,
) -> int:
    """Say what a profile holds and where it comes from."""

    def job(report: Report, control: RunControl) -> ProfileSummary:
        from ddm_studio.profiles.lens_profile import load_profile
        from ddm_studio.profiles.summary import summarise

        return summarise(load_profile(profile))

    return run_job(job, choose_audience(as_json))
