"""Scenes for the experiments, made on the spot: folders natural_a and natural_b of generated pictures."""

import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ddm_studio.optics.dead_leaves import dead_leaves

# The benchmarks lie beside the package and are not installed with it.
sys.path.insert(0, str(Path(__file__).parents[2]))


@pytest.fixture(scope="session")
def scenes(tmp_path_factory):
    """Twelve scenes a folder, of the size of the real ones."""
    root = tmp_path_factory.mktemp("scenes")
    for number, name in enumerate(("natural_a", "natural_b")):
        (root / name).mkdir()
        for scene in range(12):
            encoded = dead_leaves(321, 481, 100 * number + scene).clip(0, 1)
            Image.fromarray((encoded * 255 + 0.5).astype(np.uint8)).save(root / name / f"{scene:02}.jpg", quality=95)
    return root
