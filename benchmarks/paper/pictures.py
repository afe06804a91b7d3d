"""Pictures of kernels, true ones and learned ones beside each other in a folder, told apart by their file names."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ddm_studio.profiles.export_profile import export_profile
from ddm_studio.profiles.lens_profile import LensProfile
from ddm_studio.profiles.profile_facts import ProfileFacts


def save_grids(out: Path, name: str, truth: NDArray[np.float32], learned: NDArray[np.float32]) -> None:
    """`NAME_true.png` and `NAME_learned.png` of grids (rows, columns, 3, k, k), every node scaled by its own brightest tap."""
    out.mkdir(parents=True, exist_ok=True)
    for kind, psf in (("true", truth), ("learned", learned)):
        # A picture needs neither noise nor the frame.
        export_profile(LensProfile(psf, np.zeros(3, np.float32), (1, 1), None, ProfileFacts()), out / f"{name}_{kind}.png")
