"""A profile is opened, looked at node by node, and exported."""

import json
from dataclasses import replace

import numpy as np
import pytest
from fake_jobs import made_up_profile
from gestures import LEFT, drop
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from ddm_studio.profiles.lens_profile import save_profile


@pytest.fixture
def lens(window, qtbot, profile):
    window.show_page("lens")
    assert drop(window.lens, [profile])
    qtbot.waitUntil(lambda: window.lens.place.text() == str(profile))
    return window.lens


def test_a_dropped_profile_is_shown_with_its_facts(lens):
    shown = " ".join(label.text() for label in lens.numbers.findChildren(QLabel))
    for fact in ("Fakegon 50 mm f/1.8", "12 blurry and 30 sharp photos", "96 x 64 pixels"):
        assert fact in shown
    assert "blurrier this lens draws than the sharp photos" in lens.relative.text()


def test_the_facts_are_told_without_names_of_the_code(window, qtbot, tmp_path):
    scores = {"whittle": -1.25, "kept": 0.93, "wavefront": 1.0, "edge_distance": 0.02}
    method = "unpaired photos: Gaussian matching, then diffusion distribution matching"
    profile = made_up_profile()
    facts = profile.facts.model_copy(update={"scores": scores, "method": method})
    save_profile(replace(profile, facts=facts), tmp_path / "profile.lens")
    window.show_profile(tmp_path / "profile.lens")
    qtbot.waitUntil(lambda: window.lens.place.text().endswith("profile.lens"))
    shown = " ".join(label.text() for label in window.lens.numbers.findChildren(QLabel))
    for words in ("TIFF, PNG or JPEG, sRGB", "93% of what the three channels could tell", "linear light", "refined by a diffusion model"):
        assert words in shown
    for name in ("whittle", "display-curves-1", "edge distance", "Gaussian", "stage "):
        assert name not in shown


def test_arrow_keys_walk_over_the_grid(lens, qtbot):
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Right):
        qtbot.keyClick(lens.panel.grid, key)
    assert lens.numbers.node_heading.text() == "Node: row 3, column 2"
    for _ in range(9):
        qtbot.keyClick(lens.panel.grid, Qt.Key.Key_Right)
    assert lens.numbers.node_heading.text() == "Node: row 3, column 4"


def test_a_click_takes_the_node_under_the_mouse(lens, qtbot):
    grid = lens.panel.grid
    qtbot.mouseClick(grid, LEFT, pos=grid.node_rect(1, 3).center().toPoint())
    assert lens.numbers.node_heading.text() == "Node: row 2, column 4"


def test_unknown_confidence_is_a_dash(lens):
    assert lens.numbers._cells[5, 0].text() == "–"
    assert lens.numbers._cells[4, 0].text() == "0.0100"


def test_the_aberration_view_states_its_scale(lens, qtbot):
    qtbot.mouseClick(lens.panel.view.button("aberration"), LEFT)
    assert lens.panel.arrows.isVisible()
    assert lens.panel.arrows.longest() > 0.1
    assert "pixels" in lens.panel.arrows.accessibleDescription()
    assert not lens.panel.shared.isEnabled()


def test_channels_change_the_picture(lens, qtbot):
    composite = lens.panel.grid.grab().toImage()
    qtbot.mouseClick(lens.panel.view.button("red"), LEFT)
    assert lens.panel.grid.grab().toImage() != composite


@pytest.mark.parametrize("suffix", [".npz", ".tiff", ".png", ".json"])
def test_exports(lens, window, qtbot, tmp_path, suffix):
    target = tmp_path / f"grid{suffix}"
    lens.export_file(target)
    qtbot.waitUntil(window.messages.isVisible)
    assert str(target) in window.messages.what.text()
    assert target.stat().st_size > 500
    if suffix == ".json":
        assert np.array(json.loads(target.read_text())["psf"]).shape == (4, 4, 3, 9, 9)


def test_random_bytes_are_refused_and_what_was_open_stays(lens, window, qtbot, tmp_path, profile):
    bad = tmp_path / "bad.lens"
    bad.write_bytes(np.random.default_rng(0).bytes(5000))
    drop(lens, [bad])
    qtbot.waitUntil(window.messages.isVisible)
    assert "bad.lens" in window.messages.accessibleName()
    assert lens.place.text() == str(profile)


def test_a_photo_is_no_profile(window, tmp_path):
    window.show_page("lens")
    drop(window.lens, [tmp_path / "photo.png"])
    assert "not a lens profile" in window.messages.what.text()
    assert ".lens" in window.messages.advice.text()


def test_a_profile_on_the_command_line_opens(window, qtbot, profile):
    window.open_path(profile)
    qtbot.waitUntil(lambda: window.lens.place.text() == str(profile))
    assert window.page == "lens"


def test_a_project_on_the_command_line_opens_its_profile(window, qtbot, profile):
    window.open_path(profile.parent)
    qtbot.waitUntil(lambda: window.lens.place.text() == str(profile))
