"""What a job is asked for and what it returns: plain data that a window can make without loading torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ddm_studio.deblur.mask import Mask
from ddm_studio.settings import (
    ANY_LENS_METHODS,
    BlendSettings,
    CalibrationSettings,
    DeblurSettings,
    JpegColour,
    Method,
    PhotoFormat,
    RestorerSettings,
    UpscaleSettings,
)


@dataclass(frozen=True, slots=True)
class CalibrationRequest:
    """Learn the lens of `blurry` from unpaired `sharp` photos, or, where `sharp` is None, from one folder that holds both.

    `project` receives `project.toml`, `checkpoints/` and `profile.lens`. With `resume` a stopped run goes on;
    its settings and photos must be the same. `left_out` are photos of the folders that the person does not want to be used;
    with `resume`, none means those that the project remembers.
    """

    blurry: Path
    sharp: Path | None
    project: Path
    settings: CalibrationSettings
    resume: bool = False
    left_out: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True)
class CalibrationResult:
    """Where the profile lies and which stage its grid came from; `caution` is what to know of the whole result, in sentences."""

    profile: Path
    stage: str
    seconds: float
    caution: str = ""


@dataclass(frozen=True, slots=True)
class TrainRestorerRequest:
    """Train the lens's own network of a finished calibration into its project folder, or go on with a stopped training."""

    project: Path
    settings: RestorerSettings = field(default_factory=RestorerSettings)
    resume: bool = False


@dataclass(frozen=True, slots=True)
class TrainRestorerResult:
    """Where the network lies, and mean PSNR in dB on pairs made of sharp photos that it never saw."""

    restorer: Path
    steps: int
    seconds: float
    psnr_blurred: float
    psnr_wiener: float
    psnr_network: float


@dataclass(frozen=True, slots=True)
class CheckRequest:
    """Say what is wrong with two sets of photos, or, where `sharp` is None, with the one folder that holds both."""

    blurry: Path
    sharp: Path | None
    blurry_aperture: float | None = None
    left_out: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True)
class CheckResult:
    """How many findings there were; sets that cannot teach a lens end in an error instead."""

    warnings: int
    notes: int


@dataclass(frozen=True, slots=True)
class DeblurRequest:
    """Deblur `photos` at full size into the folder `out`; those that are done already only with `again`.

    Of `profiles` each photo gets the one that its EXIF tells. `profile` serves the photos of which none is told; where it is None
    they fail with the reason. `restorer` is the lens's own network, beside the profile by default. Photos with one of `masks` are
    restored only there.
    """

    photos: tuple[Path, ...]
    profile: Path | None
    out: Path
    settings: DeblurSettings
    again: bool = False
    restorer: Path | None = None
    profiles: tuple[Path, ...] = ()
    masks: Mapping[Path, Mask] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DeblurResult:
    """What was written, what failed with the reason, and what lay there from an earlier run."""

    saved: tuple[Path, ...]
    failed: tuple[tuple[Path, str], ...]
    done_before: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True)
class UpscaleRequest:
    """Double the size of `photos` into the folder `out`, by the kernel in a file or, without one, by the bicubic kernel.

    Those that are done already only with `again`.
    """

    photos: tuple[Path, ...]
    kernel: Path | None
    out: Path
    settings: UpscaleSettings
    again: bool = False


@dataclass(frozen=True, slots=True)
class BlendRequest:
    """Mix `results` with their blurry photos into the folder `out`, everywhere or only where the picture `mask` is light.

    The photos are where the results' sidecars say, or at `source`: a file, or a folder that holds them. Without `photo_format`
    a mixture is the kind of file that its result is.
    """

    results: tuple[Path, ...]
    out: Path
    settings: BlendSettings
    source: Path | None = None
    photo_format: PhotoFormat | None = None
    jpeg_quality: int = 95
    jpeg_colour: JpegColour = JpegColour.FULL
    mask: Path | None = None


@dataclass(frozen=True, slots=True)
class CompareRequest:
    """Restore a crop of one photo with several methods, to look at.

    `crop` is left, top, width, height in pixels of the *upright* photo; `restorer` is as in a `DeblurRequest`.
    """

    photo: Path
    profile: Path
    crop: tuple[int, int, int, int]
    methods: tuple[Method, ...] = ANY_LENS_METHODS
    settings: DeblurSettings = field(default_factory=DeblurSettings)
    restorer: Path | None = None


@dataclass(frozen=True, slots=True)
class DemoRequest:
    """Make a synthetic lens with photos, calibrate, deblur and score it, all inside the folder `out`."""

    out: Path
    seed: int = 0


@dataclass(frozen=True, slots=True)
class DemoResult:
    """Scores against the known truth; PSNR in dB of encoded values, borders of k pixels cropped. `to_deblur`: photos to try."""

    ncc_mean: float
    ncc_min: float
    psnr_blurred: float
    psnr_wiener: float
    psnr_dpir: float
    psnr_diffpir: float
    seconds: float
    profile: Path
    to_deblur: tuple[Path, ...] = ()
