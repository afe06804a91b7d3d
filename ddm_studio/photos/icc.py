"""Reads matrix/TRC colour profiles (ICC.1:2010), as small and strict as possible: curves and primaries, nothing else.

We do not let a colour engine convert photos: blur is linear in the photo's own primaries, and clipping to another
gamut would break that. Profiles that are look-up tables are refused.
"""

from __future__ import annotations

import hashlib
import struct
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ddm_studio.photos.colour import SRGB_COLORANTS, SRGB_CURVE, TABLE_SIZE, Matrix, ToneCurve

# Tables of 1024 points, rounded gammas and two ways of adapting white exist; a pure 2.2 power is 0.008 away.
SRGB_CURVE_TOLERANCE = 0.003
SRGB_COLORANT_TOLERANCE = 0.003

_PARAMETERS = {0: 1, 1: 3, 2: 4, 3: 5, 4: 7}


_LOOK_UP_TABLE = b"A2B0"
# ICC.1:2010, table 19, without those of printing inks beyond four.
_OTHER_MODELS = (b"CMYK", b"CMY ", b"Lab ", b"XYZ ", b"Luv ", b"YCbr", b"Yxy ", b"HSV ", b"HLS ")


class IccError(ValueError):
    """A profile that cannot be used; the message is the reason in words for a person."""


class DamagedIccError(IccError):
    """A profile that nobody can use: the colours are those of a photo without one."""


@dataclass(frozen=True, slots=True, eq=False)
class IccProfile:
    """The part of a profile that matters here.

    `colorants` has the D50 XYZ of red, green and blue in its columns. `fingerprint` depends on curves and primaries only.
    """

    name: str
    is_grey: bool
    curves: tuple[ToneCurve, ToneCurve, ToneCurve]
    colorants: Matrix
    fingerprint: str

    @property
    def is_srgb(self) -> bool:
        """Whether this is one of the many variants of sRGB."""
        return all(curve is SRGB_CURVE for curve in self.curves) and bool(
            np.abs(self.colorants - SRGB_COLORANTS).max() < SRGB_COLORANT_TOLERANCE
        )


def parse_icc(profile: bytes) -> IccProfile:
    """Read the curves and primaries of an RGB or grey profile.

    Raises:
        DamagedIccError: Damaged.
        IccError: Of another colour model, or without curves.
    """
    if len(profile) < 132 or profile[36:40] != b"acsp":
        raise DamagedIccError("its colour profile is damaged")
    tags = _tags(profile)
    name = _description(tags.get(b"desc", b""))
    match profile[16:20]:
        case b"RGB ":
            curve_tags = (b"rTRC", b"gTRC", b"bTRC")
            colorant_tags: tuple[bytes, ...] = (b"rXYZ", b"gXYZ", b"bXYZ")
        case b"GRAY":
            curve_tags, colorant_tags = (b"kTRC", b"kTRC", b"kTRC"), ()
        case other if other in _OTHER_MODELS:
            raise IccError(f'its colour profile "{name}" is for {other.decode("latin-1").strip()}, not for RGB')
        case _:
            raise DamagedIccError("its colour profile is damaged")
    if any(tag not in tags for tag in curve_tags + colorant_tags):
        if _LOOK_UP_TABLE not in tags:
            raise DamagedIccError(f'its colour profile "{name}" lacks tone curves or primaries')
        raise IccError(f'its colour profile "{name}" is a look-up table without tone curves and primaries')
    red, green, blue = (_curve(tags[tag]) for tag in curve_tags)
    colorants = np.stack([_xyz(tags[tag]) for tag in colorant_tags], axis=1) if colorant_tags else SRGB_COLORANTS
    if abs(np.linalg.det(colorants)) < 1e-4:
        raise DamagedIccError(f'the primaries of its colour profile "{name}" make no sense')
    digest = hashlib.sha256(b"".join(tags[tag] for tag in curve_tags + colorant_tags)).hexdigest()[:8]
    return IccProfile(name, not colorant_tags, (red, green, blue), colorants, digest)


def _tags(profile: bytes) -> dict[bytes, bytes]:
    (count,) = struct.unpack_from(">I", profile, 128)
    if count > 200 or 132 + 12 * count > len(profile):
        raise DamagedIccError("its colour profile is damaged")
    tags = {}
    for index in range(count):
        signature, offset, size = struct.unpack_from(">4sII", profile, 132 + 12 * index)
        if offset + size > len(profile):
            raise DamagedIccError("its colour profile is cut short")
        tags[signature] = profile[offset : offset + size]
    return tags


