"""Which of the known profiles a photo belongs to, told by EXIF, and why; in sentences for a person.

A profile is chosen where nothing that photo and profile both tell differs, and the lens is known to be the same: by its name, or, for
lenses without electronics, by the camera where neither tells a lens. Blur changes with every one of these facts, so a profile of
another aperture is never taken silently: it is named, with what differs.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ddm_studio.errors import ProfileError
from ddm_studio.photos.photo import PhotoInfo
from ddm_studio.profiles.lens_names import is_same_name, title_of
from ddm_studio.profiles.lens_profile import LensProfile
from ddm_studio.profiles.match_frame import check_photo

# Rounding of f-numbers in EXIF is up to 0.05 stops; neighbouring clicks of a lens are a third of a stop apart.
SAME_STOPS = 0.17
# Lenses report whole millimetres, a wide zoom's steps of 2 %.
SAME_FOCAL_LENGTH = 0.03
# Dioptres between distances at which one profile serves: what a depth of field forgives. Only ranks, as few cameras note distances.
SAME_FOCUS_DIOPTRES = 0.1
# Of the facts that agree: the lens says most.
_WEIGHTS = {"lens": 8, "camera": 4, "focal length": 4, "aperture": 4, "frame": 2, "focus distance": 1}


@dataclass(frozen=True, slots=True, eq=False)
class KnownProfile:
    """A profile that could be used, and its file."""

    path: Path
    profile: LensProfile


@dataclass(frozen=True, slots=True)
class ProfileMatch:
    """How a profile compares with a photo.

    Attributes:
        path: The profile's file.
        agrees: What both tell alike, in the photo's words: "f/2.8".
        differs: What they tell differently: "f/2 instead of f/8" is the profile's f/2 and the photo's f/8.
        misfit: Why the profile cannot restore the photo at all, of another frame or other colours; empty where it can.
        is_same_lens: Whether what agrees tells that it is the lens of the photo.
        score: Larger for more that agrees.
        setting: Lens, focal length and aperture of the profile: those that are equally good and differ here are not the same choice.
        title: What a person calls it.
    """

    path: Path
    agrees: tuple[str, ...]
    differs: tuple[str, ...]
    misfit: str
    is_same_lens: bool
    score: float
    setting: tuple[object, ...] = ()
    title: str = ""

    @property
    def is_usable(self) -> bool:
        """Whether the photo can be restored with it."""
        return not self.misfit

    @property
    def has_no_doubt(self) -> bool:
        """Whether it can be taken without asking."""
        return self.is_usable and not self.differs and self.is_same_lens

    @property
    def name(self) -> str:
        """The file with its folder, which most often names the lens: "old-50/profile.lens"."""
        return f"{self.path.parent.name}/{self.path.name}"


@dataclass(frozen=True, slots=True)
class ProfileChoice:
    """The profile for a photo, None where none can be taken without asking; all of them, best first; and a sentence that says why."""

    best: ProfileMatch | None
    ranked: tuple[ProfileMatch, ...]
    reason: str

    def match_of(self, path: Path) -> ProfileMatch | None:
        """How one of the profiles compares."""
        return next((match for match in self.ranked if match.path == path), None)


def choose_profile(known: Sequence[KnownProfile], info: PhotoInfo, preferred: Path | None = None) -> ProfileChoice:
    """The best fitting of the known profiles.

    Args:
        known: In the order in which equals are preferred.
        info: Of the photo.
        preferred: The profile that is taken among equals, as it is open already.
    """
    matches = [match_profile(one, info) for one in known]
    ranked = tuple(
        sorted(matches, key=lambda match: (match.is_usable, match.has_no_doubt, match.score, match.path == preferred), reverse=True)
    )
    if not ranked or not ranked[0].has_no_doubt:
        return ProfileChoice(None, ranked, _why_none(ranked, info))
    best = ranked[0]
    equals = [match for match in ranked if match.has_no_doubt and match.score == best.score and match.setting != best.setting]
    if equals and best.path != preferred:
        names = " and ".join((best.name, equals[0].name))
        told = _listed(best.agrees)
        return ProfileChoice(None, ranked, f"{names} agree equally with the photo ({told}), which does not tell more: choose one by hand")
    return ProfileChoice(best, ranked, f"Chosen because photo and profile agree: {_listed(best.agrees)}")


def match_profile(known: KnownProfile, info: PhotoInfo) -> ProfileMatch:
    """Compare what a profile and a photo tell."""
    facts = known.profile.facts
    agreeing: dict[str, str] = {}
    differing: list[str] = []

    def compare(fact: str, own: str, photos: str, is_same: bool) -> None:
        if is_same:
            agreeing[fact] = photos
        else:
            differing.append(f"{own} instead of {photos}")

    if facts.camera and info.camera:
        compare("camera", facts.camera, info.camera, is_same_name(facts.camera, info.camera))
    if facts.lens and info.lens:
        compare("lens", facts.lens, info.lens, is_same_name(facts.lens, info.lens))
    if facts.focal_length and info.focal_length:
        is_same = abs(facts.focal_length / info.focal_length - 1) <= SAME_FOCAL_LENGTH
        compare("focal length", f"{facts.focal_length:g} mm", f"{info.focal_length:g} mm", is_same)
    if facts.aperture and info.aperture:
        is_same = _stops(facts.aperture, info.aperture) <= SAME_STOPS
        compare("aperture", f"f/{facts.aperture:g}", f"f/{info.aperture:g}", is_same)
    score = float(sum(_WEIGHTS[fact] for fact in agreeing)) - _distance(known.profile, info)
    misfit = ""
    try:
        if not check_photo(known.profile, info).assumption:
            score += _WEIGHTS["frame"]
    except ProfileError as error:
        misfit = error.why
    setting = (facts.lens, facts.focal_length, facts.aperture)
    is_same_lens = "lens" in agreeing or ("camera" in agreeing and not facts.lens and not info.lens)
    return ProfileMatch(
        known.path, tuple(agreeing.values()), tuple(differing), misfit, is_same_lens, score, setting, title_of(facts, known.path)
    )


def _distance(profile: LensProfile, info: PhotoInfo) -> float:
    """Ranks profiles that agree in as much: by stops between the apertures, and by the distance of focus."""
    facts, away = profile.facts, 0.0
    if facts.aperture and info.aperture:
        away += min(_stops(facts.aperture, info.aperture), 10) / 10
    if facts.focus_distance and info.focus_distance:
        is_same = abs(1 / facts.focus_distance - 1 / info.focus_distance) <= SAME_FOCUS_DIOPTRES
        away -= _WEIGHTS["focus distance"] if is_same else 0
    return away


def _stops(one: float, other: float) -> float:
    return abs(2 * math.log2(one / other))


def _why_none(ranked: Sequence[ProfileMatch], info: PhotoInfo) -> str:
    if not ranked:
        return "No lens profile is known yet"
    nearest = ranked[0]
    which = (
        f"{nearest.name} does not fit" if len(ranked) == 1 else f"None of the {len(ranked)} known profiles fits. Nearest is {nearest.name}"
    )
    if nearest.misfit:
        return f"{which}: {nearest.misfit}"
    if nearest.differs:
        return f"{which}: it is for {_listed(nearest.differs)}"
    if not info.lens:
        return "The photo does not name its lens: choose a profile by hand"
    return f"No profile is named after the lens of the photo, {info.lens}: choose one by hand"


def _listed(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
