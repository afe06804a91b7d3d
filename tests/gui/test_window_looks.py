"""Everything is visible at 1280 x 800, named for a screen reader, and light to load."""

import subprocess
import sys

import pytest
from gestures import drop
from PySide6.QtWidgets import QAbstractButton, QAbstractSpinBox, QComboBox, QLabel, QLineEdit, QScrollArea, QWidget

from ddm_studio.gui.views.compare_view import METHODS
from ddm_studio.gui.views.sidebar import PAGES
from ddm_studio.settings import Method


@pytest.fixture
def filled(window, qtbot, profile, blurry, sharp):
    drop(window.photos.blurry, [blurry])
    drop(window.photos.sharp, [sharp])
    qtbot.waitUntil(window.photos.next.isEnabled)
    drop(window.deblur, [profile, blurry / "photo_000.png"])
    qtbot.waitUntil(window.deblur.compare.isEnabled)
    return window


def in_a_scroll_area(widget: QWidget) -> bool:
    parent = widget.parentWidget()
    return parent is not None and (isinstance(parent, QScrollArea) or in_a_scroll_area(parent))


@pytest.mark.parametrize("page", PAGES)
def test_the_window_fits_a_small_screen(filled, page):
    filled.show_page(page)
    smallest = filled.minimumSizeHint()
    assert smallest.width() <= 1280
    assert smallest.height() <= 760


def test_the_deblur_page_fits_with_everything_opened(filled):
    filled.show_page("deblur")
    form = filled.deblur.form
    form.offer(METHODS)
    form.show_method(Method.NETWORK)
    form.offer_denoisers(("bundled", "drunet", "diffunet"))
    form.denoiser.setCurrentIndex(2)
    form.format.setCurrentIndex(form.format.findData("jpeg"))
    form.blend.channels.setChecked(True)
    filled.deblur.masking.setChecked(True)
    smallest = filled.minimumSizeHint()
    assert smallest.width() <= 1280
    assert smallest.height() <= 760


@pytest.mark.parametrize("page", PAGES)
def test_no_word_is_cut_off(filled, qtbot, page):
    filled.show_page(page)
    qtbot.waitUntil(filled.isVisible)
    cut = [
        label.text()
        for label in filled.findChildren(QLabel)
        if label.isVisible() and label.text() and not label.wordWrap() and label.width() < label.minimumSizeHint().width()
    ]
    elided_on_purpose = {filled.deblur.photo_name.text(), filled.deblur.foot.strip.what.text()}
    assert set(cut) <= elided_on_purpose
    narrow = [
        button.text()
        for button in filled.findChildren(QAbstractButton)
        if button.isVisible() and button.width() < button.minimumSizeHint().width()
    ]
    assert narrow == []


def test_no_page_scrolls_sideways(filled, qtbot):
    for page in PAGES:
        filled.show_page(page)
        for area in filled.findChildren(QScrollArea):
            if area.isVisible():
                assert area.widget().minimumSizeHint().width() <= area.viewport().width()


def test_every_control_has_a_name(filled):
    for page in PAGES:
        filled.show_page(page)
    for kind in (QAbstractButton, QLineEdit, QComboBox, QAbstractSpinBox):
        for control in filled.findChildren(kind):
            inside = control.parentWidget()
            if control.objectName().startswith("qt_") or isinstance(inside, QAbstractSpinBox | QComboBox):
                continue
            assert control.accessibleName() or (isinstance(control, QAbstractButton) and control.text()), control


def test_opening_the_window_loads_no_torch():
    code = """
import sys
from PySide6.QtWidgets import QApplication
from ddm_studio.gui import app
from ddm_studio.gui.main_window import MainWindow
application = QApplication([])
window = MainWindow()
window.show()
application.processEvents()
heavy = {"torch", "torchvision", "deepinv", "scipy", "matplotlib", "rawpy", "tifffile", "imagecodecs"} & set(sys.modules)
assert not heavy, heavy
window.close()
"""
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_numbers_stand_as_far_from_the_edge_of_their_fields_as_words(filled):
    form = filled.deblur.form
    filled.show_page("deblur")

    def start_of(line, field):
        line.home(False)
        return line.mapTo(field, line.cursorRect().center()).x()

    words = start_of(form.folder, form.folder)
    assert abs(start_of(form.strength.lineEdit(), form.strength) - words) <= 2
