"""Patches that the engine makes beside real ones, while it learns."""

import numpy as np
import pytest
from fake_jobs import FakeJobs
from gestures import LEFT
from PySide6.QtCore import QRectF, QSettings

from ddm_studio.events import ConfidenceEstimated, KernelsLearned, PatchesCompared, PatchKind
from ddm_studio.gui.main_window import MainWindow
from ddm_studio.gui.memory import Memory
from ddm_studio.gui.views.patches_panel import PatchStrip

FLOW_STAGE, MATCHING_STAGE = "learning the blurry photos", "matching distributions"


def look(kind, stage, made=40, real=200, count=8, side=32):
    rows = (np.full((count, side, side, 3), level, np.uint8) for level in (made, real))
    return PatchesCompared(kind, stage, 1, *rows)


class LookingJobs(FakeJobs):
    """Looks at the flow, then at the lens, and goes on for long."""

    def calibrate(self, request):
        def job(report, control):
            report(KernelsLearned("gaussian matching", 1, self.grid))
            report(look(PatchKind.REBLURRED, "matching spectra", made=10))
            report(look(PatchKind.FLOW, FLOW_STAGE, made=90))
            self._stage("gaussian matching", report, control, self._report_grid(report))

        return job


def levels(strip):
    return {image.pixelColor(3, 3).red() for image in strip.images}


@pytest.fixture
def jobs():
    return LookingJobs(steps=100_000)


@pytest.fixture
def learning(ready, qtbot):
    """The Calibrate page of a run that has shown patches."""
    qtbot.mouseClick(ready.calibrate.start, LEFT)
    qtbot.waitUntil(lambda: ready.calibrate.evolution.patches.has_patches)
    return ready.calibrate


def test_samples_of_the_flow_stand_above_real_patches_with_a_sentence_that_says_how_to_read_them(learning):
    panel = learning.evolution.patches
    assert panel.made_name.text() == "Drawn by the diffusion model"
    assert panel.real_name.text() == "From your photos"
    assert (levels(panel.made), levels(panel.real)) == ({90}, {200})
    assert len(panel.made.images) == len(panel.real.images) == 8
    assert "smoother or noisier than the lower?" in panel.reading.text()
    assert panel.made.mapToGlobal(panel.made.rect().center()).y() < panel.real.mapToGlobal(panel.real.rect().center()).y()


def test_the_other_kind_is_a_click_away_and_stays(learning, qtbot):
    panel = learning.evolution.patches
    qtbot.mouseClick(panel.kind.button("reblurred"), LEFT)
    assert panel.made_name.text() == "Sharp photos, seen through the grid"
    assert levels(panel.made) == {10}
    assert "crisper or softer" in panel.reading.text()
    learning.show_event(look(PatchKind.FLOW, "another stage"))
    assert panel.made_name.text() == "Sharp photos, seen through the grid"
    learning.show_event(look(PatchKind.REBLURRED, MATCHING_STAGE, made=11))
    assert levels(panel.made) == {11}


def test_a_new_stage_brings_its_kind_to_the_front(learning):
    panel = learning.evolution.patches
    learning.show_event(look(PatchKind.REBLURRED, MATCHING_STAGE))
    assert panel.made_name.text() == "Sharp photos, seen through the grid"
    learning.show_event(look(PatchKind.REBLURRED, MATCHING_STAGE, made=70))
    assert levels(panel.made) == {70}


def test_they_can_be_hidden_and_the_grid_takes_their_room(learning, qtbot):
    evolution = learning.evolution
    narrow = evolution.panel.width()
    qtbot.mouseClick(evolution.patches_wanted, LEFT)
    assert not evolution.patches.isVisible()
    qtbot.waitUntil(lambda: evolution.panel.width() > narrow)
    learning.show_event(look(PatchKind.FLOW, FLOW_STAGE))
    assert not evolution.patches.isVisible()
    qtbot.mouseClick(evolution.patches_wanted, LEFT)
    assert evolution.patches.isVisible()


