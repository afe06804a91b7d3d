"""What a job says while it works: plain frozen data, safe to hand to another thread.

Replaceable events make their predecessor of the same type pointless, so a slow reader needs only the newest.
All others change the state of the job and are always delivered. A job never reports an ending itself;
whoever runs it (window thread, command line) turns its return or exception into exactly one of `ENDINGS`.
Arrays are read-only copies on the CPU.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

SetName: TypeAlias = Literal["blurry", "sharp"]


@dataclass(frozen=True, slots=True)
class StageStarted:
    """A stage begins; `total_steps` counts from the start of the stage even when it is resumed."""

    stage: str
    total_steps: int


@dataclass(frozen=True, slots=True)
class Progress:
    """Where the running stage is (replaceable). `seconds_left` is measured, None while unknown."""

    stage: str
    step: int
    total_steps: int
    seconds_left: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class LossCurve:
    """The whole loss history of the running stage, thinned to a few hundred points (replaceable)."""

    stage: str
    steps: NDArray[np.int64]
    losses: NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class ConvergenceCurve:
    """How far the running stage is from the photos by a measure that follows the true error, look by look (replaceable).

    The lower the better; only differences within a stage mean anything. `has_settled`: so many looks brought nothing better that
    more are not likely to.
    """

    stage: str
    steps: NDArray[np.int64]
    values: NDArray[np.float32]
    has_settled: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class KernelsLearned:
    """The PSF grid as it is now, (rows, columns, 3, k, k) float32 (replaceable)."""

    stage: str
    step: int
    kernels: NDArray[np.float32]


class PatchKind(StrEnum):
    """What is put beside real patches."""

    FLOW = "flow"
    REBLURRED = "reblurred"


@dataclass(frozen=True, slots=True, eq=False)
class PatchesCompared:
    """What the engine makes beside what the photos hold, to be judged by eye (replaceable by the next of its kind).

    `made` and `real` are display-encoded 8-bit pictures (n, p, p, 3), the flattest first, of the same places of the frame: samples of the
    flow, or sharp patches seen through the learned lens, noise included; and patches of the photos. They show different scenes.
    """

    kind: PatchKind
    stage: str
    step: int
    made: NDArray[np.uint8]
    real: NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class ConfidenceEstimated:
    """How far the learned grid can be trusted: (rows, columns, 3) expected NCC, NaN where it is not known."""

    expected: NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class DeblurPreview:
    """An upright 8-bit RGB picture (height, width, 3) of one method's result so far.

    `final` is True for the finished result of that method. With it comes `light`, alike but linear 0-1 in the photo's own colours,
    and `to_srgb`, the (3, 3) matrix to those of the screen: what mixing it with the photo needs.
    """

    method: str
    image: NDArray[np.uint8]
    seconds: float
    final: bool
    light: NDArray[np.float32] | None = None
    to_srgb: NDArray[np.float64] | None = None


@dataclass(frozen=True, slots=True)
class ResultReblurred:
    """How honest a result is: blurred again by the lens it differs from its photo by `ratio` times the noise; 1 is right.

    It can be told whatever the truth is, but a good ratio is no proof: what the lens does not show, the photo cannot refute.
    """

    source: Path
    method: str
    ratio: float

    @property
    def doubt(self) -> str:
        """What to look for where the ratio is suspicious, in a sentence; empty where it is not."""
        if self.ratio > SUSPICIOUSLY_FAR:
            return (
                "That is more than noise explains: look for ringing and detail that was not there. The photo may be noisier than those of "
                "the calibration, or the lens was set otherwise."
            )
        if self.ratio < SUSPICIOUSLY_CLOSE:
            return "That is less than the noise: some of it may have been sharpened as if it were detail. Try a smaller strength."
        return ""

    @property
    def message(self) -> str:
        """All of it in sentences."""
        told = f"Blurred again by the lens, the result differs from the photo by {self.ratio:.1f} times the noise; about 1 is right."
        return f"{told} {self.doubt}".rstrip()


# Right results of the methods lie between 0.7 and 1.1 on tuning lenses; photos of four of them, left as blurry as they were, at 1.8 to 2.6.
SUSPICIOUSLY_FAR, SUSPICIOUSLY_CLOSE = 1.5, 0.5


@dataclass(frozen=True, slots=True)
class PhotoSkipped:
    """A file that is not used, with the reason in words for a person."""

    path: Path
    reason: str


@dataclass(frozen=True, slots=True)
class PhotosCounted:
    """How many photos of a set are used and how many files were skipped."""

    set_name: SetName
    used: int
    skipped: int


class Severity(StrEnum):
    """How much a finding about the photos matters: worth knowing, harmful, or fatal."""

    NOTE = "note"
    WARNING = "warning"
    REFUSAL = "refusal"


@dataclass(frozen=True, slots=True)
class HealthFound:
    """A finding about one photo, a set, or both sets (`set_name` None), with what the person had better do.

    `topic` is its kind in a word or two, for programs; `what`, `why` and `advice` are those of an error. `verdict` is
    about the photo, or about those that `what` names; nothing is dropped but by the person.
    """

    topic: str
    severity: Severity
    verdict: Literal["keep", "drop"]
    what: str
    why: str
    advice: str
    set_name: SetName | None = None
    photo: Path | None = None

    @property
    def message(self) -> str:
        """All of it in sentences."""
        return " ".join(part.rstrip(".") + "." for part in (self.what, self.why, self.advice) if part)


@dataclass(frozen=True, slots=True, eq=False)
class SetMeasured:
    """What a set of photos offers, from a sample of its tiles.

    Args:
        set_name: Which set.
        photos: How many photos.
        texture: Share of tiles with texture, 0-1.
        sky: Share of tiles that look like sky.
        noise: Median standard deviation of luma noise in encoded units 0-1, NaN where no tile tells.
        apertures: Each f-number with how many photos were taken at it, widest first; photos that do not say are left out.
        coverage: (rows, columns) textured tiles near each node of the grid.
    """

    set_name: SetName
    photos: int
    texture: float
    sky: float
    noise: float
    apertures: tuple[tuple[float, int], ...]
    coverage: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class PhotoSaved:
    """A result lies at `path`, finished; whether it took the place of an earlier one of the same photo."""

    source: Path
    path: Path
    replaced: bool = False


@dataclass(frozen=True, slots=True)
class MethodTimed:
    """How long a method took, pauses left out: for a crop without, for a whole photo with reading and writing it."""

    method: str
    denoiser: str
    pixels: int
    seconds: float
    is_whole: bool


@dataclass(frozen=True, slots=True)
class PhotosQueued:
    """These photos wait to be worked on, in this order."""

    photos: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class PhotoStarted:
    """Work on a queued photo begins; it ends with `PhotoSaved`, `PhotoAlreadyDone` or `PhotoSkipped`."""

    source: Path
    number: int
    total: int


@dataclass(frozen=True, slots=True)
class PhotoAlreadyDone:
    """The very same result lies at `path` from an earlier run."""

    source: Path
    path: Path


@dataclass(frozen=True, slots=True)
class BatchProgress:
    """Where a queue of photos is (only the newest matters): `done` of `total` are dealt with, these before and those in vain."""

    done: int
    total: int
    done_before: int
    failed: int
    seconds_left: float | None = None


@dataclass(frozen=True, slots=True)
class Note:
    """Something the person should know, in a sentence or two; a warning also where they have turned away from the running job."""

    message: str
    severity: Severity = Severity.NOTE


@dataclass(frozen=True, slots=True)
class CheckpointSaved:
    """The work up to `step` of `stage` survives a crash."""

    stage: str
    step: int


@dataclass(frozen=True, slots=True)
class StageFinished:
    """A stage has ended normally."""

    stage: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Paused:
    """The job waits, as asked."""


@dataclass(frozen=True, slots=True)
class Resumed:
    """The job goes on, as asked."""


@dataclass(frozen=True, slots=True, eq=False)
class RunFinished:
    """The job returned `result`."""

    result: object


@dataclass(frozen=True, slots=True)
class RunStopped:
    """The person asked for it; the work so far has been saved."""


@dataclass(frozen=True, slots=True)
class RunFailed:
    """The job raised. `input_is_wrong` tells a person's mistake from ours; `details` is the traceback.

    `what`, `why` and `advice` are the parts of `message` where the error had them.
    """

    message: str
    details: str
    input_is_wrong: bool
    what: str = ""
    why: str = ""
    advice: str = ""


Event: TypeAlias = (
    StageStarted
    | Progress
    | LossCurve
    | ConvergenceCurve
    | KernelsLearned
    | PatchesCompared
    | ConfidenceEstimated
    | DeblurPreview
    | ResultReblurred
    | PhotoSkipped
    | PhotosCounted
    | HealthFound
    | SetMeasured
    | PhotoSaved
    | MethodTimed
    | PhotosQueued
    | PhotoStarted
    | PhotoAlreadyDone
    | BatchProgress
    | Note
    | CheckpointSaved
    | StageFinished
    | Paused
    | Resumed
    | RunFinished
    | RunStopped
    | RunFailed
)
Report: TypeAlias = Callable[[Event], None]

REPLACEABLE = (Progress, LossCurve, ConvergenceCurve, KernelsLearned)
ENDINGS = (RunFinished, RunStopped, RunFailed)
