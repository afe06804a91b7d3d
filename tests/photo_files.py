"""Makes real photo files of every kind, small, with known content."""

from __future__ import annotations

import struct
from pathlib import Path

import imagecodecs
import numpy as np
import tifffile
from numpy.typing import NDArray
from PIL import Image

from ddm_studio.photos.colour import ColourSpace
from ddm_studio.photos.photo import Photo, PhotoInfo
from ddm_studio.photos.rendering import upright_bands
from ddm_studio.photos.writing import write_bands
from ddm_studio.settings import FileSettings

ADOBE_COLORANTS = np.array([[0.60974, 0.20528, 0.14919], [0.31111, 0.62567, 0.06322], [0.01947, 0.06087, 0.74457]])
SRGB_PARA = (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
_XYZ_OF_SRGB = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
# A camera whose colours are not sRGB, so that a forgotten matrix shows.
CAMERA_OF_XYZ = np.array([[0.9, -0.2, -0.1], [-0.4, 1.2, 0.2], [-0.1, 0.25, 0.6]])


def random_codes(height: int, width: int, kind: type = np.uint16, seed: int = 0) -> NDArray:
    """Noise over the whole range of codes (height, width, 3)."""
    return np.random.default_rng(seed).integers(0, np.iinfo(kind).max, (height, width, 3), endpoint=True).astype(kind)


def smooth_light(height: int, width: int) -> NDArray[np.float64]:
    """A smooth colourful scene in linear light 0.05-0.95, without any symmetry."""
    y, x = np.mgrid[:height, :width]
    red, green = 0.05 + 0.9 * x / width, 0.05 + 0.9 * y / height
    return np.stack([red, green, 0.5 + 0.3 * np.sin(x / 25) * np.cos(y / 25)], -1)


def save_tiff(path: Path, codes: NDArray, orientation: int | None = None, **options: object) -> Path:
    tags = [] if orientation is None else [(274, 3, 1, orientation, True)]
    tifffile.imwrite(path, codes, photometric=options.pop("photometric", "rgb"), metadata=None, extratags=tags, **options)
    return path


def save_png16(path: Path, codes: NDArray) -> Path:
    path.write_bytes(imagecodecs.png_encode(np.ascontiguousarray(codes)))
    return path


def save_with_pillow(path: Path, codes: NDArray, orientation: int | None = None, **options: object) -> Path:
    """A JPEG or PNG with 8 bits, by the suffix of `path`."""
    exif = Image.Exif()
    if orientation is not None:
        exif[274] = orientation
    if path.suffix == ".jpg":
        options = {"quality": 95, "subsampling": 0, **options}
    Image.fromarray(codes).save(path, exif=exif, **options)
    return path


def save_dng(path: Path, light: NDArray, orientation: int = 1, camera_of_xyz: NDArray | None = CAMERA_OF_XYZ, opcodes: bytes = b"") -> Path:
    """A raw with a Bayer sensor that saw `light` (height, width, 3), which is balanced camera RGB in 0-1.

    The sensor itself is unbalanced: red is half as sensitive, blue 0.6 times.
    """
    black, white, neutral = 512, 16383, (0.5, 1.0, 0.6)
    seen = light * neutral
    mosaic = np.empty(light.shape[:2])
    for (row, column), channel in {(0, 0): 0, (0, 1): 1, (1, 0): 1, (1, 1): 2}.items():
        mosaic[row::2, column::2] = seen[row::2, column::2, channel]
    bayer = np.clip(black + mosaic * (white - black), 0, white).round().astype(np.uint16)
    ratios = [part for value in neutral for part in (round(value * 10000), 10000)]
    model = "DDM Test Camera"
    tags = [
        (33421, 3, 2, (2, 2), True),  # size of the colour filter pattern
        (33422, 1, 4, bytes((0, 1, 1, 2)), True),  # the pattern
        (50706, 1, 4, bytes((1, 4, 0, 0)), True),  # DNG version
        (50707, 1, 4, bytes((1, 1, 0, 0)), True),
        (50708, 2, len(model) + 1, model, True),
        (50710, 1, 3, bytes((0, 1, 2)), True),
        (50711, 3, 1, 1, True),
        (50714, 3, 1, black, True),
        (50717, 4, 1, white, True),
        (50728, 5, 3, ratios, True),  # neutral as shot
        (50778, 3, 1, 21, True),  # D65
        (271, 2, 4, "DDM", True),
        (272, 2, len(model) + 1, model, True),
        (274, 3, 1, orientation, True),
    ]
    if camera_of_xyz is not None:
        signed = [part for value in camera_of_xyz.ravel() for part in (round(value * 10000), 10000)]
        tags.append((50721, 10, 9, signed, True))
    if opcodes:
        tags.append((51022, 7, len(opcodes), opcodes, True))  # what a converter should do after demosaicing
    tifffile.imwrite(path, bayer, photometric=32803, metadata=None, extratags=tags, subfiletype=0, rowsperstrip=light.shape[0])
    return path


def power_curve(gamma: float) -> bytes:
    return b"curv" + struct.pack(">IIH", 0, 1, round(gamma * 256))


def sampled_curve(samples: NDArray) -> bytes:
    return b"curv" + struct.pack(">II", 0, len(samples)) + np.round(samples * 65535).astype(">u2").tobytes()


def parametric_curve(kind: int, *parameters: float) -> bytes:
    return b"para" + struct.pack(">IHH", 0, kind, 0) + np.round(np.array(parameters) * 65536).astype(">i4").tobytes()


def icc_profile(curve: bytes, colorants: NDArray | None = ADOBE_COLORANTS, name: str = "Test RGB", model: bytes = b"RGB ") -> bytes:
    """A version 2 profile; without colorants a grey one."""
    tags = {b"desc": b"desc" + struct.pack(">II", 0, len(name) + 1) + name.encode() + b"\0" * 79}
    if colorants is None:
        tags[b"kTRC"] = curve
    else:
        for letter, column in zip((b"r", b"g", b"b"), colorants.T, strict=True):
            tags[letter + b"TRC"] = curve
            tags[letter + b"XYZ"] = b"XYZ \0\0\0\0" + np.round(column * 65536).astype(">i4").tobytes()
    return assembled_profile(tags, model)


def assembled_profile(tags: dict[bytes, bytes], model: bytes) -> bytes:
    table, body = struct.pack(">I", len(tags)), b""
    start = 132 + 12 * len(tags)
    for name, content in tags.items():
        table += struct.pack(">4sII", name, start + len(body), len(content))
        body += content + b"\0" * (-len(content) % 4)
    header = bytearray(128)
    header[0:4] = struct.pack(">I", start + len(body))
    header[8:12] = bytes((2, 0x40, 0, 0))
    header[12:24] = b"mntr" + model + b"XYZ "
    header[36:40] = b"acsp"
    header[68:80] = np.round(np.array((0.9642, 1.0, 0.8249)) * 65536).astype(">i4").tobytes()
    return bytes(header) + table + body


def plain_info(path: Path, width: int, height: int, orientation: int = 1) -> PhotoInfo:
    return PhotoInfo(path, width, height, orientation, True, ColourSpace("display-curves-1", "sRGB"), 16)


def write_photo(path: Path, linear: NDArray[np.float32], like: Photo, settings: FileSettings) -> tuple[str, ...]:
    """Write a picture (height, width, 3) in the sensor frame in bands of 20 rows; what could not be kept."""
    bands = (linear[top : top + 20] for top in range(0, len(linear), 20))
    return write_bands(path, upright_bands(bands, like.info), like, settings)
