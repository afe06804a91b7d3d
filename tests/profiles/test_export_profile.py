"""Exported kernels are the profile's, value for value and the right way round, in every format."""

import dataclasses
import json
import math

import numpy as np
import pytest
import tifffile
from PIL import Image

from ddm_studio.errors import ProfileError
from ddm_studio.profiles.export_profile import export_profile, mosaic
from ddm_studio.profiles.import_profile import import_grid
from ddm_studio.profiles.lens_profile import LensProfile
from ddm_studio.profiles.summary import summarise, summary_lines


def test_npz_holds_the_exact_kernels_without_pickles(profile, tmp_path):
    export_profile(profile, tmp_path / "a.npz")
    with np.load(tmp_path / "a.npz", allow_pickle=False) as file:
        np.testing.assert_array_equal(file["psf"], profile.psf)
        assert file["psf"].dtype == np.float32
        np.testing.assert_array_equal(file["sigma"], profile.noise_sigma)
        assert "centre tap" in str(file["convention"])
        assert json.loads(str(file["profile"]))["facts"]["lens"] == "50mm f/1.4"


def test_tiff_pages_are_float_kernels_that_say_where_they_stand(profile, tmp_path):
    export_profile(profile, tmp_path / "a.tiff")
    with tifffile.TiffFile(tmp_path / "a.tiff") as file:
        assert len(file.pages) == 2 * 3 * 3
        for (row, column, channel), page in zip(np.ndindex(2, 3, 3), file.pages, strict=True):
            colour = ("red", "green", "blue")[channel]
            assert page.description.startswith(f"PSF row {row} of 2, column {column} of 3, {colour}")
            np.testing.assert_array_equal(page.asarray(), profile.psf[row, column, channel])
            assert page.dtype == np.float32
        assert "true convolution" in file.pages[0].description


def test_json_holds_every_digit(profile, tmp_path):
    export_profile(profile, tmp_path / "a.json")
    table = json.loads((tmp_path / "a.json").read_text(), parse_constant=pytest.fail)
    np.testing.assert_array_equal(np.array(table["psf"], np.float32), profile.psf)
    assert table["confidence"][0][1][2] is None
    assert table["noise_sigma"] == [0.01, 0.02, 0.03]
    assert table["frame"] == {"width": 962, "height": 642}
    assert table["facts"]["camera"] == "Maker Ω-1"


