"""Strength and fidelity after the fact: a result mixed with its blurry photo, without restoring again.

The mixture is made in linear light. There it is a photo that a better lens would have taken: if the photo is k * x and the result
x, then (1 - s) k * x + s x is x seen through the kernel (1 - s) k + s, and the brightness of every patch stays what it was.
Mixing encoded values was tried (a scene blurred by a disc, Wiener, half strength): the eye sees hardly a difference, but it
lost three times as much light (0.0016 instead of 0.0005 of white) and kept more of the ringing in shadows, 0.50 instead of 0.45.
"""

from __future__ import annotations

import numpy as np

from ddm_studio.photos.colour import LUMINANCE, Floats, Matrix
from ddm_studio.settings import BlendSettings


def blend(blurry: Floats, restored: Floats, settings: BlendSettings, to_srgb: Matrix | None = None, mask: Floats | None = None) -> Floats:
    """Mix two pictures of the same scene.

    Args:
        blurry: (height, width, channels) linear light 0-1; one channel is grey.
        restored: Alike.
        settings: How much of the restored one. All at 1 give `restored` itself, red, green and blue at 0 `blurry`.
        to_srgb: (3, 3) matrix from these channels to linear sRGB, which decides what is brightness; they are sRGB when left out.
        mask: (height, width) what part of all this is done at each pixel, 0-1; everywhere all of it when left out.

    Returns:
        Alike, a new array.

    Raises:
        ValueError: The shapes differ.
    """
    if blurry.shape != restored.shape or blurry.ndim != 3:
        raise ValueError(f"two pictures (height, width, channels) of one shape are needed, got {blurry.shape} and {restored.shape}")
    if mask is not None and mask.shape != blurry.shape[:2]:
        raise ValueError(f"a mask {blurry.shape[:2]} (height, width) is needed, got {mask.shape}")
    channels = blurry.shape[2]
    if channels == 3 and settings.colour != 1:
        restored = _with_less_colour(blurry, restored, settings.colour, to_srgb)
    shares = np.array([settings.red, settings.green, settings.blue], np.float32) * np.float32(settings.strength)
    share = shares if channels == 3 else shares.mean(keepdims=True)
    if mask is not None:
        share = share * mask[:, :, None]
    # In this order 1 and 0 give the very numbers of one picture.
    mixture: Floats = (1 - share) * blurry + share * restored
    return mixture


def _with_less_colour(blurry: Floats, restored: Floats, colour: float, to_srgb: Matrix | None) -> Floats:
    """The result with only a share of its changes of colour; those of brightness, alike in all channels, are kept."""
    weights = np.array(LUMINANCE) @ (np.eye(3) if to_srgb is None else to_srgb)
    change = restored - blurry
    brightness = (change @ (weights / weights.sum()).astype(np.float32))[:, :, None]
    lessened: Floats = blurry + brightness + np.float32(colour) * (change - brightness)
    return np.clip(lessened, 0, 1, out=lessened)
