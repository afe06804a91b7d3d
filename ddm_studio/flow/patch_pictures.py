"""Patches as a person compares them: samples of a flow in training beside real ones."""

from __future__ import annotations

import copy

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ddm_studio.control import Ration
from ddm_studio.events import PatchesCompared, PatchKind
from ddm_studio.flow.ema import PowerAverage
from ddm_studio.flow.gaussian_velocity import GaussianField
from ddm_studio.flow.sampling import sample
from ddm_studio.flow.unet import VelocityNetwork
from ddm_studio.flow.windows import WindowSource
from ddm_studio.snapshot import seed_of

COLUMNS = 8
CANDIDATES = 32
"""Patches of a set from which each that is shown is chosen."""
SAMPLING_STEPS = 8
SHARE, SECONDS = 0.01, 2.0
"""Of the training's time that pictures may take, and the least between two."""


def ration() -> Ration:
    """How often a training may be looked at."""
    return Ration(SHARE, SECONDS)


def spread_by_contrast(patches: Tensor, count: int, least: float = 0.0) -> Tensor:
    """Which (count,) of the patches (n, 3, p, p) to show: flat ones first, evenly spread by their contrast.

    The share `least` of all, the flattest, is passed over.
    """
    order = patches.std((-2, -1)).mean(1).argsort()
    ranks = torch.linspace(least * (len(order) - 1), len(order) - 1, count).round().long()
    return order[ranks.to(order.device)]


def pictures(encoded: Tensor) -> NDArray[np.uint8]:
    """Read-only 8-bit pictures (n, p, p, 3) of display-encoded patches (n, 3, p, p); what is beyond 0-1 is clipped."""
    codes: NDArray[np.uint8] = (255 * encoded.detach().clamp(0, 1)).round().to(torch.uint8).permute(0, 2, 3, 1).cpu().contiguous().numpy()
    codes.flags.writeable = False
    return codes


class FlowSamples:
    """Looks at a flow while it is trained: patches drawn from it beside real ones at the same places.

    Every look starts from the same noise, so that only the training makes a difference; the training's own random numbers are not touched.

    Args:
        windows: What the flow learns.
        patch: Side of its patches.
        seed: Of everything random.
        device: Where the flow is.
    """

    def __init__(self, windows: WindowSource, patch: int, seed: int, device: torch.device) -> None:
        generator = torch.Generator().manual_seed(seed_of(seed, "flow samples"))
        drawn, positions = windows.draw(CANDIDATES * COLUMNS, patch, generator)
        shown = spread_by_contrast(drawn, COLUMNS)
        self._real = pictures(drawn[shown])
        self._positions = positions[shown].to(device)
        self._noise = torch.randn(COLUMNS, 3, patch, patch, generator=generator).to(device)
        self._network: VelocityNetwork | None = None
        self._ration = ration()

    def are_due(self) -> bool:
        """Whether the last look is long enough ago for what it cost."""
        return self._ration.is_due()

    def look(self, network: VelocityNetwork, average: PowerAverage, field: GaussianField, stage: str, step: int) -> PatchesCompared:
        """What a flow of the averaged weights and the field draws after `step` steps of `stage`; `network` is only copied."""
        with self._ration.spent():
            if self._network is None:
                self._network = copy.deepcopy(network).eval().requires_grad_(False)
            averaged = self._network
            average.copy_to(averaged)

            def velocity(y: Tensor, t: Tensor, positions: Tensor) -> Tensor:
                learned: Tensor = averaged(y, t, positions)
                return field.velocity(y, t, positions) + learned

            drawn = (sample(velocity, self._noise, self._positions, SAMPLING_STEPS) + 1) / 2
            made = pictures(drawn[spread_by_contrast(drawn, COLUMNS)])
        return PatchesCompared(PatchKind.FLOW, stage, step, made, self._real)
