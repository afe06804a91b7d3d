"""Help on each page, and the tour of four bubbles at the first visit."""

import re

import pytest
from fake_jobs import FakeJobs
from gestures import LEFT, NO_KEYS, drop
from PySide6.QtCore import QCoreApplication, QEvent, QObject, QPoint, QRect, QSettings, Qt, QUrl
from PySide6.QtWidgets import QApplication, QPushButton

from ddm_studio.gui.main_window import MainWindow
from ddm_studio.gui.memory import Memory
from ddm_studio.gui.views.help_pane import help_file
from ddm_studio.gui.views.sidebar import PAGES

CTRL = Qt.KeyboardModifier.ControlModifier


def test_f1_shows_help_that_follows_the_page(window, qtbot):
    qtbot.keyClick(window, Qt.Key.Key_F1)
    pane = window.assistance.help
    assert pane.isVisible()
    for page in PAGES:
        window.show_page(page)
        assert pane.text.toPlainText().startswith(page.capitalize())
    qtbot.keyClick(window, Qt.Key.Key_F1)
    assert not pane.isVisible()


def on_screen(window, widget):
    return QRect(widget.mapTo(window, QPoint(0, 0)), widget.size())


@pytest.mark.parametrize("page", PAGES)
def test_on_a_small_screen_help_takes_its_own_space_and_leaves_the_page_whole(window, qtbot, profile, page):
    window.open_path(profile)
    qtbot.waitUntil(window.deblur.has_profile)
    window.show_page(page)
    assert window.width() == 1280
    qtbot.keyClick(window, Qt.Key.Key_F1)
    pane, shown = window.assistance.help, getattr(window, page)
    qtbot.waitUntil(lambda: not on_screen(window, pane).intersects(on_screen(window, shown)))
    assert not pane.isFloating()
    assert (window.width(), window.height()) == (1280, 800)
    assert window.rect().contains(on_screen(window, pane))
    assert shown.minimumSizeHint().width() <= shown.width()
    assert pane.text.horizontalScrollBar().maximum() == 0  # its lines fit


def test_where_the_window_is_narrow_the_pages_are_called_by_their_signs_while_help_is_there(window, qtbot):
    buttons = window.sidebar.pages.findChildren(QPushButton)
    assert all(button.text() == button.accessibleName() for button in buttons)
    wide = window.sidebar.width()
    qtbot.keyClick(window, Qt.Key.Key_F1)
    qtbot.waitUntil(lambda: window.sidebar.width() < wide)
    assert [button.text() for button in buttons] == [""] * 5
    assert [button.accessibleName() for button in buttons] == [page.capitalize() for page in PAGES]
    assert all(button.accessibleName() in button.toolTip() for button in buttons)
    qtbot.mouseClick(buttons[3], LEFT)
    assert window.page == "lens"
    window.resize(1700, 900)
    qtbot.waitUntil(lambda: window.sidebar.width() == wide)
    for width in range(1680, 1279, -20):  # its edge is dragged
        window.resize(width, 800)
        qtbot.wait(1)
    assert window.sidebar.width() < wide
    assert window.width() == 1280
    qtbot.keyClick(window, Qt.Key.Key_F1)
    qtbot.waitUntil(lambda: window.sidebar.width() == wide)
    assert buttons[3].text() == "Lens"


@pytest.mark.parametrize("page", PAGES)
def test_beside_the_help_a_large_window_becomes_small_in_one_step(window, qtbot, page):
    window.show_page(page)
    window.resize(1900, 1000)
    qtbot.keyClick(window, Qt.Key.Key_F1)
    pane, shown = window.assistance.help, getattr(window, page)
    qtbot.waitUntil(lambda: pane.width() == pane.best)
    wide = window.sidebar.width()
    window.resize(1280, 800)
    qtbot.waitUntil(lambda: window.sidebar.width() < wide)
    assert (window.width(), window.height()) == (1280, 800)
    assert window.rect().contains(on_screen(window, pane))
    assert pane.width() >= pane.least
    assert shown.minimumSizeHint().width() <= shown.width()
    least = window.minimumSizeHint().width()
    window.resize(100, 800)
    assert window.width() == least  # both are still whole
    window.resize(1900, 1000)
    qtbot.waitUntil(lambda: window.sidebar.width() == wide)
    qtbot.keyClick(window, Qt.Key.Key_F1)
    qtbot.waitUntil(lambda: not pane.isVisible())
    window.resize(100, 800)
    assert window.sidebar.width() == wide
    assert shown.minimumSizeHint().width() <= shown.width()


@pytest.mark.parametrize(("pane", "key", "keys"), [("help", Qt.Key.Key_F1, NO_KEYS), ("log", Qt.Key.Key_L, CTRL)])
def test_a_pane_takes_the_focus_and_gives_it_back(window, qtbot, pane, key, keys):
    window.activateWindow()
    window.show_page("calibrate")
    field = window.calibrate.form.project
    field.setFocus()
    qtbot.waitUntil(field.hasFocus)
    shown = getattr(window.assistance, pane)
    for closes, with_keys in ((Qt.Key.Key_Escape, NO_KEYS), (key, keys)):
        qtbot.keyClick(field, key, keys)
        assert shown.isVisible()
        assert shown.text.hasFocus()
        qtbot.keyClick(shown.text, closes, with_keys)
        assert not shown.isVisible()
        assert field.hasFocus()


def test_escape_closes_the_help_from_the_page_too(window, qtbot):
    window.activateWindow()
    window.show_page("calibrate")
    qtbot.keyClick(window, Qt.Key.Key_F1)
    field = window.calibrate.form.project
    field.setFocus()
    qtbot.keyClick(field, Qt.Key.Key_Escape)
    assert not window.assistance.help.isVisible()
    assert field.hasFocus()


