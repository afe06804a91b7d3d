import struct
import zlib

import imagecodecs
import numpy as np
import pytest
from photo_files import (
    ADOBE_COLORANTS,
    SRGB_PARA,
    assembled_profile,
    icc_profile,
    parametric_curve,
    power_curve,
    random_codes,
    sampled_curve,
    save_tiff,
    save_with_pillow,
)
from PIL import ImageCms

from ddm_studio.errors import PhotoError
from ddm_studio.optics.display_curve import decode
from ddm_studio.photos.colour import SRGB_COLORANTS, ToneCurve
from ddm_studio.photos.icc import IccError, parse_icc
from ddm_studio.photos.reading import read_photo, read_photo_info
from ddm_studio.photos.rendering import render_for_display

SRGB_TABLE = sampled_curve(decode(np.linspace(0, 1, 1024)))
SRGB_VARIANTS = {
    "little cms": ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes(),
    "table": icc_profile(SRGB_TABLE, SRGB_COLORANTS, "sRGB IEC61966-2.1"),
    "short table": icc_profile(sampled_curve(decode(np.linspace(0, 1, 64))), SRGB_COLORANTS, "c2"),
    "formula": icc_profile(parametric_curve(3, *SRGB_PARA), SRGB_COLORANTS + 0.0008, "another sRGB"),
    "formula of five": icc_profile(parametric_curve(4, *SRGB_PARA, 0.0, 0.0), SRGB_COLORANTS, "yet another"),
}
ADOBE = icc_profile(power_curve(563 / 256))


def tagged(tmp_path, profile, codes=None):
    codes = random_codes(20, 33) if codes is None else codes
    return save_tiff(tmp_path / "a.tif", codes, iccprofile=profile)


@pytest.mark.parametrize("variant", SRGB_VARIANTS)
def test_every_variant_of_srgb_is_srgb(tmp_path, variant):
    codes = random_codes(20, 33)
    photo = read_photo(tagged(tmp_path, SRGB_VARIANTS[variant], codes))
    untagged = read_photo(save_tiff(tmp_path / "b.tif", codes))
    assert photo.info.colour == untagged.info.colour
    np.testing.assert_array_equal(photo.pixels, untagged.pixels)


def test_a_photo_is_decoded_by_its_own_curve_without_gamut_conversion(tmp_path):
    codes = random_codes(20, 33)
    photo = read_photo(tagged(tmp_path, ADOBE, codes))
    np.testing.assert_allclose(photo.pixels, (codes / 65535) ** (563 / 256), atol=1e-6)
    assert photo.info.colour.space.startswith("icc Test RGB ")


def test_spaces_differ_by_curves_and_primaries_not_by_dates(tmp_path):
    def space(profile):
        return read_photo_info(tagged(tmp_path, profile)).colour

    later = bytearray(ADOBE)
    later[24:36] = struct.pack(">6H", 2026, 1, 2, 3, 4, 5)
    assert space(ADOBE) == space(bytes(later))
    assert space(ADOBE) != space(icc_profile(power_curve(1.8)))
    assert space(ADOBE) != space(icc_profile(power_curve(563 / 256), ADOBE_COLORANTS[:, ::-1]))


def test_jpeg_and_png_profiles_are_honoured(tmp_path):
    codes = random_codes(20, 33, np.uint8)
    for suffix in (".jpg", ".png"):
        info = read_photo_info(save_with_pillow(tmp_path / f"a{suffix}", codes, icc_profile=ADOBE))
        assert info.colour == read_photo_info(tagged(tmp_path, ADOBE)).colour


def test_a_profile_longer_than_a_jpeg_segment_is_put_together(tmp_path):
    samples = np.linspace(0, 1, 4096) ** 1.9
    profile = icc_profile(sampled_curve(samples)) + b"\0" * 70000
    photo = read_photo(save_with_pillow(tmp_path / "a.jpg", np.full((16, 16, 3), 200, np.uint8), icc_profile=profile))
    np.testing.assert_allclose(photo.pixels, (200 / 255) ** 1.9, atol=0.01)


def test_gamma_chunks_of_png_are_ignored(tmp_path):
    content = imagecodecs.png_encode(random_codes(20, 33))
    body = b"gAMA" + struct.pack(">I", 100000)
    chunk = struct.pack(">I", 4) + body + struct.pack(">I", zlib.crc32(body))
    (tmp_path / "a.png").write_bytes(content[:33] + chunk + content[33:])
    np.testing.assert_allclose(read_photo(tmp_path / "a.png").pixels, decode(random_codes(20, 33) / 65535), atol=1e-7)


