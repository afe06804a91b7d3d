"""Errors meant for a person: what happened, why, and what to try."""

from __future__ import annotations


def sentence(text: str) -> str:
    """With a capital and a full stop; nothing stays nothing."""
    text = text.strip()
    if text.split(" ", 1)[0].isalpha():  # not a file's name, which must stay as it is
        text = text[:1].upper() + text[1:]
    return text if not text or text.endswith((".", "!", "?", "…")) else text + "."


class StudioError(Exception):
    """An error with a sentence for a person.

    Args:
        what: What happened, without a full stop.
        why: The cause, when it is known.
        advice: What to try next.
    """

    def __init__(self, what: str, why: str = "", advice: str = "") -> None:
        self.what = what
        self.why = why
        self.advice = advice
        super().__init__(" ".join(sentence(part) for part in (what, why, advice) if part.strip()))


class InputError(StudioError):
    """Wrong usage or input: the person can mend it (exit code 2)."""


class PhotoError(InputError):
    """One photo cannot be used; the others still can."""


class DiskFullError(PhotoError):
    """There is no room for a photo, nor for the next one."""


class ProfileError(InputError):
    """A lens profile cannot be read, written or applied."""


class WeightsError(InputError):
    """The weights of a network are missing, damaged or cannot be downloaded."""
