"""Clean pictures for training the bundled denoiser: generated scenes nearer to photos than plain dead leaves, and a few photos.

A training scene is one or two dead-leaves scenes (`ddm_studio.optics.dead_leaves`), the nearer with an outline as ragged as clouds,
the farther out of focus, some parts covered by warped stripes (fur, fabric, bark, blinds), crossed by thin curves (twigs,
wires, hair), with the muted, correlated colours of photos. Lens and pixels come last: most
photos are softer than generated edges. Scenes are kept on disk, because making one takes as long as a few steps of training.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from scipy.ndimage import gaussian_filter
from torch import Tensor

from ddm_studio.optics.dead_leaves import dead_leaves

Floats = NDArray[np.float32]

Bytes = NDArray[np.uint8]

SCENE_SIZE = 384, 512
SCENES_AT_FIRST = 40
MOST_SCENES = 400
BATCHES_PER_SCENE = 30
SHARE_OF_PHOTOS = 0.25

# Public domain or CC0 by the docstring of each in skimage.data; the demo's photo is left out on purpose.
SKIMAGE_PHOTOS = (
    "astronaut.png",
    "chelsea.png",
    "rocket.jpg",
    "brick.png",
    "grass.png",
    "gravel.png",
    "camera.png",
    "moon.png",
    "hubble_deep_field.jpg",
    "retina.jpg",
)


def training_patches(folder: Path, seed: int, count: int, side: int) -> Iterator[Tensor]:
    """Endless batches (count, 3, side, side) of clean display-encoded patches, a quarter of them from photos.

    Args:
        folder: Where scenes are kept; those that are missing are made now and then.
        seed: Of the choice of patches.
        count: Patches in a batch.
        side: In pixels.
    """
    random = np.random.default_rng(seed)
    photos = public_domain_photos()
    folder.mkdir(exist_ok=True)
    scenes = [np.load(path) for path in sorted(folder.glob("*.npy"))[:MOST_SCENES]]
    while len(scenes) < SCENES_AT_FIRST:
        scenes.append(_kept_scene(folder, len(scenes)))
    for number in itertools.count():
        if number % BATCHES_PER_SCENE == 0 and len(scenes) < MOST_SCENES:
            scenes.append(_kept_scene(folder, len(scenes)))
        yield torch.stack([augmented(random, photos if random.random() < SHARE_OF_PHOTOS else scenes, side) for _ in range(count)])


def training_scene(seed: int, size: tuple[int, int] = SCENE_SIZE) -> Floats:
    """A display-encoded scene (h, w, 3) in 0-1; the same seed gives the same scene."""
    random = np.random.default_rng(seed)
    scene = dead_leaves(*size, int(random.integers(2**40)))
    if random.random() < 0.5:
        scene = _behind(random, scene, dead_leaves(*size, int(random.integers(2**40))))
    if random.random() < 0.4:
        scene = _striped(random, scene)
    if random.random() < 0.4:
        scene = _crossed_by_curves(random, scene)
    grey = scene.mean(-1, keepdims=True)
    scene = grey + (scene - grey) * np.float32(random.uniform(0.25, 1.0))
    if random.random() < 0.5:
        scene = gaussian_filter(scene, (w := float(random.uniform(0.3, 0.8)), w, 0))
    clipped: Floats = scene.clip(0, 1).astype(np.float32)
    return clipped


def _kept_scene(folder: Path, number: int) -> Bytes:
    path = folder / f"{number:05}.npy"
    if not path.exists():
        part = path.with_suffix(".part")
        with part.open("wb") as file:
            np.save(file, np.round(training_scene(number) * 255).astype(np.uint8))
        part.replace(path)
    scene: Bytes = np.load(path)
    return scene


def public_domain_photos() -> list[Bytes]:
    """Photos (h, w, 3) of matplotlib (US Navy) and scikit-image (CC0 or public domain)."""
    import matplotlib
    import skimage

    paths = [Path(matplotlib.get_data_path()) / "sample_data" / "grace_hopper.jpg"]
    paths += [Path(skimage.__file__).parent / "data" / name for name in SKIMAGE_PHOTOS]
    return [np.asarray(Image.open(path).convert("RGB")) for path in paths]


def augmented(random: np.random.Generator, images: list[Bytes], side: int) -> Tensor:
    """A random patch (3, side, side), at a random scale and sharpness, turned, flipped and tinted."""
    image = images[int(random.integers(len(images)))]
    scale = float(random.choice([1.0, 1.0, 1.5, 2.0]))
    reach = int(side * scale)
    top, left = (int(random.integers(extent - reach + 1)) for extent in image.shape[:2])
    window = np.rot90(image[top : top + reach, left : left + reach], int(random.integers(4)))
    if random.random() < 0.5:
        window = window[:, ::-1]
    patch = torch.from_numpy(np.ascontiguousarray(window)).permute(2, 0, 1) / 255
    if scale > 1:
        patch = F.interpolate(patch[None], (side, side), mode="area")[0]
    elif random.random() < 0.5:
        patch = softened(patch, float(random.uniform(0.3, 1.2)))
    if random.random() < 0.3:
        patch = patch[torch.from_numpy(random.permutation(3))]
    gain = torch.from_numpy(np.exp(random.normal(0, 0.2, (3, 1, 1)) * (random.random() < 0.5) + random.normal(0, 0.2))).float()
    contrast = float(random.uniform(0.5, 1.1))
    centre = patch.mean()
    return ((patch - centre) * contrast + centre).mul(gain).clamp(0, 1)


def softened(patch: Tensor, width: float) -> Tensor:
    """The patch blurred by a 5-tap Gaussian: photos are not as sharp as generated scenes."""
    taps = torch.exp(-0.5 * (torch.arange(-2.0, 3.0) / width) ** 2)
    taps = (taps / taps.sum()).view(1, 1, 1, 5)
    padded = F.pad(patch[:, None], (2, 2, 2, 2), mode="replicate")
    return F.conv2d(F.conv2d(padded, taps), taps.transpose(2, 3))[:, 0]


def cloud(random: np.random.Generator, size: tuple[int, int], slope: float) -> Floats:
    """A periodic field (h, w) of unit variance whose amplitude falls as frequency to the power of -slope."""
    height, width = size
    distance = np.hypot(np.fft.fftfreq(height)[:, None], np.fft.rfftfreq(width))
    distance[0, 0] = np.inf
    field = np.fft.irfft2(np.fft.rfft2(random.standard_normal(size)) / distance**slope, s=size)
    unit: Floats = (field / field.std()).astype(np.float32)
    return unit


def _behind(random: np.random.Generator, near: Floats, far: Floats) -> Floats:
    """The far scene, out of focus, seen where a ragged outline leaves it open."""
    defocus = float(random.uniform(0, 4))
    outline = cloud(random, near.shape[:2], random.uniform(1.2, 2.5)) - random.uniform(-0.8, 0.8)
    softness = random.uniform(0.01, 0.15)
    cover = np.clip(outline / softness + 0.5, 0, 1)[..., None]
    mixed: Floats = cover * near + (1 - cover) * gaussian_filter(far, (defocus, defocus, 0))
    return mixed


def _striped(random: np.random.Generator, scene: Floats) -> Floats:
    """Warped stripes over the parts where a smooth field is positive."""
    size = scene.shape[:2]
    period, angle = np.exp(random.uniform(np.log(2.5), np.log(24))), random.uniform(0, np.pi)
    rows, columns = np.arange(size[0])[:, None], np.arange(size[1])
    phase = 2 * np.pi * (rows * np.sin(angle) + columns * np.cos(angle)) / period
    phase = phase + random.uniform(0, 12) * cloud(random, size, random.uniform(1.5, 2.5))
    wave = np.sin(phase)
    if random.random() < 0.4:
        wave = np.tanh(4 * wave)
    amount = random.uniform(0.03, 0.2) * np.clip(3 * cloud(random, size, 2.0), 0, 1)
    striped: Floats = scene * (1 + amount * wave)[..., None].astype(np.float32)
    return striped


def _crossed_by_curves(random: np.random.Generator, scene: Floats) -> Floats:
    """Thin curves of a few colours, drawn at twice the size."""
    height, width = scene.shape[:2]
    painted = scene
    for _ in range(int(random.integers(1, 4))):
        canvas = Image.new("L", (2 * width, 2 * height), 0)
        draw = ImageDraw.Draw(canvas)
        for _ in range(int(random.integers(2, 25))):
            steps = np.cumsum(random.normal(0, 0.25, 40)) * random.uniform(0.1, 1) + random.uniform(0, 2 * np.pi)
            stride = random.uniform(4, 30)
            points = random.uniform(0, 2, 2) * (width, height) + np.cumsum(np.stack([np.cos(steps), np.sin(steps)], 1) * stride, 0)
            draw.line(points.ravel().tolist(), fill=255, width=int(random.integers(1, 7)), joint="curve")
        cover = np.asarray(canvas.resize((width, height), Image.Resampling.BOX), np.float32)[..., None] / 255
        colour = scene[int(random.integers(height)), int(random.integers(width))] * np.float32(np.exp(random.normal(0, 0.7)))
        painted = (1 - cover) * painted + cover * colour
    return painted
