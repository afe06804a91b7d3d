"""Pairs for the lens's own network: sharp patches, and what the lens would make of them at a place of the frame.

A sharp patch may come from anywhere: what it shows has nothing to do with the lens. So every place of the frame is trained on every
sharp patch, seen through the learned kernel of the place, with the profile's noise.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from ddm_studio.deblur.dpir import turned
from ddm_studio.deblur.light import LINEAR_LIGHT, DisplayCurve
from ddm_studio.deblur.restorer import MULTIPLE, NOISE_RANGE, restorer_inputs
from ddm_studio.deblur.tile_model import TileModel, taper_edges
from ddm_studio.flow.windows import WindowSource
from ddm_studio.optics.fast_sizes import friendly_size
from ddm_studio.optics.forward_model import blur_patches
from ddm_studio.optics.psf_grid import kernels_at

# What the U-Net can halve three times and still look around in.
SMALLEST_PATCH = 32
# Pixels beyond the kernel's radius; tapering an edge takes 4 of them.
CONTEXT = 10


@dataclass(frozen=True, slots=True, eq=False)
class BlurryPatches:
    """Sharp patches and their photos, display-encoded.

    Attributes:
        photos: (n, 3, h, w) seen through the lens, noisy, clipped to 0-1.
        sharp: (n, 3, h, w) the same pixels of the sharp patches.
        kernels: (n, 3, k, k) that they were seen through.
        positions: (n, 2) relative row and column in the frame.
        levels: (n,) noise level.
    """

    photos: Tensor
    sharp: Tensor
    kernels: Tensor
    positions: Tensor
    levels: Tensor


@dataclass(frozen=True, slots=True, eq=False)
class Lens:
    """What a profile says of a lens, on the device to compute on.

    Attributes:
        psf: (rows, columns, 3, k, k).
        sigma: (3,) noise level per channel, display-encoded.
        curve: From the values in which the kernels act to display-encoded ones.
    """

    psf: Tensor
    sigma: Tensor
    curve: DisplayCurve = LINEAR_LIGHT


def tile_side(psf: Tensor, patch: int) -> int:
    """Side of the sharp tiles that patches of `patch` px need: blurred without padding, then filtered with some context.

    Less context than in a photo's tiles lets smaller photos be used: on three tuning lenses it changed what the network sees by less
    than a tenth of the noise (at most 0.0008 rms).
    """
    size = int(psf.shape[-1])
    return friendly_size(patch + 2 * (size // 2 + CONTEXT)) + size - 1


def fitting_patch(psf: Tensor, wanted: int, room: int) -> int:
    """The largest patch up to `wanted` px whose tiles are at most `room` px a side, and at least `SMALLEST_PATCH`."""
    patch = wanted
    while patch > SMALLEST_PATCH and tile_side(psf, patch) > room:
        patch -= MULTIPLE
    return patch


def draw_sharp(windows: WindowSource, count: int, side: int, generator: torch.Generator) -> Tensor:
    """Sharp tiles (count, 3, side, side), display-encoded, turned and mirrored at random: scenes have no preferred side up."""
    sharp, _ = windows.draw(count, side, generator)
    turns = torch.randint(8, (count,), generator=generator).tolist()
    return torch.cat([turned(sharp[i : i + 1], turn) for i, turn in enumerate(turns)])


def photograph_patches(sharp: Tensor, lens: Lens, generator: torch.Generator) -> BlurryPatches:
    """What the lens makes of sharp tiles (n, 3, side, side), each at a random place of the frame with noise of a random level."""
    count = len(sharp)
    positions = torch.rand(count, 2, generator=generator)
    low, high = NOISE_RANGE
    factors = low * (high / low) ** torch.rand(count, generator=generator)
    return photograph_at(sharp, lens, positions, factors, generator)


def photograph_at(sharp: Tensor, lens: Lens, positions: Tensor, factors: Tensor, generator: torch.Generator) -> BlurryPatches:
    """What the lens makes of sharp tiles (n, 3, side, side) at positions (n, 2), with `factors` (n,) times its noise."""
    size, device = lens.psf.shape[-1], lens.psf.device
    kernels = kernels_at(lens.psf, positions.to(device))
    blurred = lens.curve.encode(blur_patches(lens.curve.decode(sharp.to(device)), kernels))
    noise = torch.randn(blurred.shape, generator=generator).to(device)
    levels = factors.to(device)
    photos = blurred + levels.view(-1, 1, 1, 1) * lens.sigma.view(1, 3, 1, 1) * noise
    same = slice(size // 2, sharp.shape[-1] - size // 2)
    targets = sharp.to(device)[..., same, same]
    return BlurryPatches(photos.clamp(0, 1), targets, kernels, positions.to(device), levels * lens.sigma.mean())


def tiles_of(patches: BlurryPatches, curve: DisplayCurve) -> TileModel:
    """Photos of patches as the tiles of a photo that is restored: edges tapered, in the values in which the kernels act."""
    return TileModel.with_one_kernel(taper_edges(curve.decode(patches.photos), patches.kernels), patches.kernels)


def training_pair(patches: BlurryPatches, patch: int, curve: DisplayCurve) -> tuple[Tensor, Tensor]:
    """The network's inputs (n, 9, patch, patch) and what it should answer (n, 3, patch, patch): the middle of each tile."""
    inputs = restorer_inputs(tiles_of(patches, curve), patches.positions[:, :, None, None], patches.levels, curve)
    return middle(inputs, patch), middle(patches.sharp, patch)


def middle(images: Tensor, side: int) -> Tensor:
    """The middle `side` x `side` pixels of (n, channels, h, w)."""
    top, left = ((extent - side) // 2 for extent in images.shape[-2:])
    return images[..., top : top + side, left : left + side]
