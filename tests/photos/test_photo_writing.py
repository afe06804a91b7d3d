import os
import resource
from contextlib import contextmanager

import numpy as np
import pytest
from photo_files import (
    icc_profile,
    parametric_curve,
    power_curve,
    random_codes,
    sampled_curve,
    save_dng,
    save_png16,
    save_tiff,
    smooth_light,
    write_photo,
)
from PIL import Image
from PIL.TiffImagePlugin import IFDRational

from ddm_studio.errors import PhotoError
from ddm_studio.photos.colour import ToneCurve
from ddm_studio.photos.reading import read_photo
from ddm_studio.photos.rendering import render_for_display, turn_upright
from ddm_studio.photos.writing import SUFFIXES
from ddm_studio.settings import FileSettings, PhotoFormat

LOSSLESS = [PhotoFormat.TIFF16, PhotoFormat.PNG16]
PROFILES = {
    "untagged": None,
    "power": icc_profile(power_curve(563 / 256)),
    "table": icc_profile(sampled_curve(np.linspace(0, 1, 1024) ** 1.9)),
    "formula": icc_profile(parametric_curve(3, 1.9, 0.99, 0.01, 0.1483, 0.1)),
}


def written(tmp_path, photo, photo_format):
    path = tmp_path / "out" / f"written{SUFFIXES[photo_format]}"
    write_photo(path, photo.pixels, photo, FileSettings(photo_format=photo_format))
    return read_photo(path)


@pytest.mark.parametrize("photo_format", LOSSLESS)
@pytest.mark.parametrize("profile", PROFILES)
def test_what_is_written_unchanged_is_read_unchanged(tmp_path, profile, photo_format):
    source = read_photo(save_tiff(tmp_path / "a.tif", random_codes(30, 47), iccprofile=PROFILES[profile]))
    again = written(tmp_path, source, photo_format)
    np.testing.assert_array_equal(again.pixels, source.pixels)
    assert again.info.colour == source.info.colour
    assert again.rendering.icc == source.rendering.icc


@pytest.mark.parametrize("photo_format", LOSSLESS)
def test_light_between_codes_is_rounded_to_the_nearest(tmp_path, photo_format):
    source = read_photo(save_png16(tmp_path / "a.png", random_codes(30, 47)))
    light = smooth_light(30, 47).astype(np.float32)
    write_photo(tmp_path / "b", light, source, FileSettings(photo_format=photo_format))
    curve = ToneCurve()
    error = curve.encode(read_photo(tmp_path / "b").pixels) - curve.encode(light)
    assert np.abs(error).max() < 0.51 / 65535


def test_a_jpeg_keeps_colours_at_full_resolution(tmp_path):
    codes = (smooth_light(64, 80) * 255).round().astype(np.uint8)
    codes[:, ::2, 0] = 255 - codes[:, ::2, 0]
    source = read_photo(save_tiff(tmp_path / "a.tif", codes, iccprofile=PROFILES["power"]))
    again = written(tmp_path, source, PhotoFormat.JPEG)
    assert again.info.colour == source.info.colour
    assert again.rendering.icc == source.rendering.icc
    assert np.abs(again.pixels - source.pixels).mean() < 0.02


@pytest.mark.parametrize("photo_format", PhotoFormat)
@pytest.mark.parametrize("orientation", range(1, 9))
def test_written_photos_are_upright_for_every_program(tmp_path, orientation, photo_format):
    codes = (smooth_light(48, 64) * 255).round().astype(np.uint8)
    source = read_photo(save_tiff(tmp_path / "a.tif", codes, orientation))
    again = written(tmp_path, source, photo_format)
    assert again.info.orientation == 1
    assert np.abs(again.pixels - turn_upright(source.pixels, orientation)).max() < 0.05
    with Image.open(again.info.path) as image:
        assert image.getexif().get(274, 1) == 1


@pytest.mark.parametrize("photo_format", PhotoFormat)
def test_a_raw_is_written_as_it_was_shown(tmp_path, photo_format):
    source = read_photo(save_dng(tmp_path / "a.dng", smooth_light(120, 160), 6))
    again = written(tmp_path, source, photo_format)
    assert again.info.colour.space == "sRGB"
    assert again.rendering.icc is not None
    assert again.info.camera == "DDM Test Camera"
    seen, shown = render_for_display(again.pixels, again, 1), render_for_display(source.pixels, source, 6)
    tolerance = 1 if photo_format in LOSSLESS else 25
    assert np.abs(seen.astype(int) - shown).max() <= tolerance


