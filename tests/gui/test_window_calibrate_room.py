"""The Calibrate page at 1280 x 800 with all that it can hold at once: a queue, advanced settings, a message."""

import pytest
from fake_jobs import FakeJobs
from gestures import LEFT
from PySide6.QtCore import QPoint, QRect
from PySide6.QtWidgets import QLabel, QScrollArea, QWidget

from ddm_studio.events import Progress
from ddm_studio.gui.run_state import RunState
from ddm_studio.gui.views.message_bar import Message
from ddm_studio.settings import Preset


def place_of(widget: QWidget, window: QWidget) -> QRect:
    return QRect(widget.mapTo(window, QPoint(0, 0)), widget.size())


def is_seen(widget: QWidget, window: QWidget) -> bool:
    """Whether no part of it lies outside the window or under the edge of what scrolls."""
    return (
        widget.isVisible() and widget.visibleRegion().boundingRect() == widget.rect() and window.rect().contains(place_of(widget, window))
    )


@pytest.fixture
def crowded(ready, qtbot):
    """Three calibrations, of which one runs; advanced settings; a message above the page."""
    page = ready.calibrate
    qtbot.mouseClick(page.form.advanced_button, LEFT)
    qtbot.mouseClick(page.start, LEFT)
    for _ in range(2):
        qtbot.waitUntil(page.enqueue.isVisible)
        qtbot.mouseClick(page.enqueue, LEFT)
    ready.show_message(Message("A warning of the running job", "The photos hold little texture.", is_error=False, is_warning=True))
    qtbot.waitUntil(lambda: page.queue_list.lines.topLevelItemCount() == 3)
    qtbot.waitUntil(lambda: is_seen(page.enqueue, ready))
    return ready


@pytest.mark.parametrize("jobs", [FakeJobs(steps=100_000)])
def test_every_button_of_a_crowded_page_is_seen(crowded):
    page = crowded.calibrate
    assert (crowded.width(), crowded.height()) == (1280, 800)
    tools = page.queue_list
    for part in (page.enqueue, page.strip.pause, page.strip.stop, tools.hold, tools.again, tools.remove, tools.earlier, tools.later):
        assert is_seen(part, crowded), part.accessibleName()


@pytest.mark.parametrize("jobs", [FakeJobs(steps=100_000)])
def test_all_three_calibrations_are_seen_with_all_their_words(crowded):
    lines = crowded.calibrate.queue_list.lines
    for number in range(3):
        item = lines.topLevelItem(number)
        assert lines.viewport().rect().contains(lines.visualItemRect(item))
        for column in range(3):
            assert lines.fontMetrics().horizontalAdvance(item.text(column)) < lines.columnWidth(column), item.text(column)


@pytest.mark.parametrize("jobs", [FakeJobs(steps=100_000)])
def test_nothing_of_the_form_is_cut_off_sideways(crowded):
    page = crowded.calibrate
    for area in page.findChildren(QScrollArea):
        assert area.widget().width() <= area.viewport().width()
    narrow = [part.text() for part in page.form.findChildren(QLabel) if not part.wordWrap() and part.width() < part.sizeHint().width()]
    assert narrow == []


def test_a_click_on_advanced_brings_its_settings_into_view(ready, qtbot):
    form = ready.calibrate.form
    qtbot.mouseClick(form.advanced_button, LEFT)
    first = form.advanced._entries["grid_rows"]
    qtbot.waitUntil(lambda: is_seen(first, ready))
    seen = [entry for entry in form.advanced._entries.values() if is_seen(entry, ready)]
    assert len(seen) >= 6


def test_only_the_preset_that_is_taken_has_its_sentence_where_there_is_little_room(ready, qtbot):
    form = ready.calibrate.form
    sentences = {preset: form.presets.button(preset).sentence for preset in Preset}
    assert all(sentence.isVisible() for sentence in sentences.values())
    qtbot.mouseClick(form.advanced_button, LEFT)
    assert [preset for preset in Preset if sentences[preset].isVisible()] == [Preset.INSTANT]
    qtbot.mouseClick(form.presets.button(Preset.QUICK), LEFT)
    assert [preset for preset in Preset if sentences[preset].isVisible()] == [Preset.QUICK]
    assert form.presets.button(Preset.PAPER).toolTip() == sentences[Preset.PAPER].text()
    qtbot.mouseClick(form.advanced_button, LEFT)
    assert all(sentence.isVisible() for sentence in sentences.values())


def test_the_notes_are_wide_enough_to_be_read_on_a_small_screen(window, qtbot):
    window.show_page("calibrate")
    notes = window.calibrate.notes
    qtbot.waitUntil(notes.isVisible)
    assert notes.viewport().width() >= 34 * notes.fontMetrics().averageCharWidth()


def test_an_answer_above_the_page_takes_the_place_of_its_title_and_moves_nothing(ready, qtbot):
    page = ready.calibrate
    qtbot.wait(50)
    parts = (page.strip, page.panel.grid, page.curves, page.start, page.form.presets)
    before = [place_of(part, ready) for part in parts]
    ready.show_message(Message("The evolution was saved to ~/grid.gif", is_error=False))
    qtbot.waitUntil(ready.messages.isVisible)
    qtbot.wait(50)
    assert not page.title.isVisible()
    moved = [abs(place_of(part, ready).y() - then.y()) for part, then in zip(parts, before, strict=True)]
    assert max(moved) <= 1
    ready.messages.go_on()
    qtbot.waitUntil(page.title.isVisible)
    qtbot.wait(50)
    assert [place_of(part, ready) for part in parts] == before


def test_the_longest_name_of_a_part_of_the_first_preset_is_read_whole_on_a_small_screen(window, qtbot):
    window.resize(1280, 800)
    window.show_page("calibrate")
    strip = window.calibrate.strip
    strip.begin()
    window.calibrate.show_state(RunState.RUNNING, own=True)
    for stage in ("fitting the wavefront", "estimating the confidence", "telling mirror images apart"):
        strip.show_event(Progress(stage, 170, 2000, 79.0))
        qtbot.wait(30)
        assert strip.what.width() >= strip.what.fontMetrics().horizontalAdvance(strip.what.text())
