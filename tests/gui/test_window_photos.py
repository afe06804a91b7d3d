"""Two folders are dropped, looked into, and shown with what is not used."""

import pytest
from fake_jobs import write_photos
from gestures import LEFT, drop, drop_text

from ddm_studio.errors import InputError
from ddm_studio.gui.file_reading import folder_of_drop


@pytest.fixture(autouse=True)
def on_the_photos_page(window):
    window.show_page("photos")


def test_a_dropped_folder_is_shown_with_counts_and_reasons(window, qtbot, blurry):
    assert drop(window.photos.blurry, [blurry])
    qtbot.waitUntil(lambda: window.photos.blurry.counts.text() == "12 photos, 1 skipped")
    assert window.photos.blurry.skipped.isVisible()
    assert window.photos.blurry.skipped.item(0).text().startswith("notes.txt: ")
    assert not window.photos.next.isEnabled()


def test_thumbnails_arrive_in_the_background(window, qtbot, blurry):
    drop(window.photos.blurry, [blurry])
    model = window.photos.blurry.thumbnails.thumbnails
    qtbot.waitUntil(lambda: model.rowCount() == 12)
    qtbot.waitUntil(lambda: all(photo in model._pictures for photo in model._photos[:4]))


def test_both_folders_lead_to_calibrate(window, qtbot, blurry, sharp):
    drop(window.photos.blurry, [blurry])
    drop(window.photos.sharp, [sharp])
    qtbot.waitUntil(window.photos.next.isEnabled)
    qtbot.mouseClick(window.photos.next, LEFT)
    assert window.page == "calibrate"
    assert window.calibrate.start.isEnabled()


def test_photos_of_another_frame_are_skipped_with_the_reason(window, qtbot, blurry):
    write_photos(blurry / "other", 1, size=(70, 50))
    (blurry / "other" / "photo_000.png").rename(blurry / "odd.png")
    (blurry / "other").rmdir()
    drop(window.photos.blurry, [blurry])
    qtbot.waitUntil(lambda: window.photos.blurry.counts.text() == "12 photos, 2 skipped")
    reasons = [window.photos.blurry.skipped.item(line).text() for line in range(2)]
    assert any("70 × 50 instead of 96 × 64" in reason for reason in reasons)


def test_files_that_are_not_used_for_the_same_reason_take_one_line_and_give_way_to_a_selected_photo(window, qtbot, blurry):
    for number in range(9):
        (blurry / f"list {number}.txt").write_text("no photo")
    drop(window.photos.blurry, [blurry])
    card = window.photos.blurry
    qtbot.waitUntil(lambda: card.counts.text() == "12 photos, 10 skipped")
    assert card.skipped.count() == 1
    assert "and 8 more: " in card.skipped.item(0).text()
    assert "list 7.txt" in card.skipped.item(0).toolTip()
    assert "10 files are not used" in card.skipped_heading.text()
    qtbot.waitUntil(lambda: card.thumbnails.visualRect(card.thumbnails.thumbnails.index(0)).isValid())
    qtbot.mouseClick(card.thumbnails.viewport(), LEFT, pos=card.thumbnails.visualRect(card.thumbnails.thumbnails.index(0)).center())
    assert card.details.isVisible()
    assert not card.skipped.isVisible()
    qtbot.mouseClick(card.skipped_heading, LEFT)
    assert card.skipped.isVisible()


def test_dropped_photos_mean_their_folder_and_that_is_said(window, qtbot, blurry):
    drop(window.photos.blurry, [blurry / "photo_000.png", blurry / "photo_003.png"])
    qtbot.waitUntil(lambda: window.photos.blurry.counts.text().startswith("12 photos"))
    assert "whole folder “old lens”" in window.photos.blurry.sentence.text()


def test_an_empty_folder_is_refused_with_advice(window, qtbot, tmp_path):
    empty = tmp_path / "nothing"
    empty.mkdir()
    drop(window.photos.blurry, [empty])
    qtbot.waitUntil(window.messages.isVisible)
    assert "is empty" in window.messages.what.text()
    assert "Choose a folder with photos" in window.messages.advice.text()


def test_the_same_folder_twice_is_questioned(window, qtbot, sharp):
    drop(window.photos.blurry, [sharp])
    drop(window.photos.sharp, [sharp])
    qtbot.waitUntil(window.messages.isVisible)
    assert "same folder" in window.messages.what.text()


def test_text_is_not_taken(window):
    assert not drop_text(window.photos.blurry, "hello")


def test_an_empty_page_gives_advice(window):
    assert "Start with the blurry photos" in window.photos.advice.text()
    assert window.photos.blurry.empty.isVisible()


@pytest.mark.slow
def test_thousands_of_photos_do_not_stop_the_window(window, qtbot, tmp_path):
    folder = tmp_path / "many"
    first = write_photos(folder, 1)[0].read_bytes()
    for number in range(1, 3000):
        (folder / f"photo_{number:04d}.png").write_bytes(first)
    drop(window.photos.blurry, [folder])
    qtbot.waitUntil(lambda: window.photos.blurry.counts.text() == "3000 photos", timeout=30_000)
    view = window.photos.blurry.thumbnails
    last = view.thumbnails._photos[-1]

    def seen_at_the_bottom() -> bool:
        view.scrollToBottom()  # again and again: the view lays its items out in batches
        return last in view.thumbnails._pictures

    qtbot.waitUntil(seen_at_the_bottom, timeout=10_000)
    assert len(view.thumbnails._pictures) < 1000


class TestWhatADropMeans:
    def test_one_folder(self, tmp_path):
        assert folder_of_drop([tmp_path]) == (tmp_path, "")

    def test_several_folders(self, tmp_path):
        for name in "ab":
            (tmp_path / name).mkdir()
        with pytest.raises(InputError, match="Several folders"):
            folder_of_drop([tmp_path / "a", tmp_path / "b"])

    def test_photos_of_different_folders(self, tmp_path):
        with pytest.raises(InputError, match="different folders"):
            folder_of_drop([tmp_path / "a" / "1.png", tmp_path / "b" / "2.png"])

    def test_a_profile(self, tmp_path):
        with pytest.raises(InputError, match="lens profile"):
            folder_of_drop([tmp_path / "x.lens"])


def test_a_profile_dropped_on_a_card_opens_on_the_lens_page(window, qtbot, profile):
    window.show_page("photos")
    drop(window.photos.sharp, [profile])
    qtbot.waitUntil(window.deblur.has_profile)
    assert window.page == "lens"
    assert not window.messages.isVisible()
