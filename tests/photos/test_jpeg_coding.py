"""What a JPEG's header says of the detail it keeps is read, remembered with the tiles, and true."""

from __future__ import annotations

import io

import numpy as np
import pytest
from photo_files import save_with_pillow, smooth_light
from PIL import Image

from ddm_studio.control import RunControl
from ddm_studio.optics.display_curve import encode
from ddm_studio.photos.jpeg_coding import JpegCoding
from ddm_studio.photos.library import list_photos
from ddm_studio.photos.patches import collect_tiles
from ddm_studio.photos.reading import read_photo
from ddm_studio.photos.tile_pool import open_tiles

PATCH = 48
# Of quality 85 (ITU-T T.81, annex K, times 0.3): first rows of the tables.
LUMA, CHROMA = (5, 3, 3, 5, 7, 12, 15, 18), (5, 5, 7, 14, 30, 30, 30, 30)


def codes():
    return (encode(smooth_light(96, 128)) * 255).round().astype(np.uint8)


def cameras_jpeg(path, subsampling=2):
    return save_with_pillow(path, codes(), quality=85, subsampling=subsampling)


@pytest.mark.parametrize(("subsampling", "reduced"), [(0, (1, 1)), (1, (1, 2)), (2, (2, 2))])
def test_steps_and_resolution_of_colour_are_read_from_the_header(tmp_path, subsampling, reduced):
    coding = read_photo(cameras_jpeg(tmp_path / "a.jpg", subsampling)).jpeg
    assert (coding.luma[:8], coding.chroma[:8], coding.reduced) == (LUMA, CHROMA, reduced)


def test_a_png_has_none_and_a_grey_jpeg_loses_no_colour(tmp_path):
    assert read_photo(save_with_pillow(tmp_path / "a.png", codes())).jpeg is None
    grey = save_with_pillow(tmp_path / "a.jpg", codes()[..., 1], quality=85, subsampling=-1)
    coding = read_photo(grey).jpeg
    assert coding.luma == coding.chroma
    assert coding.reduced == (1, 1)


def test_the_pool_remembers_it_for_each_photo(tmp_path):
    (tmp_path / "photos").mkdir()
    cameras_jpeg(tmp_path / "photos" / "a.jpg")
    save_with_pillow(tmp_path / "photos" / "b.png", codes())
    photos = list_photos(tmp_path / "photos").photos
    pool = collect_tiles(photos, tmp_path / "pool", "blurry", 32, 20, 0, None, lambda event: None, RunControl())
    assert [coding and coding.reduced for coding in pool.jpeg] == [(2, 2), None]
    assert open_tiles(tmp_path / "pool", "blurry").jpeg == pool.jpeg


def test_errors_are_those_of_rounding_to_a_step():
    coding = JpegCoding(LUMA * 8, CHROMA * 8, (2, 2))
    luma, chroma = coding.luma_error(PATCH), coding.chroma_error(PATCH)
    assert luma[0, 9] == pytest.approx((LUMA[3] / 255) ** 2 / 12)  # 9 / 48 cycles/px are index 3 of 16
    assert luma[0, 9] == pytest.approx(luma[-3, 9])
    assert chroma[0, 3] == pytest.approx(4 * (CHROMA[2] / 255) ** 2 / 12)
    assert np.isinf(chroma[:, 13:]).all()
    assert np.isinf(chroma[13:-12]).all()
    assert np.isfinite(luma).all()


def test_halved_colour_is_as_weak_as_told():
    """A slow enough wave of colour, through a real JPEG that rounds little."""
    kept = JpegCoding((1,) * 64, (1,) * 64, (2, 2)).chroma_kept(PATCH)
    place = np.arange(192)
    for cycles in (6, 9):
        wave = 40 * np.cos(2 * np.pi * cycles * place / 48)[:, None] * np.ones(192)
        picture = np.stack([128 + wave, 128 - 0.509 * wave, np.full_like(wave, 128)], -1).round().astype(np.uint8)  # of constant luma
        stream = io.BytesIO()
        Image.fromarray(picture).save(stream, "JPEG", quality=100, subsampling=2)
        decoded = np.asarray(Image.open(stream)).astype(float)
        amplitude = 2 * np.abs(np.fft.fft(decoded[48:144, 96, 0])[2 * cycles]) / 96
        assert amplitude / 40 == pytest.approx(kept[cycles, 0], abs=0.06)
