"""What the readers of JPEG, PNG and TIFF have in common: a header, integer codes, and honest errors."""

from __future__ import annotations

import logging
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

import imagecodecs
import numpy as np
import rawpy
import tifffile
from numpy.typing import NDArray

from ddm_studio.errors import PhotoError
from ddm_studio.photos.exif import Tags

Codes: TypeAlias = NDArray[np.uint8] | NDArray[np.uint16] | NDArray[np.float32]

MOST_PIXELS = 200_000_000

# tifffile tells of oddities through logging; the person has our own sentences.
logging.getLogger("tifffile").addHandler(logging.NullHandler())

_DECODER_ERRORS = (
    ValueError,
    KeyError,
    IndexError,
    TypeError,
    AttributeError,
    ArithmeticError,
    NotImplementedError,
    RuntimeError,  # imagecodecs' errors are of this type
    SyntaxError,  # Pillow's for a broken chunk
    EOFError,
    struct.error,
    zlib.error,
    tifffile.TiffFileError,
    imagecodecs.DelayedImportError,
    rawpy.LibRawError,
)


@dataclass(frozen=True, slots=True, eq=False)
class StoredPicture:
    """The header of a JPEG, PNG or TIFF. Codes run from 0 to `top_code`, which is 1.0 for floating point.

    `exif` is the block as the camera wrote it, with its maker note, `xmp` the XMP packet, `iptc` the IPTC records; empty where
    there are none, and in TIFFs, where `metadata` gathers them. `resolution` is pixels per inch across and down. `texts` are
    comments as PNG keeps them: name of the chunk and its body. `told` says what was found damaged or must be left out.
    """

    width: int
    height: int
    bit_depth: int
    is_grey: bool
    orientation: int | None
    icc: bytes | None
    top_code: float
    tags: Tags = field(default_factory=dict)
    exif: bytes = b""
    xmp: bytes = b""
    iptc: bytes = b""
    resolution: tuple[float, float] | None = None
    texts: tuple[tuple[bytes, bytes], ...] = ()
    told: tuple[str, ...] = ()


def check_pixel_count(path: Path, width: int, height: int) -> None:
    """Refuse frames without pixels and decompression bombs.

    Raises:
        PhotoError: The size is out of bounds.
    """
    if width < 1 or height < 1:
        raise PhotoError(f"{path.name} cannot be used", "it has no pixels")
    if width * height > MOST_PIXELS:
        raise PhotoError(
            f"{path.name} is too large",
            f"it has {width} × {height} pixels, and at most {MOST_PIXELS // 1_000_000} million can be read",
            "Use a smaller export of it",
        )


@contextmanager
def damaged_files_told(path: Path) -> Iterator[None]:
    """Turn whatever a decoder raises into a `PhotoError` with a sentence."""
    try:
        yield
    except PhotoError:
        raise
    except FileNotFoundError as error:
        raise PhotoError(f"{path.name} cannot be read", "the file does not exist", "It may have been moved") from error
    except PermissionError as error:
        raise PhotoError(f"{path.name} cannot be read", "you are not allowed to open it", "Change its permissions") from error
    except IsADirectoryError as error:
        raise PhotoError(f"{path.name} cannot be read", "it is a folder", "Choose the photos in it") from error
    except MemoryError as error:
        raise PhotoError(f"{path.name} cannot be read", "there is not enough memory for it", "Close other programs") from error
    except (OSError, *_DECODER_ERRORS) as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise PhotoError(
            f"{path.name} cannot be read", f"the file is damaged or cut short ({reason})", "Copy it again from its source"
        ) from error


def unusable(path: Path, why: str, advice: str = "Export it as an RGB TIFF with 8 or 16 bits") -> PhotoError:
    """The error for a sound file that holds something we cannot work with."""
    return PhotoError(f"{path.name} cannot be used", why, advice)
