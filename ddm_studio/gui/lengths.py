"""Lengths on the sensor in the unit that a person prefers: pixels, or micrometres where the pitch is known. Without Qt."""

from __future__ import annotations

from dataclasses import dataclass

from ddm_studio.preferences import Units


@dataclass(frozen=True, slots=True)
class Lengths:
    """Name of the unit, and how many of it a pixel has."""

    unit: str
    per_pixel: float

    def words(self, pixels: float) -> str:
        """A length with its unit."""
        return f"{pixels * self.per_pixel:.2f} {self.unit}"


def lengths_in(units: Units, pitch: float | None) -> Lengths:
    """How to tell lengths of a lens whose pixel pitch is `pitch` µm."""
    return Lengths("µm", pitch) if units is Units.MICROMETRES and pitch is not None else Lengths("px", 1.0)
