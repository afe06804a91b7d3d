"""Where tiles meet nothing may be seen: steps from column to column are no larger there than elsewhere."""

import itertools

import pytest
import torch
from lenses import varying_lens
from tiny_pairs import untrained
from torch import Tensor, nn

from ddm_studio.deblur.denoisers import Denoiser, load_denoiser
from ddm_studio.deblur.restore import TileBounds, restore_frame
from ddm_studio.deblur.restorer import Restorer
from ddm_studio.deblur.tiles import plan_tiles
from ddm_studio.optics.dead_leaves import dead_leaves
from ddm_studio.optics.display_curve import decode, encode
from ddm_studio.optics.forward_model import blur_frame
from ddm_studio.settings import DeblurSettings, Method

CPU = torch.device("cpu")
HEIGHT, WIDTH, LARGEST = 48, 210, 112


@pytest.fixture(scope="module")
def bundled() -> Denoiser:
    return load_denoiser("bundled", CPU)


class Unsteady(nn.Module):
    """A network that makes every tile brighter or darker by up to five grey levels."""

    def forward(self, images: Tensor, level: Tensor) -> Tensor:
        return images + 0.02 * (1e4 * images.mean((-3, -2, -1), keepdim=True)).sin()


def photo(kind: str) -> Tensor:
    scenes = {
        "flat": torch.full((3, HEIGHT, WIDTH), 0.5),
        "gradient": torch.linspace(0.1, 0.9, WIDTH).expand(3, HEIGHT, WIDTH).contiguous(),
        "textured": torch.from_numpy(dead_leaves(HEIGHT, WIDTH, 5)).permute(2, 0, 1).contiguous(),
    }
    noise = torch.randn((3, HEIGHT, WIDTH), generator=torch.Generator().manual_seed(0))
    return decode(encode(blur_frame(decode(scenes[kind]), varying_lens())) + 0.01 * noise)


def seam_strength(frame: Tensor, method: Method, denoiser: Denoiser, blend: int = TileBounds().blend) -> float:
    """The largest step across a column where tiles meet over the largest elsewhere, mean over rows and channels.

    Steps are looked for in the difference from a restoration in one piece, where the photo itself is not.
    """
    bounds, network = TileBounds(LARGEST, blend), Restorer(untrained())
    tiled, whole = (
        encode(
            restore_frame(
                frame, varying_lens(), torch.full((3,), 0.01), DeblurSettings(method=method), denoiser, bounds=limits, restorer=network
            )
        )
        for limits in (bounds, TileBounds())
    )
    across = plan_tiles(HEIGHT, WIDTH, varying_lens(), LARGEST, blend).across
    assert len(across) > 2
    where_tiles_meet = torch.zeros(WIDTH - 1, dtype=torch.bool)
    for left, right in itertools.pairwise(across):
        where_tiles_meet[right.keep_from - 1 : left.keep_to] = True
    steps = (tiled - whole).diff(dim=-1).mean((0, 1)).abs()
    return float(steps[where_tiles_meet].max() / steps[~where_tiles_meet].max())


@pytest.mark.parametrize("kind", ["flat", "gradient", "textured"])
@pytest.mark.parametrize("method", list(Method))
def test_no_step_shows_where_tiles_meet(method: Method, kind: str, bundled: Denoiser) -> None:
    assert seam_strength(photo(kind), method, bundled) < 1.5


def test_tiles_that_differ_in_brightness_show_without_blending_and_not_with_it() -> None:
    unsteady = Denoiser(Unsteady(), CPU)
    assert seam_strength(photo("textured"), Method.DPIR, unsteady, blend=0) > 3
    assert seam_strength(photo("textured"), Method.DPIR, unsteady) < 1.5
