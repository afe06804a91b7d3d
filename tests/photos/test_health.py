"""The health check says what is wrong, of which photo, and what to do; of healthy sets it says nothing."""

import shutil

import numpy as np
import pytest
from health_sets import (
    HEIGHT,
    WIDTH,
    blurred,
    change_all,
    copy_sets,
    findings,
    four_scenes,
    make_sets,
    moved,
    noisy,
    save,
    scene,
    sharp_scene,
    through_lens,
    with_sky,
)
from PIL import Image, TiffImagePlugin
from scipy import ndimage

from ddm_studio.errors import InputError
from ddm_studio.events import Severity
from ddm_studio.photos.health import refuse_hopeless
from ddm_studio.photos.set_findings import FEWEST_TRUSTED
from ddm_studio.spectra.confidence import FEWEST_GROUPS


@pytest.fixture(scope="module")
def healthy(tmp_path_factory):
    return make_sets(tmp_path_factory.mktemp("healthy"))


@pytest.fixture
def sets(healthy, tmp_path):
    """A copy of the healthy sets to spoil."""
    return copy_sets(healthy, tmp_path / "sets")


def spoil(sets, picture, name="blurry/3.png"):
    return save(sets / name, picture)


def only(found, topic):
    """The one finding there is, of this kind."""
    assert [finding.topic for finding in found] == [topic]
    return found[0]


def test_healthy_sets_are_silent(healthy):
    assert findings(healthy) == []


@pytest.mark.parametrize("sharp", [0.0, 0.6])
def test_a_blurry_set_that_is_hardly_softer_is_warned_of_and_not_refused(tmp_path, sharp):
    for number in range(8):
        save(tmp_path / "blurry" / f"{number}.png", scene(40 + number))
        save(tmp_path / "sharp" / f"{number}.png", blurred(sharp_scene(number), sharp))
    finding = only(findings(tmp_path), "sharpness")
    assert (finding.severity, finding.verdict, finding.set_name) == (Severity.WARNING, "keep", None)
    assert "little to correct" in finding.message
    refuse_hopeless([finding])


@pytest.mark.parametrize("name", ["blurry", "sharp"])
@pytest.mark.parametrize("count", [1, 3])
def test_sets_of_so_few_photos_that_nothing_can_be_compared_are_warned_of(sets, name, count):
    for path in sorted((sets / name).iterdir())[count:]:
        path.unlink()
    (finding,) = [finding for finding in findings(sets) if finding.topic == "few photos"]
    assert (finding.severity, finding.set_name) == (Severity.WARNING, name)
    assert ("only one" if count == 1 else f"only {count}") in finding.what
    assert count < FEWEST_TRUSTED == FEWEST_GROUPS


def test_a_photo_that_gives_nothing_when_it_is_read_is_named(sets):
    path = sets / "blurry" / "3.png"
    save(path, np.ones((HEIGHT, WIDTH, 3), np.float32))
    finding = only(findings(sets), "unreadable")
    assert (finding.severity, finding.verdict, finding.set_name, finding.photo) == (Severity.WARNING, "drop", "blurry", path)
    assert "3.png is not used: it is overexposed or empty" in finding.message


