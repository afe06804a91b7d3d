"""What a lens profile tells about itself besides its numbers, and the conventions its numbers follow."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field

from ddm_studio import __version__

Light: TypeAlias = Literal["linear", "encoded"]

CONVENTION = {
    "array": "psf is (rows, columns, 3, k, k), float32; rows from the top, columns from the left, channels red, green, blue",
    "nodes": "node (r, c) lies at (r / (rows - 1), c / (columns - 1)), a single row or column at 0.5; pixel i of n lies at i / (n - 1)",
    "interpolation": "bilinear between nodes; the kernel belongs to the output pixel",
    "kernel": "true convolution, y[i] = sum over u of k[u] x[i - u]; centre tap k // 2; taps not negative; each channel sums to 1",
    "frame": "the sensor frame: EXIF orientation is undone first",
}


class ProfileFacts(BaseModel):
    """Where a profile comes from. Empty means unknown; keys of other versions are kept as they are."""

    model_config = ConfigDict(frozen=True, extra="allow", allow_inf_nan=False)

    camera: str = Field("", description="Camera of the blurry photos.")
    lens: str = Field("", description="Lens of the blurry photos.")
    focal_length: float | None = Field(None, description="Focal length in mm.")
    aperture: float | None = Field(None, description="Aperture as f-number.")
    focus_distance: float | None = Field(None, description="Focus distance in m.")
    iso_range: tuple[float, float] | None = Field(None, description="Lowest and highest ISO of the blurry photos.")
    pixel_pitch: float | None = Field(None, description="Pixel pitch in µm.")
    pixel_pitch_source: str = Field("", description="How the pixel pitch is known: focal plane, 35 mm equivalent, or typed.")
    method: str = Field("", description="How the grid was learned.")
    stage: str = Field("", description="Stage that the kept grid came from.")
    settings: dict[str, Any] = Field(default_factory=dict, description="Settings of the calibration.")
    blurry_photos: int = Field(0, description="Blurry photos used.")
    sharp_photos: int = Field(0, description="Sharp photos used.")
    blurry_hashes: tuple[str, ...] = Field((), description="SHA-256 of the blurry photos.")
    sharp_hashes: tuple[str, ...] = Field((), description="SHA-256 of the sharp photos.")
    scores: dict[str, float] = Field(default_factory=dict, description="Criteria measured while learning, by name.")
    program_version: str = Field(__version__, description="DDM Studio that made the profile.")
