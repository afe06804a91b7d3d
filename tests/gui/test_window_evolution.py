"""Looking back at how a grid was learned, and keeping it as a film."""

import numpy as np
import pytest
from fake_jobs import made_up_grid
from gestures import LEFT
from PIL import Image
from PySide6.QtCore import Qt

from ddm_studio.errors import InputError
from ddm_studio.events import ConfidenceEstimated, KernelsLearned
from ddm_studio.gui.grid_history import BYTES, FRAMES, GridHistory
from ddm_studio.gui.grid_movie import GridMovie, write_movie
from ddm_studio.gui.views.evolution_panel import EvolutionPanel
from ddm_studio.gui.views.psf_mosaic import PsfLook

GRID = made_up_grid()


def learned(step: int) -> KernelsLearned:
    """A grid that says by its peak when it was learned."""
    return KernelsLearned("matching spectra", step, GRID * (1 + step))


def history_of(count: int) -> GridHistory:
    history = GridHistory()
    for step in range(count):
        history.add(learned(step))
    return history


@pytest.fixture
def evolution(qtbot):
    made = EvolutionPanel()
    qtbot.addWidget(made)
    made.resize(800, 500)
    made.show()
    return made


@pytest.mark.parametrize("count", [1, 7, FRAMES, FRAMES + 1, 10 * FRAMES + 3])
def test_the_first_and_the_newest_are_kept_and_those_between_evenly(count):
    steps = [frame.step for frame in history_of(count).frames]
    assert (steps[0], steps[-1]) == (0, count - 1)
    assert len(steps) <= FRAMES + 1
    assert len(set(np.diff(steps[:-1]))) <= 1


def test_large_grids_do_not_fill_the_memory():
    history = GridHistory()
    for step in range(40):
        history.add(KernelsLearned("flow", step, np.zeros((16, 16, 3, 65, 65), np.float32)))
    assert sum(frame.kernels.nbytes for frame in history.frames) <= 2 * BYTES


def test_a_person_goes_back_stays_there_and_returns(evolution, qtbot):
    assert not evolution.replay.isVisible()
    for step in range(10):
        evolution.show_event(learned(step))
    slider = evolution.replay.slider
    assert evolution.replay.isVisible()
    assert slider.value() == 9
    slider.setFocus()
    qtbot.keyClick(slider, Qt.Key.Key_Home)
    assert "step 0" in evolution.replay.words.text()
    assert np.allclose(evolution.panel._psf, GRID, rtol=2e-3, atol=1e-5)
    evolution.show_event(learned(10))
    assert "step 0" in evolution.replay.words.text()
    assert np.allclose(evolution.panel._psf, GRID, rtol=2e-3, atol=1e-5)
    qtbot.keyClick(slider, Qt.Key.Key_End)
    evolution.show_event(learned(11))
    assert "step 11" in evolution.replay.words.text()
    assert np.array_equal(evolution.panel._psf, 12 * GRID)


def test_a_moment_that_was_thinned_out_gives_way_to_the_next(evolution):
    for step in range(FRAMES):
        evolution.show_event(learned(step))
    evolution.replay.slider.setValue(7)
    for step in range(FRAMES, 2 * FRAMES):
        evolution.show_event(learned(step))
    assert "step 8" in evolution.replay.words.text()


def test_play_runs_from_the_first_to_the_newest(evolution, qtbot):
    for step in range(4):
        evolution.show_event(learned(step))
    seen = []
    evolution.replay.moment_changed.connect(lambda frame: seen.append(frame.step))
    qtbot.mouseClick(evolution.replay.play, LEFT)
    qtbot.waitUntil(lambda: not evolution.replay.play.isChecked())
    assert seen == [0, 1, 2, 3]


def test_the_film_shows_every_moment_and_says_where_it_is(window, qtbot, tmp_path):
    page = window.calibrate
    for step in range(5):
        page.show_event(KernelsLearned("matching spectra", step, np.roll(GRID, step, -1)))
    path = tmp_path / "film.gif"
    page.evolution.replay.save_to(path)
    qtbot.waitUntil(window.messages.isVisible)
    assert str(path) in window.messages.what.text()
    with Image.open(path) as film:
        assert film.n_frames == 5
        assert min(film.size) > 400
        first = np.array(film.convert("RGB"), int)
        film.seek(4)
        assert np.abs(np.array(film.convert("RGB"), int) - first).max() > 100


def test_a_film_that_cannot_be_written_is_no_file(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="cannot be written"):
        write_movie(GridMovie(tmp_path / "file" / "film.gif", history_of(2).frames, PsfLook()))


def test_confidence_can_be_shown_once_it_is_known(evolution, qtbot):
    evolution.show_event(learned(0))
    panel = evolution.panel
    assert not panel.confidence.isEnabled()
    trust = np.full((4, 4, 3), 1.0, np.float32)
    trust[0, 0], trust[3, 3] = 0.8, np.nan
    evolution.show_event(ConfidenceEstimated(trust))
    assert panel.confidence.isEnabled()
    before = panel.grid.grab().toImage()
    qtbot.mouseClick(panel.confidence, LEFT)
    after = panel.grid.grab().toImage()

    def changes(row: int, column: int) -> bool:
        area = panel.grid.node_rect(row, column).toRect()
        return before.copy(area) != after.copy(area)

    assert changes(0, 0)
    assert changes(3, 3)
    assert not changes(1, 2)
    evolution.clear()
    assert not panel.confidence.isEnabled()


def test_with_every_choice_the_window_still_fits_a_small_screen(window, qtbot, profile):
    """1280 x 800 is the smallest screen that the pages are made for."""
    window.lens.open_file(profile)
    qtbot.waitUntil(lambda: window.lens.place.text().endswith("profile.lens"))
    for panel in (window.lens.panel, window.calibrate.panel):
        panel.show_confidence(np.full((4, 4, 3), 0.9, np.float32))
    for page in ("calibrate", "lens"):
        window.show_page(page)
        assert window.minimumSizeHint().width() <= 1280
        assert window.minimumSizeHint().height() <= 800
    panel = window.lens.panel
    assert panel.shared.mapTo(panel, panel.shared.rect().bottomRight()).x() <= panel.width()
