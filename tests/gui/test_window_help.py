"""Help on each page, and the tour of four bubbles at the first visit."""

import re

import pytest
from fake_jobs import FakeJobs
from gestures import LEFT, drop
from PySide6.QtCore import QSettings, Qt, QUrl

from ddm_studio.gui.main_window import MainWindow
from ddm_studio.gui.memory import Memory
from ddm_studio.gui.views.help_pane import help_file
from ddm_studio.gui.views.sidebar import PAGES


def test_f1_shows_help_that_follows_the_page(window, qtbot):
    qtbot.keyClick(window, Qt.Key.Key_F1)
    pane = window.assistance.help
    assert pane.isVisible()
    for page in PAGES:
        window.show_page(page)
        assert pane.text.toPlainText().startswith(page.capitalize())
    qtbot.keyClick(window, Qt.Key.Key_F1)
    assert not pane.isVisible()


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


def test_a_drop_or_another_page_ends_the_tour(window, tmp_path):
    window.assistance.show_tour()
    drop(window, [tmp_path / "letter.txt"])
    assert not window.assistance.tour.isVisible()
    window.assistance.show_tour()
    assert window.assistance.tour.isVisible()
    window.show_page("lens")
    assert not window.assistance.tour.isVisible()
