import imagecodecs
import numpy as np
import pytest
import tifffile
from photo_files import random_codes, save_dng, save_png16, save_tiff, save_with_pillow, smooth_light
from PIL import Image
from PIL.TiffImagePlugin import IFDRational

from ddm_studio.errors import PhotoError
from ddm_studio.optics.display_curve import decode
from ddm_studio.photos.reading import read_photo, read_photo_info

TIFF_VARIANTS = {
    "plain": {},
    "deflate": {"compression": "zlib", "predictor": True},
    "lzw": {"compression": "lzw"},
    "tiled": {"tile": (16, 16)},
    "big": {"bigtiff": True},
    "big-endian": {"byteorder": ">"},
}


@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
@pytest.mark.parametrize("variant", TIFF_VARIANTS)
def test_a_tiff_is_decoded_exactly(tmp_path, kind, variant):
    codes = random_codes(30, 47, kind)
    photo = read_photo(save_tiff(tmp_path / "a.tif", codes, **TIFF_VARIANTS[variant]))
    np.testing.assert_allclose(photo.pixels, decode(codes / np.iinfo(kind).max), atol=1e-7)
    assert photo.pixels.dtype == np.float32
    assert photo.info.bit_depth == np.iinfo(kind).bits
    assert photo.info.frame == (47, 30)


@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
def test_a_png_is_decoded_exactly(tmp_path, kind):
    codes = random_codes(30, 47, kind)
    photo = read_photo(save_png16(tmp_path / "a.png", codes))
    np.testing.assert_allclose(photo.pixels, decode(codes / np.iinfo(kind).max), atol=1e-7)


def test_a_jpeg_is_decoded_as_srgb(tmp_path):
    codes = (smooth_light(48, 64) * 255).round().astype(np.uint8)
    photo = read_photo(save_with_pillow(tmp_path / "a.jpg", codes))
    assert np.abs(photo.pixels - decode(codes / 255)).max() < 0.03
    assert str(photo.info.colour) == "sRGB"