def test_png_shows_each_node_at_its_place_in_its_colour(tmp_path):
    psf = np.zeros((2, 3, 3, 5, 5), np.float32)
    psf[:, :, :, 2, 2] = 1
    psf[0, 2] = 0
    psf[0, 2, 0, 0, 4] = psf[0, 2, 1, 2, 2] = psf[0, 2, 2, 4, 0] = 1  # red up right, blue down left
    export_profile(LensProfile(psf, np.zeros(3, np.float32), (9, 7)), tmp_path / "a.png")
    with Image.open(tmp_path / "a.png") as image:
        assert image.mode == "RGB"
        picture = np.asarray(image)
    height, width, _ = picture.shape
    assert width > height
    node = picture[: height // 2, -(width // 3) :]
    reds, blues = np.argwhere((node == (255, 0, 0)).all(-1)), np.argwhere((node == (0, 0, 255)).all(-1))
    assert reds[:, 0].max() < blues[:, 0].min()
    assert reds[:, 1].min() > blues[:, 1].max()
    assert (picture[0] == picture[0, 0]).all()


def test_the_mosaic_has_a_square_root_scale():
    psf = np.zeros((1, 1, 3, 3, 3), np.float32)
    psf[..., 1, 1], psf[..., 1, 2] = 0.8, 0.2
    values = np.unique(mosaic(LensProfile(psf, np.zeros(3, np.float32), (9, 7)))[6:-6, 6:-6])
    assert round(255 * math.sqrt(0.25)) in values
    assert 255 in values


def test_suffixes_may_be_capitals_and_tif(profile, tmp_path):
    export_profile(profile, tmp_path / "A.TIF")
    assert tifffile.imread(tmp_path / "A.TIF", key=0).shape == (5, 5)


@pytest.mark.parametrize("name", ["a.fits", "a", "a.lens"])
def test_another_suffix_is_refused(profile, tmp_path, name):
    with pytest.raises(ProfileError, match=r"\.npz, \.tiff, \.png or \.json"):
        export_profile(profile, tmp_path / name)
    assert not list(tmp_path.iterdir())


def test_an_exported_grid_comes_back_by_import(profile, tmp_path):
    export_profile(profile, tmp_path / "a.npz")
    back = import_grid(tmp_path / "a.npz", 0.02, (962, 642))
    np.testing.assert_allclose(back.psf, profile.psf, rtol=1e-6)
    np.testing.assert_allclose(back.noise_sigma, 0.02)
    assert back.frame == (962, 642)
    assert back.colour is None
    assert back.facts.method == "imported"


def test_mono_grids_become_three_equal_channels(tmp_path, psf):
    np.savez(tmp_path / "a.npz", psf=psf[:, :, 0])
    back = import_grid(tmp_path / "a.npz", 0.0, (8, 6))
    assert back.psf.shape == (2, 3, 3, 5, 5)
    for channel in range(3):
        np.testing.assert_allclose(back.psf[:, :, channel], psf[:, :, 0], rtol=1e-6)


def test_kernels_of_any_sum_and_number_type_are_scaled_to_one(tmp_path, psf):
    np.savez(tmp_path / "a.npz", psf=(psf * 60000).round().astype(np.uint16))
    back = import_grid(tmp_path / "a.npz", 0.0, (8, 6))
    np.testing.assert_allclose(back.psf.sum((-1, -2)), 1, rtol=1e-5)
    np.testing.assert_allclose(back.psf, psf, atol=1e-4)


@pytest.mark.parametrize(
    ("arrays", "reason"),
    [
        ({"kernels": np.ones((1, 1, 3, 3, 3))}, "lacks the array psf, it holds kernels"),
        ({"psf": np.ones((1, 3, 3))}, r"got \(1, 3, 3\)"),
        ({"psf": np.ones((1, 1, 4, 3, 3))}, r"got \(1, 1, 4, 3, 3\)"),
        ({"psf": np.ones((1, 1, 3, 4, 4))}, "odd"),
        ({"psf": np.ones((1, 1, 0, 0))}, "psf must be"),
        ({"psf": np.full((1, 1, 3, 3), np.nan)}, "NaN"),
        ({"psf": np.zeros((1, 1, 3, 3))}, "sum to 1"),
        ({"psf": -np.ones((1, 1, 3, 3))}, "negative"),
        ({"psf": np.array([[["text"]]])}, "numbers"),
        ({"psf": np.array([{}], object)}, "NPZ file of numbers"),
    ],
)
def test_other_arrays_are_refused_with_the_reason(tmp_path, arrays, reason):
    np.savez(tmp_path / "a.npz", **arrays)
    with pytest.raises(ProfileError, match=reason) as caught:
        import_grid(tmp_path / "a.npz", 0.01, (8, 6))
    assert "a.npz" in caught.value.what
    assert "numpy.savez" in caught.value.advice


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 and no more", np.random.default_rng(0).bytes(900), b"\x93NUMPY"])
def test_other_files_are_refused(tmp_path, content):
    (tmp_path / "a.npz").write_bytes(content)
    with pytest.raises(ProfileError, match="no NPZ file"):
        import_grid(tmp_path / "a.npz", 0.01, (8, 6))


def test_a_single_array_and_a_missing_file_are_refused(tmp_path):
    with (tmp_path / "a.npz").open("wb") as file:
        np.save(file, np.ones(3))
    with pytest.raises(ProfileError, match="single array"):
        import_grid(tmp_path / "a.npz", 0.01, (8, 6))
    with pytest.raises(ProfileError, match="no such file"):
        import_grid(tmp_path / "none.npz", 0.01, (8, 6))


@pytest.mark.parametrize("noise", [-0.1, 2.0, float("nan")])
def test_an_impossible_noise_is_refused(tmp_path, psf, noise):
    np.savez(tmp_path / "a.npz", psf=psf)
    with pytest.raises(ProfileError, match="noise_sigma"):
        import_grid(tmp_path / "a.npz", noise, (8, 6))


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("focal plane", "5.95 µm, from the focal-plane resolution"),
        ("35 mm equivalent", "about 5.9 µm, by the 35 mm-equivalent"),
        ("typed", "5.949 µm, as given by hand"),
        ("", "5.949 µm"),
        ("a later way", "5.949 µm"),
    ],
)
def test_the_summary_says_how_the_pixel_pitch_is_known_and_no_more_digits_than_that(profile, source, words):
    facts = profile.facts.model_copy(update={"pixel_pitch": 5.949, "pixel_pitch_source": source})
    assert dict(summary_lines(summarise(dataclasses.replace(profile, facts=facts))))["Pixel pitch"].startswith(words)


def test_the_summary_names_what_is_known_and_leaves_out_the_rest(profile, psf):
    lines = dict(summary_lines(summarise(profile)))
    assert lines["Grid"].startswith("2 x 3 nodes")
    assert lines["Frame"].startswith("962 x 642")
    assert lines["ISO"] == "100 to 400"
    assert lines["Aperture"] == "f/1.4"
    assert "2 blurry and 1 sharp" in lines["Learned from"]
    bare = dict(summary_lines(summarise(LensProfile(psf, np.zeros(3, np.float32), (8, 6)))))
    assert not {"Camera", "Lens", "ISO", "Scores", "Confidence"} & set(bare)
    assert summarise(dataclasses.replace(profile, colour=None)).colour_space is None
