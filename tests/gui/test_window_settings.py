"""Preferences are taken at once and kept; every change of a setting can be taken back; networks are fetched and removed."""

import re
import threading
import time
from dataclasses import replace

import pytest
from fake_jobs import FakeJobs, made_up_profile
from gestures import LEFT
from model_hub import CONTENT, Hub, pinned
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QAbstractSpinBox, QLabel

from ddm_studio import preferences
from ddm_studio.deblur.weights import PUBLISHED
from ddm_studio.gui import theme
from ddm_studio.gui.history import SettingsHistory
from ddm_studio.gui.main_window import MainWindow
from ddm_studio.gui.memory import Memory
from ddm_studio.gui.settings_dialog import SettingsDialog
from ddm_studio.gui.theme import apply_theme
from ddm_studio.gui.views.weight_card import WeightCard
from ddm_studio.gui.weight_store import WeightState, WeightStore
from ddm_studio.preferences import Preferences, Theme, Units, read_preferences, write_preferences
from ddm_studio.profiles.lens_profile import save_profile
from ddm_studio.settings import Preset

CONTROL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier


@pytest.fixture(autouse=True)
def dark_afterwards(qapp):
    yield
    if theme.colours_of(Theme.DARK).text != theme.TEXT:
        apply_theme(qapp, Theme.DARK)


def test_the_theme_is_chosen_in_the_menu_at_once_and_at_the_next_visit(qtbot, tmp_path):
    window = MainWindow(FakeJobs(), Memory(tmp_path))
    window.menus.by_name["light"].trigger()
    assert theme.colours_of(Theme.LIGHT).text == theme.TEXT
    window.close()
    assert read_preferences(tmp_path / "preferences.toml").theme is Theme.LIGHT
    again = MainWindow(FakeJobs(), Memory(tmp_path))
    assert again.menus.by_name["light"].isChecked()
    again.close()


def test_settings_are_a_key_away_and_taken_at_once(window, qtbot, tmp_path):
    qtbot.keyClick(window, Qt.Key.Key_Comma, CONTROL)
    dialog = window.assistance.settings
    assert dialog is not None
    assert dialog.isVisible()
    qtbot.mouseClick(dialog.units.button("um"), LEFT)
    qtbot.mouseClick(dialog.theme.button("light"), LEFT)
    dialog.use_cache(tmp_path / "cache")
    assert window.memory.preferences == Preferences(theme=Theme.LIGHT, units=Units.MICROMETRES, cache=tmp_path / "cache")
    assert str(tmp_path / "cache") in dialog.folder.text()
    qtbot.mouseClick(dialog.default, LEFT)
    assert window.memory.preferences.cache is None


def test_lengths_are_told_in_micrometres_where_the_pitch_is_known(window, qtbot, tmp_path):
    lens = made_up_profile()
    for name, pitch in (("known", 4.0), ("unknown", None)):
        save_profile(replace(lens, facts=lens.facts.model_copy(update={"pixel_pitch": pitch})), tmp_path / f"{name}.lens")
    window.open_path(tmp_path / "known.lens")
    qtbot.waitUntil(window.deblur.has_profile)
    numbers = window.lens.numbers
    pixels = float(re.search(r"shift ([\d.]+) px", numbers.grid_words.text())[1])
    window.memory.prefer(Preferences(units=Units.MICROMETRES))
    microns = float(re.search(r"shift ([\d.]+) µm", numbers.grid_words.text())[1])
    assert microns == pytest.approx(4 * pixels, abs=0.03)
    assert "µm" in numbers.red_shift.text()
    window.open_path(tmp_path / "unknown.lens")
    qtbot.waitUntil(lambda: "px" in numbers.red_shift.text())


def test_preferences_survive_damage_and_newer_programs(tmp_path, monkeypatch):
    file = tmp_path / "preferences.toml"
    assert read_preferences(file) == Preferences()
    write_preferences(file, Preferences(theme=Theme.LIGHT, cache=tmp_path / "c"))
    with file.open("a") as more:
        more.write("\nfuture = 1\n")
    assert read_preferences(file) == Preferences(theme=Theme.LIGHT, cache=tmp_path / "c")
    assert preferences.cache_folder(file) == tmp_path / "c"
    file.write_text("theme = 'pink'")
    assert read_preferences(file) == Preferences()


def test_undo_and_redo_of_the_calibrations_settings(window, qtbot):
    window.show_page("calibrate")
    form = window.calibrate.form
    qtbot.mouseClick(form.presets.button(Preset.QUICK), LEFT)
    assert window.history.undo.text() == "Undo change of the calibration"
    qtbot.keyClick(window, Qt.Key.Key_Z, CONTROL)
    assert form.settings.preset is Preset.INSTANT
    assert form.presets.preset is Preset.INSTANT
    qtbot.keyClick(window, Qt.Key.Key_Z, CONTROL | SHIFT)
    assert form.presets.preset is Preset.QUICK
    assert not window.history.redo.isEnabled()


