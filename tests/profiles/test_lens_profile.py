"""A profile survives its file unchanged, and nothing that is not a profile passes for one."""

import contextlib
import dataclasses
import json
import pickle

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from ddm_studio.errors import ProfileError
from ddm_studio.photos.colour import ColourSpace
from ddm_studio.profiles.lens_profile import LensProfile, load_profile, save_profile
from ddm_studio.profiles.profile_facts import ProfileFacts


@pytest.fixture
def rewritten(profile, tmp_path):
    """Saves the profile, lets a function change header and arrays, and gives the path of the changed file."""

    def rewrite(change):
        path = tmp_path / "changed.lens"
        save_profile(profile, path)
        arrays, header = load_file(path), header_of(path)
        change(header, arrays)
        save_file(arrays, path, metadata={"lens_profile": json.dumps(header)})
        return path

    return rewrite


def header_of(path):
    data = path.read_bytes()
    length = int.from_bytes(data[:8], "little")
    return json.loads(json.loads(data[8 : 8 + length])["__metadata__"]["lens_profile"])


def test_everything_survives_the_file(profile, tmp_path):
    save_profile(profile, tmp_path / "a.lens")
    loaded = load_profile(tmp_path / "a.lens")
    for field in dataclasses.fields(LensProfile):
        before, after = getattr(profile, field.name), getattr(loaded, field.name)
        if isinstance(before, np.ndarray):
            np.testing.assert_array_equal(before, after)
            assert after.dtype == np.float32
        else:
            assert before == after


def test_saving_twice_gives_the_same_bytes(profile, tmp_path):
    save_profile(profile, tmp_path / "a.lens")
    save_profile(load_profile(tmp_path / "a.lens"), tmp_path / "b.lens")
    assert (tmp_path / "a.lens").read_bytes() == (tmp_path / "b.lens").read_bytes()


def test_the_header_records_conventions_frame_and_colour(profile, tmp_path):
    save_profile(profile, tmp_path / "a.lens")
    header = header_of(tmp_path / "a.lens")
    assert header["format_version"] == 1
    assert header["frame"] == {"width": 962, "height": 642}
    assert header["colour"] == {"recipe": "display-curves-1", "space": "sRGB"}
    assert header["light"] == "linear"
    assert {"nodes", "kernel", "frame"} <= set(header["convention"])
    assert header["facts"]["program_version"]


def test_confidence_is_nan_where_it_was_not_estimated(psf):
    profile = LensProfile(psf, np.zeros(3, np.float32), (8, 6))
    for values in (profile.confidence, profile.confidence_low, profile.confidence_high):
        assert values.shape == (2, 3, 3)
        assert np.isnan(values).all()


def test_the_spectrum_of_sharp_photos_comes_back_and_may_be_missing(psf, profile, tmp_path):
    spectrum = np.random.default_rng(0).uniform(0.1, 1, (6, 8, 5)).astype(np.float32)
    save_profile(dataclasses.replace(profile, scene_spectrum=spectrum), tmp_path / "with.lens")
    assert (load_profile(tmp_path / "with.lens").scene_spectrum == spectrum).all()
    save_profile(LensProfile(psf, np.zeros(3, np.float32), (8, 6)), tmp_path / "without.lens")
    assert load_profile(tmp_path / "without.lens").scene_spectrum.size == 0


def test_a_profile_cannot_be_changed_from_outside(psf):
    profile = LensProfile(psf, np.zeros(3, np.float32), (8, 6))
    psf[...] = 0
    assert profile.psf.sum() == pytest.approx(18)


def test_unknown_keys_and_arrays_are_kept(rewritten, tmp_path):
    def add(header, arrays):
        header["bokeh"] = {"rings": [1, 2]}
        header["facts"]["owner"] = "Ada"
        arrays["vignetting"] = np.arange(4, dtype=np.int16)

    save_profile(load_profile(rewritten(add)), tmp_path / "again.lens")
    header = header_of(tmp_path / "again.lens")
    assert header["bokeh"] == {"rings": [1, 2]}
    assert header["facts"]["owner"] == "Ada"
    np.testing.assert_array_equal(load_file(tmp_path / "again.lens")["vignetting"], np.arange(4))


@pytest.mark.parametrize("light", ["linear", "encoded"])
def test_it_remembers_the_light_it_was_learned_in(psf, tmp_path, light):
    save_profile(LensProfile(psf, np.zeros(3, np.float32), (8, 6), light=light), tmp_path / "a.lens")
    assert load_profile(tmp_path / "a.lens").light == light


def test_a_newer_format_is_refused_with_advice(rewritten):
    def make_newer(header, arrays):
        header["format_version"] = 2
        del header["facts"]

    with pytest.raises(ProfileError, match=r"newer DDM Studio.*Its format is 2.*Update DDM Studio"):
        load_profile(rewritten(make_newer))


@pytest.mark.parametrize(
    "content", [b"", b"\x00" * 100, b"hello, this is text", np.random.default_rng(0).bytes(5000), pickle.dumps([1, 2])]
)
def test_other_files_are_refused(tmp_path, content):
    (tmp_path / "a.lens").write_bytes(content)
    with pytest.raises(ProfileError, match=r"a\.lens cannot be read.*no lens profile") as caught:
        load_profile(tmp_path / "a.lens")
    assert caught.value.advice


def test_a_file_cut_anywhere_is_refused(profile, tmp_path):
    save_profile(profile, tmp_path / "a.lens")
    whole = (tmp_path / "a.lens").read_bytes()
    for length in [*range(0, len(whole), 97), len(whole) - 1]:
        (tmp_path / "a.lens").write_bytes(whole[:length])
        with pytest.raises(ProfileError, match="cannot be read"):
            load_profile(tmp_path / "a.lens")