def test_a_lens_that_is_soft_at_one_side_only_is_softer(tmp_path):
    def half_soft(picture):
        return np.concatenate([picture[:, : WIDTH // 2], blurred(picture, 1.2)[:, WIDTH // 2 :]], axis=1)

    for number in range(8):
        save(tmp_path / "blurry" / f"{number}.png", half_soft(scene(40 + number)))
        save(tmp_path / "sharp" / f"{number}.png", sharp_scene(number))
    assert not [finding for finding in findings(tmp_path) if finding.topic == "sharpness"]


@pytest.mark.parametrize(
    ("topic", "change"),
    [
        ("defocus", lambda picture: blurred(picture, 3)),
        ("motion blur", lambda picture: moved(picture, 7)),
        ("texture", lambda picture: 0.3 + 0.02 * blurred(picture, 8)),
        ("sky", lambda picture: with_sky(picture, 0.9)),
        ("clipping", lambda picture: np.where(np.add(*np.indices((HEIGHT, WIDTH)))[..., None] < 110, picture, 1)),
        ("clipping", lambda picture: 1.5 * (picture - 0.45)),
    ],
)
def test_a_photo_that_differs_from_its_set_is_named_and_advised_against(sets, topic, change):
    path = spoil(
        sets, noisy(change(through_lens(3)).astype(np.float32), 0.004) if topic in ("defocus", "motion blur") else change(through_lens(3))
    )
    finding = only(findings(sets), topic)
    assert (finding.severity, finding.verdict) == (Severity.WARNING, "drop")
    assert (finding.set_name, finding.photo) == ("blurry", path)
    assert path.name in finding.message
    assert all((finding.what, finding.why, finding.advice))


def test_a_sharp_photo_is_checked_likewise(sets):
    path = spoil(sets, blurred(sharp_scene(2), 4), "sharp/s2.png")
    assert only(findings(sets), "defocus").photo == path


def test_a_sky_is_where_up_is(sets):
    upside_down = np.ascontiguousarray(with_sky(through_lens(3), 0.8)[::-1])
    spoil(sets, upside_down)
    assert findings(sets) == []
    exif = Image.Exif()
    exif[0x0112] = 3
    save(sets / "blurry" / "3.png", upside_down, exif=exif)
    assert only(findings_again(sets), "sky").photo.name == "3.png"


def findings_again(sets):
    shutil.rmtree(sets / "pool of blurry and sharp")
    return findings(sets)


def test_a_photo_of_another_iso_is_told(sets):
    change_all(sets / "blurry", lambda picture: noisy(blurred(picture, 2), 0.01))
    spoil(sets, noisy(blurred(through_lens(3), 2), 0.06))
    assert {(finding.topic, finding.photo.name) for finding in findings(sets)} == {("noise", "3.png")}


def test_the_same_file_twice_is_told(sets):
    shutil.copy(sets / "blurry" / "3.png", sets / "blurry" / "copy.png")
    finding = only(findings(sets), "duplicate")
    assert (finding.severity, finding.verdict, finding.photo.name) == (Severity.NOTE, "drop", "copy.png")
    assert "same file as 3.png" in finding.what


def test_the_same_view_in_another_exposure_is_told(sets):
    spoil(sets, np.roll(0.8 * through_lens(3), 2, axis=1), "blurry/again.png")
    assert "shows the same as 3.png" in only(findings(sets), "duplicate").what


def test_places_without_texture_are_named(sets):
    def without_corner(picture):
        picture = picture.copy()
        picture[HEIGHT // 2 :, WIDTH // 2 :] = 0.3 + 0.004 * picture[HEIGHT // 2 :, WIDTH // 2 :]
        return picture

    change_all(sets / "blurry", without_corner)
    finding = only(findings(sets), "coverage")
    assert (finding.severity, finding.verdict, finding.set_name) == (Severity.WARNING, "keep", "blurry")
    assert "bottom right" in finding.what
    assert "top" not in finding.what


def test_a_sharpened_set_is_told(sets):
    shutil.rmtree(sets / "sharp")
    for number in range(8):
        small = ndimage.zoom(blurred(four_scenes(50 + number), 0.7), (0.5, 0.5, 1), order=1)
        save(sets / "sharp" / f"s{number}.png", small + 3 * (small - blurred(small, 1)))
    assert "halos" in only(findings(sets), "sharpening").why


def test_sets_developed_differently_are_told(sets):
    change_all(sets / "sharp", lambda picture: 0.5 + 0.3 * (picture - 0.5))
    finding = only(findings(sets), "contrast")
    assert "blurry photos have" in finding.what


def test_noise_in_the_sharp_set_is_told(sets):
    for number in range(8):
        save(sets / "sharp" / f"s{number}.png", noisy(with_sky(sharp_scene(number), 0.5), 0.05, number))
    assert "noise" in [finding.topic for finding in findings(sets)]


def refusal_of(found):
    assert found[0].severity is Severity.REFUSAL
    with pytest.raises(InputError) as refused:
        refuse_hopeless(found)
    assert (refused.value.what, refused.value.why, refused.value.advice) == (found[0].what, found[0].why, found[0].advice)
    return str(refused.value)


def test_swapped_folders_are_refused(healthy):
    assert "Swap the folders" in refusal_of(findings(healthy, blurry="sharp", sharp="blurry"))


def test_one_folder_as_both_sets_is_refused(healthy):
    assert "same photos" in refusal_of(findings(healthy, sharp="blurry"))


def test_a_set_without_texture_is_refused(sets):
    change_all(sets / "blurry", lambda picture: 0.4 + 0.004 * picture)
    assert "texture in only 0" in refusal_of(findings(sets))


def test_a_photo_in_both_sets_is_told(sets):
    shutil.copy(sets / "blurry" / "3.png", sets / "sharp" / "stray.png")
    finding = only(findings(sets), "shared photos")
    assert (finding.severity, finding.verdict, finding.photo.name) == (Severity.WARNING, "drop", "stray.png")


def ratio(value):
    return TiffImagePlugin.IFDRational(round(value * 10), 10)


def shot(lens="Helios 44", focal_length=58.0, aperture=2.0):
    exif = Image.Exif()
    exif[0x0110] = "Zenit"
    exif.get_ifd(0x8769).update({0x829D: ratio(aperture), 0x920A: ratio(focal_length), 0xA434: lens})
    return exif


@pytest.mark.parametrize(
    ("topic", "odd", "words"),
    [
        ("lenses", {"lens": "Jupiter 9"}, "most have Helios 44, but 1 of 8 have Jupiter 9 (3.png)"),
        ("focal lengths", {"focal_length": 85.0}, "most have 58 mm, but 1 of 8 have 85 mm (3.png)"),
        ("apertures", {"aperture": 5.6}, "most have f/2, but 1 of 8 have f/5.6 (3.png)"),
    ],
)
def test_mixed_settings_are_told(sets, topic, odd, words):
    for number in range(8):
        save(sets / "blurry" / f"{number}.png", through_lens(number), exif=shot(**odd) if number == 3 else shot())
    finding = only(findings(sets), topic)
    assert (finding.severity, finding.verdict, finding.set_name) == (Severity.WARNING, "drop", "blurry")
    assert words in finding.what


def test_settings_that_differ_by_rounding_are_one(sets):
    for number in range(8):
        rounded = {"aperture": 2.1, "focal_length": 59.0} if number % 2 else {}
        save(sets / "blurry" / f"{number}.png", through_lens(number), exif=shot(**rounded))
    assert findings(sets) == []


ADOBE = b'<rdf:Description crs:LensProfileEnable="1" crs:AutoLateralCA="0"/>'


def test_corrected_photos_are_told(sets):
    shutil.rmtree(sets / "blurry")
    for number in range(8):
        save(sets / "blurry" / f"{number}.jpg", through_lens(number), quality=99, xmp=ADOBE)
    finding = only(findings(sets), "corrections")
    assert (finding.severity, finding.verdict) == (Severity.WARNING, "keep")
    assert "All blurry photos say that distortion was corrected" in finding.what


def test_photos_of_which_some_are_corrected_are_told(sets):
    shutil.rmtree(sets / "blurry")
    for number in range(8):
        save(sets / "blurry" / f"{number}.jpg", through_lens(number), quality=99, **({"xmp": ADOBE} if number < 2 else {}))
    finding = only(findings(sets), "corrections")
    assert finding.verdict == "drop"
    assert "2 of 8" in finding.what
    assert "(0.jpg, 1.jpg)" in finding.what
