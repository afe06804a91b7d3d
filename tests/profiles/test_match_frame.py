import dataclasses

import numpy as np
import pytest

from ddm_studio.errors import ProfileError
from ddm_studio.profiles.lens_profile import LensProfile
from ddm_studio.profiles.match_frame import fit_profile, match_frame


def test_a_photo_of_the_same_frame_and_colour_fits_as_it_is(profile, photo):
    for info in (photo(), photo(has_orientation=False)):
        fitted = fit_profile(profile, info)
        assert fitted.profile is profile
        assert fitted.assumption == ""


def test_an_imported_profile_fits_any_colour(profile, photo):
    anything = dataclasses.replace(profile, colour=None)
    fit_profile(anything, photo(recipe="libraw-linear-1", space="camera RGB of X"))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"width": 1924, "height": 1284}, "larger than the photos.*the photo has 1924 x 1284 pixels, the profile 962 x 642"),
        ({"width": 1924, "height": 642}, "another aspect and is larger"),
        ({"width": 500, "height": 500}, "another size and aspect, and nothing tells"),
        ({"width": 96, "height": 64}, "smaller to 10 %"),
        ({"width": 642, "height": 962, "has_orientation": False}, "no orientation tag.*which side was up"),
        ({"width": 642, "height": 962}, "turned"),
        ({"width": 321, "height": 481}, "turned"),
        ({"recipe": "libraw-linear-1", "space": "camera RGB of X"}, "recipe libraw-linear-1.*display-curves-1"),
        ({"space": "icc Adobe 12345678"}, "icc Adobe 12345678.*sRGB"),
    ],
)
def test_another_photo_is_refused_with_the_reason(profile, photo, changes, reason):
    with pytest.raises(ProfileError, match=reason) as caught:
        fit_profile(profile, photo(**changes))
    assert "holiday.jpg" in caught.value.what
    assert caught.value.advice


@pytest.mark.parametrize(
    ("changes", "scale", "left", "top", "words"),
    [
        ({"width": 481, "height": 321}, 0.5, 0, 0, "made smaller to 50 %"),
        ({"width": 962, "height": 541}, 1, 0, 50.5, "cut equally at top and bottom"),
        ({"width": 642, "height": 642}, 1, 160, 0, "cut equally left and right"),
        ({"width": 970, "height": 646}, 1, -4, -2, "a few pixels more or less"),
        ({"width": 481, "height": 270, "recorded": (962, 541)}, 0.5, 0, 51, "made smaller to 50 %, cut equally at top and bottom"),
        ({"width": 641, "height": 428, "pixel_pitch": 5.9}, 1, 160.5, 107, "crop mode"),
        ({"width": 641, "height": 428, "pixel_pitch": 8.85}, 641 / 962, 0, 0, "made smaller to 66.6 %"),
        ({"width": 481, "height": 321, "recorded": (962, 642), "pixel_pitch": 5.9}, 0.5, 0, 0, "made smaller to 50 %"),
    ],
)
def test_sizes_and_exif_tell_how_a_photo_lies_in_the_frame(profile, photo, changes, scale, left, top, words):
    sizes = {name: value for name, value in changes.items() if name in ("width", "height")}
    facts = {name: value for name, value in changes.items() if name not in sizes}
    match = match_frame(profile, dataclasses.replace(photo(**sizes), **facts))
    assert match.scale == pytest.approx(scale)
    assert (match.left, match.top) == pytest.approx((left, top), abs=0.51)
    assert words in match.assumption
    assert "holiday.jpg" in match.assumption


def sloping(width: int, height: int, nodes: int = 5) -> LensProfile:
    """A lens whose kernels change linearly over the frame: the first tap's share is the place."""
    psf = np.zeros((nodes, nodes, 3, 3, 3), np.float32)
    places = np.linspace(0, 1, nodes)
    psf[..., 0, 0] = places[None, :, None] / 2
    psf[..., 2, 2] = places[:, None, None] / 2
    psf[..., 1, 1] = 1 - psf[..., 0, 0] - psf[..., 2, 2]
    return LensProfile(psf, np.full(3, 0.02, np.float32), (width, height))


def test_nodes_of_a_crop_lie_where_the_crop_lies(photo):
    fitted = fit_profile(sloping(901, 601), photo(width=901, height=401)).profile
    assert fitted.frame == (901, 401)
    np.testing.assert_allclose(fitted.psf[0, :, 0, 0, 0], np.linspace(0, 0.5, 5), atol=1e-6)
    np.testing.assert_allclose(fitted.psf[:, 0, 0, 2, 2], np.linspace(100 / 600, 500 / 600, 5) / 2, atol=1e-6)
    np.testing.assert_array_equal(fitted.noise_sigma, np.full(3, 0.02, np.float32))


def test_beyond_the_frame_its_edge_counts(photo):
    fitted = fit_profile(sloping(901, 601), photo(width=909, height=605)).profile
    assert fitted.psf[0, 0, 0, 0, 0] == 0
    assert fitted.psf[0, -1, 0, 0, 0] == 0.5


def test_a_smaller_photo_has_smaller_kernels_less_noise_and_nodes_in_its_corners(photo, profile):
    fitted = fit_profile(profile, photo(width=481, height=321)).profile
    assert fitted.psf.shape == (2, 3, 3, 3, 3)
    np.testing.assert_allclose(fitted.psf.sum((-1, -2)), 1, atol=1e-6)
    np.testing.assert_allclose(fitted.noise_sigma, profile.noise_sigma / 2)
    np.testing.assert_array_equal(fitted.confidence, profile.confidence)


def test_what_sharp_photos_are_like_is_made_smaller_with_the_photo_and_kept_when_it_is_cut(photo):
    spectrum = np.random.default_rng(0).uniform(0.5, 1.5, (6, 48, 25)).astype(np.float32)
    lens = dataclasses.replace(sloping(962, 642), scene_spectrum=spectrum)
    smaller = fit_profile(lens, photo(width=481, height=321)).profile.scene_spectrum
    assert smaller.shape == (6, 24, 13)
    np.testing.assert_allclose(smaller[:, 3, 3], spectrum[:, 3, 3] / 4)
    cut = fit_profile(lens, photo(width=962, height=541)).profile.scene_spectrum
    np.testing.assert_array_equal(cut, spectrum)
    assert fit_profile(sloping(962, 642), photo(width=481, height=321)).profile.scene_spectrum.size == 0
