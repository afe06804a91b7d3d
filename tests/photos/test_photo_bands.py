"""Photos read band by band are the photos read whole."""

from pathlib import Path

import numpy as np
import pytest
import tifffile

from ddm_studio.errors import PhotoError
from ddm_studio.photos import tiff_file
from ddm_studio.photos.reading import open_photo, read_photo

HEIGHT, WIDTH = 61, 43
BANDS = [(0, 1), (5, 40), (39, 61), (0, 61)]


def codes(kind: type = np.uint16, channels: int = 3) -> np.ndarray:
    drawn = np.random.default_rng(0).integers(0, np.iinfo(kind).max, (HEIGHT, WIDTH, channels), kind, endpoint=True)
    return drawn if channels > 1 else drawn[..., 0]


@pytest.mark.parametrize(
    "how",
    [
        {},
        {"rowsperstrip": 7},
        {"byteorder": ">"},
        {"rowsperstrip": 7, "compression": "zlib", "predictor": True},
        {"rowsperstrip": 7, "compression": "lzw", "byteorder": ">"},
        {"rowsperstrip": HEIGHT, "compression": "zstd"},
        {"rowsperstrip": 16, "compression": "packbits"},
    ],
    ids=str,
)
@pytest.mark.parametrize(("kind", "channels"), [(np.uint16, 3), (np.uint8, 3), (np.uint16, 1)])
def test_bands_of_a_tiff_are_the_rows_that_were_written(tmp_path: Path, how: dict, kind: type, channels: int) -> None:
    written = codes(kind, channels)
    tifffile.imwrite(tmp_path / "a.tif", written, photometric="rgb" if channels == 3 else "minisblack", **how)
    bands = tiff_file.open_bands(tmp_path / "a.tif")
    assert bands is not None
    for top, bottom in BANDS:
        np.testing.assert_array_equal(bands(top, bottom), written[top:bottom])
    photo = read_photo(tmp_path / "a.tif")
    np.testing.assert_array_equal(open_photo(tmp_path / "a.tif").rows(5, 40), photo.pixels[5:40])


@pytest.mark.parametrize(
    ("channels", "how"),
    [(4, {"extrasamples": ["unassalpha"]}), (3, {"tile": (16, 16)}), (3, {"planarconfig": "separate"}), (3, {"compression": "jpeg"})],
    ids=str,
)
def test_other_tiffs_are_read_whole_and_given_out_in_bands(tmp_path: Path, channels: int, how: dict) -> None:
    written = codes(np.uint8, channels)
    if "planarconfig" in how:
        written = np.moveaxis(written, 2, 0)
    tifffile.imwrite(tmp_path / "a.tif", written, photometric="rgb", **how)
    assert tiff_file.open_bands(tmp_path / "a.tif") is None
    np.testing.assert_array_equal(open_photo(tmp_path / "a.tif").rows(5, 40), read_photo(tmp_path / "a.tif").pixels[5:40])


def test_nothing_but_the_band_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, codes(), photometric="rgb", rowsperstrip=8)
    opened = open_photo(path)
    assert opened.photo.pixels.shape == (0, WIDTH, 3)
    whole = path.read_bytes()
    first = whole.index(codes().tobytes())
    path.write_bytes(whole[: first + 30 * WIDTH * 6])
    assert opened.rows(0, 30).shape == (30, WIDTH, 3)
    with pytest.raises(PhotoError, match="damaged or cut short"):
        opened.rows(20, 40)


def test_a_damaged_strip_is_told_when_it_is_reached(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, codes(), photometric="rgb", rowsperstrip=8, compression="zlib")
    with tifffile.TiffFile(path) as tiff:
        offset = tiff.pages[0].dataoffsets[4]
    content = bytearray(path.read_bytes())
    content[offset : offset + 20] = bytes(20)
    path.write_bytes(content)
    opened = open_photo(path)
    opened.rows(0, 32)
    with pytest.raises(PhotoError, match="damaged or cut short"):
        opened.rows(0, 33)
