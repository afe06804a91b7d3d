"""A lens profile for other programs: NPZ, multi-page TIFF, PNG mosaic, JSON."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import tifffile
from numpy.typing import NDArray
from PIL import Image

from ddm_studio.errors import InputError, ProfileError
from ddm_studio.profiles.lens_profile import FORMAT_VERSION, LensProfile
from ddm_studio.profiles.profile_facts import CONVENTION
from ddm_studio.project import write_atomically

CHANNELS = ("red", "green", "blue")
_NODE_SIDE = 64
_GAP = 4
_BACKGROUND = (38, 40, 46)


def export_profile(profile: LensProfile, path: Path) -> None:
    """Write a profile in the format that the suffix of `path` names: .npz, .tif, .tiff, .png or .json.

    Raises:
        ProfileError: Another suffix, or the file cannot be written.
    """
    writers = {".npz": _npz, ".tif": _tiff, ".tiff": _tiff, ".png": _png, ".json": _json}
    writer = writers.get(path.suffix.lower())
    if writer is None:
        what = f"A profile cannot be exported to {path.name}"
        raise ProfileError(what, "The suffix names no known format", "Use a name that ends in .npz, .tiff, .png or .json")
    try:
        write_atomically(path, writer(profile))
    except InputError as error:
        raise ProfileError(error.what, error.why, error.advice) from error


def convention_text(profile: LensProfile) -> str:
    """The conventions of the numbers, one sentence a line."""
    return "\n".join([*(f"{name}: {text}" for name, text in CONVENTION.items()), f"light: kernels act on {profile.light} values"])


def mosaic(profile: LensProfile) -> NDArray[np.uint8]:
    """The grid as a picture (height, width, 3): colour composites of the nodes, square-root scale, gaps between them.

    Each node is scaled by its own brightest tap, common to the three channels, so that colour fringes keep their hue.
    """
    rows, columns, _, side, _ = profile.psf.shape
    zoom = max(1, -(-_NODE_SIDE // side))
    nodes = np.sqrt(profile.psf / profile.psf.max((2, 3, 4), keepdims=True))
    pictures = (nodes * 255).round().astype(np.uint8).transpose(0, 1, 3, 4, 2).repeat(zoom, 2).repeat(zoom, 3)
    pitch = side * zoom + _GAP
    canvas = np.empty((rows * pitch + _GAP, columns * pitch + _GAP, 3), np.uint8)
    canvas[...] = _BACKGROUND
    for row in range(rows):
        for column in range(columns):
            top, left = row * pitch + _GAP, column * pitch + _GAP
            canvas[top : top + side * zoom, left : left + side * zoom] = pictures[row, column]
    return canvas


def _header(profile: LensProfile) -> dict[str, Any]:
    return {
        "format_version": FORMAT_VERSION,
        "convention": CONVENTION,
        "light": profile.light,
        "frame": {"width": int(profile.frame[0]), "height": int(profile.frame[1])},
        "colour": {"recipe": profile.colour.recipe, "space": profile.colour.space} if profile.colour else None,
        "facts": profile.facts.model_dump(mode="json"),
    }


def _npz(profile: LensProfile) -> bytes:
    content = io.BytesIO()
    np.savez_compressed(
        content,
        psf=profile.psf,
        sigma=profile.noise_sigma,
        confidence=profile.confidence,
        frame=np.array(profile.frame),
        convention=np.array(convention_text(profile)),
        profile=np.array(json.dumps(_header(profile))),
    )
    return content.getvalue()


def _tiff(profile: LensProfile) -> bytes:
    """One page per node and channel, channels fastest, then columns, then rows; each page says which in its ImageDescription."""
    rows, columns = profile.psf.shape[:2]
    content = io.BytesIO()
    with tifffile.TiffWriter(content) as tiff:
        for row, column, channel in np.ndindex(rows, columns, 3):
            description = f"PSF row {row} of {rows}, column {column} of {columns}, {CHANNELS[channel]}"
            if not row and not column and not channel:
                description += "\n" + convention_text(profile)
            tiff.write(
                profile.psf[row, column, channel],
                photometric="minisblack",
                description=description.replace("µ", "u"),
                metadata=None,
                software=False,
                contiguous=False,
            )
    return content.getvalue()


def _png(profile: LensProfile) -> bytes:
    content = io.BytesIO()
    Image.fromarray(mosaic(profile)).save(content, "PNG", optimize=True)
    return content.getvalue()


def _json(profile: LensProfile) -> bytes:
    table = _header(profile)
    table["noise_sigma"] = _numbers(profile.noise_sigma)
    for name in ("confidence", "confidence_low", "confidence_high"):
        table[name] = _numbers(getattr(profile, name))
    table["psf"] = _numbers(profile.psf)
    return json.dumps(table, allow_nan=False).encode()


def _numbers(array: NDArray[np.float32]) -> Any:
    """Nested lists with the shortest digits that read back as the same float32; unknown values as null."""
    if array.ndim:
        return [_numbers(part) for part in array]
    return float(str(array)) if np.isfinite(array) else None