def test_the_log_takes_its_own_space(window, qtbot):
    window.show_page("lens")
    qtbot.keyClick(window, Qt.Key.Key_L, CTRL)
    log = window.assistance.log
    qtbot.waitUntil(lambda: not on_screen(window, log).intersects(on_screen(window, window.lens)))
    assert (window.width(), window.height()) == (1280, 800)
    assert window.lens.minimumSizeHint().height() <= window.lens.height()


def test_a_link_in_the_help_turns_the_page(window):
    window.assistance.help.text.anchorClicked.emit(QUrl("photos"))
    assert window.page == "photos"


@pytest.mark.parametrize("page", PAGES)
def test_every_link_of_a_help_text_leads_to_a_page(page):
    links = re.findall(r"\]\(([^)]*)\)", help_file(page, "en").read_text(encoding="utf-8"))
    assert links
    assert set(links) <= set(PAGES)


def test_a_language_without_a_text_gets_the_english_one():
    assert help_file("lens", "tlh") == help_file("lens", "en")


def visit(tmp_path, qtbot):
    settings = QSettings(str(tmp_path / "memory.ini"), QSettings.Format.IniFormat)
    window = MainWindow(FakeJobs(), Memory(settings=settings))
    qtbot.addWidget(window)
    window.show()
    window.assistance.offer_tour()
    return window


def test_the_tour_has_four_bubbles_and_comes_once(qtbot, tmp_path):
    window = visit(tmp_path, qtbot)
    tour = window.assistance.tour
    assert tour is not None
    seen = []
    while tour.isVisible():
        seen.append((tour.count.text(), tour.title.text()))
        assert window.rect().contains(tour.bubble.geometry())
        assert tour.words.height() >= tour.words.heightForWidth(tour.words.width())
        qtbot.mouseClick(tour.next, LEFT)
    assert [count for count, _ in seen] == [f"{n} of 4" for n in (1, 2, 3, 4)]
    assert len({title for _, title in seen}) == 4
    window.close()
    again = visit(tmp_path, qtbot)
    assert again.assistance.tour is None
    again.menus.by_name["tour"].trigger()
    assert again.assistance.tour is not None
    assert again.assistance.tour.isVisible()


def test_the_tour_can_be_skipped_and_walked_by_keys(window, qtbot):
    window.assistance.show_tour()
    tour = window.assistance.tour
    qtbot.keyClick(tour, Qt.Key.Key_Right)
    assert tour.count.text() == "2 of 4"
    qtbot.keyClick(tour, Qt.Key.Key_Left)
    assert tour.count.text() == "1 of 4"
    window.resize(1000, 700)
    assert tour.size() == window.size()
    qtbot.keyClick(tour, Qt.Key.Key_Escape)
    assert not tour.isVisible()


def test_help_and_log_do_not_make_the_window_larger_than_the_screen(window, qtbot):
    window.resize(1280, 760)
    for key in ("log", "help"):
        getattr(window.assistance, key).toggleViewAction().trigger()
    assert window.minimumSizeHint().width() <= 1280
    assert window.minimumSizeHint().height() <= 760


def test_the_windows_limits_stay_while_what_it_shows_changes(window, qtbot):
    """Each change of them goes to the screen's window manager: with every word of progress it was forty a second."""
    limits = []

    class Limits(QObject):
        def eventFilter(self, watched, event):  # noqa: N802 - the name is Qt's
            limits.append(window.minimumSize())
            return False

    QCoreApplication.processEvents()
    watch = Limits()
    window.installEventFilter(watch)  # installed last, it is asked first: it sees what the event before has left
    for _ in range(5):
        QCoreApplication.postEvent(window, QEvent(QEvent.Type.LayoutRequest))
        QCoreApplication.postEvent(window, QEvent(QEvent.Type.User))
        QCoreApplication.processEvents()
    window.removeEventFilter(watch)
    assert len(limits) >= 10
    assert all(limit.width() > 0 for limit in limits)


def test_a_drop_or_another_page_ends_the_tour(window, tmp_path):
    window.assistance.show_tour()
    drop(window, [tmp_path / "letter.txt"])
    assert not window.assistance.tour.isVisible()
    window.assistance.show_tour()
    assert window.assistance.tour.isVisible()
    window.show_page("lens")
    assert not window.assistance.tour.isVisible()


def test_help_that_closes_leaves_the_focus_to_nobody_where_nobody_had_it(window, qtbot):
    window.activateWindow()
    if (focused := QApplication.focusWidget()) is not None:
        focused.clearFocus()
    qtbot.keyClick(window, Qt.Key.Key_F1)
    qtbot.waitUntil(lambda: window.assistance.help.isAncestorOf(QApplication.focusWidget()))
    qtbot.keyClick(window.assistance.help.text, Qt.Key.Key_Escape)
    qtbot.waitUntil(window.assistance.help.isHidden)
    assert QApplication.focusWidget() is None


def test_help_that_closes_on_another_page_does_not_hand_the_focus_to_the_page_names(window, qtbot):
    window.show_page("calibrate")
    window.activateWindow()
    window.calibrate.form.project.setFocus()
    qtbot.keyClick(window, Qt.Key.Key_F1)
    qtbot.waitUntil(lambda: window.assistance.help.isAncestorOf(QApplication.focusWidget()))
    window.show_page("lens")
    window.assistance.help.close()
    assert not window.sidebar.isAncestorOf(QApplication.focusWidget() or window)
