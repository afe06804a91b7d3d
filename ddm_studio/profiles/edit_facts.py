"""What a photographer knows of a lens and the photos did not say: manual lenses write no EXIF."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from pydantic import ValidationError

from ddm_studio.errors import ProfileError
from ddm_studio.photos.pixel_pitch import PitchSource
from ddm_studio.profiles.lens_profile import load_profile, save_profile
from ddm_studio.profiles.profile_facts import ProfileFacts


@dataclass(frozen=True, slots=True)
class KnownFacts:
    """The facts that a person may set; empty or None where unknown. Units as in `ProfileFacts`."""

    camera: str = ""
    lens: str = ""
    focal_length: float | None = None
    aperture: float | None = None
    focus_distance: float | None = None
    pixel_pitch: float | None = None


def known_facts(facts: ProfileFacts) -> KnownFacts:
    """Those of a profile."""
    return KnownFacts(facts.camera, facts.lens, facts.focal_length, facts.aperture, facts.focus_distance, facts.pixel_pitch)


def write_facts(source: Path, target: Path, facts: KnownFacts) -> None:
    """Write a profile with other facts, all or nothing; `target` may be `source`. Everything else stays, keys unknown to us too.

    Raises:
        ProfileError: A fact is impossible, `source` cannot be read, or `target` cannot be written.
    """
    profile = load_profile(source)
    changes = {name: getattr(facts, name) for name in KnownFacts.__slots__}
    for name, value in changes.items():
        if isinstance(value, float) and not value > 0:
            what = f"The {name.replace('_', ' ')} of a lens cannot be {value:g}"
            raise ProfileError(what, "", "Leave it empty when it is unknown")
    if facts.pixel_pitch != profile.facts.pixel_pitch:
        changes["pixel_pitch_source"] = PitchSource.TYPED.value if facts.pixel_pitch is not None else ""
    try:
        changed = ProfileFacts.model_validate({**profile.facts.model_dump(), **changes})
    except ValidationError as error:
        raise ProfileError("The facts of the lens cannot be kept", error.errors()[0]["msg"], "Check the numbers") from error
    save_profile(replace(profile, facts=changed), target)
