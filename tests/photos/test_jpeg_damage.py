"""Damage in the middle of a JPEG, which decoders pass over in silence, is found; no sound file is suspected."""

import io

import numpy as np
import pytest
from health_sets import copy_sets, findings, make_sets, save, scene
from PIL import Image

from ddm_studio.photos.jpeg_damage import is_damaged

CODINGS = {
    "full colour": {"quality": 97, "subsampling": 0},
    "finest": {"quality": 100, "subsampling": 0},
    "halved colour": {"quality": 85, "subsampling": 2},
    "restarts": {"quality": 90, "subsampling": 1, "restart_marker_rows": 1},
    "its own tables": {"quality": 60, "optimize": True},
}
SECTOR, CLUSTER = 512, 4096


def picture(number=0):
    return Image.fromarray((scene(number).clip(0, 1) * 255).astype(np.uint8))


def coded(image, **coding):
    stream = io.BytesIO()
    image.save(stream, "JPEG", **coding)
    return stream.getvalue()


def overwritten(content, count, fill, share=0.5):
    """With `count` bytes of the picture's data replaced, at a share of them."""
    begin = content.index(b"\xff\xda") + 14
    place = begin + int(share * (len(content) - begin - count))
    return content[:place] + fill(count) + content[place + count :]


def noise(count):
    """Without a byte that begins a marker, at some of which decoders give up."""
    return bytes(np.random.default_rng(3).integers(0, 0xFF, count, np.uint8))


@pytest.mark.parametrize("coding", CODINGS.values(), ids=CODINGS)
def test_sound_files_are_not_suspected(coding):
    assert not any(is_damaged(coded(picture(number), **coding)) for number in range(12))
    assert not is_damaged(coded(picture().convert("L"), quality=90))


@pytest.mark.parametrize("colour", ["white", "black", (128, 128, 128)])
def test_nor_are_pictures_of_one_colour(colour):
    assert not is_damaged(coded(Image.new("RGB", (300, 200), colour)))


def test_nor_are_files_with_something_behind_the_picture_or_filled_up_before_its_end():
    content = coded(picture())
    assert not is_damaged(content + b"a trailer \xff\xd9 of a phone")
    assert not is_damaged(content[:-2] + bytes(64) + content[-2:])


@pytest.mark.parametrize("coding", CODINGS.values(), ids=CODINGS)
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_lost_sectors_are_found(coding, share):
    content = coded(picture(), **coding)
    size = CLUSTER if "restart_marker_rows" in coding else SECTOR  # a reader starts anew at each restart, and hides a smaller piece
    damaged = overwritten(content, size, noise, share)
    Image.open(io.BytesIO(damaged)).load()  # it opens as if nothing were wrong
    assert is_damaged(damaged)
    assert is_damaged(overwritten(content, CLUSTER, bytes, share))


def test_a_missing_piece_is_found():
    content = coded(picture(), quality=95)
    assert is_damaged(content[: len(content) // 2] + content[len(content) // 2 + 600 :])


def test_of_progressive_files_nothing_is_claimed():
    assert not is_damaged(overwritten(coded(picture(), progressive=True), SECTOR, noise))


def test_the_health_check_names_the_damaged_photo(tmp_path):
    sets = copy_sets(make_sets(tmp_path / "healthy"), tmp_path / "sets")
    path = save(sets / "blurry" / "8.jpg", scene(8))
    path.write_bytes(overwritten(path.read_bytes(), SECTOR, noise))
    (found,) = [finding for finding in findings(sets) if finding.topic == "damage"]
    assert (found.photo, found.verdict, found.set_name) == (path, "drop", "blurry")
    assert "Copy it again from the card or a backup, or leave it out." in found.message
