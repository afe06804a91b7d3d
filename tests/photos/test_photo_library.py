import numpy as np
import pytest
from photo_files import icc_profile, power_curve, random_codes, save_dng, save_tiff, save_with_pillow, smooth_light

from ddm_studio.errors import InputError
from ddm_studio.photos.library import choose_blurry, choose_sharp, list_photos


def names(listing):
    return [info.path.name for info in listing.photos]


def reasons(listing):
    return {file.path.name: file.reason for file in listing.skipped}


def test_a_folder_may_hold_anything(tmp_path):
    save_tiff(tmp_path / "b.tif", random_codes(20, 33))
    save_with_pillow(tmp_path / "a.jpg", random_codes(20, 33, np.uint8))
    save_dng(tmp_path / "c.dng", smooth_light(48, 64))
    (tmp_path / ".hidden.jpg").write_text("x")
    (tmp_path / "sub").mkdir()
    (tmp_path / "fake.jpg").write_text("text renamed")
    (tmp_path / "notes.txt").write_text("notes")
    (tmp_path / "gone.tif").symlink_to(tmp_path / "nowhere")
    listing = list_photos(tmp_path)
    assert names(listing) == ["a.jpg", "b.tif", "c.dng"]
    told = reasons(listing)
    assert list(told) == sorted(told)
    for name, word in {
        ".hidden.jpg": "hidden",
        "sub": "folder",
        "fake.jpg": "not a picture",
        "notes.txt": "not a photo",
        "gone.tif": "exist",
    }.items():
        assert word in told.pop(name)
    assert not told


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".tif"])
def test_a_photo_cut_short_in_copying_is_told_before_its_pixels_are_read(tmp_path, suffix):
    photo = tmp_path / f"half{suffix}"
    codes = random_codes(20, 33, np.uint8)
    if suffix == ".tif":
        save_tiff(photo, codes)
    else:
        save_with_pillow(photo, codes)
    whole = photo.read_bytes()
    assert names(list_photos(tmp_path)) == [photo.name]
    photo.write_bytes(whole + b"what a phone keeps behind the picture" * 9)
    assert names(list_photos(tmp_path)) == [photo.name]
    for kept in (len(whole) // 2, len(whole) * 9 // 10):
        photo.write_bytes(whole[:kept])
        assert "damaged or cut short" in reasons(list_photos(tmp_path))[photo.name]


def test_missing_and_empty_folders_are_told(tmp_path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").touch()
    for name, word in {"missing": "no folder", "empty": "empty", "file": "not a folder"}.items():
        with pytest.raises(InputError, match=word):
            list_photos(tmp_path / name)


def test_the_blurry_set_has_the_frame_of_most_photos(tmp_path):
    for index in range(3):
        save_tiff(tmp_path / f"{index}.tif", random_codes(20, 33))
    save_tiff(tmp_path / "portrait, tagged.tif", random_codes(20, 33), 6)
    save_tiff(tmp_path / "small.tif", random_codes(10, 16))
    save_tiff(tmp_path / "swapped, tagged.tif", random_codes(33, 20), 1)
    save_tiff(tmp_path / "swapped.tif", random_codes(33, 20))
    chosen = choose_blurry(list_photos(tmp_path))
    assert names(chosen) == ["0.tif", "1.tif", "2.tif", "portrait, tagged.tif"]
    told = reasons(chosen)
    assert "it is unknown which side was up" in told.pop("swapped.tif")
    assert all("instead of 33 × 20" in reason and "unknown" not in reason for reason in told.values())
    assert len(told) == 2


def test_photos_developed_differently_do_not_mix(tmp_path):
    save_tiff(tmp_path / "a.tif", random_codes(20, 33))
    save_tiff(tmp_path / "b.tif", random_codes(20, 33))
    save_tiff(tmp_path / "wide.tif", random_codes(20, 33), iccprofile=icc_profile(power_curve(2.2)))
    save_dng(tmp_path / "raw.dng", smooth_light(48, 64))
    listing = list_photos(tmp_path)
    chosen = choose_blurry(listing)
    assert names(chosen) == ["a.tif", "b.tif"]
    assert "Test RGB" in reasons(chosen)["wide.tif"]
    assert "raw" in reasons(chosen)["raw.dng"]


def test_of_raw_and_jpeg_pairs_the_raws_are_taken(tmp_path):
    for index in range(2):
        save_dng(tmp_path / f"{index}.dng", smooth_light(48, 64))
        save_with_pillow(tmp_path / f"{index}.jpg", random_codes(48, 64, np.uint8))
    chosen = choose_blurry(list_photos(tmp_path))
    assert names(chosen) == ["0.dng", "1.dng"]
    assert set(reasons(chosen).values()) == {"the raw of the same shot is used"}


def mixed(folder, raws, jpegs):
    folder.mkdir()
    for index in raws:
        save_dng(folder / f"{index}.dng", smooth_light(48, 64))
    for index in jpegs:
        save_with_pillow(folder / f"{index}.jpg", random_codes(50, 66, np.uint8))
    return list_photos(folder)


@pytest.mark.parametrize(
    ("raws", "jpegs", "suffix"),
    [
        (range(4), range(4), ".dng"),
        (range(3), range(4), ".dng"),  # the raw of one shot is gone: whether that or another file is missing must not turn everything over
        (range(4), range(5), ".dng"),
        (range(4), range(3), ".dng"),
        (range(1), range(4), ".jpg"),
    ],
)
def test_raws_are_used_where_half_of_the_shots_are_raws(tmp_path, raws, jpegs, suffix):
    chosen = choose_blurry(mixed(tmp_path / "mixed", raws, jpegs))
    assert names(chosen) == [f"{index}{suffix}" for index in (raws if suffix == ".dng" else jpegs)]
    for name, reason in reasons(chosen).items():
        has_twin = any(kept.startswith(name[:2]) for kept in names(chosen))
        assert ("of the same shot is used" in reason) == has_twin


@pytest.mark.parametrize(("sharp_raws", "suffix"), [(0, ".jpg"), (3, ".dng")])
def test_both_sets_are_of_the_kind_that_both_have(tmp_path, sharp_raws, suffix):
    blurry = mixed(tmp_path / "blurry", range(4), range(4))
    sharp = mixed(tmp_path / "sharp", range(sharp_raws), range(3))
    chosen = choose_blurry(blurry, sharp)
    of_sharp = choose_sharp(sharp, chosen.photos[0].colour)
    assert names(chosen) == [f"{index}{suffix}" for index in range(4)]
    assert names(of_sharp) == [f"{index}{suffix}" for index in range(3)]


def test_a_shot_that_is_there_as_tiff_and_jpeg_counts_once(tmp_path):
    save_tiff(tmp_path / "a.tif", random_codes(20, 33))
    save_with_pillow(tmp_path / "a.jpg", random_codes(20, 33, np.uint8))
    save_with_pillow(tmp_path / "b.jpg", random_codes(20, 33, np.uint8))
    chosen = choose_blurry(list_photos(tmp_path))
    assert names(chosen) == ["a.tif", "b.jpg"]
    assert reasons(chosen) == {"a.jpg": "another file of the same shot is used"}


def test_sharp_photos_may_have_any_size_but_one_colour_space(tmp_path):
    save_tiff(tmp_path / "a.tif", random_codes(20, 33))
    save_tiff(tmp_path / "b.tif", random_codes(50, 40))
    save_tiff(tmp_path / "wide.tif", random_codes(20, 33), iccprofile=icc_profile(power_curve(2.2)))
    listing = list_photos(tmp_path)
    assert names(choose_sharp(listing, listing.photos[0].colour)) == ["a.tif", "b.tif"]
    assert names(choose_sharp(listing, listing.photos[2].colour)) == ["wide.tif"]


def test_a_folder_without_photos_has_an_empty_choice(tmp_path):
    (tmp_path / "notes.txt").write_text("notes")
    assert choose_blurry(list_photos(tmp_path)).photos == ()
