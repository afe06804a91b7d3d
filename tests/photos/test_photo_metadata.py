"""What ExifTool, an outside reader, finds in what is written: everything that it found in the photo."""

import json
import shutil
import struct
import subprocess
import zlib
from pathlib import Path

import numpy as np
import pytest
from maker_note_files import canon, exif_block, nikon, olympus
from photo_files import icc_profile, power_curve, random_codes, save_dng, save_png16, save_tiff, smooth_light, write_photo
from PIL import Image

from ddm_studio.photos.exif_block import ExifParts, Value, build_block, read_tree
from ddm_studio.photos.maker_notes import corrections_of_camera
from ddm_studio.photos.reading import read_photo
from ddm_studio.photos.writing import SUFFIXES
from ddm_studio.settings import FileSettings, JpegColour, PhotoFormat

SOURCES = [".jpg", ".tif", ".png"]
PROFILE = icc_profile(power_curve(563 / 256))
WIDTH, HEIGHT = 64, 48

with_exiftool = pytest.mark.skipif(shutil.which("exiftool") is None, reason="ExifTool is not installed")

# In the words of ExifTool's options; what a camera, a press agency and a photo manager write.
TAGS = """
-IFD0:Make=Canon -IFD0:Model=Canon_EOS_R5 -IFD0:Artist=Zoë -IFD0:Copyright=©_2026 -IFD0:ModifyDate=2026:01:02_03:04:05
-IFD0:ImageDescription=A_bridge -IFD0:XResolution=300 -IFD0:YResolution=300 -IFD0:ResolutionUnit=inches -IFD0:Orientation#=6
-ExifIFD:DateTimeOriginal=2026:01:02_03:04:05 -ExifIFD:CreateDate=2026:01:02_03:04:06 -ExifIFD:SubSecTimeOriginal=789
-ExifIFD:OffsetTimeOriginal=+05:30 -ExifIFD:ExposureTime=1/250 -ExifIFD:FNumber=2.8 -ExifIFD:ISO=400 -ExifIFD:FocalLength=35
-ExifIFD:LensModel=RF35mm_F1.8 -ExifIFD:LensInfo=35_35_1.8_1.8 -ExifIFD:SerialNumber=0123 -ExifIFD:Flash#=16
-ExifIFD:ExifImageWidth=64 -ExifIFD:ExifImageHeight=48 -ExifIFD:UserComment=Büchse -ExifIFD:ColorSpace#=65535
-GPS:GPSLatitude=48.8584 -GPS:GPSLatitudeRef=N -GPS:GPSLongitude=2.2945 -GPS:GPSLongitudeRef=E -GPS:GPSAltitude=33
-GPS:GPSDateStamp=2026:01:02 -GPS:GPSTimeStamp=03:04:05
-XMP-dc:Title=Brücke -XMP-dc:Subject=bridge -XMP-dc:Subject=river -XMP-xmp:Rating=4 -XMP-tiff:Orientation#=6 -XMP-exif:ExifImageWidth=64
-XMP-exif:ExifImageHeight=48 -XMP-crs:Exposure2012=0.5 -IPTC:Caption-Abstract=A_bridge -IPTC:Keywords=bridge -IPTC:By-line=Zoe
"""
UPRIGHT = {
    "IFD0:Orientation": 1,
    "XMP-tiff:Orientation": 1,
    "ExifIFD:ExifImageWidth": HEIGHT,
    "ExifIFD:ExifImageHeight": WIDTH,
    "XMP-exif:ExifImageWidth": HEIGHT,
    "XMP-exif:ExifImageHeight": WIDTH,
}
# How pixels are stored, where a block lies, and what is about the file itself.
NOT_METADATA = ("File:", "System:", "ExifTool:ExifToolVersion", "JFIF:", "PNG", "Composite:", "SourceFile", "IFD1:", "Photoshop:", "XMP-x:")
STORAGE = {
    *("ImageWidth", "ImageHeight", "BitsPerSample", "Compression", "PhotometricInterpretation", "StripOffsets", "SamplesPerPixel"),
    *("RowsPerStrip", "StripByteCounts", "PlanarConfiguration", "Software", "YCbCrPositioning", "ExtraSamples", "CodedCharacterSet"),
}


