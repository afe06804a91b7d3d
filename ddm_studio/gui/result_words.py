"""What a finished job came to, in words above the page that its result opens on. Translatable."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QCoreApplication

from ddm_studio.engine.requests import CalibrationResult, DeblurResult, DemoResult, TrainRestorerResult
from ddm_studio.events import PhotoSkipped
from ddm_studio.gui.run_state import JobKind
from ddm_studio.gui.views.message_bar import Message
from ddm_studio.gui.wording import duration, plural, with_tilde

_SHOWN = 2
"""Warnings in full; of more the rest is among the details."""


def _tr(text: str) -> str:
    return QCoreApplication.translate("results", text)


def learned_message(result: CalibrationResult | DemoResult, warnings: Sequence[str], job: JobKind) -> Message:
    """The good news, and every warning of the run: the person is about to look at the lens, not at the notes of the run."""
    in_full, details = _SHOWN, ""
    if isinstance(result, CalibrationResult):
        what = _tr("The lens is learned, in {time}").format(time=duration(result.seconds))
        told = _tr("The profile is kept at {path}").format(path=with_tilde(result.profile))
        if result.caution:  # that comes before all else, and the check may have warned of the same
            in_full = 1
            what = _tr("There is little to correct; learned in {time}").format(time=duration(result.seconds))
            warnings = [result.caution, *(warning for warning in warnings if warning != result.caution)]
    else:
        what = _tr("The demo is finished")
        told, details = _demo_words(result)
    if not warnings:
        return Message(what, told, details=details, is_error=False)
    what = _tr("{done}, with {warnings}").format(done=what, warnings=plural(len(warnings), _tr("warning"), _tr("warnings")))
    shown = " ".join(warnings[:in_full])
    if len(warnings) > in_full:
        shown += " " + _tr("The others are under Details.")
    return Message(what, told, shown, "\n".join(filter(None, (*warnings, details))), is_error=False, is_warning=True, stays=True, job=job)


def _demo_words(result: DemoResult) -> tuple[str, str]:
    """How well the demo went, as shares that need no knowledge of the measures, and the measures."""
    left = 10 ** ((result.psnr_blurred - result.psnr_wiener) / 20)  # of the difference from the sharp scenes
    told = _tr("What was learned is {like:.1%} like the lens that blurred the photos").format(like=result.ncc_mean)
    if left < 1:
        words = _tr("{told}. Deblurring with it took away {share:.0%} of what parts them from the sharp scenes")
        told = words.format(told=told, share=1 - left)
    figures = _tr("NCC with the true lens: mean {ncc:.3f}, least {least:.3f}. PSNR: blurry {blurred:.1f} dB, Wiener {wiener:.1f} dB")
    figures = figures.format(ncc=result.ncc_mean, least=result.ncc_min, blurred=result.psnr_blurred, wiener=result.psnr_wiener)
    return told, figures


def passed_over_message(taken: int, files: Sequence[PhotoSkipped]) -> Message:
    """Which files of a drop or a choice are no photos that can be deblurred, and why; `taken` are."""
    shown = [f"{file.path.name}: {file.reason}" for file in files]
    why = "; ".join(shown[:_SHOWN])
    if len(shown) > _SHOWN:
        why += "; " + _tr("{n} more under Details").format(n=len(shown) - _SHOWN)
    details = "\n".join(f"{file.path}: {file.reason}" for file in files)
    if not taken:
        return Message(_tr("No photo was found there"), why, _tr("Choose raw, TIFF, PNG or JPEG photos"), details)
    count = _tr("1 file was passed over") if len(files) == 1 else _tr("{n} files were passed over").format(n=len(files))
    rest = plural(taken, _tr("photo was taken"), _tr("photos were taken"))
    return Message(_tr("{passed}, {taken}").format(passed=count, taken=rest), why, "", details, is_error=False, is_warning=True)


def failed_message(result: DeblurResult) -> Message:
    """Which photos could not be deblurred, and why."""
    path, reason = result.failed[0]
    if len(result.failed) == 1:
        return not_deblurred_message(path, reason)
    words = _tr("{n} photos could not be deblurred").format(n=len(result.failed))
    why, advice = _tr("{name}: {reason}").format(name=path.name, reason=reason), _tr("The list of all photos has every reason")
    return Message(words, why, advice, stays=True, job=JobKind.DEBLUR)


def not_deblurred_message(photo: Path, reason: str) -> Message:
    """Why a photo could not be deblurred."""
    return Message(_tr("{name} could not be deblurred").format(name=photo.name), reason, stays=True, job=JobKind.DEBLUR)


def trained_message(result: TrainRestorerResult) -> Message:
    """How good the lens's network became."""
    change = 10 ** ((result.psnr_wiener - result.psnr_network) / 20) - 1  # of the error from the true photo, as a share of Wiener's
    if change <= 0:
        words = _tr("Tried on sharp photos that it never saw, it is {n:.0f} % nearer to the truth than Wiener")
        advice = _tr("It is now among the methods")
    else:
        words = _tr("Tried on sharp photos that it never saw, it is {n:.0f} % farther from the truth than Wiener")
        advice = _tr("It is now among the methods; longer training may help, till then prefer another one")
    figures = _tr("PSNR: network {network:.1f} dB, Wiener {wiener:.1f} dB, the blurry photo {blurred:.1f} dB")
    details = figures.format(network=result.psnr_network, wiener=result.psnr_wiener, blurred=result.psnr_blurred)
    what = _tr("The lens's network is trained, in {time}").format(time=duration(result.seconds))
    return Message(what, words.format(n=100 * abs(change)), advice, details, is_error=False)
