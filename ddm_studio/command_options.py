"""Options that several commands share, each with the sentence that its setting has in the window's forms."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from pydantic import BaseModel

from ddm_studio.settings import CalibrationSettings, DeblurSettings, DenoiserName, Device, FileSettings, JpegColour, PhotoFormat


def about(settings: type[BaseModel], name: str) -> str:
    """The sentence of a setting, so that the help says what the form in the window says."""
    return settings.model_fields[name].description or ""


JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object per line instead of sentences.")]
FormatOption = Annotated[PhotoFormat, typer.Option("--format", help=about(FileSettings, "photo_format"))]
QualityOption = Annotated[int, typer.Option(help=about(FileSettings, "jpeg_quality"))]
JpegColourOption = Annotated[JpegColour, typer.Option(help=about(FileSettings, "jpeg_colour"))]
DenoiserOption = Annotated[
    DenoiserName,
    typer.Option(help=f"{about(DeblurSettings, 'denoiser')} drunet (131 MB) and diffunet (374 MB) are downloaded when first asked for."),
]
DeviceOption = Annotated[Device, typer.Option(help=about(CalibrationSettings, "device"))]
BlurryOption = Annotated[Path | None, typer.Option(metavar="DIR", help="Folder of photos taken with the lens.", show_default=False)]
SharpOption = Annotated[Path | None, typer.Option(metavar="DIR", help="Folder of sharp photos of anything.", show_default=False)]
PhotosOption = Annotated[
    Path | None, typer.Option(metavar="DIR", help="Instead of the two: one folder of photos by one lens.", show_default=False)
]
ApertureOption = Annotated[float | None, typer.Option(metavar="F", help=about(CalibrationSettings, "blurry_aperture"), show_default=False)]
LeaveOutOption = Annotated[
    list[Path] | None, typer.Option("--leave-out", metavar="PHOTO", help="Do not use this photo; may be given again.", show_default=False)
]
