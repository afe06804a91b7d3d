"""Photos are listed with EXIF, checked, read about, left out; one folder serves as both sets."""

from pathlib import Path

import pytest
from gestures import LEFT, drop
from PIL import Image, TiffImagePlugin
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QLabel

from ddm_studio.gui.views.thumbnail_delegate import FINDING_ROLE, LEFT_OUT_ROLE
from ddm_studio.project import begin_project
from ddm_studio.settings import CalibrationSettings


def shot(path: Path, aperture: float, number: int) -> None:
    exif = Image.Exif()
    exif[0x010F], exif[0x0110] = "Maker", "Maker One"
    inside = exif.get_ifd(0x8769)
    inside[0x829D], inside[0x920A] = TiffImagePlugin.IFDRational(round(aperture * 10), 10), TiffImagePlugin.IFDRational(50)
    inside[0x8827], inside[0xA434] = 200, "Fiftygon"
    Image.effect_noise((96, 64), 60 + number).convert("RGB").save(path, quality=95, exif=exif)


@pytest.fixture
def one_folder(tmp_path: Path) -> Path:
    folder = tmp_path / "one lens"
    folder.mkdir()
    for number in range(4):
        shot(folder / f"wide_{number}.jpg", 2.0, number)
        shot(folder / f"small_{number}.jpg", 5.6, number)
    return folder


@pytest.fixture
def page(window, qtbot, blurry, sharp):
    window.show_page("photos")
    drop(window.photos.blurry, [blurry])
    drop(window.photos.sharp, [sharp])
    qtbot.waitUntil(window.photos.next.isEnabled)
    return window.photos


def click_photo(card, qtbot, row):
    view = card.thumbnails
    index = view.thumbnails.index(row)
    view.scrollTo(index)
    qtbot.mouseClick(view.viewport(), LEFT, pos=view.visualRect(index).center())


def check(page, window, qtbot):
    qtbot.mouseClick(page.summary.check, LEFT)
    qtbot.waitUntil(lambda: not window.runner.is_running and page.summary.check.isVisible())


def test_a_check_marks_photos_and_sums_the_sets_up(page, window, qtbot):
    check(page, window, qtbot)
    model = page.blurry.thumbnails.thumbnails
    assert model.data(model.index(0), FINDING_ROLE) == "photo_000.png is softer than the others"
    assert not model.data(model.index(1), FINDING_ROLE)
    assert not page.summary.map.isVisible()
    qtbot.mouseClick(page.summary.views.button("figures"), LEFT)
    assert page.summary.map.isVisible()
    assert page.summary.map.shown.values[7, 7] == 63
    blurry, sharp = page.summary.sets["blurry"].text(), page.summary.sets["sharp"].text()
    for words in ("12 photos", "87%", "noise 0.012", "f/2 × 12"):
        assert words in blurry
    assert "noise unknown, apertures unknown" in sharp
    told = [page.summary.list.item(line).text() for line in range(page.summary.list.count())]
    assert any("lower left" in line for line in told)
    assert "Select one to see its photo" in page.summary.strip.what.text()
    assert not window.messages.isVisible()


def test_where_nothing_is_wrong_the_figures_are_shown(page, window, qtbot, jobs):
    jobs.finds_faults = False
    check(page, window, qtbot)
    assert page.summary.strip.what.text() == "Nothing was found wrong."
    assert page.summary.map.isVisible()
    assert not page.summary.list.isVisible()
    qtbot.mouseClick(page.summary.views.button("findings"), LEFT)
    qtbot.mouseClick(page.mode.button("one"), LEFT)  # other sets: that nothing is wrong with them nobody has found out
    assert "changed since the check" in page.summary.strip.what.text()
    assert not page.summary.list.isVisible()


def line_about_a_photo(page):
    lines = [page.summary.list.item(line) for line in range(page.summary.list.count())]
    return next(line for line in lines if "photo_000.png" in line.text())


def click_line(page, qtbot, line):
    page.summary.list.scrollToItem(line)
    qtbot.mouseClick(page.summary.list.viewport(), LEFT, pos=page.summary.list.visualItemRect(line).center())


