"""Generated scenes with the statistics of natural photos: dead leaves with shading and texture.

Opaque shapes whose radii follow a power law (density ~ r^-3, which makes the scene scale invariant: Lee, Mumford and
Huang 2001) cover each other. Each has a colour of the scene's palette (neighbours tend to share theirs, as leaves of
one tree do), a soft shading across it and a texture of about 1/f spectrum. Everything is computed in linear light at
twice the size and averaged down, as a lens and pixels would.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from ddm_studio.optics.display_curve import encode

Floats = NDArray[np.float32]

SUPERSAMPLING = 2
SMALLEST_RADIUS = (1.2, 5.0)
TEXTURE_SIDE = 512
FEW_CORNERS, MANY_CORNERS = 8, 32
"""Of round leaves, the small and the large."""

# Linear-light colours met outdoors: foliage, bark, earth, stone, sky, water, sand, snow, brick, blossom.
NATURAL_COLOURS = np.array(
    [
        (0.06, 0.12, 0.03), (0.13, 0.20, 0.05), (0.22, 0.26, 0.08), (0.10, 0.07, 0.05), (0.20, 0.14, 0.09), (0.32, 0.24, 0.16),
        (0.18, 0.17, 0.16), (0.36, 0.35, 0.33), (0.25, 0.38, 0.62), (0.45, 0.56, 0.72), (0.05, 0.09, 0.14), (0.52, 0.43, 0.30),
        (0.75, 0.76, 0.78), (0.35, 0.11, 0.07), (0.60, 0.30, 0.05), (0.55, 0.12, 0.20), (0.03, 0.03, 0.035), (0.62, 0.55, 0.12),
    ],
    np.float32,
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class _Leaves:
    """Parameters of each leaf, in pixels of the supersampled scene; painted in this order, later ones on top."""

    centre: Floats
    radius: Floats
    stretch: Floats
    turn: Floats
    corners: NDArray[np.int64]
    colour: Floats
    shade: Floats
    texture_kind: NDArray[np.int64]
    texture_amount: Floats
    texture_scale: Floats


def dead_leaves(height: int, width: int, seed: int) -> Floats:
    """A scene as display-encoded RGB.

    Args:
        height: Rows.
        width: Columns.
        seed: The same seed gives the same scene.

    Returns:
        (height, width, 3) float32 in 0-1.
    """
    random = np.random.default_rng(seed)
    tall, wide = height * SUPERSAMPLING, width * SUPERSAMPLING
    leaves = _draw_leaves(random, tall, wide)
    linear = _paint(random, leaves, _owner_map(leaves, tall, wide))
    small = _averaged_down(linear)
    # Exposed as a photographer would: few highlights clip.
    small *= random.uniform(0.5, 1.05) / np.percentile(small, 98)
    scene: Floats = np.clip(encode(small), 0, 1).astype(np.float32)
    return scene


def _averaged_down(linear: Floats) -> Floats:
    """Means (height, width, 3) of blocks of pixels, added one by one: five times as fast as a mean over two axes."""
    total = np.zeros_like(linear[::SUPERSAMPLING, ::SUPERSAMPLING])
    for down in range(SUPERSAMPLING):
        for across in range(SUPERSAMPLING):
            total += linear[down::SUPERSAMPLING, across::SUPERSAMPLING]
    averaged: Floats = total / np.float32(SUPERSAMPLING**2)
    return averaged


def _draw_leaves(random: np.random.Generator, tall: int, wide: int) -> _Leaves:
    finest, coarsest = np.log(SMALLEST_RADIUS)
    smallest, largest = SUPERSAMPLING * float(np.exp(random.uniform(finest, coarsest))), min(tall, wide) / 2.5
    # Density r^-3 between the bounds, by inversion of its cumulative distribution; the mean area then is:
    mean_area = 2 * np.pi * np.log(largest / smallest) / (smallest**-2 - largest**-2)
    count = int(3.5 * tall * wide / mean_area)
    share = random.random(count)
    radius = (smallest**-2 - share * (smallest**-2 - largest**-2)) ** -0.5
    palette = NATURAL_COLOURS[random.choice(len(NATURAL_COLOURS), random.integers(4, 9), replace=False)]
    places = random.random((count, 2)).astype(np.float32)
    strays = random.random(count) < 0.25
    choice = np.where(
        strays,
        random.integers(len(palette), size=count),
        _neighbourhoods(random, places, len(palette)),
    )
    colour = palette[choice] * np.exp(random.normal(0, 0.4, (count, 1)) + random.normal(0, 0.08, (count, 3)))
    amount = np.exp(random.normal(-2.3, 0.8, count))
    return _Leaves(
        centre=(places * (tall, wide)).astype(np.float32),
        radius=radius.astype(np.float32),
        stretch=np.exp(random.normal(0, 0.35, count)).astype(np.float32),
        turn=(random.random(count) * 2 * np.pi).astype(np.float32),
        corners=np.where(random.random(count) < 0.55, 0, random.integers(3, 8, count)),
        colour=np.clip(colour, 0.002, 1.2).astype(np.float32),
        shade=random.normal(0, 0.22, (count, 2)).astype(np.float32),
        texture_kind=random.integers(0, 6, count),
        texture_amount=np.where(random.random(count) < 0.25, 0, np.clip(amount, 0, 0.5)).astype(np.float32),
        texture_scale=np.exp(random.normal(0, 0.3, count)).astype(np.float32),
    )


def _neighbourhoods(random: np.random.Generator, places: Floats, colours: int) -> NDArray[np.int64]:
    """Which colour rules at some relative places (n, 2): the nearest of a few random seeds with a colour each."""
    seeds = random.random((4 * colours, 2))
    distance = np.square(places[:, None] - seeds).sum(-1)
    ruling: NDArray[np.int64] = (distance.argmin(1) % colours).astype(np.int64)
    return ruling


def _owner_map(leaves: _Leaves, tall: int, wide: int) -> NDArray[np.int32]:
    """Which leaf is seen at each pixel; number 0 also fills the gaps."""
    canvas = Image.new("I", (wide, tall), 0)
    draw = ImageDraw.Draw(canvas)
    outlines: list[list[float]] = [[]] * len(leaves.radius)
    corners = np.where(leaves.corners > 0, leaves.corners, np.where(leaves.radius < 8, FEW_CORNERS, MANY_CORNERS))
    for count in np.unique(corners):
        alike = np.flatnonzero(corners == count)
        for number, outline in zip(alike.tolist(), _outlines(leaves, alike, int(count)).tolist(), strict=True):
            outlines[number] = outline
    for number, outline in enumerate(outlines):
        draw.polygon(outline, fill=number)
    return np.asarray(canvas, dtype=np.int32)


def _outlines(leaves: _Leaves, chosen: NDArray[np.int64], corners: int) -> NDArray[np.float64]:
    """Corners (n, 2 * corners) of some leaves that have as many: column and row by turns."""
    around = np.arange(corners) * (2 * np.pi / corners)
    radius, stretch, turn = (field[chosen, None] for field in (leaves.radius, np.sqrt(leaves.stretch), leaves.turn))
    along, across = radius * stretch * np.cos(around), radius / stretch * np.sin(around)
    row, column = leaves.centre[chosen, 0, None], leaves.centre[chosen, 1, None]
    cosine, sine = np.cos(turn), np.sin(turn)
    corner = np.stack([column + cosine * along - sine * across, row + sine * along + cosine * across], 2)
    return corner.reshape(len(chosen), 2 * corners)


def _paint(random: np.random.Generator, leaves: _Leaves, owner: NDArray[np.int32]) -> Floats:
    """Linear-light colours (tall, wide, 3): colour of the leaf x shading x texture x light over the scene."""
    tall, wide = owner.shape
    rows, columns = np.arange(tall, dtype=np.float32)[:, None], np.arange(wide, dtype=np.float32)[None]
    reach = leaves.radius.take(owner)
    shade = _shade(rows, leaves.centre[:, 0], leaves.shade[:, 0], owner, reach)
    shade += _shade(columns, leaves.centre[:, 1], leaves.shade[:, 1], owner, reach)
    textures = _textures(random)
    scale = leaves.texture_scale.take(owner)
    # Odd factors give each leaf its own piece of the texture.
    down = ((rows * scale).astype(np.int32) + owner * 97) % TEXTURE_SIDE
    across = ((columns * scale).astype(np.int32) + owner * 61) % TEXTURE_SIDE
    place = (leaves.texture_kind.astype(np.int32).take(owner) * TEXTURE_SIDE + down) * TEXTURE_SIDE + across
    texture = textures.take(place) * leaves.texture_amount.take(owner)
    light = _light(random, tall, wide)
    brightness = np.exp(np.clip(shade, -1.2, 1.2) + texture) * light
    painted: Floats = leaves.colour.take(owner, axis=0) * brightness[..., None]
    return painted


def _shade(place: Floats, centre: Floats, slope: Floats, owner: NDArray[np.int32], reach: Floats) -> Floats:
    """How much lighter each pixel (tall, wide) is than the middle of its leaf, along one direction."""
    shade: Floats = (place - centre.take(owner)) / reach * slope.take(owner)
    return shade


def _textures(random: np.random.Generator) -> Floats:
    """Six periodic fields (6, side, side) of unit variance: 1/f noise of several slopes, two of them with a grain direction."""
    fields = []
    for divisor in _texture_divisors():
        spectrum = np.fft.rfft2(random.standard_normal((TEXTURE_SIDE, TEXTURE_SIDE))) / divisor
        spectrum[0, 0] = 0
        field = np.fft.irfft2(spectrum)
        fields.append(field / field.std())
    return np.stack(fields).astype(np.float32)


@cache
def _texture_divisors() -> tuple[NDArray[np.float64], ...]:
    """By what the spectrum of white noise is divided for each texture: six of (side, side / 2 + 1)."""
    frequency = np.fft.fftfreq(TEXTURE_SIDE)
    divisors = []
    for slope, ratio in ((0.6, 1.0), (1.0, 1.0), (1.4, 1.0), (1.0, 5.0), (1.0, 0.2), (0.3, 1.0)):
        distance = np.hypot(frequency[:, None] * ratio, frequency[None, : TEXTURE_SIDE // 2 + 1])
        distance[0, 0] = 1.0
        divisors.append(distance**slope)
    return tuple(divisors)


def _light(random: np.random.Generator, tall: int, wide: int) -> Floats:
    """Illumination (tall, wide) that varies slowly over the scene, around 1."""
    coarse = random.normal(0, 0.35, (4, 5)).astype(np.float32)
    soft = Image.fromarray(coarse).resize((wide, tall), Image.Resampling.BICUBIC)
    light: Floats = np.exp(np.asarray(soft))
    return light
