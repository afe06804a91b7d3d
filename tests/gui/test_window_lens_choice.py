"""Photos find the profile of their lens by EXIF, and the page says why; a profile picked by hand stays."""

import numpy as np
import pytest
from fake_jobs import made_up_profile, write_photos
from gestures import LEFT, drop
from PIL import Image, TiffImagePlugin

from ddm_studio.gui.recent import RecentKind, RecentThing
from ddm_studio.gui.run_state import RunState
from ddm_studio.gui.settings_dialog import SettingsDialog
from ddm_studio.profiles.lens_profile import LensProfile, save_profile

MODEL, EXIF, APERTURE, LENS_NAME = 0x0110, 0x8769, 0x829D, 0xA434


def save_lens(path, aperture):
    path.parent.mkdir(parents=True)
    made = made_up_profile()
    facts = made.facts.model_copy(update={"aperture": aperture})
    save_profile(LensProfile(made.psf, np.full(3, 0.01, np.float32), made.frame, made.colour, facts), path)
    return path


@pytest.fixture
def lenses(window, tmp_path):
    """Two known profiles of one lens: one opened lately, one in the folder of profiles."""
    wide, narrow = save_lens(tmp_path / "wide" / "profile.lens", 2.0), save_lens(tmp_path / "shelf" / "narrow" / "profile.lens", 8.0)
    window.memory.add_recent(RecentThing(RecentKind.PROFILE, wide, "wide"))
    settings = SettingsDialog(window, window.memory)
    settings.use_profiles(tmp_path / "shelf")
    settings.shut_down()
    window.show_page("deblur")
    return wide, narrow


@pytest.fixture
def shoot(tmp_path):
    def take(*apertures):
        photos = write_photos(tmp_path / f"photos {apertures}", len(apertures))
        for photo, aperture in zip(photos, apertures, strict=True):
            with Image.open(photo) as picture:
                exif = picture.getexif()
                exif[MODEL] = "Fake 1"
                exif.get_ifd(EXIF).update({APERTURE: TiffImagePlugin.IFDRational(aperture, 1), LENS_NAME: "FAKEGON 50mm F1.8"})
                picture.save(photo, exif=exif)
        return photos

    return take


def answer(page, qtbot, words):
    choices = {one.text(): one for one in page.orders.question.buttons()}
    qtbot.mouseClick(choices[words], LEFT)


def opened(page):
    return page.lens.opened and page.lens.opened.path


def test_the_profile_of_the_photos_aperture_is_opened_and_the_reason_is_shown(window, qtbot, lenses, shoot):
    page = window.deblur
    for aperture, lens in zip((2, 8), lenses, strict=True):
        drop(page, shoot(aperture))
        qtbot.waitUntil(lambda lens=lens: opened(page) == lens)
        qtbot.waitUntil(page.compare.isEnabled)
        assert "Chosen because" in page.fit.text()
        assert f"f/{aperture}" in page.fit.text()
        assert "FAKEGON" in page.fit.text()


def test_where_no_profile_fits_the_open_one_stays_and_what_differs_is_told(window, qtbot, lenses, shoot):
    page = window.deblur
    drop(page, shoot(2))
    qtbot.waitUntil(lambda: opened(page) == lenses[0])
    drop(page, shoot(4))
    qtbot.waitUntil(lambda: "instead of f/4" in page.fit.text())
    assert opened(page) == lenses[0]
    assert page.compare.isEnabled()


def test_without_an_open_profile_it_says_why_none_was_chosen(window, qtbot, lenses, shoot):
    page = window.deblur
    drop(page, shoot(4))
    qtbot.waitUntil(lambda: "None of the 2 known profiles fits" in page.fit.text())
    assert opened(page) is None
    assert not page.compare.isEnabled()


def test_a_profile_picked_by_hand_stays_until_exif_is_asked_again(window, qtbot, lenses, shoot):
    page = window.deblur
    drop(page, shoot(2))
    qtbot.waitUntil(lambda: opened(page) == lenses[0])
    menu = page.choose_profile.menu()
    menu.fill()
    assert menu.by_exif.isChecked()
    offered = {action.data(): action for action in menu.actions() if action.data()}
    assert set(offered) == {str(path) for path in lenses}
    assert "f/8 instead of f/2" in offered[str(lenses[1])].text()
    offered[str(lenses[1])].trigger()
    qtbot.waitUntil(lambda: opened(page) == lenses[1])
    qtbot.waitUntil(lambda: "f/8 instead of f/2" in page.fit.text())
    drop(page, shoot(2, 2)[:1])
    qtbot.waitUntil(lambda: page.photo_name.text() == "photo_000.png" and "instead of f/2" in page.fit.text())
    assert opened(page) == lenses[1]
    menu.fill()
    assert not menu.by_exif.isChecked()
    menu.by_exif.trigger()
    qtbot.waitUntil(lambda: opened(page) == lenses[0])