def test_grey_becomes_three_equal_channels(tmp_path):
    grey = random_codes(20, 33, np.uint16)[:, :, 0]
    paths = [
        save_tiff(tmp_path / "a.tif", grey, photometric="minisblack"),
        save_tiff(tmp_path / "b.tif", 65535 - grey, photometric="miniswhite"),
        save_png16(tmp_path / "c.png", grey),
        save_png16(tmp_path / "d.png", np.stack([grey, grey // 2], -1)),
    ]
    for path in paths:
        pixels = read_photo(path).pixels
        np.testing.assert_allclose(pixels, np.repeat(decode(grey / 65535)[:, :, None], 3, 2), atol=1e-7, err_msg=path.name)


def test_a_grey_jpeg_becomes_three_equal_channels(tmp_path):
    pixels = read_photo(save_with_pillow(tmp_path / "a.jpg", random_codes(20, 33, np.uint8)[:, :, 0])).pixels
    assert pixels.shape == (20, 33, 3)
    assert (pixels[:, :, 0] == pixels[:, :, 1]).all()
    assert (pixels[:, :, 0] == pixels[:, :, 2]).all()


def test_alpha_is_dropped(tmp_path):
    codes = random_codes(20, 33)
    with_alpha = np.concatenate([codes, codes[:, :, :1] // 3], 2)
    for path in (save_png16(tmp_path / "a.png", with_alpha), save_tiff(tmp_path / "a.tif", with_alpha, extrasamples=["unassalpha"])):
        np.testing.assert_allclose(read_photo(path).pixels, decode(codes / 65535), atol=1e-7)


def test_planes_one_after_the_other_are_read_as_pixels(tmp_path):
    codes = random_codes(20, 33)
    path = save_tiff(tmp_path / "a.tif", np.moveaxis(codes, 2, 0), planarconfig="separate")
    np.testing.assert_allclose(read_photo(path).pixels, decode(codes / 65535), atol=1e-7)


def test_palettes_are_resolved(tmp_path):
    image = Image.fromarray((smooth_light(40, 50) * 255).astype(np.uint8)).quantize(64)
    expected = decode(np.asarray(image.convert("RGB")) / 255)
    for name in ("a.png", "a.tif"):
        image.save(tmp_path / name)
        np.testing.assert_allclose(read_photo(tmp_path / name).pixels, expected, atol=1e-5)


def test_floating_point_from_0_to_1_is_read_as_encoded_values(tmp_path):
    values = (random_codes(20, 33) / 65535).astype(np.float32)
    np.testing.assert_allclose(read_photo(save_tiff(tmp_path / "a.tif", values)).pixels, decode(values), atol=1e-6)


@pytest.mark.parametrize("worst", [-0.5, 1.7, np.nan])
def test_floating_point_outside_0_to_1_is_refused(tmp_path, worst):
    values = np.full((20, 33, 3), 0.5, np.float32)
    values[3, 4, 1] = worst
    path = save_tiff(tmp_path / "a.tif", values)
    with pytest.raises(PhotoError, match="floating point"):
        read_photo(path)


def test_a_jpeg_inside_a_tiff_is_read_as_rgb(tmp_path):
    codes = (smooth_light(48, 64) * 255).round().astype(np.uint8)
    Image.fromarray(codes).convert("YCbCr").save(tmp_path / "a.tif", compression="jpeg", quality=98)
    with tifffile.TiffFile(tmp_path / "a.tif") as tiff:
        assert tiff.pages[0].photometric == tifffile.PHOTOMETRIC.YCBCR
    assert np.abs(read_photo(tmp_path / "a.tif").pixels - decode(codes / 255)).max() < 0.05


def test_bare_colour_differences_are_refused(tmp_path):
    path = save_tiff(tmp_path / "a.tif", random_codes(20, 33, np.uint8), photometric="ycbcr")
    with pytest.raises(PhotoError, match="colour differences"):
        read_photo_info(path)


def test_a_preview_beside_the_picture_is_passed_over(tmp_path):
    codes = random_codes(64, 80)
    with tifffile.TiffWriter(tmp_path / "a.tif") as tiff:
        tiff.write(codes[::8, ::8], photometric="rgb", subfiletype=1, metadata=None)
        tiff.write(codes, photometric="rgb", metadata=None)
    np.testing.assert_allclose(read_photo(tmp_path / "a.tif").pixels, decode(codes / 65535), atol=1e-7)


def test_several_pictures_in_a_file_are_refused(tmp_path):
    path = save_tiff(tmp_path / "a.tif", np.stack([random_codes(20, 33), random_codes(20, 33, seed=1)]))
    with pytest.raises(PhotoError, match="2 pictures"):
        read_photo_info(path)


@pytest.mark.parametrize("name", ["a.jpg", "a.tif"])
def test_cmyk_is_refused_with_advice(tmp_path, name):
    Image.new("CMYK", (40, 30)).save(tmp_path / name)
    with pytest.raises(PhotoError, match="CMYK") as caught:
        read_photo_info(tmp_path / name)
    assert "RGB" in caught.value.advice


@pytest.mark.parametrize("suffix", [".jpg", ".tif", ".png", ".dng"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_stored_pixels_are_never_turned(tmp_path, suffix, orientation):
    light = smooth_light(48, 64)
    codes = (light * 255).round().astype(np.uint8)
    path = tmp_path / f"a{suffix}"
    if suffix == ".dng":
        save_dng(path, light, orientation)
    elif suffix == ".tif":
        save_tiff(path, codes, orientation)
    else:
        save_with_pillow(path, codes, orientation)
    photo = read_photo(path)
    assert photo.info.orientation == orientation
    assert photo.info.has_orientation
    assert photo.info == read_photo_info(path)
    assert photo.pixels.shape == (48, 64, 3)
    red, green = photo.pixels[:, :, 0].mean(0), photo.pixels[:, :, 1].mean(1)
    assert red[50] > red[10]
    assert green[40] > green[8]


@pytest.mark.parametrize("suffix", [".jpg", ".tif", ".png"])
def test_a_missing_or_nonsensical_orientation_is_none(tmp_path, suffix):
    codes = random_codes(20, 33, np.uint8)
    save = save_tiff if suffix == ".tif" else save_with_pillow
    for orientation in (None, 0, 9):
        info = read_photo_info(save(tmp_path / f"{orientation}{suffix}", codes, orientation))
        assert (info.orientation, info.has_orientation) == (1, False)


def test_exif_tells_camera_and_lens(tmp_path):
    exif = Image.Exif()
    exif[271], exif[272] = "Canon", "Canon EOS R5"
    exif.get_ifd(0x8769).update(
        {0x829D: IFDRational(28, 10), 0x920A: IFDRational(35), 0x8827: 400, 0x9206: IFDRational(3, 2), 0xA434: "RF35mm F1.8"}
    )
    Image.fromarray(random_codes(20, 33, np.uint8)).save(tmp_path / "a.jpg", exif=exif)
    info = read_photo_info(tmp_path / "a.jpg")
    assert (info.camera, info.lens) == ("Canon EOS R5", "RF35mm F1.8")
    assert (info.aperture, info.focal_length, info.iso, info.focus_distance) == (2.8, 35.0, 400, 1.5)


@pytest.mark.parametrize("keep", [6, 12, 20, 40, 60])
def test_broken_exif_harms_nothing(tmp_path, keep):
    exif = Image.Exif()
    exif[271], exif[272], exif[274] = "Canon", "Canon EOS R5", 6
    exif.get_ifd(0x8769).update({0x829D: 2.8, 0xA434: "RF35mm F1.8"})
    block = exif.tobytes()
    broken = block[:keep] + b"\xff" * (len(block) - keep)
    Image.fromarray(random_codes(20, 33, np.uint8)).save(tmp_path / "a.jpg", exif=broken)
    assert read_photo(tmp_path / "a.jpg").pixels.shape == (20, 33, 3)


def test_content_decides_what_a_file_is(tmp_path):
    codes = random_codes(20, 33)
    path = save_tiff(tmp_path / "a.tif", codes).rename(tmp_path / "a.jpg")
    np.testing.assert_allclose(read_photo(path).pixels, decode(codes / 65535), atol=1e-7)
    raw = save_dng(tmp_path / "a.dng", smooth_light(48, 64)).rename(tmp_path / "b.tif")
    assert read_photo_info(raw).colour.recipe == "libraw-linear-1"


def test_text_with_the_name_of_a_photo_is_told(tmp_path):
    for name in ("a.jpg", "a.png", "a.tif"):
        (tmp_path / name).write_text("no picture at all, but long enough to be one")
        with pytest.raises(PhotoError, match="content is not a picture"):
            read_photo_info(tmp_path / name)


def test_what_cannot_be_read_says_why(tmp_path):
    Image.new("RGB", (40, 30)).save(tmp_path / "a.webp")
    (tmp_path / "empty.jpg").touch()
    (tmp_path / "notes.txt").write_text("notes")
    (tmp_path / "noise.nef").write_bytes(np.random.default_rng(0).bytes(5000))
    for name, reason in {
        "a.webp": "WebP",
        "empty.jpg": "empty",
        "notes.txt": "not a photo",
        "noise.nef": "damaged",
        "gone.tif": "exist",
    }.items():
        with pytest.raises(PhotoError, match=reason):
            read_photo(tmp_path / name)


@pytest.mark.parametrize("kept", [0.02, 0.1, 0.5, 0.9, 0.99, 0.999])
def test_a_photo_that_is_cut_short_is_damaged(tmp_path, kept):
    codes = random_codes(64, 80, np.uint8)
    files = [
        save_with_pillow(tmp_path / "a.jpg", codes, 6),
        save_with_pillow(tmp_path / "b.jpg", codes, 6, progressive=True),
        save_png16(tmp_path / "a.png", codes),
        save_tiff(tmp_path / "a.tif", codes, rowsperstrip=8),
        save_tiff(tmp_path / "b.tif", codes, rowsperstrip=8, compression="zlib"),
        save_tiff(tmp_path / "c.tif", codes, rowsperstrip=8, compression="lzw"),
        save_dng(tmp_path / "a.dng", smooth_light(64, 80)),
    ]
    for path in files:
        content = path.read_bytes()
        path.write_bytes(content[: int(len(content) * kept)])
        with pytest.raises(PhotoError):
            read_photo(path)


def test_a_flipped_byte_in_a_png_is_noticed(tmp_path):
    content = bytearray(imagecodecs.png_encode(random_codes(64, 80)))
    content[len(content) // 2] ^= 255
    (tmp_path / "a.png").write_bytes(content)
    with pytest.raises(PhotoError):
        read_photo(tmp_path / "a.png")


def test_more_than_200_million_pixels_are_refused_before_they_are_unpacked(tmp_path):
    content = bytearray(imagecodecs.png_encode(random_codes(8, 8)))
    content[16:24] = (20000).to_bytes(4) * 2
    (tmp_path / "a.png").write_bytes(content)
    jpeg = bytearray(save_with_pillow(tmp_path / "a.jpg", random_codes(8, 8, np.uint8)).read_bytes())
    frame = jpeg.index(b"\xff\xc0")
    jpeg[frame + 5 : frame + 9] = (20000).to_bytes(2) * 2
    (tmp_path / "a.jpg").write_bytes(jpeg)
    for name in ("a.png", "a.jpg"):
        with pytest.raises(PhotoError, match="too large"):
            read_photo_info(tmp_path / name)


@pytest.mark.slow
def test_144_million_pixels_are_read_without_complaint(tmp_path):
    from ddm_studio.photos.thumbnails import read_thumbnail

    Image.new("L", (12000, 12000), 90).save(tmp_path / "a.jpg")
    assert read_photo_info(tmp_path / "a.jpg").frame == (12000, 12000)
    assert (read_thumbnail(tmp_path / "a.jpg", 100) == 90).all()