def test_undo_works_inside_a_numbers_box(window, qtbot):
    window.show_page("calibrate")
    form = window.calibrate.form
    form.advanced_button.click()
    box = next(box for box in form.findChildren(QAbstractSpinBox) if box.accessibleName() == "Grid rows")
    box.setFocus()
    before = form.settings.grid_rows
    qtbot.keyClick(box, Qt.Key.Key_Up)
    assert form.settings.grid_rows == before + 1
    qtbot.keyClick(box, Qt.Key.Key_Z, CONTROL)
    assert form.settings.grid_rows == before
    assert box.value() == before


def test_undo_of_the_deblurrings_settings_and_of_the_theme(window, qtbot):
    window.show_page("deblur")
    window.deblur.form.strength.setValue(2.0)
    window.menus.by_name["light"].trigger()
    qtbot.keyClick(window, Qt.Key.Key_Z, CONTROL)
    assert window.memory.preferences.theme is Theme.DARK
    qtbot.keyClick(window, Qt.Key.Key_Z, CONTROL)
    assert window.deblur.form.strength.value() == 1.0


class Form(QObject):
    """A setting to be changed."""

    changed = Signal()

    def __init__(self):
        super().__init__()
        self.value = 0

    def set(self, value):
        self.value = value
        self.changed.emit()


def test_changes_in_quick_succession_are_one():
    owner, form, now = QObject(), Form(), [0.0]
    history = SettingsHistory(owner, clock=lambda: now[0])
    history.watch("change", form.changed, lambda: form.value, form.set)
    for value, at in ((1, 0.0), (2, 0.5), (3, 1.0), (4, 9.0)):
        now[0] = at
        form.set(value)
    history.undo.trigger()
    assert form.value == 3
    history.undo.trigger()
    assert form.value == 0
    assert not history.undo.isEnabled()
    history.redo.trigger()
    assert form.value == 3


@pytest.fixture
def hub():
    with Hub() as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def store(qtbot, tmp_path, hub):
    made = WeightStore(tmp_path / "weights", hub.address)
    yield made
    made.shut_down()


def test_a_network_is_fetched_verified_and_removed(qtbot, store, tmp_path):
    weight = pinned()
    card = WeightCard(weight, "Net", store)
    qtbot.addWidget(card)
    card.show()
    qtbot.waitUntil(lambda: card.strip.what.text() == "Not downloaded")
    assert not card.remove.isEnabled()
    qtbot.mouseClick(card.fetch, LEFT)
    qtbot.waitUntil(lambda: card.strip.what.text() == "On this computer, verified")
    assert (tmp_path / "weights" / weight.file).read_bytes() == CONTENT
    assert not card.fetch.isEnabled()
    qtbot.mouseClick(card.remove, LEFT)
    qtbot.waitUntil(lambda: card.strip.what.text() == "Not downloaded")
    assert list((tmp_path / "weights").iterdir()) == []


def test_a_download_that_broke_off_goes_on(qtbot, store, hub):
    weight, failures = pinned(), []
    store.failed.connect(failures.append)
    hub.break_after = 300_000
    card = WeightCard(weight, "Net", store)
    qtbot.addWidget(card)
    qtbot.waitUntil(lambda: store.status(weight).state is WeightState.ABSENT)
    store.fetch(weight)
    qtbot.waitUntil(lambda: store.status(weight) is not None and store.fetching is None and card.fetch.text() == "Go on")
    assert "could not be downloaded" in str(failures[0])
    hub.break_after = None
    qtbot.mouseClick(card.fetch, LEFT)
    qtbot.waitUntil(lambda: store.status(weight).state is WeightState.HERE)
    assert hub.ranges[-1] is not None


def test_a_download_can_be_stopped(qtbot, store, hub):
    weight, failures = pinned(), []
    store.failed.connect(failures.append)
    hub.wait_after = len(CONTENT) // 2  # else all of it may have come before the stop
    card = WeightCard(weight, "Net", store)
    qtbot.addWidget(card)
    card.show()
    qtbot.mouseClick(card.fetch, LEFT)
    qtbot.waitUntil(lambda: store.status(weight).size > 0, timeout=30_000)
    qtbot.mouseClick(card.strip.stop, LEFT)  # while the server keeps the rest to itself
    qtbot.waitUntil(lambda: card.fetch.text() == "Go on" and card.fetch.isEnabled(), timeout=30_000)
    assert store.status(weight).state is WeightState.PARTIAL
    assert failures == []
    hub.go_on.set()


def test_a_damaged_file_is_not_taken_for_the_network(qtbot, store, tmp_path):
    weight = pinned()
    (tmp_path / "weights").mkdir()
    (tmp_path / "weights" / weight.file).write_bytes(CONTENT[:-1])
    store.look(weight)
    qtbot.waitUntil(lambda: store.status(weight).state is WeightState.DAMAGED)


def test_every_published_network_is_shown_with_licence_and_hash(qtbot, tmp_path):
    memory = Memory()
    memory.prefer(Preferences(cache=tmp_path))
    dialog = SettingsDialog(None, memory)
    qtbot.addWidget(dialog)
    assert [card.weight for card in dialog.cards] == list(PUBLISHED)
    for card in dialog.cards:
        words = " ".join(part.text() for part in card.findChildren(QLabel)).replace(" ", "")
        assert card.weight.sha256 in words
        assert card.weight.licence.replace(" ", "") in words
    began = time.monotonic()
    dialog.shut_down()
    assert time.monotonic() - began < 5
