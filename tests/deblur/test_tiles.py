import pytest
import torch
from lenses import varying_lens

from ddm_studio.deblur.tiles import (
    Box,
    blend_weights,
    cut_windows,
    lattice,
    lattice_weights,
    plan_tiles,
    reflected,
    tiles_touching,
    whole,
)
from ddm_studio.optics.fast_sizes import friendly_size

CPU = torch.device("cpu")
SIZES = [(1, 1), (7, 300), (64, 64), (97, 131), (333, 640), (1156, 1734)]


@pytest.mark.parametrize(("height", "width"), SIZES)
def test_weights_of_all_tiles_sum_to_one_at_every_pixel(height: int, width: int) -> None:
    layout = plan_tiles(height, width, varying_lens(), largest=160)
    for spans, extent in ((layout.down, height), (layout.across, width)):
        total = torch.zeros(extent)
        for span in spans:
            total[span.keep_from : span.keep_to] += blend_weights(span, extent)
        torch.testing.assert_close(total, torch.ones(extent))


@pytest.mark.parametrize(("height", "width"), SIZES)
def test_every_kept_pixel_has_context_all_round(height: int, width: int) -> None:
    psf = varying_lens()
    layout = plan_tiles(height, width, psf, largest=160)
    for span in layout.down + layout.across:
        assert span.keep_from - span.start >= psf.shape[-1] // 2 + 8
        assert span.start + span.size - span.keep_to >= psf.shape[-1] // 2 + 8


def test_tiles_are_of_sizes_that_transform_fast() -> None:
    assert [friendly_size(size) for size in (1, 57, 103, 411, 577)] == [8, 64, 120, 432, 600]
    layout = plan_tiles(1000, 3000, varying_lens())
    assert {span.size for span in layout.down + layout.across} <= {friendly_size(size) for size in range(1, 513)}


def test_a_part_of_the_photo_uses_tiles_of_the_whole() -> None:
    layout = plan_tiles(500, 700, varying_lens(), largest=160)
    some = tiles_touching(layout, Box(left=300, top=40, width=50, height=60))
    every = tiles_touching(layout, whole(500, 700))
    assert 0 < len(some) < len(every)
    assert set(some) <= set(every)


def test_the_photo_is_continued_by_its_mirror_image() -> None:
    assert reflected(-3, 11, 4, CPU).tolist() == [3, 2, 1, 0, 1, 2, 3, 2, 1, 0, 1]
    assert reflected(-2, 4, 1, CPU).tolist() == [0, 0, 0, 0]


def test_a_window_shows_the_photo_at_its_place() -> None:
    frame = torch.arange(3 * 200 * 300.0).reshape(3, 200, 300)
    layout = plan_tiles(200, 300, varying_lens(), largest=128)
    tile = tiles_touching(layout, whole(200, 300))[-1]
    window = cut_windows(frame, [tile], 0, 200)[0]
    kept = window[:, tile.rows.kept, tile.columns.kept]
    expected = frame[:, tile.rows.keep_from : tile.rows.keep_to, tile.columns.keep_from : tile.columns.keep_to]
    torch.testing.assert_close(kept, expected)


def test_kernels_of_a_tile_are_mixed_by_weights_that_sum_to_one() -> None:
    layout = plan_tiles(500, 700, varying_lens(), largest=160)
    for span in layout.across:
        torch.testing.assert_close(lattice_weights(span, 3, CPU).sum(0), torch.ones(span.size))
    places = torch.cat([lattice(span, 3, 700) for span in layout.across])
    assert places.min() == 0
    assert places.max() == 1
