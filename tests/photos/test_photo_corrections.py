"""What was corrected in a photo before we got it is read where the file says so, and never guessed."""

import struct

import numpy as np
import pytest
import tifffile
from maker_note_files import canon, fujifilm, nikon, olympus, save_jpeg, sony
from photo_files import random_codes, save_dng, smooth_light
from PIL import Image, PngImagePlugin

from ddm_studio.photos.maker_notes import corrections_of_camera
from ddm_studio.photos.reading import read_photo, read_photo_info

OM_SYSTEM = b"OM SYSTEM\0\0\0II\x04\0"


@pytest.mark.parametrize(
    ("exif", "corrections"),
    [
        (canon(1, 0, 0), ("colour fringes",)),
        (canon(1, 1, 1), ("distortion", "colour fringes", "blur")),
        (canon(0, 1, 0, ">"), ("distortion",)),
        (canon(0, 0, 0), ()),
        (sony(2, 2), ("distortion", "colour fringes")),
        (sony(2, 0, named=False), ("colour fringes",)),
        (sony(0, 0), ()),
        (sony(0xFFFFFFFF, 0xFFFFFFFF), ()),
        (nikon(1), ("distortion",)),
        (nikon(2, "<"), ("distortion",)),
        (nikon(0), ()),
        (fujifilm(1), ("blur",)),
        (fujifilm(0), ()),
        (olympus(1), ("distortion",)),
        (olympus(1, OM_SYSTEM), ("distortion",)),
        (olympus(0), ()),
    ],
)
def test_maker_notes_of_a_jpeg_tell(tmp_path, exif, corrections):
    assert read_photo_info(save_jpeg(tmp_path / "photo.jpg", exif)).corrections == corrections


def test_a_broken_maker_note_tells_nothing_and_harms_nothing():
    for whole in (canon(1, 1, 1), sony(2, 2), nikon(1), fujifilm(1), olympus(1)):
        assert corrections_of_camera(whole)
        for end in range(0, len(whole), 3):
            corrections_of_camera(whole[:end])
        for seed in range(200):
            random = np.random.default_rng(seed)
            damaged = np.frombuffer(whole, np.uint8).copy()
            damaged[random.integers(6, len(whole), 4)] = random.integers(0, 256, 4)
            corrections_of_camera(damaged.tobytes())


ATTRIBUTES = b'<rdf:Description crs:Version="15.0" crs:LensProfileEnable="%s" crs:AutoLateralCA="%s"/>'
ELEMENTS = b"<crs:LensProfileEnable>%s</crs:LensProfileEnable><crs:AutoLateralCA>%s</crs:AutoLateralCA>"


@pytest.mark.parametrize("form", [ATTRIBUTES, ELEMENTS])
@pytest.mark.parametrize(
    ("flags", "corrections"),
    [
        ((b"1", b"1"), ("distortion", "colour fringes")),
        ((b"0", b"1"), ("colour fringes",)),
        ((b"True", b"False"), ("distortion",)),
        ((b"0", b"0"), ()),
    ],
)
def test_development_settings_in_xmp_tell(tmp_path, form, flags, corrections):
    xmp = form % flags
    codes = random_codes(16, 16, np.uint8)
    assert read_photo_info(save_jpeg(tmp_path / "photo.jpg", b"", xmp)).corrections == corrections
    tifffile.imwrite(tmp_path / "photo.tif", codes, photometric="rgb", metadata=None, extratags=[(700, 1, len(xmp), xmp, True)])
    assert read_photo_info(tmp_path / "photo.tif").corrections == corrections
    text = PngImagePlugin.PngInfo()
    text.add_itxt("XML:com.adobe.xmp", xmp.decode())
    text.add_itxt("Comment", "nothing")
    Image.fromarray(codes).save(tmp_path / "photo.png", pnginfo=text)
    assert read_photo_info(tmp_path / "photo.png").corrections == corrections


def warp_rectilinear() -> bytes:
    """A DNG opcode list that asks for a strong barrel correction."""
    coefficients = struct.pack(">I8d", 1, 1.0, 0.2, 0.0, 0.0, 0.0, 0.0, 0.5, 0.5)
    return struct.pack(">IIIII", 1, 1, 0x01030000, 0, len(coefficients)) + coefficients


def test_raws_are_read_uncorrected_whatever_their_opcodes_ask_for(tmp_path):
    light = smooth_light(120, 160)
    plain = read_photo(save_dng(tmp_path / "plain.dng", light))
    asking = read_photo(save_dng(tmp_path / "asking.dng", light, opcodes=warp_rectilinear()))
    np.testing.assert_array_equal(asking.pixels, plain.pixels)
    assert asking.info.corrections == ()