def save_with_exif(path):
    exif = Image.Exif()
    exif[271], exif[272], exif[274], exif[306] = "Canon", "Canon EOS R5", 6, "2026:01:02 03:04:05"
    shot = exif.get_ifd(0x8769)
    shot.update({0x829A: IFDRational(1, 250), 0x829D: IFDRational(28, 10), 0x920A: IFDRational(35), 0x8827: 400})
    shot.update({0x9206: IFDRational(3, 2), 0xA434: "RF35mm F1.8", 0x9003: "2026:01:02 03:04:05"})
    Image.fromarray(random_codes(20, 33, np.uint8)).save(path, exif=exif)
    return path


@pytest.mark.parametrize("photo_format", PhotoFormat)
@pytest.mark.parametrize("suffix", [".jpg", ".png"])
def test_camera_lens_and_exposure_are_kept(tmp_path, photo_format, suffix):
    source = read_photo(save_with_exif(tmp_path / f"a{suffix}"))
    again = written(tmp_path, source, photo_format).info
    before = source.info
    assert (again.camera, again.lens) == (before.camera, before.lens) == ("Canon EOS R5", "RF35mm F1.8")
    assert (again.aperture, again.focal_length, again.iso, again.focus_distance) == (2.8, 35.0, 400, 1.5)
    with Image.open(again.path) as image:
        tags = dict(image.getexif()) | image.getexif().get_ifd(0x8769)
    assert tags[0x9003] == "2026:01:02 03:04:05"
    assert float(tags[0x829A]) == 1 / 250


def test_the_original_is_never_replaced(tmp_path):
    original = save_tiff(tmp_path / "a.tif", random_codes(20, 33))
    before = original.read_bytes()
    source = read_photo(original)
    (tmp_path / "link.tif").symlink_to(original)
    os.link(original, tmp_path / "twin.tif")
    for name in ("a.tif", "link.tif", "twin.tif"):
        with pytest.raises(PhotoError, match="original"):
            write_photo(tmp_path / name, source.pixels, source, FileSettings(photo_format=PhotoFormat.TIFF16))
    assert original.read_bytes() == before


@contextmanager
def full_disk(room):
    """The system lets no file grow beyond `room` bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("photo_format", PhotoFormat)
def test_a_full_disk_leaves_the_old_file_and_nothing_else(tmp_path, photo_format):
    source = read_photo(save_tiff(tmp_path / "a.tif", random_codes(64, 80)))
    out = tmp_path / "out"
    out.mkdir()
    (out / "b").write_text("old")
    with full_disk(2000), pytest.raises(PhotoError, match="cannot be written"):
        write_photo(out / "b", source.pixels, source, FileSettings(photo_format=photo_format))
    assert [file.name for file in out.iterdir()] == ["b"]
    assert (out / "b").read_text() == "old"


def test_a_place_that_cannot_be_written_to_is_told(tmp_path):
    source = read_photo(save_tiff(tmp_path / "a.tif", random_codes(20, 33)))
    with pytest.raises(PhotoError, match="cannot be written"):
        write_photo(tmp_path / "a.tif" / "b.tif", source.pixels, source, FileSettings(photo_format=PhotoFormat.TIFF16))


def test_values_outside_0_to_1_are_clipped(tmp_path):
    source = read_photo(save_tiff(tmp_path / "a.tif", random_codes(20, 33)))
    light = np.full((20, 33, 3), 3.0, np.float32)
    light[:10], light[0, 0] = -1.0, np.nan
    write_photo(tmp_path / "b.tif", light, source, FileSettings(photo_format=PhotoFormat.TIFF16))
    pixels = read_photo(tmp_path / "b.tif").pixels
    assert (pixels[:10] == 0).all()
    assert (pixels[10:] == 1).all()


def test_what_a_crash_left_is_removed_and_what_another_writes_now_is_not(tmp_path):
    source = read_photo(save_tiff(tmp_path / "a.tif", random_codes(20, 33)))
    left, fresh, other = (tmp_path / f".{name}.part" for name in ("b[1].tif.1", "b[1].tif.2", "c.tif.1"))
    for part in (left, fresh, other):
        part.write_text("half a photo")
    for part in (left, other):
        os.utime(part, (0, 0))
    write_photo(tmp_path / "b[1].tif", source.pixels, source, FileSettings())
    assert [part.exists() for part in (left, fresh, other)] == [False, True, True]
