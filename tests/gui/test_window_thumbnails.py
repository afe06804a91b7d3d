"""Thumbnails share the width of their list evenly, whatever it is, and only those in view are read."""

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication

from ddm_studio.gui.background import BackgroundReader
from ddm_studio.gui.views.thumbnail_view import ThumbnailView

STRIP = 20
"""Of the width (px) that may stay free, whatever the number of columns: less than a scroll bar and a rest of the division."""


@pytest.fixture
def asked():
    return []


@pytest.fixture
def view(qtbot, asked):
    reader = BackgroundReader(newest_first=True, limit=150)

    def read(path, side):
        asked.append(path)
        return np.zeros((70, 104, 3), np.uint8)

    made = ThumbnailView(reader, read, "Photos")
    qtbot.addWidget(made)
    made.show()
    yield made
    reader.shut_down()


def first_line(view, count):
    rects = [view.visualRect(view.model().index(row)) for row in range(min(count, 20))]
    return [rect for rect in rects if rect.top() == rects[0].top()]


@pytest.mark.parametrize("count", [12, 4000])
def test_no_empty_strip_is_left_at_the_right_at_any_width(view, count):
    view.show_photos([Path(f"photo_{number}.jpg") for number in range(count)], {}, ())
    columns = set()
    for width in (*range(260, 700, 13), *range(690, 270, -37)):
        view.resize(width, 300)
        for _ in range(3):
            QApplication.processEvents()
        line = first_line(view, count)
        assert 0 <= view.viewport().width() - 1 - line[-1].right() <= STRIP, width
        assert {rect.width() for rect in line} == {line[0].width()}
        columns.add(len(line))
    assert columns >= {2, 3, 4, 5}


def test_wider_cells_have_larger_pictures_of_the_same_shape(view):
    view.show_photos([Path(f"photo_{number}.jpg") for number in range(12)], {}, ())
    sizes = []
    for width in (390, 460):
        view.resize(width, 300)
        for _ in range(3):
            QApplication.processEvents()
        sizes.append(first_line(view, 12)[0].size())
    assert sizes[1].width() > sizes[0].width()
    assert sizes[1].height() > sizes[0].height()


def test_rows_fill_the_width_and_pictures_come_back_as_they_were(view):
    view.resize(460, 300)
    view.show_photos([Path(f"photo_{number}.jpg") for number in range(12)], {}, ())
    QApplication.processEvents()
    before = view.gridSize()
    view.arrange(as_rows=True)
    QApplication.processEvents()
    assert len(first_line(view, 12)) == 1
    view.arrange(as_rows=False)
    QApplication.processEvents()
    assert view.gridSize() == before


def test_of_thousands_of_photos_only_those_in_view_are_read(view, qtbot, asked):
    view.resize(460, 300)
    view.show_photos([Path(f"photo_{number}.jpg") for number in range(4000)], {}, ())
    qtbot.waitUntil(lambda: len(asked) >= 9)
    view.resize(640, 300)

    def is_at_the_end():
        view.scrollToBottom()  # which moves away while lines are laid out
        return Path("photo_3999.jpg") in asked

    qtbot.waitUntil(is_at_the_end)
    assert len(set(asked)) < 100
