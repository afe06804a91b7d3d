"""The window's words for the engine's: presets, methods, stages, formats, times. Translatable."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QCoreApplication

from ddm_studio.events import RunFailed
from ddm_studio.gui.deblur_cost import DeblurCost
from ddm_studio.gui.gpu_doctor import Finding
from ddm_studio.gui.recent import Fate
from ddm_studio.gui.run_state import Buttons, JobKind, PauseFace
from ddm_studio.settings import DenoiserName, Method, PhotoFormat, Preset


def _tr(text: str) -> str:
    return QCoreApplication.translate("wording", text)


def preset_words(preset: Preset) -> tuple[str, str]:
    """Name of a preset, and what it means for a person."""
    words = {
        Preset.INSTANT: (_tr("Instant"), _tr("The place to start, on any laptop.")),
        Preset.QUICK: (_tr("Quick"), _tr("Adds a small diffusion model, kept only if photos it has not seen prefer it.")),
        Preset.STANDARD: (_tr("Standard"), _tr("For a CUDA graphics card: a larger network, many more steps.")),
        Preset.PAPER: (_tr("Paper"), _tr("For a large CUDA graphics card: the budget of the published method.")),
    }
    return words[preset]


def method_words(method: Method) -> tuple[str, str]:
    """Name of a method, and what it means for a person."""
    words = {
        Method.WIENER: (_tr("Wiener"), _tr("Classic and honest: nothing is invented.")),
        Method.DPIR: (_tr("DPIR"), _tr("Cleaner flat areas by a learned denoiser.")),
        Method.NETWORK: (_tr("Lens network"), _tr("Trained for this very lens.")),
        Method.DIFFPIR: (_tr("DiffPIR"), _tr("One plausible sharp picture, drawn by diffusion.")),
    }
    return words[method]


def cost_words(cost: DeblurCost) -> str:
    """About what a whole photo takes."""
    time = _tr("on the card: not timed") if cost.seconds is None else about(cost.seconds)
    return _tr("{time}, {n:.1f} GB").format(time=time, n=cost.bytes / 1e9)


def denoiser_words(denoiser: DenoiserName) -> tuple[str, str]:
    """Name of a denoiser, and what it means for a person."""
    words: dict[DenoiserName, tuple[str, str]] = {
        "bundled": (_tr("Bundled"), _tr("Small and quick; comes with the program.")),
        "drunet": (_tr("DRUNet"), _tr("Published, large: cleaner, and much slower without a graphics card.")),
        "diffunet": (_tr("Diffusion network"), _tr("Published, trained on faces; slowest.")),
    }
    return words[denoiser]


def format_words(photo_format: PhotoFormat) -> str:
    """Name of a file format."""
    words = {
        PhotoFormat.TIFF16: _tr("TIFF, 16 bit"),
        PhotoFormat.PNG16: _tr("PNG, 16 bit"),
        PhotoFormat.JPEG: _tr("JPEG"),
    }
    return words[photo_format]


def job_words(kind: JobKind) -> str:
    """What is going on, for the corner of the window."""
    words = {
        JobKind.CHECK: _tr("Checking photos"),
        JobKind.CALIBRATE: _tr("Calibrating"),
        JobKind.COMPARE: _tr("Comparing"),
        JobKind.DEBLUR: _tr("Deblurring"),
        JobKind.TRAIN: _tr("Training the network"),
        JobKind.DEMO: _tr("Demo"),
    }
    return words[kind]


def card_words(finding: Finding) -> str:
    """Where a calibration computes, and why not on a graphics card."""
    words = {
        Finding.READY: _tr("A CUDA graphics card is here: Auto uses it."),
        Finding.NO_CARD: _tr("Computes on the processor: no NVIDIA card is seen here."),
        Finding.NO_DRIVER: _tr("Computes on the processor: the NVIDIA card has no driver. Install NVIDIA's, then restart."),
        Finding.TORCH_WITHOUT_CUDA: _tr("Computes on the processor: the installed torch was built without CUDA. Install the ordinary one."),
    }
    return words[finding]


def expected_time_words(seconds: float | None) -> str:
    """How long a preset takes; a graphics card is not timed by the probe."""
    return about(seconds) if seconds is not None else _tr("on the card: not timed")


def fate_words(fate: Fate) -> str:
    """Why something recent cannot be opened."""
    words = {
        Fate.THERE: "",
        Fate.GONE: _tr("It is not there any more: moved, renamed or deleted"),
        Fate.UNREACHABLE: _tr("Its folder cannot be reached: is the drive plugged in?"),
        Fate.EMPTY: _tr("The folder holds no project any more"),
    }
    return words[fate]


def pause_words(buttons: Buttons) -> str:
    """What the pause button reads."""
    words = {
        PauseFace.PAUSE: _tr("Pause"),
        PauseFace.PAUSING: _tr("Pausing…"),
        PauseFace.RESUME: _tr("Resume"),
        PauseFace.RESUMING: _tr("Resuming…"),
    }
    return words[buttons.pause_face]


def stop_words(buttons: Buttons) -> str:
    """What the stop button reads."""
    return _tr("Stopping…") if buttons.stopping else _tr("Stop")


def duration(seconds: float) -> str:
    """A time as a person says it: "40 s", "3 min 20 s", "2 h 5 min"."""
    whole = round(seconds)
    if whole < 60:
        return _tr("{n} s").format(n=max(whole, 1))
    minutes, rest = divmod(whole, 60)
    if minutes < 10:
        return _tr("{m} min {s} s").format(m=minutes, s=rest) if rest else _tr("{m} min").format(m=minutes)
    if minutes < 60:
        return _tr("{m} min").format(m=minutes)
    return _tr("{h} h {m} min").format(h=minutes // 60, m=minutes % 60)


def about(seconds: float) -> str:
    """An expected time as a person says it, no surer than it is: one digit, or two below 20."""
    for unit, words in ((86_400, _tr("about {n:g} days")), (3600, _tr("about {n:g} h")), (60, _tr("about {n:g} min"))):
        if seconds >= 1.5 * unit:
            count = seconds / unit
            return words.format(n=round(count) if count < 20 else float(f"{count:.1g}"))
    if seconds > 40:
        return _tr("about a minute")
    return _tr("about {n:g} s").format(n=5 * round(seconds / 5) if seconds > 8 else max(round(seconds), 1))


def time_left(seconds: float | None) -> str:
    """The end of a progress line; rounded so that it does not flicker."""
    if seconds is None:
        return _tr("measuring the time left…")
    step = 1 if seconds < 15 else 5 if seconds < 120 else 20
    return _tr("about {time} left").format(time=duration(max(round(seconds / step) * step, 1)))


def megabytes(size: int) -> str:
    """A file's size as a person says it."""
    return _tr("{n:.0f} MB").format(n=size / 1e6) if size >= 10_000_000 else _tr("{n:.1f} MB").format(n=size / 1e6)


def failure_words(failed: RunFailed) -> tuple[str, str, str]:
    """What has failed, why, and what to try; of what nobody has foreseen, that it is our fault."""
    if failed.what:
        return failed.what, failed.why, failed.advice
    advice = _tr("Try again; if it comes back, copy the report for whoever helps you")
    return _tr("A fault of DDM Studio, not yours"), failed.message, advice


def with_tilde(path: Path) -> str:
    """A path as a person writes it, the home folder as ~."""
    home = Path.home()
    return str(Path("~") / path.relative_to(home)) if path.is_relative_to(home) else str(path)


def plural(count: int, one: str, many: str) -> str:
    """A count with its noun, such as "38 photos"."""
    return f"{count} {one if count == 1 else many}"