def test_they_have_their_room_before_there_are_any_and_words_say_what_will_be_there(ready, qtbot):
    evolution = ready.calibrate.evolution
    assert evolution.patches.hint.isVisible()
    assert not evolution.patches.made.isVisible()
    before = evolution.panel.grid.geometry()
    qtbot.mouseClick(ready.calibrate.start, LEFT)
    qtbot.waitUntil(evolution.patches.made.isVisible)
    ready.calibrate.show_event(ConfidenceEstimated(np.full((2, 3, 3), 0.9, np.float32)))
    qtbot.waitUntil(evolution.panel.confidence.isEnabled)
    assert evolution.panel.grid.geometry() == before


def test_the_button_that_hides_them_keeps_its_size_and_place_whether_there_is_a_film_or_not(learning, qtbot):
    evolution = learning.evolution
    qtbot.waitUntil(evolution.replay.isVisible)
    with_film = evolution.patches_wanted.geometry()
    evolution.replay.hide()
    qtbot.wait(50)
    alone = evolution.patches_wanted.geometry()
    assert (alone.right(), alone.width()) == (with_film.right(), with_film.width())


def test_the_next_run_begins_without_them(learning):
    learning.begin()
    assert learning.evolution.patches.hint.isVisible()


def test_hidden_they_stay_hidden_at_the_next_visit(qtbot, tmp_path):
    settings = QSettings(str(tmp_path / "memory.ini"), QSettings.Format.IniFormat)
    first = MainWindow(FakeJobs(), Memory(settings=settings))
    qtbot.addWidget(first)
    first.calibrate.show_event(look(PatchKind.FLOW, FLOW_STAGE))
    first.show_page("calibrate")
    first.resize(1280, 800)
    first.show()
    qtbot.mouseClick(first.calibrate.evolution.patches_wanted, LEFT)
    first.close()
    second = MainWindow(FakeJobs(), Memory(settings=settings))
    qtbot.addWidget(second)
    second.calibrate.show_event(look(PatchKind.FLOW, FLOW_STAGE))
    assert not second.calibrate.evolution.patches_wanted.isChecked()
    second.close()


@pytest.mark.parametrize(
    ("width", "height", "count", "side"), [(270, 132, 2, 128), (320, 140, 3, 96), (600, 70, 8, 64), (900, 420, 8, 192)]
)
def test_patches_are_large_enough_to_be_judged_rather_than_many_and_enlarged_by_whole_factors(qtbot, width, height, count, side):
    strip = PatchStrip()
    qtbot.addWidget(strip)
    strip.resize(width, height)
    strip.show_patches(look(PatchKind.FLOW, "a").made)
    cells = strip.cells()
    assert (len(cells), cells[0].width()) == (count, side)
    assert all(QRectF(strip.rect()).contains(cell) for cell in cells)


def test_as_many_are_shown_of_either_kind_and_of_the_same_places(qtbot):
    made, real = PatchStrip(), PatchStrip()
    made.partner, real.partner = real, made
    for strip, height in ((made, 140), (real, 70)):
        qtbot.addWidget(strip)
        strip.resize(320, height)
        strip.show_patches(look(PatchKind.FLOW, "a").made)
    assert made.room_for() != real.room_for()
    assert made.shown() == real.shown()
    assert len(set(made.shown())) == len(made.shown()) > 1


def test_on_a_small_screen_each_patch_is_at_least_three_times_its_size(window, qtbot):
    window.resize(1280, 800)
    window.show_page("calibrate")
    window.calibrate.show_event(look(PatchKind.REBLURRED, MATCHING_STAGE))
    strips = window.calibrate.evolution.patches.made, window.calibrate.evolution.patches.real
    qtbot.waitUntil(lambda: all(strip.cells() and strip.cells()[0].width() >= 96 for strip in strips))


def test_beside_the_help_on_a_small_screen_they_give_way_say_why_and_come_back(window, qtbot):
    evolution = window.calibrate.evolution
    window.show_page("calibrate")
    window.resize(1280, 800)
    assert evolution.patches.isVisible()
    window.assistance.help.toggleViewAction().trigger()
    qtbot.waitUntil(lambda: not evolution.patches.isVisible())
    assert window.width() <= 1280
    assert not evolution.patches_wanted.isEnabled()
    assert "wider" in evolution.patches_wanted.toolTip()
    window.assistance.help.toggleViewAction().trigger()
    qtbot.waitUntil(evolution.patches.isVisible)
    assert evolution.patches_wanted.isEnabled()