@pytest.mark.parametrize(
    ("curve", "expected"),
    [
        (b"curv" + bytes(8), lambda x: x),
        (parametric_curve(0, 1.8), lambda x: x**1.8),
        (parametric_curve(1, 2.0, 1.25, -0.25), lambda x: np.where(x >= 0.2, (1.25 * x - 0.25).clip(0) ** 2, 0)),
        (parametric_curve(2, 2.0, 1.0, -0.25, 0.1), lambda x: np.where(x >= 0.25, (x - 0.25).clip(0) ** 2 + 0.1, 0.1)),
        (parametric_curve(3, 2.0, 1.0, 0.0, 0.3, 0.3), lambda x: np.where(x >= 0.3, x**2, 0.3 * x)),
        (parametric_curve(4, 2.0, 0.9, 0.0, 0.3, 0.3, 0.1, 0.05), lambda x: np.where(x >= 0.3, (0.9 * x) ** 2 + 0.1, 0.3 * x + 0.05)),
        (sampled_curve(np.linspace(0, 1, 4096) ** 3), lambda x: x**3),
    ],
    ids=["identity", "para 0", "para 1", "para 2", "para 3", "para 4", "samples"],
)
def test_tone_curves_follow_their_formula(curve, expected):
    x = np.linspace(0, 1, 500)
    np.testing.assert_allclose(parse_icc(icc_profile(curve)).curves[0].decode(x), expected(x), atol=1e-4)


@pytest.mark.parametrize("curve", [ToneCurve(), ToneCurve(power=2.2), ToneCurve(table=np.linspace(0, 1, 65536) ** 2.1)])
def test_encoding_inverts_decoding(curve):
    codes = np.arange(65536)
    encoded = curve.encode(curve.decode_codes(65535))
    np.testing.assert_array_equal(np.rint(encoded.astype(float) * 65535), codes)


def test_a_grey_profile_is_used_for_grey_and_refused_for_colour(tmp_path):
    profile = icc_profile(power_curve(1.5), None, "Grey", b"GRAY")
    grey = random_codes(20, 33)[:, :, 0]
    photo = read_photo(save_tiff(tmp_path / "a.tif", grey, photometric="minisblack", iccprofile=profile))
    np.testing.assert_allclose(photo.pixels[:, :, 1], (grey / 65535) ** 1.5, atol=1e-6)
    assert photo.info.colour.space == "sRGB"
    with pytest.raises(PhotoError, match="grey"):
        read_photo_info(tagged(tmp_path, profile))


def test_a_look_up_table_profile_is_refused_with_advice(tmp_path):
    profile = assembled_profile({b"desc": b"desc" + struct.pack(">II", 0, 4) + b"LUT\0", b"A2B0": b"mft2" + bytes(60)}, b"RGB ")
    with pytest.raises(PhotoError, match="look-up table") as caught:
        read_photo_info(tagged(tmp_path, profile))
    assert "Adobe RGB" in caught.value.advice


def test_profiles_for_other_colours_are_refused():
    with pytest.raises(IccError, match="CMYK"):
        parse_icc(icc_profile(power_curve(2.0), model=b"CMYK"))


@pytest.mark.parametrize("size", [0, 100, 131, 140, 200, 300, 400])
def test_a_damaged_profile_is_refused(size):
    with pytest.raises(IccError):
        parse_icc(ADOBE[:size])


@pytest.mark.parametrize("curve", [sampled_curve(np.linspace(1, 0, 256)), power_curve(0.0), b"curv" + bytes(4), b"mess" + bytes(30)])
def test_senseless_curves_are_refused(curve):
    with pytest.raises(IccError):
        parse_icc(icc_profile(curve))


def test_the_screen_shows_wide_gamuts_as_a_colour_engine_does(tmp_path):
    encoded = (np.random.default_rng(1).uniform(0.3, 0.7, (16, 16, 3)) * 255).round().astype(np.uint8)
    photo = read_photo(save_tiff(tmp_path / "a.tif", encoded, iccprofile=ADOBE))
    shown = render_for_display(photo.pixels, photo, 1)
    assert np.abs(shown.astype(int) - _by_little_cms(encoded)).max() <= 2


def _by_little_cms(encoded):
    import io

    from PIL import Image

    source = ImageCms.ImageCmsProfile(io.BytesIO(ADOBE))
    converted = ImageCms.profileToProfile(
        Image.fromarray(encoded), source, ImageCms.createProfile("sRGB"), renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC
    )
    return np.asarray(converted).astype(int)
