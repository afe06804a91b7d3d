"""The lens profile: the PSF grid of one lens with everything needed to apply it, in one `*.lens` file.

The file is safetensors, so reading one can never run code: arrays `psf`, `noise_sigma`, `confidence`, `confidence_low` and
`confidence_high`, `scene_spectrum` where it is known, and one JSON header. What a newer minor version added (unknown keys and
arrays) is kept through reading and writing; a file of a newer format is refused.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from ddm_studio.errors import InputError, ProfileError
from ddm_studio.photos.colour import ColourSpace
from ddm_studio.profiles.profile_facts import CONVENTION, Light, ProfileFacts
from ddm_studio.project import write_atomically

FORMAT_VERSION = 1

Floats: TypeAlias = NDArray[np.float32]

_HEADER = "lens_profile"
_KNOWN_KEYS = {"format_version", "convention", "light", "colour", "frame", "facts"}
_CONFIDENCES = ("confidence", "confidence_low", "confidence_high")
_KNOWN_ARRAYS = {"psf", "noise_sigma", "scene_spectrum", *_CONFIDENCES}
_SUM_TOLERANCE = 1e-3


def _not_estimated() -> Floats:
    return np.empty(0, np.float32)


@dataclass(frozen=True, eq=False)
class LensProfile:
    """A calibrated lens.

    Args:
        psf: (rows, columns, 3, k, k), not negative, each channel's taps sum to 1; conventions in `CONVENTION`.
        noise_sigma: (3,) noise of each channel in encoded units 0-1.
        frame: Width and height of the sensor frame in pixels.
        colour: Recipe and colour space of the photos it was learned from; None fits any photo.
        facts: Where it comes from.
        light: Whether the kernels act on linear light or on encoded values.
        confidence: (rows, columns, 3) expected NCC of each kernel, NaN where unknown; all NaN when left out.
        confidence_low: Lower bound, alike.
        confidence_high: Upper bound, alike.
        scene_spectrum: (6, p, p // 2 + 1) power spectra of sharp photos in windows of p x p px, in the values in which the kernels
            act: red, green and blue, then the real parts of what red and green, red and blue, green and blue share; empty where unknown.
        extra: Keys of the header that this version does not know.
        extra_arrays: Arrays that this version does not know.

    Raises:
        ProfileError: An array has another shape or impossible values.
    """

    psf: Floats
    noise_sigma: Floats
    frame: tuple[int, int]
    colour: ColourSpace | None = None
    facts: ProfileFacts = field(default_factory=ProfileFacts)
    light: Light = "linear"
    confidence: Floats = field(default_factory=_not_estimated)
    confidence_low: Floats = field(default_factory=_not_estimated)
    confidence_high: Floats = field(default_factory=_not_estimated)
    scene_spectrum: Floats = field(default_factory=_not_estimated)
    extra: Mapping[str, Any] = field(default_factory=dict)
    extra_arrays: Mapping[str, NDArray[Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        # Copies, so that nobody changes a profile from outside.
        with np.errstate(over="ignore"):
            for name in _KNOWN_ARRAYS:
                object.__setattr__(self, name, np.array(getattr(self, name), np.float32))
        check_kernels(self.psf)
        for name in _CONFIDENCES:
            if getattr(self, name).size == 0:
                object.__setattr__(self, name, np.full(self.psf.shape[:3], np.nan, np.float32))
        _check_the_rest(self)

    @property
    def kernel_size(self) -> int:
        """Side of each kernel, k."""
        return int(self.psf.shape[-1])


def check_kernels(psf: NDArray[Any]) -> None:
    """Refuse what is not a PSF grid.

    Raises:
        ProfileError: Naming what is expected and what was found.
    """
    if psf.ndim != 5 or psf.shape[2] != 3 or psf.shape[3] != psf.shape[4] or 0 in psf.shape:
        raise _unusable(f"The array psf must be (rows, columns, 3, k, k), got {psf.shape}")
    if psf.shape[-1] % 2 == 0:
        raise _unusable(f"The kernel size must be odd, so that a kernel has a centre, got {psf.shape[-1]}")
    if not np.isfinite(psf).all():
        raise _unusable("A kernel holds NaN or infinity")
    if psf.min() < 0:
        raise _unusable(f"A kernel holds negative taps, the lowest is {psf.min():.3g}")
    sums = psf.sum((-1, -2), dtype=np.float64)
    if np.abs(sums - 1).max() > _SUM_TOLERANCE:
        raise _unusable(f"Each channel of a kernel must sum to 1, the sums lie between {sums.min():.4g} and {sums.max():.4g}")


def _check_the_rest(profile: LensProfile) -> None:
    noise = profile.noise_sigma
    if noise.shape != (3,):
        raise _unusable(f"The array noise_sigma must be (3,), got {noise.shape}")
    if not ((noise >= 0) & (noise <= 1)).all():
        raise _unusable(f"noise_sigma must lie between 0 and 1, got {noise.tolist()}")
    for name in _CONFIDENCES:
        values = getattr(profile, name)
        if values.shape != profile.psf.shape[:3]:
            raise _unusable(f"The array {name} must be {profile.psf.shape[:3]} (rows, columns, 3), got {values.shape}")
        if not (np.isnan(values) | (np.abs(values) <= 1)).all():
            raise _unusable(f"{name} must lie between -1 and 1, or be NaN where it is unknown")
    _check_spectrum(profile.scene_spectrum)
    if len(profile.frame) != 2 or not all(isinstance(side, int | np.integer) and side > 0 for side in profile.frame):
        raise _unusable(f"The frame must be a width and a height in pixels, got {profile.frame}")


def _check_spectrum(spectrum: Floats) -> None:
    if spectrum.size == 0:
        return
    if spectrum.ndim != 3 or spectrum.shape[0] != 6 or spectrum.shape[1] < 8 or spectrum.shape[2] != spectrum.shape[1] // 2 + 1:
        raise _unusable(f"The array scene_spectrum must be (6, p, p // 2 + 1) with p at least 8, got {spectrum.shape}")
    if not (np.isfinite(spectrum).all() and (spectrum[:3] > 0).all()):
        raise _unusable("The array scene_spectrum must be finite, and its powers greater than 0")


def _unusable(why: str) -> ProfileError:
    return ProfileError("The lens profile is not usable", why, "Calibrate the lens again, or export the grid again from where it came")


def save_profile(profile: LensProfile, path: Path) -> None:
    """Write a profile, all or nothing.

    Raises:
        ProfileError: The file cannot be written.
    """
    header: dict[str, Any] = {
        **profile.extra,
        "format_version": FORMAT_VERSION,
        "convention": CONVENTION,
        "light": profile.light,
        "colour": {"recipe": profile.colour.recipe, "space": profile.colour.space} if profile.colour else None,
        "frame": {"width": profile.frame[0], "height": profile.frame[1]},
        "facts": profile.facts.model_dump(mode="json"),
    }
    arrays = {name: np.ascontiguousarray(array) for name, array in profile.extra_arrays.items()}
    arrays |= {name: np.ascontiguousarray(getattr(profile, name)) for name in _KNOWN_ARRAYS if getattr(profile, name).size}
    content = save(arrays, metadata={_HEADER: json.dumps(header, allow_nan=False)})
    try:
        write_atomically(path, content)
    except InputError as error:
        raise ProfileError(error.what, error.why, error.advice) from error


def load_profile(path: Path) -> LensProfile:
    """Read a profile.

    Raises:
        ProfileError: The file is missing, damaged, newer than this program, or holds impossible values.
    """
    try:
        header, arrays = _read_file(path)
    # AttributeError: safetensors meets a type of number that NumPy lacks.
    except (OSError, SafetensorError, ValueError, TypeError, AttributeError, RecursionError) as error:
        why = "There is no such file" if isinstance(error, FileNotFoundError) else f"It is no lens profile, or a damaged one ({error})"
        raise ProfileError(f"{path} cannot be read", why, "Choose the *.lens file that a calibration wrote") from error
    version = header.get("format_version")
    if isinstance(version, int) and version > FORMAT_VERSION:
        why = f"Its format is {version}, this program reads up to {FORMAT_VERSION}"
        raise ProfileError(f"{path} was written by a newer DDM Studio", why, "Update DDM Studio")
    try:
        return _profile_of(header, arrays)
    except ProfileError as error:
        raise ProfileError(f"{path} is not usable", error.why, error.advice) from error
    except (KeyError, TypeError, ValueError) as error:
        raise ProfileError(f"{path} is not usable", _header_fault(error), "Choose the *.lens file that a calibration wrote") from error


def _read_file(path: Path) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    if path.is_dir():
        raise ValueError("it is a folder")
    with safe_open(path, framework="np") as file:
        text = (file.metadata() or {}).get(_HEADER)
        if text is None:
            raise ValueError("its header does not name a lens profile")
        header = json.loads(text, parse_constant=_refuse_constant)
        if not isinstance(header, dict):
            raise ValueError("its header is not a table")
        names = list(file.keys())
        return header, {name: file.get_tensor(name) for name in names}


def _refuse_constant(name: str) -> None:
    raise ValueError(f"its header holds {name}")


def _profile_of(header: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> LensProfile:
    if header["format_version"] != FORMAT_VERSION:
        raise ValueError(f"format_version is {header['format_version']!r}")
    if header["light"] not in ("linear", "encoded"):
        raise ValueError(f"light is {header['light']!r}")
    for name in _KNOWN_ARRAYS & set(arrays):
        if arrays[name].dtype.kind != "f":
            raise ValueError(f"{name} holds {arrays[name].dtype} instead of float32")
    colour = header["colour"]
    return LensProfile(
        psf=arrays["psf"],
        noise_sigma=arrays["noise_sigma"],
        frame=(header["frame"]["width"], header["frame"]["height"]),
        colour=None if colour is None else ColourSpace(recipe=str(colour["recipe"]), space=str(colour["space"])),
        facts=ProfileFacts.model_validate(header["facts"]),
        light=header["light"],
        **{name: arrays[name] for name in (*_CONFIDENCES, "scene_spectrum") if name in arrays},
        extra={key: value for key, value in header.items() if key not in _KNOWN_KEYS},
        extra_arrays={name: array for name, array in arrays.items() if name not in _KNOWN_ARRAYS},
    )


def _header_fault(error: Exception) -> str:
    if isinstance(error, KeyError):
        return f"It lacks {error}"
    if isinstance(error, ValidationError):
        first = error.errors()[0]
        return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
    return str(error)
