"""Every setting, declared once: bounds, unit, default and a sentence. Forms, files and help are made from it."""

from __future__ import annotations

import string
from enum import StrEnum
from typing import Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, field_validator


class Preset(StrEnum):
    """How much work a calibration may spend."""

    INSTANT = "instant"
    QUICK = "quick"
    STANDARD = "standard"
    PAPER = "paper"


class Device(StrEnum):
    """Where the tensors live."""

    AUTO = "auto"
    CPU = "cpu"
    CUDA = "cuda"


class Method(StrEnum):
    """How a photo is restored."""

    WIENER = "wiener"
    DPIR = "dpir"
    DIFFPIR = "diffpir"
    NETWORK = "network"


ANY_LENS_METHODS = (Method.WIENER, Method.DPIR, Method.DIFFPIR)
"""The methods that need nothing but a profile; the network must have been trained for its lens."""


class UpscaleMethodName(StrEnum):
    """How a photo is doubled in size."""

    DPIR = "dpir"
    ZERO_SHOT = "zero-shot"


class PhotoFormat(StrEnum):
    """The file format of deblurred photos."""

    TIFF16 = "tiff16"
    PNG16 = "png16"
    JPEG = "jpeg"


class JpegColour(StrEnum):
    """Chroma subsampling of JPEGs."""

    FULL = "4:4:4"
    HALF_ACROSS = "4:2:2"
    HALF = "4:2:0"


def _unit(name: str) -> dict[str, Any]:
    return {"unit": name}


