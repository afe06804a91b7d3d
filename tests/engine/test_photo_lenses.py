"""Each photo of a batch is restored with the profile that its EXIF tells, and what it was is written down."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, TiffImagePlugin
from test_deblur_photos import HEIGHT, WIDTH, narrow_lens, print_nothing, settings, write_scene

from ddm_studio.control import RunControl
from ddm_studio.engine.deblur_photos import deblur_photos
from ddm_studio.engine.requests import DeblurRequest
from ddm_studio.engine.sidecar import read_sidecar
from ddm_studio.events import Event, Note
from ddm_studio.photos.reading import read_photo
from ddm_studio.profiles.lens_profile import LensProfile, save_profile
from ddm_studio.profiles.profile_facts import ProfileFacts

LENS = "Old 35mm f/2"
EXIF, APERTURE, LENS_NAME = 0x8769, 0x829D, 0xA434


def save_lens(path: Path, aperture: float, blur: bool = True) -> Path:
    psf = narrow_lens()
    if not blur:
        psf = np.zeros_like(psf)
        psf[..., 3, 3] = 1
    facts = ProfileFacts(lens=LENS, aperture=aperture)
    path.parent.mkdir(parents=True)
    save_profile(LensProfile(psf=psf, noise_sigma=np.full(3, 0.01, np.float32), frame=(WIDTH, HEIGHT), facts=facts), path)
    return path


def shoot(path: Path, aperture: float) -> Path:
    write_scene(path)
    with Image.open(path) as picture:
        exif = picture.getexif()
        exif.get_ifd(EXIF)[APERTURE] = TiffImagePlugin.IFDRational(round(10 * aperture), 10)
        exif.get_ifd(EXIF)[LENS_NAME] = LENS.upper()
        picture.save(path, exif=exif)
    return path


@pytest.fixture
def lenses(tmp_path: Path) -> tuple[Path, Path]:
    return save_lens(tmp_path / "wide" / "profile.lens", 2.0), save_lens(tmp_path / "narrow" / "profile.lens", 8.0, blur=False)


@pytest.fixture
def photos(tmp_path: Path) -> tuple[Path, ...]:
    return tuple(shoot(tmp_path / "in" / f"at{number:g}.png", number) for number in (2.0, 8.0, 4.0))


def test_each_photo_gets_its_own_profile_and_one_without_is_told(tmp_path, lenses, photos):
    heard: list[Event] = []
    request = DeblurRequest(photos, None, tmp_path / "out", settings(), profiles=lenses)
    result = deblur_photos(request, heard.append, RunControl())
    assert [read_sidecar(saved).profile.path for saved in result.saved] == list(lenses)
    assert "f/2" in " ".join(read_sidecar(result.saved[0]).notes)
    assert any(isinstance(event, Note) and "wide/profile.lens" in event.message for event in heard)
    ((failed, reason),) = result.failed
    assert failed == photos[2]
    assert "instead of f/4" in reason
    alone = [
        deblur_photos(DeblurRequest((photo,), lens, tmp_path / "alone", settings()), print_nothing, RunControl()).saved[0]
        for photo, lens in zip(photos, lenses, strict=False)
    ]
    for saved, expected in zip(result.saved, alone, strict=True):
        np.testing.assert_array_equal(read_photo(saved).pixels, read_photo(expected).pixels)


def test_what_lies_there_is_done_again_only_when_its_profile_is_another(tmp_path, lenses, photos):
    first = deblur_photos(DeblurRequest(photos[:2], None, tmp_path / "out", settings(), profiles=lenses), print_nothing, RunControl())
    again = deblur_photos(DeblurRequest(photos[:2], None, tmp_path / "out", settings(), profiles=lenses), print_nothing, RunControl())
    assert (len(first.saved), again.saved, again.done_before) == (2, (), first.saved)
    by_hand = deblur_photos(DeblurRequest(photos[:2], lenses[0], tmp_path / "out", settings()), print_nothing, RunControl())
    assert by_hand.done_before == first.saved[:1]
    assert by_hand.saved == first.saved[1:]


def test_the_profile_named_serves_where_none_is_told_and_that_is_written_down(tmp_path, lenses, photos):
    request = DeblurRequest(photos[2:], lenses[1], tmp_path / "out", settings(), profiles=lenses)
    (saved,) = deblur_photos(request, print_nothing, RunControl()).saved
    assert read_sidecar(saved).profile.path == lenses[1]
    notes = " ".join(read_sidecar(saved).notes)
    assert "instead of f/4" in notes
    assert "narrow/profile.lens is used" in notes


def test_a_profile_that_cannot_be_read_does_not_keep_the_others(tmp_path, lenses, photos):
    broken = tmp_path / "broken.lens"
    broken.write_text("nothing")
    heard: list[Event] = []
    request = DeblurRequest(photos[:1], None, tmp_path / "out", settings(), profiles=(broken, *lenses))
    assert len(deblur_photos(request, heard.append, RunControl()).saved) == 1
    assert any(isinstance(event, Note) and "broken.lens" in event.message for event in heard)


def test_nothing_is_said_of_the_profile_named_where_nothing_speaks_against_it(tmp_path, lenses, photos):
    bare = tmp_path / "bare.png"
    write_scene(bare)  # without EXIF
    heard: list[Event] = []
    request = DeblurRequest((bare, photos[0]), lenses[0], tmp_path / "out", settings(), profiles=lenses)
    saved = deblur_photos(request, heard.append, RunControl()).saved
    assert [read_sidecar(one).profile.path for one in saved] == [lenses[0]] * 2
    assert not [event.message for event in heard if isinstance(event, Note) and "profile" in event.message]
