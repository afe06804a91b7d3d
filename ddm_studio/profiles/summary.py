"""A lens profile in a few lines, for people and for scripts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ddm_studio.photos.colour import RAW_RECIPE
from ddm_studio.photos.pixel_pitch import PitchSource
from ddm_studio.profiles.lens_measures import FieldSummary, LensMeasures, field_summary, measure_lens, summary_of_field_lines
from ddm_studio.profiles.lens_profile import LensProfile
from ddm_studio.profiles.profile_facts import Light, ProfileFacts


@dataclass(frozen=True, slots=True)
class ProfileSummary:
    """What a profile says about itself, without its arrays; None where unknown."""

    rows: int
    columns: int
    kernel_size: int
    frame_width: int
    frame_height: int
    light: Light
    colour_recipe: str | None
    colour_space: str | None
    noise_sigma: tuple[float, ...]
    confidence_mean: float | None
    confidence_worst: float | None
    field: FieldSummary
    facts: ProfileFacts


def relative_to(facts: ProfileFacts) -> str:
    """What the blur is measured against, in a photographer's words."""
    if not facts.sharp_photos:
        return "A grid from elsewhere: what its blur is relative to is not recorded."
    if "the blur is learned relative to the middle" in facts.method:
        return _AGAINST_THE_MIDDLE
    reference = "its own photos stopped down, in their centres" if facts.method.startswith("One lens") else "the sharp photos"
    return (
        f"How much blurrier this lens draws than {reference}. What the camera does alike to both, such as sharpening, cancels out. "
        "Every point of the frame is centred on itself, so distortion is not in it; colour fringes are."
    )


_AGAINST_THE_MIDDLE = (
    "How much blurrier this lens draws than in the middle of its own frame, where it therefore seems perfect. "
    "Every point of the frame is centred on itself, so distortion is not in it; colour fringes are."
)


def summarise(profile: LensProfile, measures: LensMeasures | None = None) -> ProfileSummary:
    """Everything but the arrays; `measures` where they are at hand already."""
    known = profile.confidence[np.isfinite(profile.confidence)]
    return ProfileSummary(
        rows=profile.psf.shape[0],
        columns=profile.psf.shape[1],
        kernel_size=profile.kernel_size,
        frame_width=int(profile.frame[0]),
        frame_height=int(profile.frame[1]),
        light=profile.light,
        colour_recipe=profile.colour.recipe if profile.colour else None,
        colour_space=profile.colour.space if profile.colour else None,
        noise_sigma=tuple(float(str(sigma)) for sigma in profile.noise_sigma),
        confidence_mean=float(known.mean()) if known.size else None,
        confidence_worst=float(known.min()) if known.size else None,
        field=field_summary(measures or measure_lens(profile)),
        facts=profile.facts,
    )


def summary_lines(summary: ProfileSummary) -> list[tuple[str, str]]:
    """Name and value of everything that is known, in the order to read it."""
    facts = summary.facts
    low, high = facts.iso_range or (None, None)
    values = [
        (
            "Grid",
            f"{summary.rows} x {summary.columns} nodes (rows x columns), kernels of {summary.kernel_size} x {summary.kernel_size} pixels",
        ),
        ("Frame", f"{summary.frame_width} x {summary.frame_height} pixels (width x height, as on the sensor)"),
        ("Photos", _photo_words(summary)),
        ("Light", _LIGHT_WORDS[summary.light]),
        ("Noise", ", ".join(f"{sigma:.4g}" for sigma in summary.noise_sigma) + " (red, green, blue; of 1 for white)"),
        ("Confidence", _number(summary.confidence_mean, "{:.3f} mean, ") + _number(summary.confidence_worst, "{:.3f} worst")),
        *summary_of_field_lines(summary.field),
        ("Relative to", relative_to(facts)),
        ("Camera", facts.camera),
        ("Lens", facts.lens),
        ("Focal length", _number(facts.focal_length, "{:g} mm")),
        ("Aperture", _number(facts.aperture, "f/{:g}")),
        ("Focus distance", _number(facts.focus_distance, "{:g} m")),
        ("ISO", _number(low, "{:g}") if low == high else f"{low:g} to {high:g}"),
        ("Pixel pitch", pitch_words(facts)),
        ("Learned by", _method_words(facts.method)),
        ("Learned from", f"{facts.blurry_photos} blurry and {facts.sharp_photos} sharp photos" if facts.blurry_photos else ""),
        ("Kernels", _KERNEL_MODELS.get(facts.scores.get("wavefront", -1.0), "")),
        ("Fit", _fit_words(facts.scores)),
        ("Made with", f"DDM Studio {facts.program_version}"),
    ]
    return [(name, value) for name, value in values if value]


_KERNEL_MODELS = {
    1.0: "shaped by the errors of one lens (a wavefront) all over the frame",
    0.0: "fitted freely: no lens errors explain the photos",
}
"""By the score `wavefront`."""

_LIGHT_WORDS: dict[Light, str] = {
    "linear": "kernels blur linear light",
    "encoded": "kernels blur the values of the file, its tone curve included",
}


def _photo_words(summary: ProfileSummary) -> str:
    """Which photos the profile is for."""
    if summary.colour_recipe is None:
        return "of any colour space"
    kind = "raw files" if summary.colour_recipe == RAW_RECIPE else "TIFF, PNG or JPEG"
    return f"{kind}, {summary.colour_space}"


def _method_words(method: str) -> str:
    """What the kernels were learned by, the names of the method's stages in plain words."""
    words = method.replace(", then diffusion distribution matching", ", refined by a diffusion model")
    return words.replace("Gaussian matching", "spectra of both sets, matched")


def _fit_words(scores: dict[str, float]) -> str:
    """Of the scores those that tell a person something; `info --json` has all."""
    kept, mirror = scores.get("kept"), scores.get("mirror_certainty")
    told = [
        "" if kept is None else f"{kept:.0%} of what the three channels could tell has survived the compression of the files",
        "" if mirror is None else f"certainty that no kernel is its mirror image: {mirror:.1f} standard errors",
    ]
    return "; ".join(filter(None, told))


def pitch_words(facts: ProfileFacts) -> str:
    """The pixel pitch and how it is known; nothing where it is not."""
    told: dict[str, str] = {
        PitchSource.FOCAL_PLANE: "{:.3g} µm, from the focal-plane resolution in the photos' EXIF",
        PitchSource.EQUIVALENT: "about {:.2g} µm, by the 35 mm-equivalent focal length in the photos' EXIF: right to a few per cent",
        PitchSource.TYPED: "{:g} µm, as given by hand",
    }
    return _number(facts.pixel_pitch, told.get(facts.pixel_pitch_source, "{:.4g} µm"))


def _number(value: float | None, pattern: str) -> str:
    return "" if value is None else pattern.format(value)
