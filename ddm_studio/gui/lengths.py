"""Lengths on the sensor: in pixels, with micrometres beside them where the pitch is known, or in these alone. Without Qt."""

from __future__ import annotations

from dataclasses import dataclass

from ddm_studio.preferences import Units


@dataclass(frozen=True, slots=True)
class Lengths:
    """Name of the unit, how many of it a pixel has, and µm a pixel where they are told as well."""

    unit: str
    per_pixel: float
    beside: float | None = None

    def words(self, pixels: float) -> str:
        """A length with its unit."""
        words = f"{pixels * self.per_pixel:.2f} {self.unit}"
        return words if self.beside is None else f"{words} ({pixels * self.beside:.1f} µm)"


def lengths_in(units: Units, pitch: float | None) -> Lengths:
    """How to tell lengths of a lens whose pixel pitch is `pitch` µm."""
    return Lengths("µm", pitch) if units is Units.MICROMETRES and pitch is not None else Lengths("px", 1.0, pitch)
