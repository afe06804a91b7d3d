"""Sharp patches seen through the lens as it is known, beside patches of the blurry photos: what a person judges kernels by."""

from __future__ import annotations

import torch

from ddm_studio.events import PatchesCompared, PatchKind
from ddm_studio.flow.patch_pictures import CANDIDATES, COLUMNS, pictures, ration, spread_by_contrast
from ddm_studio.flow.windows import WindowSource
from ddm_studio.matching.reblur import LensEstimate
from ddm_studio.snapshot import seed_of

SMALLEST = 32
FLAT = 0.5
"""Share of the patches, the flattest, that are not shown: a blur is seen at edges."""


class ReblurredPatches:
    """Looks at a lens: always the same sharp scenes, places and noise, so that only the kernels make a difference.

    Args:
        blurry: Tiles of the blurry photos.
        sharp: Tiles of the sharp photos.
        lens: Of the size, stride and device of all that will be looked at.
        seed: Of everything random; the numbers that learning draws are not touched.
    """

    def __init__(self, blurry: WindowSource, sharp: WindowSource, lens: LensEstimate, seed: int) -> None:
        generator = torch.Generator().manual_seed(seed_of(seed, "reblurred patches"))
        patch = min(max(SMALLEST, 2 * lens.psf.shape[-1]), blurry.tile, (sharp.tile - lens.psf.shape[-1]) // lens.stride + 1)
        real, positions = blurry.draw(CANDIDATES * COLUMNS, patch, generator)
        scenes, _ = sharp.draw(CANDIDATES * COLUMNS, lens.window(patch), generator)
        shown = spread_by_contrast(real, COLUMNS, FLAT)
        self._real = pictures(real[shown])
        self._positions = positions[shown].to(lens.psf.device)
        self._scenes = scenes[spread_by_contrast(scenes, COLUMNS, FLAT)].to(lens.psf.device)
        self._noise = torch.randn(COLUMNS, 3, patch, patch, generator=generator).to(lens.psf.device)
        self._ration = ration()

    def are_due(self) -> bool:
        """Whether the last look is long enough ago for what it cost."""
        return self._ration.is_due()

    @torch.no_grad()
    def look(self, lens: LensEstimate, stage: str, step: int) -> PatchesCompared:
        """What a lens of the same size, on the same device, makes of the scenes after `step` steps of `stage`."""
        with self._ration.spent():
            made = pictures(lens.see(self._scenes, self._positions) + lens.sigma.view(1, 3, 1, 1) * self._noise)
        return PatchesCompared(PatchKind.REBLURRED, stage, step, made, self._real)
