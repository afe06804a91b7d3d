"""Tiles of generated scenes and a small lens, from which pairs for a lens's own network are made in no time."""

from functools import cache

import torch
from lenses import varying_lens
from tiny_windows import pool_of

from ddm_studio.deblur.denoisers import bundled_weights, read_narrow_drunet
from ddm_studio.deblur.pairs import Lens, tile_side
from ddm_studio.deblur.restorer import RestorerNetwork, network_like
from ddm_studio.flow.windows import WindowSource, windows_of
from ddm_studio.optics.dead_leaves import dead_leaves
from ddm_studio.settings import RestorerSettings

PATCH = 32
SIGMA = (0.02, 0.01, 0.015)
SETTINGS = RestorerSettings(steps=5, batch=2, patch=PATCH)


def lens() -> Lens:
    return Lens(varying_lens(), torch.tensor(SIGMA))


@cache
def windows() -> WindowSource:
    side = tile_side(varying_lens(), PATCH)
    scene = torch.from_numpy(dead_leaves(4 * side, 4 * side, 3)).permute(2, 0, 1)
    tiles = scene.unfold(1, side, side).unfold(2, side, side).permute(1, 2, 0, 3, 4).flatten(0, 1)
    return windows_of(pool_of(tiles.numpy()))


def untrained() -> RestorerNetwork:
    return network_like(read_narrow_drunet(bundled_weights()), torch.device("cpu")).eval().requires_grad_(False)
