import numpy as np
import pytest
import torch
from tiny_windows import pool_of, tiny_source

from ddm_studio.flow.windows import windows_of


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def test_a_window_is_the_piece_of_the_photo_that_its_position_says():
    """The photo is a ramp, so that the mean of a window tells where its centre lies."""
    rows, columns = np.meshgrid(np.linspace(0, 1, 200), np.linspace(0, 1, 300), indexing="ij")
    frame = np.stack([rows, columns, rows])
    pool = pool_of(np.zeros((10, 3, 40, 40)))
    cut = np.stack([frame[:, top : top + 40, left : left + 40] for top, left in pool.corners])
    windows, positions = windows_of(pool_of(cut)).draw(50, 16, generator())
    assert windows.shape == (50, 3, 16, 16)
    assert torch.allclose(windows[:, :2].mean((-1, -2)), positions, atol=1e-3)


def test_same_seed_same_windows():
    source = tiny_source()
    assert torch.equal(source.draw(8, 16, generator())[0], source.draw(8, 16, generator())[0])
    assert not torch.equal(source.draw(8, 16, generator())[0], source.draw(8, 16, generator(1))[0])
    assert torch.equal(source.draw(8, 16, generator())[1], source.draw_positions(8, 16, generator()))


def test_split_shares_no_photo():
    first, second = tiny_source().split(0.25)
    photos = first.pool.photo
    assert not set(photos[first.members]) & set(photos[second.members])
    assert len(first) + len(second) == 24
    assert len(second) == 6


@pytest.mark.parametrize(("photos", "tiles"), [(2, 8), (1, 8), (1, 1)])
def test_split_of_few_photos_leaves_neither_side_empty(photos, tiles):
    first, second = windows_of(pool_of(np.zeros((tiles, 3, 40, 40)), photos=photos)).split(0.25)
    assert len(first) > 0
    assert len(second) > 0


def test_refuses_windows_larger_than_tiles():
    with pytest.raises(ValueError, match="do not fit"):
        tiny_source().draw(1, 41, generator())
