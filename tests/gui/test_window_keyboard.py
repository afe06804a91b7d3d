"""Everything can be reached and named without a mouse, and it is seen where the keyboard is."""

import numpy as np
import pytest
from gestures import drop
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QAbstractButton, QAbstractSpinBox, QApplication, QComboBox, QWidget

from ddm_studio.gui.views.sidebar import PAGES

TAB = Qt.FocusPolicy.TabFocus


@pytest.fixture
def filled(window, qtbot, profile, blurry, sharp):
    window.show_page("photos")
    drop(window.photos.blurry, [blurry])
    drop(window.photos.sharp, [sharp])
    qtbot.waitUntil(window.photos.next.isEnabled)
    drop(window.deblur, [profile, blurry / "photo_000.png"])
    qtbot.waitUntil(window.deblur.compare.isEnabled)
    return window


def takes_focus(widget: QWidget) -> bool:
    """Whether Tab should stop here: not inside another control, and of buttons that exclude each other at the one that is down."""
    if not (widget.isVisible() and widget.isEnabled() and widget.focusPolicy() & TAB) or widget.focusProxy() is not None:
        return False
    if isinstance(widget.parentWidget(), QAbstractSpinBox | QComboBox):
        return False
    if isinstance(widget, QAbstractButton) and widget.group() is not None and widget.group().exclusive():
        return widget.isChecked()
    return True


def controls(window) -> list[QWidget]:
    return [widget for widget in window.findChildren(QWidget) if widget.window() is window and takes_focus(widget)]


def walk(window, qtbot) -> list[QWidget]:
    """Press Tab until the focus comes round."""
    reached: list[QWidget] = []
    window.sidebar.pages.findChild(QAbstractButton).setFocus()
    for _ in range(200):
        focus = QApplication.focusWidget()
        if focus in reached:
            return reached
        reached.append(focus)
        qtbot.keyClick(focus, Qt.Key.Key_Tab)
    return reached


@pytest.mark.parametrize("page", PAGES)
def test_tab_reaches_everything_and_everything_has_a_name(filled, qtbot, page):
    filled.show_page(page)
    reached = walk(filled, qtbot)
    missed = [control for control in controls(filled) if control not in reached]
    assert [(type(control).__name__, control.accessibleName()) for control in missed] == []
    nameless = [
        control for control in reached if not (control.accessibleName() or (isinstance(control, QAbstractButton) and control.text()))
    ]
    assert [(type(control).__name__, control.parentWidget()) for control in nameless] == []


def pixels(widget: QWidget) -> np.ndarray:
    picture = widget.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    return np.array(picture.constBits(), np.int16).reshape(picture.height(), -1, 4)[..., :3]


@pytest.mark.parametrize("page", PAGES)
def test_it_is_seen_where_the_focus_is(filled, qtbot, page):
    filled.show_page(page)
    unseen = []
    for control in walk(filled, qtbot):
        control.setFocus(Qt.FocusReason.TabFocusReason)
        focused = pixels(control)
        control.clearFocus()
        changed = np.abs(focused - pixels(control)).max(axis=-1) > 25
        if changed.sum() < 40:
            unseen.append((type(control).__name__, control.accessibleName()))
    assert unseen == []


def test_every_menu_entry_has_words_and_no_key_is_given_twice(window):
    actions = [action for menu in window.menuBar().actions() for action in menu.menu().actions() if not action.isSeparator()]
    assert all(action.text() for action in actions)
    keys = [key.toString() for action in actions for key in action.shortcuts()]
    assert len(keys) == len(set(keys))
    assert {"Ctrl+0", "Ctrl+1", "Ctrl+4", "Ctrl+O", "Ctrl+L", "Ctrl+,", "F1", "Ctrl+Z", "Ctrl+Shift+Z"} <= set(keys)


def test_the_focus_does_not_stay_on_the_name_of_another_page(window, qtbot):
    for key, page in ((Qt.Key.Key_3, "Lens"), (Qt.Key.Key_1, "Photos")):
        qtbot.keyClick(window, key, Qt.KeyboardModifier.ControlModifier)
        assert window.focusWidget().accessibleName() == page