def _description(tag: bytes) -> str:
    """The name from a `desc` (version 2) or `mluc` (version 4) tag; never fails, a name is only a name."""
    text = ""
    if tag[:4] == b"desc" and len(tag) >= 12:
        (length,) = struct.unpack_from(">I", tag, 8)
        text = tag[12 : 12 + length].decode("latin-1")
    elif tag[:4] == b"mluc" and len(tag) >= 28:
        length, offset = struct.unpack_from(">II", tag, 20)
        text = tag[offset : offset + length].decode("utf-16-be", errors="replace")
    return " ".join(text.replace("\0", " ").split()) or "unnamed"


def _xyz(tag: bytes) -> NDArray[np.float64]:
    if tag[:4] != b"XYZ " or len(tag) < 20:
        raise DamagedIccError("the primaries of its colour profile are damaged")
    return np.frombuffer(tag, ">i4", 3, 8) / 65536.0


def _curve(tag: bytes) -> ToneCurve:
    match tag[:4]:
        case b"curv":
            curve = _sampled_curve(tag)
        case b"para":
            curve = _parametric_curve(tag)
        case _:
            raise DamagedIccError("the tone curves of its colour profile are of an unknown kind")
    places = np.linspace(0, 1, 1025)
    samples = curve.decode(places)
    if not np.isfinite(samples).all() or samples[-1] - samples[0] < 0.5:
        raise DamagedIccError("the tone curves of its colour profile hardly rise")
    if np.abs(samples - SRGB_CURVE.decode(places)).max() < SRGB_CURVE_TOLERANCE:
        return SRGB_CURVE
    return curve


def _sampled_curve(tag: bytes) -> ToneCurve:
    """ICC.1:2010 10.5: no entry is the identity, one is a power in 1/256, more are samples."""
    if len(tag) < 12:
        raise DamagedIccError("the tone curves of its colour profile are damaged")
    (count,) = struct.unpack_from(">I", tag, 8)
    if 12 + 2 * count > len(tag):
        raise DamagedIccError("the tone curves of its colour profile are cut short")
    entries = np.frombuffer(tag, ">u2", count, 12)
    if count == 0:
        return ToneCurve(power=1.0)
    if count == 1:
        return _power(entries[0] / 256)
    samples = np.interp(np.linspace(0, 1, TABLE_SIZE), np.linspace(0, 1, count), entries / 65535)
    return _table(samples)


def _parametric_curve(tag: bytes) -> ToneCurve:
    """ICC.1:2010 10.16, Y(X): X^g; then with (aX + b)^g above a knee, straight or constant below it."""
    if len(tag) < 12:
        raise DamagedIccError("the tone curves of its colour profile are damaged")
    (kind,) = struct.unpack_from(">H", tag, 8)
    if kind not in _PARAMETERS or len(tag) < 12 + 4 * _PARAMETERS[kind]:
        raise DamagedIccError("the tone curves of its colour profile are of an unknown kind")
    g, *rest = (np.frombuffer(tag, ">i4", _PARAMETERS[kind], 12) / 65536.0).tolist()
    if kind == 0:
        return _power(g)
    a, b = rest[:2]
    # (slope below the knee, offset below, offset above, knee) of the four shapes.
    if kind in (1, 2):
        above = rest[2] if kind == 2 else 0.0
        slope, below, knee = 0.0, above, -b / a if a else 0.0
    else:
        slope, knee = rest[2:4]
        above, below = rest[4:6] if kind == 4 else (0.0, 0.0)
    x = np.linspace(0, 1, TABLE_SIZE)
    y = np.where(x >= knee, np.maximum(a * x + b, 0) ** g + above, slope * x + below)
    return _table(np.clip(y, 0, 1))


def _table(samples: NDArray[np.float64]) -> ToneCurve:
    """A table that can be inverted; at the knee of a formula with rounded parameters curves fall by a hair."""
    rising = np.maximum.accumulate(samples)
    if np.abs(rising - samples).max() > 1e-3:
        raise DamagedIccError("the tone curves of its colour profile fall")
    return ToneCurve(table=rising)


def _power(exponent: float) -> ToneCurve:
    if not 0.2 < exponent < 10:
        raise DamagedIccError(f"the tone curves of its colour profile have the exponent {exponent:g}")
    return ToneCurve(power=float(exponent))