def test_an_array_of_numbers_unknown_to_numpy_is_refused(tmp_path, profile):
    path = tmp_path / "a.lens"
    save_profile(dataclasses.replace(profile, extra_arrays={"marks": np.zeros(4, np.uint8)}), path)
    for kind in (b'"BF16","shape":[2]', b'"F8_E4M3","shape":[4]'):
        whole = path.read_bytes()
        length = int.from_bytes(whole[:8], "little")
        header = whole[8 : 8 + length].replace(b'"U8","shape":[4]', kind).rstrip()
        (tmp_path / "b.lens").write_bytes(len(header).to_bytes(8, "little") + header + whole[8 + length :])
        with pytest.raises(ProfileError, match="cannot be read"):
            load_profile(tmp_path / "b.lens")


def test_flipped_bytes_in_the_header_never_crash(profile, tmp_path):
    path = tmp_path / "a.lens"
    save_profile(profile, path)
    whole, rng = path.read_bytes(), np.random.default_rng(1)
    for _ in range(150):
        broken = bytearray(whole)
        for place in rng.integers(0, 2500, 3):
            broken[place] = rng.integers(0, 256)
        path.write_bytes(broken)
        # Any other exception would fail the test.
        with contextlib.suppress(ProfileError):
            load_profile(path)


def test_a_missing_file_and_a_folder_are_refused(tmp_path):
    with pytest.raises(ProfileError, match="no such file"):
        load_profile(tmp_path / "none.lens")
    with pytest.raises(ProfileError, match="folder"):
        load_profile(tmp_path)


def _set_array(name, value):
    return lambda header, arrays: arrays.__setitem__(name, value)


def _set_key(name, value):
    return lambda header, arrays: header.__setitem__(name, value)


UNIFORM = np.full((1, 1, 3, 3, 3), 1 / 9, np.float32)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (_set_array("psf", UNIFORM[0]), r"\(rows, columns, 3, k, k\), got \(1, 3, 3, 3\)"),
        (_set_array("psf", UNIFORM[:, :, :2]), r"got \(1, 1, 2, 3, 3\)"),
        (_set_array("psf", np.full((1, 1, 3, 4, 4), 1 / 16, np.float32)), "must be odd.*got 4"),
        (_set_array("psf", np.full((2, 3, 3, 5, 5), np.nan, np.float32)), "NaN"),
        (_set_array("psf", np.where(np.arange(3) == 1, 2 / 3, -1 / 6 + UNIFORM * 0)[..., :].astype(np.float32)), "negative taps"),
        (_set_array("psf", np.full((2, 3, 3, 5, 5), 1e-3, np.float32)), "sum to 1"),
        (_set_array("psf", np.ones((2, 3, 3, 1, 1), np.int32)), "int32"),
        (_set_array("psf", np.zeros((0, 3, 3, 5, 5), np.float32)), "psf must be"),
        (_set_array("noise_sigma", np.zeros(2, np.float32)), r"noise_sigma must be \(3,\)"),
        (_set_array("noise_sigma", np.array([0, 0, np.nan], np.float32)), "noise_sigma"),
        (_set_array("noise_sigma", np.array([0, 0, -1], np.float32)), "noise_sigma"),
        (_set_array("confidence", np.zeros((3, 2, 3), np.float32)), r"confidence must be \(2, 3, 3\)"),
        (_set_array("confidence_low", np.full((2, 3, 3), np.inf, np.float32)), "confidence_low"),
        (_set_array("scene_spectrum", np.ones((6, 8, 8), np.float32)), r"scene_spectrum must be \(6, p, p // 2 \+ 1\)"),
        (_set_array("scene_spectrum", np.zeros((6, 8, 5), np.float32)), "scene_spectrum must be finite"),
        (lambda header, arrays: arrays.pop("psf"), "lacks 'psf'"),
        (lambda header, arrays: header.pop("frame"), "lacks 'frame'"),
        (_set_key("frame", {"width": 0, "height": 5}), "frame must be"),
        (_set_key("frame", {"width": 5.5, "height": 5}), "frame must be"),
        (_set_key("frame", [5, 5]), "usable"),
        (_set_key("light", "candle"), "candle"),
        (_set_key("colour", "sRGB"), "usable"),
        (_set_key("format_version", "one"), "one"),
        (_set_key("facts", {"focal_length": "long"}), "focal_length"),
        (_set_key("facts", {"scores": {"ncc": float("nan")}}), "NaN"),
    ],
)
def test_impossible_contents_are_refused_with_the_reason(rewritten, change, reason):
    with pytest.raises(ProfileError, match=reason) as caught:
        load_profile(rewritten(change))
    assert "changed.lens" in caught.value.what
    assert caught.value.advice


def test_a_failed_save_leaves_the_old_profile(profile, tmp_path):
    path = tmp_path / "a.lens"
    save_profile(profile, path)
    before = path.read_bytes()
    broken = dataclasses.replace(profile, facts=ProfileFacts(), extra={"bad": float("nan")})
    with pytest.raises(ValueError):
        save_profile(broken, path)
    assert path.read_bytes() == before
    assert [item.name for item in tmp_path.iterdir()] == ["a.lens"]


def test_a_profile_cannot_be_written_where_a_folder_stands(profile, tmp_path):
    (tmp_path / "a.lens").mkdir()
    with pytest.raises(ProfileError, match="cannot be written"):
        save_profile(profile, tmp_path / "a.lens")
    assert [item.name for item in tmp_path.iterdir()] == ["a.lens"]


def test_equal_colour_spaces_are_equal():
    assert ColourSpace("a", "b") == ColourSpace("a", "b")
