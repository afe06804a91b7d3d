"""Every word that is drawn can be read in both themes: 4.5 : 1 against what lies under it, 3 : 1 where it is large or disabled (WCAG 2.1).

Measured on the picture of the window, at twice the size so that strokes have their full colour: the ground is the most frequent colour of
the place of a word, its ink the one that differs most from that.
"""

import numpy as np
import pytest
from fake_jobs import FakeJobs, write_photos
from gestures import LEFT, drop
from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QAbstractButton, QAbstractItemView, QApplication, QComboBox, QLabel, QLineEdit, QMenu, QWidget

from ddm_studio.gui.colours import contrast
from ddm_studio.gui.pages.lens_page import VIEWS
from ddm_studio.gui.theme import apply_theme
from ddm_studio.gui.views.message_bar import Message
from ddm_studio.preferences import Theme

LARGE, LARGE_AND_BOLD = 24, 18.66
"""Pixels of a font from which letters count as large: 18 points, or 14 in bold."""
_EDGE = 4  # of frames and focus rings, which are no ink


def picture_of(window: QWidget) -> np.ndarray:
    """(2 h, 2 w) colours, 0xRRGGBB, of a window as it is drawn."""
    image = QImage(2 * window.size(), QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(2)
    painter = QPainter(image)
    window.render(painter, QPoint(0, 0))
    painter.end()
    pixels = np.frombuffer(image.constBits(), np.uint32).reshape(image.height(), image.bytesPerLine() // 4)
    return pixels[:, : image.width()] & 0xFFFFFF


def measured(pixels: np.ndarray, place: QRect) -> float:
    """Contrast of the ink in a place to its ground."""
    part = pixels[2 * place.top() : 2 * (place.bottom() + 1), 2 * place.left() : 2 * (place.right() + 1)]
    colours, counts = np.unique(part, return_counts=True)
    ground = f"#{colours[counts.argmax()]:06x}"
    return max(contrast(f"#{colour:06x}", ground) for colour in colours)


def wanted(widget: QWidget) -> float:
    font = widget.font()
    size = font.pixelSize() if font.pixelSize() > 0 else font.pointSizeF() * 96 / 72
    return 3.0 if not widget.isEnabled() or size >= (LARGE_AND_BOLD if font.bold() else LARGE) else 4.5


def words_in(window: QWidget) -> list[tuple[QWidget, str, QRect]]:
    """Each widget with words, these, and where they are drawn."""
    found = []
    for widget in window.findChildren(QWidget):
        if not widget.isVisible() or widget.window() is not window:
            continue
        if isinstance(widget, QLabel | QLineEdit):
            words = widget.text() or (widget.placeholderText() if isinstance(widget, QLineEdit) else "")
        elif isinstance(widget, QAbstractButton):
            words = widget.text()
        else:
            words = widget.currentText() if isinstance(widget, QComboBox) else ""
        seen = widget.visibleRegion().boundingRect()
        if isinstance(widget, QLabel):
            seen = seen.intersected(widget.contentsRect())
        else:
            seen = seen.intersected(widget.rect().adjusted(_EDGE, _EDGE, -_EDGE, -_EDGE))
        if words.strip() and seen.height() >= widget.fontMetrics().xHeight() and seen.width() > 6:
            found.append((widget, words, seen.translated(widget.mapTo(window, QPoint(0, 0)))))
    return found


def faint(window: QWidget) -> list[str]:
    """Words whose contrast is too low, each with its contrast."""
    QApplication.processEvents()
    pixels, faults = picture_of(window), []
    for widget, words, place in words_in(window):
        ratio = measured(pixels, place)
        if ratio < wanted(widget) - 0.05:  # rounding of 8-bit colours
            faults.append(f"{type(widget).__name__} {words!r}: {ratio:.2f}, not {wanted(widget)}")
    return faults


@pytest.fixture(params=[Theme.DARK, Theme.LIGHT], ids=["dark", "light"])
def themed_window(request, window, qapp):
    apply_theme(qapp, request.param)
    yield window
    apply_theme(qapp, Theme.DARK)


@pytest.fixture
def chosen(themed_window, qtbot, blurry, sharp):
    """Both folders are chosen."""
    drop(themed_window.photos.blurry, [blurry])
    drop(themed_window.photos.sharp, [sharp])
    qtbot.waitUntil(themed_window.photos.next.isEnabled)
    return themed_window


def test_the_measure_sees_what_is_faint(qtbot):
    holder = QWidget()
    qtbot.addWidget(holder)
    holder.resize(QSize(300, 60))
    holder.setStyleSheet("background: #101010;")
    for left, colour in ((10, "#888888"), (150, "#888888"), (10, "#333333")):
        words = QLabel(f"words {left} {colour}", holder)
        words.setStyleSheet(f"color: {colour}")
        words.move(left, 5 if colour != "#333333" else 35)
    holder.show()
    (fault,) = faint(holder)
    assert "#333333" in fault


def test_words_of_an_empty_window(themed_window):
    for page in ("start", "photos", "calibrate", "lens", "deblur"):
        themed_window.show_page(page)
        assert faint(themed_window) == [], page


def test_words_about_photos(chosen, qtbot):
    chosen.show_page("photos")
    qtbot.mouseClick(chosen.photos.summary.check, LEFT)
    qtbot.waitUntil(lambda: not chosen.runner.is_running)
    thumbnails = chosen.photos.blurry.thumbnails
    thumbnails.setCurrentIndex(thumbnails.model().index(0))
    assert chosen.photos.blurry.details.isVisible()
    assert faint(chosen) == []
    qtbot.mouseClick(chosen.photos.mode.button("one"), LEFT)
    assert faint(chosen) == []


@pytest.mark.parametrize("jobs", [FakeJobs(steps=100_000)])
def test_words_while_a_calibration_runs_and_others_wait(chosen, qtbot):
    chosen.show_page("calibrate")
    page = chosen.calibrate
    qtbot.mouseClick(page.form.advanced_button, LEFT)
    qtbot.mouseClick(page.start, LEFT)
    qtbot.waitUntil(lambda: "about" in page.strip.numbers.text())
    qtbot.mouseClick(page.enqueue, LEFT)
    assert faint(chosen) == []
    qtbot.mouseClick(page.strip.pause, LEFT)
    assert faint(chosen) == []
    qtbot.waitUntil(lambda: page.strip.numbers.text() == "Paused")
    assert faint(chosen) == []
    page.queue_list.hold.click()
    qtbot.mouseClick(page.strip.stop, LEFT)
    qtbot.waitUntil(lambda: not chosen.runner.is_running)
    assert faint(chosen) == []


def test_words_about_a_lens(themed_window, qtbot, profile):
    themed_window.show_profile(profile)
    qtbot.waitUntil(lambda: themed_window.lens.place.text() == str(profile))
    for view in VIEWS:
        themed_window.lens.show_view(view)
        assert faint(themed_window) == [], view
    themed_window.lens.compare_with(profile)
    qtbot.waitUntil(themed_window.lens.compare.maps[2].isVisible)
    assert faint(themed_window) == []


def test_words_about_a_photo_to_deblur(themed_window, qtbot, profile, tmp_path):
    window, page = themed_window, themed_window.deblur
    photos = write_photos(tmp_path / "to deblur", 3)
    window.show_page("deblur")
    drop(page, [profile, photos[0]])
    qtbot.waitUntil(page.compare.isEnabled)
    page.form.blend.channels.setChecked(True)
    page.masking.setChecked(True)
    assert faint(window) == []
    qtbot.mouseClick(page.compare, LEFT)
    qtbot.waitUntil(lambda: not window.runner.is_running)
    for layout in page.comparison.layouts.findChildren(QAbstractButton):
        qtbot.mouseClick(layout, LEFT)
        assert faint(window) == [], layout.text()
    qtbot.mouseClick(page.deblur, LEFT)
    qtbot.waitUntil(lambda: not window.runner.is_running)
    assert faint(window) == []
    drop(page, photos)
    qtbot.waitUntil(lambda: len(page.batch.photos) == 3)
    assert faint(window) == []


@pytest.mark.parametrize("jobs", [FakeJobs(fail_at=3)])
def test_words_about_what_went_wrong(chosen, qtbot):
    chosen.show_page("calibrate")
    qtbot.mouseClick(chosen.calibrate.start, LEFT)
    qtbot.waitUntil(chosen.messages.isVisible)
    qtbot.mouseClick(chosen.messages.details_button, LEFT)
    assert faint(chosen) == []
    for is_warning in (False, True):
        chosen.show_message(Message("What", "Why", "Advice", "Details", is_error=False, is_warning=is_warning))
        assert faint(chosen) == []


def test_words_of_dialogs_help_and_log(themed_window, qtbot):
    window = themed_window
    for dock in (window.assistance.help, window.assistance.log):
        dock.show()
    assert faint(window) == []
    window.assistance.show_settings()
    window.assistance.settings.tabs.setCurrentIndex(1)
    window.photos.show_how()
    dialogs = [one for one in QApplication.topLevelWidgets() if one.isVisible() and one is not window and not isinstance(one, QMenu)]
    assert dialogs
    for dialog in dialogs:
        assert faint(dialog) == [], dialog.windowTitle()
        dialog.close()


def test_words_of_lists_and_menus(chosen, qtbot):
    """Items are drawn by their view, so a place of each is looked at."""
    chosen.show_page("photos")
    qtbot.mouseClick(chosen.photos.arrangement.button("rows"), LEFT)
    qtbot.waitUntil(chosen.photos.blurry.skipped.isVisible)
    QApplication.processEvents()
    pixels = picture_of(chosen)
    for view in chosen.findChildren(QAbstractItemView):
        if view.isVisible() and view.model() is not None and view.model().rowCount():
            item = view.visualRect(view.model().index(0, 0)).intersected(view.viewport().rect())
            place = item.translated(view.viewport().mapTo(chosen, QPoint(0, 0)))
            assert measured(pixels, place) >= 4.45, view.accessibleName()
    for action in chosen.menuBar().actions():
        menu = action.menu()
        menu.ensurePolished()
        menu.resize(menu.sizeHint())
        drawn = picture_of(menu)
        for entry in menu.actions():
            if not entry.isSeparator() and not menu.actionGeometry(entry).isEmpty():
                least = 4.45 if entry.isEnabled() else 2.95
                place = menu.actionGeometry(entry).adjusted(_EDGE, 2, -_EDGE, -2)
                assert measured(drawn, place) >= least, entry.text()


def test_words_of_the_field_that_has_the_focus_and_of_chosen_items(chosen, qtbot):
    chosen.show_page("calibrate")
    for part in (chosen.calibrate.form.project, chosen.calibrate.start, chosen.calibrate.form.advanced_button):
        part.setFocus(Qt.FocusReason.TabFocusReason)
        assert faint(chosen) == []
