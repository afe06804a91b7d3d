"""The window is as high as the person made it, whatever is said and shown in it."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QScrollArea

from ddm_studio.gui.main_window import PAGES
from ddm_studio.gui.views.message_bar import Message

LOW = (1280, 740)
LONG = Message("The lens is learned", "Stage 1 is kept", "Deblur a photo with it", is_error=False)


@pytest.mark.parametrize("name", PAGES)
def test_a_message_and_the_log_leave_the_window_as_high_as_it_is(window, qtbot, profile, name):
    window.show_profile(profile)
    window.resize(*LOW)
    window.show_page(name)
    window.show_message(LONG)
    qtbot.keyClick(window, Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: window.assistance.log.isVisible() and window.messages.isVisible())
    qtbot.wait(100)
    assert (window.width(), window.height()) == LOW


def test_where_a_page_is_too_high_it_scrolls_to_its_end(ready, qtbot):
    window = ready
    window.show_page("photos")
    window.resize(1280, 460)
    (room,) = [area for area in window.findChildren(QScrollArea) if area.isAncestorOf(window.stack)]
    qtbot.waitUntil(lambda: room.verticalScrollBar().maximum() > 0)
    assert window.height() == 460
    button = window.photos.next
    room.ensureWidgetVisible(button)
    place = button.mapTo(room.viewport(), button.rect().center())
    assert room.viewport().rect().contains(place)


def test_a_page_that_fits_does_not_scroll(window, qtbot, profile):
    window.show_profile(profile)
    window.resize(*LOW)
    (room,) = [area for area in window.findChildren(QScrollArea) if area.isAncestorOf(window.stack)]
    for name in PAGES:
        window.show_page(name)
        qtbot.wait(50)
        assert not room.verticalScrollBar().isVisible(), name