def exiftool(*words: object) -> str:
    done = subprocess.run(["exiftool", *map(str, words)], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def found_by_exiftool(*paths: Path) -> list[dict]:
    """All metadata in numbers, each file's as a table, and what ExifTool warns of."""
    tables = json.loads(exiftool("-j", "-n", "-a", "-G1", "-s", *paths))
    return [
        {name: value for name, value in table.items() if not name.startswith(NOT_METADATA) and name.split(":")[1] not in STORAGE}
        for table in tables
    ]


def save_photo(path: Path, tags: str = TAGS) -> Path:
    codes = (smooth_light(HEIGHT, WIDTH) * 255).round().astype(np.uint8)
    Image.fromarray(codes).save(path, icc_profile=PROFILE)
    exiftool("-q", "-overwrite_original", *(word.replace("_", " ") for word in tags.split()), path)
    return path


def write_all(source: Path, folder: Path, photo_formats=PhotoFormat) -> tuple[list[Path], list[tuple[str, ...]]]:
    photo = read_photo(source)
    paths = [folder / f"{source.suffix[1:]}_{photo_format}{SUFFIXES[photo_format]}" for photo_format in photo_formats]
    settings = [FileSettings(photo_format=photo_format) for photo_format in photo_formats]
    return paths, [write_photo(path, photo.pixels, photo, one) for path, one in zip(paths, settings, strict=True)]


@with_exiftool
@pytest.mark.parametrize("suffix", SOURCES)
def test_every_tag_of_the_photo_is_in_what_is_written_and_only_the_turn_is_taken_out(tmp_path, suffix):
    source = save_photo(tmp_path / f"a{suffix}")
    paths, told = write_all(source, tmp_path / "out")
    before, *after = found_by_exiftool(source, *paths)
    assert before["IFD0:Orientation"] == before["XMP-tiff:Orientation"] == 6
    assert before["ICC_Profile:ProfileDescription"] == "Test RGB"
    assert before["GPS:GPSAltitude"] == 33
    assert before["IPTC:Keywords"] == "bridge"
    assert len(before) > 60
    expected = before | {name: number for name, number in UPRIGHT.items() if name in before}
    for path, found in zip(paths, after, strict=True):
        assert {name: value for name, value in found.items() if expected.get(name) != value} == {}, path.name
        assert set(expected) <= set(found), path.name
    assert told == [()] * 3


@with_exiftool
@pytest.mark.parametrize("suffix", SOURCES)
def test_the_colour_profile_is_kept_to_the_byte_and_the_thumbnail_of_the_blurry_photo_is_not(tmp_path, suffix):
    source = save_photo(tmp_path / f"a{suffix}", "-IFD0:Orientation#=8")
    if suffix == ".jpg":
        Image.fromarray(random_codes(20, 30, np.uint8)).save(tmp_path / "small.jpeg")
        exiftool("-q", "-overwrite_original", f"-ThumbnailImage<={tmp_path / 'small.jpeg'}", source)
        assert b"\xff\xd8" in source.read_bytes()[2:]
    for path in write_all(source, tmp_path / "out")[0]:
        assert read_photo(path).rendering.icc == PROFILE
        assert b"\xff\xd8" not in path.read_bytes()[2:]


NOTES = {"canon": canon(1, 1, 0), "canon, other order": canon(1, 0, 1, ">"), "nikon": nikon(1), "olympus": olympus(1)}


def all_corrections(path: Path) -> tuple[str, ...]:
    """Those that a maker note names, wherever it lies in the file."""
    return corrections_of_camera(read_photo(path).metadata.exif)


@pytest.mark.parametrize("note", NOTES)
def test_a_maker_note_survives_three_formats_one_after_another(tmp_path, note):
    path = tmp_path / "a.jpg"
    Image.fromarray(random_codes(20, 33, np.uint8)).save(path, exif=NOTES[note])
    expected = all_corrections(path)
    assert expected
    for photo_format in (PhotoFormat.TIFF16, PhotoFormat.PNG16, PhotoFormat.TIFF16, PhotoFormat.JPEG):
        photo = read_photo(path)
        path = tmp_path / f"{path.stem}b{SUFFIXES[photo_format]}"
        write_photo(path, photo.pixels, photo, FileSettings(photo_format=photo_format))
        assert all_corrections(path) == expected


@with_exiftool
def test_exiftool_reads_the_maker_note_where_we_put_it(tmp_path):
    source = tmp_path / "a.jpg"
    Image.fromarray(random_codes(20, 33, np.uint8)).save(source, exif=canon(1, 1, 0))
    paths, _ = write_all(source, tmp_path / "out")
    paths += write_all(paths[0], tmp_path / "again")[0]
    before, *after = found_by_exiftool(source, *paths)
    notes = {name: value for name, value in before.items() if name.startswith("Canon:")}
    assert notes
    for found in after:
        assert {name: found.get(name) for name in notes} == notes


def test_a_raw_gives_its_exif_and_none_of_the_tags_that_describe_its_sensor(tmp_path):
    source = save_dng(tmp_path / "a.dng", smooth_light(60, 80), 6)
    for path in write_all(source, tmp_path / "out")[0]:
        photo = read_photo(path)
        tags = read_tree(photo.metadata.exif).main.entries
        assert photo.info.camera == "DDM Test Camera"
        assert tags[0x0112].data[:2] in (b"\1\0", b"\0\1")
        assert not {tag for tag in tags if tag >= 50706}


def test_a_comment_goes_into_a_png_and_back(tmp_path):
    Image.fromarray(random_codes(20, 33, np.uint8)).save(tmp_path / "a.jpg", comment="seen from the bank")
    (png,), told = write_all(tmp_path / "a.jpg", tmp_path / "out", [PhotoFormat.PNG16])
    assert told == [()]
    (tiff, jpeg), told = write_all(png, tmp_path / "out", [PhotoFormat.TIFF16, PhotoFormat.JPEG])
    with Image.open(jpeg) as image:
        assert image.info["comment"] == b"seen from the bank"
    assert ["comments" in "".join(one) for one in told] == [True, False]
    assert tiff.exists()


def block_with(values: dict[int, bytes], order: str = "<") -> bytes:
    return build_block(
        ExifParts(order, {0x010F: Value(2, 6, b"Canon\0")}, {tag: Value(7, len(data), data) for tag, data in values.items()})
    )


def test_what_a_jpeg_has_no_room_for_is_told_and_the_rest_is_kept(tmp_path):
    source = tmp_path / "a.png"
    block = block_with({0x927C: b"note" * 20_000, 0xA434: b"RF35mm F1.8\0"})
    save_png(source, random_codes(20, 33), eXIf=block)
    (png, jpeg), told = write_all(source, tmp_path / "out", [PhotoFormat.PNG16, PhotoFormat.JPEG])
    assert told[0] == ()
    assert "maker note" in told[1][0]
    assert read_photo(png).metadata.exif == block
    assert b"RF35mm F1.8" in read_photo(jpeg).metadata.exif
    assert read_photo(jpeg).info.camera == "Canon"


def save_png(path: Path, codes: np.ndarray, **chunks: bytes) -> Path:
    whole = save_png16(path, codes).read_bytes()
    extra = b"".join(
        struct.pack(">I", len(body)) + name.encode() + body + struct.pack(">I", zlib.crc32(name.encode() + body))
        for name, body in chunks.items()
    )
    path.write_bytes(whole[:33] + extra + whole[33:])
    return path


def test_damaged_exif_never_loses_the_photo_and_what_is_sound_of_it_is_kept(tmp_path):
    random = np.random.default_rng(0)
    whole = canon(1, 1, 0)[6:]
    codes = random_codes(12, 15)
    told = 0
    for number in range(60):
        block = np.frombuffer(whole, np.uint8).copy()
        block[random.integers(0, len(block), 4)] = random.integers(0, 256, 4)
        source = save_png(tmp_path / "a.png", codes, eXIf=block.tobytes()[: random.integers(20, len(whole) + 1)])
        photo = read_photo(source)
        told += bool(photo.metadata.told)
        for photo_format in PhotoFormat:
            path = tmp_path / f"b{SUFFIXES[photo_format]}"
            write_photo(path, photo.pixels, photo, FileSettings(photo_format=photo_format))
            read_photo(path)
        np.testing.assert_array_equal(read_photo(tmp_path / "b.png").pixels.shape[2], 3, err_msg=str(number))
    assert told > 20


def test_a_value_that_is_cut_off_is_told_and_the_others_are_kept(tmp_path):
    whole = exif_block("Canon", b"x" * 100)
    source = save_png(tmp_path / "a.png", random_codes(12, 15), eXIf=whole[6:-60])
    photo = read_photo(source)
    assert photo.metadata.told == ("a part of its EXIF data is damaged and left out",)
    assert photo.info.camera == "Canon"
    (path,), told = write_all(source, tmp_path / "out", [PhotoFormat.TIFF16])
    assert told == [photo.metadata.told]
    assert read_photo(path).info.camera == "Canon"


@pytest.mark.parametrize("packet", [b"<x:xmpmeta xmlns:x='adobe:ns:meta/'><open></x:xmpmeta>", b"\xfe\xff\0<\0x", b"<!DOCTYPE a><a/>"])
def test_a_damaged_xmp_packet_is_told_and_left_out(tmp_path, packet):
    Image.fromarray(random_codes(20, 33, np.uint8)).save(tmp_path / "a.jpg", xmp=packet)
    paths, told = write_all(tmp_path / "a.jpg", tmp_path / "out")
    assert all("XMP" in one[0] for one in told)
    assert [read_photo(path).metadata.xmp for path in paths] == [b""] * 3


@pytest.mark.parametrize("suffix", SOURCES)
def test_a_damaged_colour_profile_is_told_and_the_photo_is_taken_as_without_one(tmp_path, suffix):
    codes = random_codes(20, 33, np.uint8)
    Image.fromarray(codes).save(tmp_path / f"a{suffix}", icc_profile=PROFILE[:200])
    Image.fromarray(codes).save(tmp_path / f"b{suffix}")
    damaged, plain = read_photo(tmp_path / f"a{suffix}"), read_photo(tmp_path / f"b{suffix}")
    np.testing.assert_array_equal(damaged.pixels, plain.pixels)
    assert damaged.info.colour == plain.info.colour
    assert damaged.rendering.icc is None
    assert "colour profile" in damaged.info.told[0]
    assert plain.info.told == ()
    _, told = write_all(tmp_path / f"a{suffix}", tmp_path / "out")
    assert all("colour profile" in one[0] for one in told)


@pytest.mark.parametrize("damage", [{b"rTRC": b"rXRC"}, {b"RGB ": b"RGX "}, {b"bXYZ\0": b"bXY\0\0"}])
def test_a_colour_profile_with_a_damaged_name_in_it_is_no_look_up_table_and_no_other_model(tmp_path, damage):
    ((name, other),) = damage.items()
    assert name in PROFILE
    path = save_tiff(tmp_path / "a.tif", random_codes(9, 9), iccprofile=PROFILE.replace(name, other))
    assert "colour profile" in read_photo(path).info.told[0]


def test_a_deflated_colour_profile_that_is_damaged_is_told(tmp_path):
    assert "colour profile" in read_photo(save_png(tmp_path / "a.png", random_codes(9, 9), iCCP=b"name\0\0rubbish")).info.told[0]


@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
@pytest.mark.parametrize("suffix", [".png", ".tif"])
@pytest.mark.parametrize("photo_format", [PhotoFormat.TIFF16, PhotoFormat.PNG16])
def test_transparency_is_carried_through_unchanged_and_turned_with_the_photo(tmp_path, kind, suffix, photo_format):
    codes = random_codes(20, 33, kind)
    alpha = random_codes(20, 33, kind, seed=1)[:, :, :1]
    alpha[:5] = 0
    source = tmp_path / f"a{suffix}"
    whole = np.concatenate([codes, alpha], 2)
    if suffix == ".png":
        save_png(source, whole, eXIf=b"II*\0\x08\0\0\0\1\0\x12\1\3\0\1\0\0\0\6\0\0\0\0\0\0\0")
    else:
        save_tiff(source, whole, 6, extrasamples=["unassalpha"])
    photo = read_photo(source)
    np.testing.assert_array_equal(photo.alpha, alpha[:, :, 0])
    (path,), told = write_all(source, tmp_path / "out", [photo_format])
    again = read_photo(path)
    np.testing.assert_array_equal(again.alpha, np.rot90(alpha[:, :, 0].astype(np.uint16) * (1 if kind is np.uint16 else 257), -1))
    np.testing.assert_array_equal(again.pixels, np.rot90(photo.pixels, -1))
    assert told == [()]


def test_a_jpeg_says_that_it_drops_transparency(tmp_path):
    source = save_png16(tmp_path / "a.png", random_codes(20, 33)[:, :, [0, 1, 2, 0]])
    _, told = write_all(source, tmp_path / "out", [PhotoFormat.JPEG])
    assert "transparency" in told[0][0]


def test_colours_that_were_multiplied_by_alpha_are_divided_again(tmp_path):
    codes = random_codes(20, 33)
    alpha = np.full((20, 33, 1), 32768, np.uint16)
    multiplied = np.rint(codes * (alpha / 65535)).astype(np.uint16)
    source = save_tiff(tmp_path / "a.tif", np.concatenate([multiplied, alpha], 2), extrasamples=["assocalpha"])
    plain = read_photo(save_tiff(tmp_path / "b.tif", codes))
    np.testing.assert_allclose(read_photo(source).pixels, plain.pixels, atol=1e-4)


@pytest.mark.parametrize("profile", [None, icc_profile(power_curve(1.5), None, "Grey", b"GRAY")])
@pytest.mark.parametrize("photo_format", PhotoFormat)
def test_a_grey_photo_goes_out_grey_with_its_own_profile(tmp_path, profile, photo_format):
    grey = (smooth_light(20, 33)[:, :, 0] * 65535).round().astype(np.uint16)
    source = read_photo(save_tiff(tmp_path / "a.tif", grey, photometric="minisblack", iccprofile=profile))
    path = tmp_path / f"b{SUFFIXES[photo_format]}"
    # A kernel per colour leaves the channels of a grey photo a little different.
    light = source.pixels * np.array([1.1, 1.0, 0.9], np.float32)
    write_photo(path, source.pixels, source, FileSettings(photo_format=photo_format))
    again = read_photo(path)
    assert again.rendering.is_grey
    assert again.rendering.icc == profile
    assert again.info.colour == source.info.colour
    np.testing.assert_allclose(again.pixels, source.pixels, atol=0.02 if photo_format is PhotoFormat.JPEG else 0)
    write_photo(path, light, source, FileSettings(photo_format=photo_format))
    np.testing.assert_allclose(read_photo(path).pixels[:, :, 0], (light @ [0.2126, 0.7152, 0.0722]).clip(0, 1), atol=0.03)


@pytest.mark.parametrize(("colour", "reduced"), [(JpegColour.FULL, (1, 1)), (JpegColour.HALF_ACROSS, (1, 2)), (JpegColour.HALF, (2, 2))])
def test_quality_and_resolution_of_colour_of_a_jpeg_are_chosen(tmp_path, colour, reduced):
    source = read_photo(save_tiff(tmp_path / "a.tif", (smooth_light(48, 64) * 65535).astype(np.uint16)))
    codings = []
    for quality in (70, 98):
        write_photo(tmp_path / "b.jpg", source.pixels, source, FileSettings(photo_format="jpeg", jpeg_quality=quality, jpeg_colour=colour))
        codings.append(read_photo(tmp_path / "b.jpg").jpeg)
    assert [coding.reduced for coding in codings] == [reduced] * 2
    assert sum(codings[0].luma) > 3 * sum(codings[1].luma)
