import pytest
import torch
from lenses import varying_lens
from tiny_pairs import untrained

from ddm_studio.deblur.denoisers import bundled_weights, read_narrow_drunet
from ddm_studio.deblur.light import LINEAR_LIGHT
from ddm_studio.deblur.restorer import INPUTS, MARGIN, NOISE_RANGE, Restorer, RestorerNetwork, shape_of
from ddm_studio.deblur.tile_model import TileModel
from ddm_studio.deblur.tiles import kept_by_any, place_maps, plan_tiles, tiles_touching, whole

CPU = torch.device("cpu")
# A rounding of bfloat16 is 1/256 of the number, and the network's inner part adds up a few.
ROUGHLY = 0.02


class Listens(RestorerNetwork):
    """Remembers what it was shown, and answers with the filtered photo."""

    def __init__(self) -> None:
        super().__init__((8, 8, 8, 8), 1, CPU)
        self.seen: list[torch.Tensor] = []

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        self.seen.append(inputs)
        return inputs[:, :3]


def model(size: int = 64) -> TileModel:
    windows = torch.rand(1, 3, size, size, generator=torch.Generator().manual_seed(0))
    return TileModel.with_one_kernel(windows, varying_lens()[0, :1])


def shown(strength: float, kept: slice = slice(0, 64)) -> torch.Tensor:
    network = Listens()
    list(Restorer(network).steps(model(), torch.full((3,), 0.01), torch.zeros(1, 2, 64, 64), (kept, kept), strength))
    return network.seen[0]


@torch.no_grad()
def test_it_starts_as_the_bundled_denoiser_of_the_filtered_photo() -> None:
    denoiser = read_narrow_drunet(bundled_weights()).eval()
    inputs = torch.rand(2, INPUTS, 64, 64, generator=torch.Generator().manual_seed(0))
    inputs[:, -1] = 0.05
    expected = denoiser(inputs[:, :3], torch.tensor(0.05))
    torch.testing.assert_close(untrained()(inputs), expected, atol=ROUGHLY, rtol=0)


def test_the_shape_is_read_off_the_weights() -> None:
    network = RestorerNetwork((8, 16, 24, 32), 3, CPU)
    assert shape_of(network.unet.drunet.state_dict()) == ((8, 16, 24, 32), 3)


@pytest.mark.parametrize(("strength", "factor"), [(1.0, 1.0), (4.0, 0.5), (100.0, NOISE_RANGE[0]), (0.01, NOISE_RANGE[1])])
def test_strength_is_how_little_noise_the_network_is_told_within_what_it_has_learned(strength: float, factor: float) -> None:
    assert shown(strength)[0, 8].unique().item() == pytest.approx(0.01 * factor)


def test_the_network_sees_the_kept_pixels_and_a_margin_only() -> None:
    size = shown(1.0, slice(29, 35)).shape[-1]
    assert 6 + 2 * MARGIN <= size < 64
    assert size % 8 == 0


def test_every_pixel_is_told_its_own_place_in_the_frame() -> None:
    layout = plan_tiles(150, 200, varying_lens(), 128)
    for tile in tiles_touching(layout, whole(150, 200)):
        maps = place_maps(tile, layout)
        rows, columns = tile.rows.kept, tile.columns.kept
        kept = maps[:, rows, columns]
        assert kept[0, 0, 0].item() == pytest.approx(tile.rows.keep_from / 149)
        assert kept[0, -1, 0].item() == pytest.approx((tile.rows.keep_to - 1) / 149)
        assert kept[1, 0, 0].item() == pytest.approx(tile.columns.keep_from / 199)
        assert kept[1, 0, -1].item() == pytest.approx((tile.columns.keep_to - 1) / 199)
        assert maps.min() >= 0
        assert maps.max() <= 1


def test_what_the_network_sees_covers_what_each_tile_keeps() -> None:
    layout = plan_tiles(150, 200, varying_lens(), 96)
    rows, columns = kept_by_any(layout)
    for tile in tiles_touching(layout, whole(150, 200)):
        assert rows.start <= tile.rows.kept.start < tile.rows.kept.stop <= rows.stop
        assert columns.start <= tile.columns.kept.start < tile.columns.kept.stop <= columns.stop


def test_pixels_outside_the_margin_are_the_filtered_photo() -> None:
    network, kept = untrained(), (slice(28, 36), slice(28, 36))
    (restored,) = Restorer(network).steps(model(), torch.full((3,), 0.01), torch.zeros(1, 2, 64, 64), kept)
    (filtered,) = Restorer(Listens()).steps(model(), torch.full((3,), 0.01), torch.zeros(1, 2, 64, 64), kept)
    assert torch.equal(restored[..., :4, :4], filtered[..., :4, :4])
    assert not torch.equal(LINEAR_LIGHT.encode(restored)[..., kept[0], kept[1]], LINEAR_LIGHT.encode(filtered)[..., kept[0], kept[1]])
