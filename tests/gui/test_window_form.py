"""The form of the settings: silent when filled by the program, one new settings object per change by hand."""

from operator import attrgetter

import pytest

from ddm_studio.gui.views.settings_form import SettingsForm
from ddm_studio.settings import CalibrationSettings, Device, MatchingSettings

NAMES = ("grid_rows", "kernel_size", "colour", "noise", "sharp_crop", "matching.until_settled", "device", "seed")
FIELDS = [(name, name) for name in NAMES]
SPECIAL = CalibrationSettings(
    grid_rows=3, kernel_size=27, colour="mono", noise=0.02, sharp_crop=(768, 512), device=Device.CPU, seed=7,
    matching=MatchingSettings(steps=33, until_settled=True),
)  # fmt: skip


@pytest.fixture
def form(qtbot):
    made = SettingsForm(FIELDS)
    qtbot.addWidget(made)
    return made


def test_filling_the_form_is_silent(form, qtbot):
    with qtbot.assertNotEmitted(form.edited):
        form.show_settings(SPECIAL)
    assert form.settings == SPECIAL


@pytest.mark.parametrize("settings", [CalibrationSettings(), SPECIAL])
def test_what_is_shown_is_what_is_read(form, settings):
    form.show_settings(settings)
    for name, entry in form._entries.items():
        assert entry.value() == attrgetter(name)(settings), name


def test_a_change_by_hand_emits_new_settings(form, qtbot):
    with qtbot.waitSignal(form.edited) as heard:
        form._entries["grid_rows"]._box.setValue(4)
    assert heard.args[0].grid_rows == 4


def test_bounds_come_from_the_declaration(form):
    box = form._entries["kernel_size"]._box
    assert (box.minimum(), box.maximum(), box.suffix()) == (3, 65, " px")


def test_an_even_kernel_size_becomes_odd(form):
    form._entries["kernel_size"]._box.setValue(14)
    assert form.settings.kernel_size == 15


def test_noise_is_learned_or_given(form):
    entry = form._entries["noise"]
    entry._left_out.setChecked(False)
    assert form.settings.noise == pytest.approx(0.01)
    entry._left_out.setChecked(True)
    assert form.settings.noise is None


def test_every_field_explains_itself(form):
    for name, entry in form._entries.items():
        assert len(entry.toolTip()) > 10, name