def test_a_profile_dropped_with_its_photo_was_picked_by_hand(window, qtbot, lenses, shoot):
    drop(window.start, [lenses[1], *shoot(2)])
    qtbot.waitUntil(lambda: opened(window.deblur) == lenses[1])
    qtbot.waitUntil(lambda: "f/8 instead of f/2" in window.deblur.fit.text())
    assert window.page == "deblur"


def test_a_profile_looked_at_on_the_lens_page_is_kept_for_this_photo(window, qtbot, lenses, shoot):
    page = window.deblur
    drop(page, shoot(2))
    qtbot.waitUntil(lambda: opened(page) == lenses[0])
    window.lens.open_file(lenses[1])
    qtbot.waitUntil(lambda: opened(page) == lenses[1])
    qtbot.waitUntil(lambda: "f/8 instead of f/2" in page.fit.text())
    assert opened(page) == lenses[1]


def test_in_a_batch_each_photo_says_its_profile_and_all_go_to_the_engine(window, qtbot, jobs, lenses, shoot):
    page = window.deblur
    photos = shoot(2, 8, 4)
    drop(page, photos)
    qtbot.waitUntil(lambda: opened(page) == lenses[0])
    lines = page.batch.lines
    qtbot.waitUntil(lambda: lines.topLevelItem(1).text(2) == "with narrow/profile.lens")
    assert lines.topLevelItem(0).text(2) == ""
    assert "f/2 instead of f/4" in lines.topLevelItem(2).text(2)
    assert page.batch.lenses.text().startswith("1 of 3 photos")
    qtbot.waitUntil(page.deblur.isEnabled)
    qtbot.mouseClick(page.deblur, LEFT)
    answer(page, qtbot, "Deblur all 3")
    qtbot.waitUntil(lambda: len(jobs.requests) == 1 and window.state is RunState.IDLE)
    request = jobs.requests[-1]
    assert (request.photos, request.profile) == (tuple(photos), lenses[0])
    assert set(request.profiles) == set(lenses)
    page.lens.pick(lenses[0])
    qtbot.waitUntil(lambda: page.lens.is_by_hand and page.batch.lenses.text().startswith("2 of 3 photos"))
    qtbot.waitUntil(page.deblur.isEnabled)
    qtbot.mouseClick(page.deblur, LEFT)
    answer(page, qtbot, "Deblur all 3")
    qtbot.waitUntil(lambda: len(jobs.requests) == 2 and window.state is RunState.IDLE)
    assert jobs.requests[-1].profiles == ()


def test_photos_of_another_aperture_are_asked_about_before_they_are_deblurred(window, qtbot, jobs, lenses, shoot):
    page = window.deblur
    photos = shoot(2, 4, 2, 5)
    drop(page, [*photos, lenses[0]])
    qtbot.waitUntil(lambda: page.batch.lenses.text().startswith("2 of 4 photos were taken with another lens or aperture"))
    qtbot.waitUntil(page.deblur.isEnabled)
    qtbot.mouseClick(page.deblur, LEFT)
    question = page.orders.question
    assert question.isVisible()
    for photo, told in ((photos[1], "f/2 instead of f/4"), (photos[3], "f/2 instead of f/5")):
        assert f"{photo.name}: the profile is for {told}" in question.informativeText()
    answer(page, qtbot, "Cancel")
    assert not jobs.requests
    qtbot.mouseClick(page.deblur, LEFT)
    answer(page, qtbot, "Leave them out: deblur 2")
    qtbot.waitUntil(lambda: len(jobs.requests) == 1 and window.state is RunState.IDLE)
    assert jobs.requests[0].photos == (photos[0], photos[2])
    qtbot.mouseClick(page.batch.remove_doubtful, LEFT)
    assert page.batch.photos == (photos[0], photos[2])
    assert not page.batch.lenses.isVisible()
    assert all(photo.exists() for photo in photos)


def test_photos_of_another_size_are_left_out_and_it_is_said_before(window, qtbot, jobs, lenses, shoot, tmp_path):
    page = window.deblur
    photos = shoot(2, 2)
    large = write_photos(tmp_path / "large", 1, size=(300, 200))
    drop(page, [*photos, *large, lenses[0]])
    qtbot.waitUntil(lambda: page.deblur.text() == "Deblur 2 of 3 photos and save")
    line = page.batch.lines.topLevelItem(2)
    assert line.text(1) == "⚠ left out"
    assert "larger" in line.text(2)
    assert page.batch.lenses.text() == "1 of 3 photos does not fit the profile and is left out."
    qtbot.waitUntil(page.deblur.isEnabled)
    qtbot.mouseClick(page.deblur, LEFT)
    qtbot.waitUntil(lambda: len(jobs.requests) == 1 and window.state is RunState.IDLE)
    assert jobs.requests[0].photos == tuple(photos)
    assert line.text(1) == "⚠ left out"


def test_where_no_photo_fits_nothing_can_be_started(window, qtbot, lenses, tmp_path):
    page = window.deblur
    drop(page, [*write_photos(tmp_path / "large", 2, size=(300, 200)), lenses[0]])
    qtbot.waitUntil(lambda: page.batch.lenses.text() == "None of these photos fits the profile: they are left out.")
    assert not page.deblur.isEnabled()
