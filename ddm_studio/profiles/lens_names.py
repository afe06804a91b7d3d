"""What a lens is called, and whether two names of EXIF mean one lens or camera: cameras, converters, people write them differently."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

from ddm_studio.profiles.profile_facts import ProfileFacts

# EXIF keeps the maker in a tag of its own, so it stands before some names and not before others.
_MAKERS = (
    "canon", "nikon", "sony", "fujifilm", "panasonic", "leica", "olympus", "omdigitalsolutions", "omsystem", "pentax", "ricoh",
    "hasselblad", "sigma", "tamron", "tokina", "samyang", "rokinon", "zeiss", "carlzeiss", "voigtlander", "cosina", "laowa",
    "venusoptics", "viltrox", "meike", "ttartisan", "minolta", "konicaminolta", "yongnuo", "irix",
)  # fmt: skip
_PARTS = re.compile(r"\d+(?:\.\d+)?|[^\W\d_]+")


def title_of(facts: ProfileFacts, path: Path) -> str:
    """What a person calls a profile: lens and aperture, "Helios 44-2, f/2.8"; a lens without a name goes by its project, or file."""
    lens = facts.lens or (path.parent.name if path.stem == "profile" else path.stem)
    return f"{lens}, f/{facts.aperture:g}" if facts.aperture else lens


def is_same_name(one: str, other: str) -> bool:
    """Whether two names differ at most in case, spaces, punctuation, accents, how numbers are written, and the maker's name.

    "Canon EF50mm f/1.8 STM", "EF 50 mm F1,8 STM" and "ef 50.0mm 1:1.8 stm" are one lens; "EF 50mm f/1.4" is another.
    """
    first, second = _plain(one), _plain(other)
    return first == second or _without_maker(first) == _without_maker(second)


def _plain(name: str) -> str:
    """Letters without case and accents, numbers without trailing zeros, one blank between a number and what follows it."""
    letters = unicodedata.normalize("NFKD", name).casefold()
    letters = "".join(letter for letter in letters if not unicodedata.combining(letter))
    letters = re.sub(r"(?<=\d),(?=\d)", ".", letters)
    letters = re.sub(r"\b1\s*:\s*(?=\d)", "f", letters)  # 1:1.8 is f/1.8
    plain = ""
    for part in _PARTS.findall(letters):
        is_number = part[0].isdigit()
        plain += f" {float(part):g} " if is_number else part
    return " ".join(plain.split())


def _without_maker(plain: str) -> str:
    maker = max((maker for maker in _MAKERS if plain.startswith(maker) and plain != maker), key=len, default="")
    return plain.removeprefix(maker).strip()