def test_a_finding_leads_to_its_photo_and_is_crossed_out_once_that_is_left_out(page, window, qtbot):
    check(page, window, qtbot)
    view = page.blurry.thumbnails
    view.scrollToBottom()
    line = line_about_a_photo(page)
    click_line(page, qtbot, line)
    assert view.chosen.name == "photo_000.png"
    qtbot.waitUntil(lambda: view.viewport().rect().contains(view.visualRect(view.currentIndex()).center()))
    assert "Shaken by the camera" in page.blurry.details.findings.text()
    qtbot.mouseClick(page.blurry.details.toggle, LEFT)
    qtbot.waitUntil(lambda: line.font().strikeOut())
    click_photo(page.blurry, qtbot, 3)
    click_line(page, qtbot, line)  # it is selected already
    assert view.chosen.name == "photo_000.png"
    qtbot.mouseClick(page.blurry.details.toggle, LEFT)
    qtbot.waitUntil(lambda: not line.font().strikeOut())


def test_findings_are_read_and_followed_by_the_keyboard(page, window, qtbot):
    check(page, window, qtbot)
    page.summary.list.setFocus()
    assert page.blurry.thumbnails.chosen is None
    for key in (Qt.Key.Key_Space, *[Qt.Key.Key_Down] * page.summary.list.count()):
        qtbot.keyClick(page.summary.list, key)
        if page.blurry.thumbnails.chosen is not None:
            break
    assert page.blurry.thumbnails.chosen.name == "photo_000.png"


def test_every_finding_is_shown_in_full_and_rows_of_photos_are_seen_at_the_smallest_window(page, window, qtbot):
    window.resize(1280, 800)
    check(page, window, qtbot)
    listed = page.summary.list
    for number in range(listed.count()):
        line = listed.item(number)
        words = listed.fontMetrics().boundingRect(
            0, 0, listed.visualItemRect(line).width() - 40, 999, Qt.TextFlag.TextWordWrap, line.text()
        )
        assert listed.visualItemRect(line).height() >= words.height()
    click_line(page, qtbot, line_about_a_photo(page))
    cell = page.blurry.thumbnails.gridSize().height()
    qtbot.waitUntil(lambda: page.blurry.thumbnails.viewport().height() >= 1.5 * cell)


def test_a_selected_photo_tells_why_and_is_left_out_and_used_again(page, window, qtbot, jobs):
    check(page, window, qtbot)
    click_photo(page.blurry, qtbot, 0)
    details = page.blurry.details
    assert details.isVisible()
    assert "Shaken by the camera" in details.findings.text()
    assert "eft out" not in details.findings.text()  # what to do with it is said by the finding, once
    qtbot.mouseClick(details.toggle, LEFT)
    qtbot.waitUntil(lambda: page.blurry.counts.text() == "11 photos, 1 left out, 1 skipped")
    assert details.toggle.text() == "Use again"
    model = page.blurry.thumbnails.thumbnails
    assert model.rowCount() == 12
    assert model.data(model.index(0), LEFT_OUT_ROLE)
    check(page, window, qtbot)
    assert [path.name for path in jobs.requests[-1].left_out] == ["photo_000.png"]
    qtbot.mouseClick(details.toggle, LEFT)
    qtbot.waitUntil(lambda: page.blurry.counts.text() == "12 photos, 1 skipped")


def test_the_delete_key_leaves_the_selected_photo_out_of_the_calibration(page, window, qtbot, jobs):
    click_photo(page.sharp, qtbot, 2)
    qtbot.keyClick(page.sharp.thumbnails, Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: page.sharp.counts.text() == "4 photos, 1 left out")
    qtbot.mouseClick(page.next, LEFT)
    qtbot.mouseClick(window.calibrate.start, LEFT)
    qtbot.waitUntil(lambda: not window.runner.is_running)
    assert [path.name for path in jobs.requests[-1].left_out] == ["photo_002.png"]


def test_a_running_check_is_stopped(page, window, qtbot, jobs):
    jobs.steps = 100_000
    qtbot.mouseClick(page.summary.check, LEFT)
    qtbot.waitUntil(page.summary.strip.stop.isVisible)
    click_photo(page.blurry, qtbot, 0)
    qtbot.keyClick(page.blurry.thumbnails, Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: "1 left out" in page.blurry.counts.text())
    assert "no EXIF data" in page.blurry.details.facts.text()
    assert not page.summary.check.isVisible()
    qtbot.mouseClick(page.summary.strip.stop, LEFT)
    qtbot.waitUntil(lambda: page.summary.strip.what.text() == "The check was stopped")
    assert page.summary.check.isEnabled()


def test_findings_are_forgotten_with_the_folder(page, window, qtbot, sharp):
    check(page, window, qtbot)
    drop(page.blurry, [sharp])
    qtbot.waitUntil(lambda: "changed since the check" in page.summary.strip.what.text())
    assert page.summary.list.count() == 0
    assert not page.summary.map.isVisible()


