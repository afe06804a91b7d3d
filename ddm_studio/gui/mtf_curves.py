"""The numbers behind the MTF plots: contrast against image height, and against the fineness of lines, of each channel and direction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ddm_studio.gui.file_reading import OpenedProfile
from ddm_studio.gui.plot_files import Table
from ddm_studio.optics.mtf import NYQUIST, ByHeight, by_image_height, cycles_per_pixel, line_pairs_per_mm, meridional, mtf, sagittal

Floats = NDArray[np.floating]
Channel: TypeAlias = Literal["red", "green", "blue"]
Direction: TypeAlias = Literal["sagittal", "meridional"]
Key: TypeAlias = tuple[Channel, Direction]

CHANNELS: tuple[Channel, ...] = ("red", "green", "blue")
DIRECTIONS: tuple[Direction, ...] = ("sagittal", "meridional")
KEYS: tuple[Key, ...] = tuple((channel, direction) for channel in CHANNELS for direction in DIRECTIONS)

LINE_PAIRS = (10.0, 20.0, 40.0)
CYCLES = (0.05, 0.1, 0.2)
"""Where the pitch is unknown; with pixels of 5 µm, those of `LINE_PAIRS`."""
_POINTS = 51


@dataclass(frozen=True, slots=True)
class Fineness:
    """Lines of one width: `cycles` per pixel, and line pairs per mm where the pixel pitch (µm) is known."""

    cycles: float
    pitch: float | None

    @property
    def short(self) -> str:
        """In the unit in which lens makers draw, if that is possible."""
        return f"{self.cycles:.2g} cycles/px" if self.pitch is None else f"{line_pairs_per_mm(self.cycles, self.pitch):.3g} lp/mm"

    @property
    def full(self) -> str:
        """In both units."""
        return self.short if self.pitch is None else f"{self.short} = {self.cycles:.2g} cycles/px"

    @property
    def is_resolved(self) -> bool:
        """Whether pixels can show it."""
        return self.cycles <= NYQUIST


def finenesses(pitch: float | None) -> tuple[Fineness, ...]:
    """Those that are drawn against image height, coarse to fine."""
    cycles = CYCLES if pitch is None else tuple(cycles_per_pixel(pairs, pitch) for pairs in LINE_PAIRS)
    return tuple(Fineness(one, pitch) for one in cycles)


def against_height(opened: OpenedProfile, fineness: Fineness) -> Mapping[Key, ByHeight]:
    """Contrast of lines by image height in px; nothing of lines that pixels cannot show."""
    if not fineness.is_resolved:
        return {}
    heights = opened.measures.heights
    return {key: by_image_height(heights, contrast[..., 0]) for key, contrast in _contrast(opened, np.array([fineness.cycles])).items()}


def against_fineness(opened: OpenedProfile, node: tuple[int, int]) -> tuple[Floats, Mapping[Key, Floats]]:
    """Cycles per pixel up to Nyquist's, and the contrast that lines so fine keep at a node (row, column)."""
    frequencies = np.linspace(0, NYQUIST, _POINTS)
    return frequencies, {key: contrast[node] for key, contrast in _contrast(opened, frequencies).items()}


def height_unit(pitch: float | None) -> tuple[str, float]:
    """Unit of image height, and how many of it a pixel is."""
    return ("px", 1.0) if pitch is None else ("mm", pitch / 1000)


def height_table(opened: OpenedProfile) -> Table:
    """One row a point of a curve against image height, of every fineness."""
    unit, scale = height_unit(opened.measures.pixel_pitch)
    header = (f"image height {unit}", "lines", "channel", "direction", "contrast", "lowest", "highest", "nodes")
    rows = [
        (f"{height * scale:.5g}", fineness.short, *key, f"{mean:.4f}", f"{low:.4f}", f"{high:.4f}", int(count))
        for fineness in finenesses(opened.measures.pixel_pitch)
        for key, ring in against_height(opened, fineness).items()
        for height, mean, low, high, count in zip(ring.height, ring.mean, ring.low, ring.high, ring.count, strict=True)
    ]
    return Table(header, rows)


def fineness_table(opened: OpenedProfile, node: tuple[int, int]) -> Table:
    """One row a point of a curve against fineness, at a node."""
    pitch = opened.measures.pixel_pitch
    frequencies, curves = against_fineness(opened, node)
    rows = [
        (f"{cycles:.4g}", *([] if pitch is None else [f"{line_pairs_per_mm(cycles, pitch):.5g}"]), *key, f"{value:.4f}")
        for key, contrast in curves.items()
        for cycles, value in zip(frequencies, contrast, strict=True)
    ]
    header = (
        "cycles/px",
        *([] if pitch is None else ["lp/mm"]),
        "channel",
        "direction",
        f"contrast row {node[0] + 1} column {node[1] + 1}",
    )
    return Table(header, rows)


def _contrast(opened: OpenedProfile, frequencies: Floats) -> dict[Key, Floats]:
    """(rows, columns, f) of each channel and direction."""
    psf, frame = opened.profile.psf.astype(np.float64), opened.profile.frame
    rows, columns = psf.shape[:2]
    across: dict[Direction, Floats] = {"sagittal": sagittal(rows, columns, frame), "meridional": meridional(rows, columns, frame)}
    return {key: mtf(psf[:, :, CHANNELS.index(key[0])], across[key[1]], frequencies) for key in KEYS}