class _Settings(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class TileSettings(_Settings):
    """How the photos are sampled, once, before anything is learned."""

    tile: int = Field(
        96, ge=32, le=512, json_schema_extra=_unit("px"), description="Side of the square tiles that are cut from the photos."
    )
    blurry_tiles: int = Field(8000, ge=16, description="Tiles drawn from the blurry photos altogether.")
    sharp_tiles: int = Field(5000, ge=16, description="Tiles drawn from the sharp photos altogether.")


class GaussianMatchingSettings(_Settings):
    """Stage 1: matching second-order statistics in closed form."""

    patch: int = Field(48, ge=16, le=256, json_schema_extra=_unit("px"), description="Side of the patches whose spectra are matched.")
    bins: int = Field(10, ge=1, le=64, description="Position bins along each side of the frame.")
    steps: int = Field(150, ge=1, description="Optimiser steps of free taps.")
    groups: int = Field(8, ge=1, le=64, description="Groups of photos left out by turns to estimate the confidence; 1 leaves it out.")
    retrieval: bool = Field(True, description="Where no wavefront describes the kernels, search for their phase from random starts.")
    wavefront: bool = Field(True, description="Describe the kernels by a wavefront, unless free taps explain the photos much better.")


class FlowSettings(_Settings):
    """Stage 2: the flow-matching model of the blurry patches."""

    patch: int = Field(32, ge=16, le=256, json_schema_extra=_unit("px"), description="Side of the patches that the network sees.")
    channels: int = Field(32, ge=8, le=512, description="Width of the network at full resolution.")
    pretrain_steps: int = Field(0, ge=0, description="Training steps on the sharp set, before those on the blurry set.")
    steps: int = Field(500, ge=0, description="Training steps on the blurry set.")
    batch: int = Field(64, ge=1, description="Patches per step.")
    learning_rate: float = Field(0.01, gt=0, description="Reference learning rate of Adam.")
    ema_std: float = Field(0.05, gt=0, lt=0.25, description="Relative standard deviation of the power-function average of the weights.")
    random_positions: float = Field(0.2, ge=0, le=1, description="Share of patches whose position is replaced by a random one.")
    field_nodes: int = Field(
        6, ge=1, le=32, description="Places along each side of the frame at which spectra are measured; 1 for one kernel everywhere."
    )


class MatchingSettings(_Settings):
    """Stage 3: distribution matching of the kernels."""

    warm_up: int = Field(60, ge=0, description="Steps of the auxiliary flow alone, before the kernels move.")
    steps: int = Field(150, ge=0, description="Kernel steps.")
    batch: int = Field(64, ge=1, description="Patches per step.")
    field_steps: int = Field(100, ge=1, description="Kernel steps after which the spectra of the re-blurred patches are measured again.")
    kernel_learning_rate: float = Field(5e-4, gt=0, description="Learning rate of the kernels.")
    flow_learning_rate: float = Field(2e-4, gt=0, description="Learning rate of the auxiliary flow.")
    random_positions: float = Field(0.2, ge=0, le=1, description="Share of patches whose position the auxiliary flow is not told.")
    look_steps: int = Field(15, ge=1, description="Kernel steps between two looks at photos that are held out.")
    patience: int = Field(4, ge=1, description="Looks without a better one after which the stage says that it has settled.")
    until_settled: bool = Field(
        False, description="End the refinement by the diffusion model (stage 3) once nothing gets better, instead of after all steps."
    )
    always: bool = Field(False, description="On a CPU, run stages 2 and 3 even where held-out photos already agree with stage 1.")
    changes: Literal["phase", "taps"] = Field("phase", description="Learn the phase that all channels share, or every tap.")
    field_degree: int = Field(2, ge=0, le=6, description="Degree over the frame of the polynomials that describe the changes.")
    raw_taps: bool = Field(False, description="Learn raw kernel taps, as the paper does, instead of smooth changes of the grid.")
    sparsity: float = Field(0.0, ge=0, description="Weight of the sparsity prior on raw taps.")
    centring: float = Field(0.01, ge=0, description="Weight of the prior that centres each node.")
    gaussian: float = Field(0.0, ge=0, description="Weight of the prior against far taps.")
    sum_to_one: float = Field(0.0, ge=0, description="Weight of the prior on the sum of raw taps.")


class CalibrationSettings(_Settings):
    """Everything that defines the result of a calibration, besides the photos."""

    preset: Preset = Field(Preset.INSTANT, description="How much work to spend.")
    grid_rows: int = Field(8, ge=1, le=32, description="Nodes of the PSF grid from top to bottom.")
    grid_columns: int = Field(8, ge=1, le=32, description="Nodes of the PSF grid from left to right.")
    kernel_size: int = Field(
        13, ge=3, le=65, json_schema_extra=_unit("px"), description="Side of each kernel (PSF), odd: wider than the widest blur."
    )
    colour: Literal["rgb", "mono"] = Field("rgb", description="A kernel per colour channel, or one for all three.")
    noise: float | None = Field(
        None, ge=0, le=0.5, description="Standard deviation of the noise in the blurry photos, where 1 is white; learned when left out."
    )
    sharp_crop: tuple[int, int] | None = Field(None, description="Use only the middle of the sharp photos, so many pixels wide and high.")
    blurry_aperture: float | None = Field(
        None, gt=0, le=128, description="f-number of the blurry photos where one folder holds both sets; the widest when empty."
    )
    device: Device = Field(Device.AUTO, description="Where to compute.")
    seed: int = Field(0, ge=0, lt=2**31, description="Start of everything random: the same number draws the same pieces of the photos.")
    tiles: TileSettings = TileSettings()
    gaussian: GaussianMatchingSettings = GaussianMatchingSettings()
    flow: FlowSettings = FlowSettings()
    matching: MatchingSettings = MatchingSettings()

    @property
    def has_diffusion(self) -> bool:
        """Whether stages 2 and 3 follow stage 1."""
        return self.preset is not Preset.INSTANT

    def model_post_init(self, context: Any, /) -> None:
        """Refuse even kernels: they have no centre tap."""
        if self.kernel_size % 2 == 0:
            raise ValueError(f"the kernel size must be odd, got {self.kernel_size}")


class FileSettings(_Settings):
    """The kind of file that is written."""

    photo_format: PhotoFormat = Field(PhotoFormat.TIFF16, description="File format of the result.")
    jpeg_quality: int = Field(95, ge=50, le=100, description="Quality of JPEGs: 95 shows no loss, each step below saves room.")
    jpeg_colour: JpegColour = Field(
        JpegColour.FULL, description="Resolution of colour in JPEGs (chroma subsampling): full, half of it across, or half of it both ways."
    )


class BlendSettings(_Settings):
    """How much of a result is mixed with its blurry photo: 1 is the result, 0 the photo."""

    strength: float = Field(1.0, ge=0, le=1, description="Share of the result; the blurry photo has the rest.")
    red: float = Field(1.0, ge=0, le=1, description="Share of the strength in red.")
    green: float = Field(1.0, ge=0, le=1, description="Share of the strength in green.")
    blue: float = Field(1.0, ge=0, le=1, description="Share of the strength in blue.")
    colour: float = Field(1.0, ge=0, le=1, description="Share of what the result changed in colour; brightness is changed in full.")


DenoiserName: TypeAlias = Literal["bundled", "drunet", "diffunet"]


class DeblurSettings(FileSettings):
    """How photos are deblurred and written."""

    name: str = Field(
        "{name}_{method}", description="Names of results, of {name}, {method}, {date}, {lens}, {profile}, {number} and other letters."
    )
    method: Method = Field(Method.WIENER, description="How to restore.")
    strength: float = Field(
        1.0, ge=0.1, le=10.0, description="Above 1 trusts the photo more and sharpens more, noise too; below 1 smooths more."
    )
    denoiser: DenoiserName = Field("bundled", description="The network that tells detail from noise in DPIR and DiffPIR.")
    device: Device = Field(Device.AUTO, description="Where to compute.")
    seed: int = Field(0, ge=0, lt=2**31, description="Seed of DiffPIR's noise field.")
    blend: BlendSettings = Field(BlendSettings(), description="How much of the result is mixed with the photo before it is written.")

    @field_validator("name")
    @classmethod
    def _check_name(cls, template: str) -> str:
        fields_of_name(template)
        return template


class UpscaleSettings(FileSettings):
    """How photos are doubled in size and written."""

    method: UpscaleMethodName = Field(
        UpscaleMethodName.DPIR, description="DPIR with the bundled denoiser, or a network that learns from the photo itself."
    )
    noise: float = Field(0.01, ge=0, le=0.2, description="Noise of the photo in encoded units 0-1.")
    device: Device = Field(Device.AUTO, description="Where to compute.")
    learning_steps: int = Field(800, ge=1, description="Steps for which a network learns from the photo: more find more detail.")
    seed: int = Field(0, ge=0, lt=2**31, description="Seed of the network that learns from the photo.")


_NAME_FIELDS = frozenset(("name", "method", "date", "lens", "profile", "number"))


def fields_of_name(template: str) -> frozenset[str]:
    """The fields that a template of file names uses.

    Raises:
        ValueError: It is no template, in words for a person.
    """
    known = ", ".join(f"{{{name}}}" for name in sorted(_NAME_FIELDS))
    try:
        parts = list(string.Formatter().parse(template))
    except ValueError as error:
        raise ValueError(f"the name {template!r} has a brace without its partner; the fields are {known}") from error
    for _, field, form, conversion in parts:
        if field is not None and (field not in _NAME_FIELDS or form or conversion):
            raise ValueError(f"the name {template!r} has a field that is not known; the fields are {known}")
    fields = frozenset(field for _, field, _, _ in parts if field)
    if not fields & {"name", "number"}:
        raise ValueError(f"the name {template!r} is the same for every photo; it needs {{name}} or {{number}}")
    if any(letter in '<>:"/\\|?*' or not letter.isprintable() for text, *_ in parts for letter in text):
        raise ValueError(f"the name {template!r} has a letter that file names may not have")
    return fields


class RestorerSettings(_Settings):
    """How the lens's own network is trained."""

    minutes: float = Field(
        15.0, gt=0, le=10_000, json_schema_extra=_unit("min"), description="Minutes of training altogether, earlier runs included."
    )
    steps: int | None = Field(None, ge=1, description="Steps of training altogether, instead of minutes.")
    patch: int = Field(96, ge=32, le=512, json_schema_extra=_unit("px"), description="Side of the patches that the network learns from.")
    batch: int = Field(8, ge=1, description="Patches per step.")
    learning_rate: float = Field(1e-3, gt=0, description="Highest learning rate of Adam.")
    tiles: int = Field(2000, ge=16, description="Tiles drawn from the sharp photos altogether.")
    device: Device = Field(Device.AUTO, description="Where to compute.")
    seed: int = Field(0, ge=0, lt=2**31, description="Seed of everything random.")


def preset_settings(preset: Preset, **changes: Any) -> CalibrationSettings:
    """The settings that a preset stands for, with `changes` to single fields on top."""
    flow, matching = FlowSettings(), MatchingSettings()
    if preset is Preset.STANDARD:
        flow = FlowSettings(patch=64, channels=64, steps=6000, batch=256)
        matching = MatchingSettings(steps=2000, batch=256, look_steps=100)
    if preset is Preset.PAPER:
        flow = FlowSettings(patch=64, channels=96, steps=16_000, batch=1024)
        matching = MatchingSettings(
            steps=47_000,
            batch=128,
            look_steps=1000,
            warm_up=0,
            kernel_learning_rate=4e-5,
            flow_learning_rate=1e-5,
            always=True,
            raw_taps=True,
            sparsity=0.01,
            gaussian=0.1,
        )
    return CalibrationSettings(**{"preset": preset, "flow": flow, "matching": matching, **changes})