def test_rows_show_exif(window, qtbot, one_folder):
    window.show_page("photos")
    drop(window.photos.blurry, [one_folder])
    qtbot.waitUntil(lambda: window.photos.blurry.counts.text() == "8 photos")
    pictures = window.photos.blurry.thumbnails.grab().toImage()
    qtbot.mouseClick(window.photos.arrangement.button("rows"), LEFT)
    qtbot.waitUntil(lambda: window.photos.blurry.thumbnails.grab().toImage() != pictures)
    click_photo(window.photos.blurry, qtbot, 0)
    assert window.photos.blurry.details.facts.text() == "small_0.jpg   50 mm   f/5.6   ISO 200\nMaker One  ·  Fiftygon"
    tip = window.photos.blurry.thumbnails.thumbnails.data(window.photos.blurry.thumbnails.thumbnails.index(0), Qt.ItemDataRole.ToolTipRole)
    assert "ISO 200" in tip


def test_one_folder_is_sorted_by_aperture_and_calibrated(window, qtbot, jobs, one_folder):
    page = window.photos
    window.show_page("photos")
    qtbot.mouseClick(page.mode.button("one"), LEFT)
    assert not page.sharp.empty.choose.isVisible()
    drop(page.blurry, [one_folder])
    qtbot.waitUntil(page.next.isEnabled)
    assert page.blurry.counts.text().startswith("4 photos")
    assert page.sharp.counts.text().startswith("4 photos")
    assert "f/2 are the blurry set" in page.sentence.text()
    assert page.sharp._words.text() == "The middle of those stopped down."
    tops = [card.thumbnails.mapTo(window, QPoint(0, 0)).y() for card in (page.blurry, page.sharp)]
    assert tops[0] == tops[1]  # the pictures of both halves are level
    assert not page.sharp.change.isEnabled()
    qtbot.mouseClick(page.next, LEFT)
    qtbot.mouseClick(window.calibrate.start, LEFT)
    qtbot.waitUntil(lambda: not window.runner.is_running)
    request = jobs.requests[-1]
    assert (request.blurry, request.sharp, request.settings.blurry_aperture) == (one_folder, None, None)


def test_another_aperture_of_the_one_folder_is_chosen(window, qtbot, one_folder):
    page = window.photos
    window.show_page("photos")
    qtbot.mouseClick(page.mode.button("one"), LEFT)
    drop(page.blurry, [one_folder])
    qtbot.waitUntil(page.next.isEnabled)
    assert [page.aperture.itemText(row) for row in range(page.aperture.count())] == ["Widest aperture", "f/2", "f/5.6"]
    qtbot.keyClick(page.aperture, Qt.Key.Key_End)
    qtbot.waitUntil(lambda: "stopped down by a stop or more from f/5.6" in page.sentence.text())
    assert page.sharp._words.text() == "The middle of the same photos."
    qtbot.mouseClick(page.mode.button("two"), LEFT)
    qtbot.waitUntil(lambda: page.blurry.counts.text() == "8 photos")
    assert not page.next.isEnabled()


def test_a_project_opened_again_knows_what_was_left_out(window, qtbot, blurry, sharp, tmp_path):
    project = begin_project(tmp_path / "project", blurry, sharp, CalibrationSettings(), [blurry / "photo_004.png"])
    window.openings.open_project(project.folder)
    qtbot.waitUntil(lambda: window.photos.blurry.counts.text() == "11 photos, 1 left out, 1 skipped")


def test_how_to_take_photos_is_drawn_and_told(window, qtbot):
    window.show_page("photos")
    qtbot.mouseClick(window.photos.how, LEFT)
    card = window.photos.card
    assert card.isVisible()
    told = " ".join(part.text() for part in card.findChildren(QLabel))
    for words in ("corners", "One lens", "held still", "Sharp photos of anything else"):
        assert words in told
    picture = card.grab().toImage()
    assert len({picture.pixel(x, y) for x in range(20, 260, 2) for y in range(20, 150, 3)}) > 10
    qtbot.mouseClick(card.close_button, LEFT)
    assert not card.isVisible()


def test_after_a_calibration_the_page_does_not_go_on_looking(page, window, qtbot):
    idle = page.summary.strip.what.text()
    qtbot.mouseClick(page.next, LEFT)
    qtbot.mouseClick(window.calibrate.start, LEFT)
    qtbot.waitUntil(lambda: not window.runner.is_running)
    assert page.summary.strip.what.text() == idle
