"""What a tile says: noise is noise, blur is lack of detail, direction is direction, whatever the tile's side."""

import numpy as np
import pytest
from scipy import ndimage

from ddm_studio.photos.look import ALIKE, likeness, look_of
from ddm_studio.photos.photo_measures import MOST_TILES, tiles_to_measure
from ddm_studio.photos.tile_measures import measure_tiles
from ddm_studio.photos.tile_pool import TilePool

SIDES = [32, 33, 96]


def pool_of(tiles):
    """A pool of encoded tiles (n, 3, T, T) in 0-1."""
    codes = (np.clip(tiles, 0, 1) * 65535 + 0.5).astype(np.uint16)
    count = len(codes)
    names = tuple(str(number) for number in range(count))
    return TilePool(
        codes, np.zeros((count, 2), np.int32), np.full((count, 2), 500, np.int32), np.arange(count, dtype=np.int32), names, names
    )


def measured(tiles):
    pool = pool_of(tiles)
    return measure_tiles(pool, np.arange(len(pool)))


def white_noise(side, sigma, count=40):
    return 0.5 + np.random.default_rng(0).normal(0, sigma, (count, 3, side, side))


def pink_tiles(side, count=40):
    """Power like f^-2, as natural scenes have."""
    random = np.random.default_rng(1)
    f = np.hypot(np.fft.fftfreq(2 * side)[:, None], np.fft.rfftfreq(2 * side)[None])
    f[0, 0] = np.inf
    spectra = (random.normal(size=(count, *f.shape)) + 1j * random.normal(size=(count, *f.shape))) / f
    luma = np.fft.irfft2(spectra)[:, :side, :side]
    return 0.5 + 0.1 * np.repeat((luma / luma.std())[:, None], 3, axis=1)


@pytest.mark.parametrize("side", SIDES)
def test_white_noise_is_measured_and_is_no_texture(side):
    found = measured(white_noise(side, 0.02))
    expected = 0.02 * np.sqrt(0.25**2 + 0.5**2 + 0.25**2)
    assert np.median(found.noise) == pytest.approx(expected, rel=0.05)
    assert found.noise_is_sure.mean() > 0.8
    assert np.median(found.texture) < 0.01


@pytest.mark.parametrize("side", SIDES)
def test_a_natural_spectrum_has_equal_power_in_every_octave(side):
    found = measured(pink_tiles(side))
    assert np.median(found.detail) == pytest.approx(0, abs=0.35)
    assert not found.noise_is_sure.any()
    np.testing.assert_allclose(np.median(found.detail_along, axis=0), np.median(found.detail), atol=0.4)


def test_blur_takes_detail_and_sharpening_adds_it():
    tiles = pink_tiles(96)
    soft = ndimage.gaussian_filter(tiles, (0, 0, 1, 1))
    details = [np.median(measured(changed).detail) for changed in (soft, tiles, tiles + (tiles - soft))]
    assert details[0] < details[1] - 0.6
    assert details[2] > details[1] + 0.3


@pytest.mark.parametrize(("axis", "softest"), [(3, 0), (2, 2)])
def test_motion_takes_detail_along_itself(axis, softest):
    before, after = (measured(tiles).detail_along for tiles in (pink_tiles(96), ndimage.uniform_filter1d(pink_tiles(96), 7, axis=axis)))
    loss = np.median(before - after, axis=0)
    assert loss.argmax() == softest
    assert loss[softest] > loss[(softest + 2) % 4] + 1


def test_white_and_black_are_counted():
    tiles = np.full((1, 3, 32, 32), 0.5)
    tiles[:, :, :8] = 0
    tiles[:, 1, -4:] = 1
    found = measured(tiles)
    assert (found.crushed[0], found.clipped[0]) == pytest.approx((8 / 32, 4 / 32))


def test_a_large_pool_is_measured_in_part_and_every_photo_has_its_share():
    count = 10 * MOST_TILES
    photo = np.repeat(np.arange(100, dtype=np.int32), count // 100)
    names = tuple(map(str, range(100)))
    pool = TilePool(
        np.zeros((count, 3, 1, 1), np.uint16), np.zeros((count, 2), np.int32), np.ones((count, 2), np.int32), photo, names, names
    )
    shares = np.bincount(pool.photo[tiles_to_measure(pool)])
    assert shares.sum() == MOST_TILES
    assert np.ptp(shares) <= 1


def test_a_view_is_known_again_and_another_is_not():
    views = [np.moveaxis(pink_tiles(120, 6)[number], 0, 2).astype(np.float32).clip(0, 1) for number in range(6)]
    changed = ndimage.gaussian_filter(0.7 * views[0], (2, 2, 0)).astype(np.float32)
    alike = likeness([look_of(picture) for picture in (changed, *views)])
    assert alike[0, 1] > ALIKE
    others = alike[1:, 1:] - np.eye(6)
    assert others.max() < ALIKE


def test_a_blank_or_unknown_look_is_like_nothing():
    blank = look_of(np.full((100, 150, 3), 0.3, np.float32))
    assert likeness([blank, blank, "", ""]).max() == 0
