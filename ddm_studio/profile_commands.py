"""The commands about lens profiles alone: export, import, info."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ddm_studio.command_options import JsonOption
from ddm_studio.console import choose_audience, run_job
from ddm_studio.control import RunControl
from ddm_studio.errors import InputError
from ddm_studio.events import Report
from ddm_studio.option_values import parse_size
from ddm_studio.profiles.summary import ProfileSummary

profile_commands = typer.Typer()


@profile_commands.command()
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


@profile_commands.command("import")
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


@profile_commands.command()
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
