"""What the Calibrate page says of the time and the graphics card before anything runs."""

import numpy as np
import pytest

from ddm_studio.gui.gpu_doctor import Finding, Machine, examine, this_machine
from ddm_studio.gui.outlook import look_ahead
from ddm_studio.gui.speed_probe import MachineSpeed, expected_seconds
from ddm_studio.gui.wording import about, card_words, expected_time_words
from ddm_studio.settings import Preset, preset_settings


def machine(tmp_path, card=False, driver=False, cuda=None):
    """Files as Linux, the driver and torch leave them."""
    devices, torch = tmp_path / "devices", tmp_path / "torch"
    for vendor in ["0x8086", *(["0x10de"] if card else [])]:
        (devices / vendor).mkdir(parents=True)
        (devices / vendor / "vendor").write_text(f"{vendor}\n")
    torch.mkdir()
    (torch / "version.py").write_text(f"__version__ = '2.9'\ncuda: Optional[str] = {cuda!r}\nhip: Optional[str] = None\n")
    if driver:
        (tmp_path / "driver").touch()
    return Machine(devices, tmp_path / "driver", "no-such-tool-of-a-driver", torch)


@pytest.mark.parametrize(
    ("facts", "finding"),
    [
        ({}, Finding.NO_CARD),
        ({"cuda": "13.0"}, Finding.NO_CARD),
        ({"card": True, "cuda": "13.0"}, Finding.NO_DRIVER),
        ({"card": True, "driver": True}, Finding.TORCH_WITHOUT_CUDA),
        ({"card": True, "driver": True, "cuda": "13.0"}, Finding.READY),
    ],
)
def test_the_first_thing_in_the_way_of_a_graphics_card_is_named(tmp_path, facts, finding):
    assert examine(machine(tmp_path, **facts)) is finding


def test_without_torch_there_is_no_cuda(tmp_path):
    made = machine(tmp_path, card=True, driver=True)
    assert examine(Machine(made.devices, made.driver, made.tool, None)) is Finding.TORCH_WITHOUT_CUDA


def test_the_installed_torch_is_found():
    assert (this_machine().torch / "version.py").is_file()


def test_every_finding_and_every_time_has_words():
    assert all(card_words(finding) for finding in Finding)
    assert "not timed" in expected_time_words(None)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (2, "about 5 s"),
        (31, "about 30 s"),
        (70, "about a minute"),
        (290, "about 5 min"),
        (1700, "about 30 min"),
        (7000, "about 2 h"),
        (500_000, "about 6 days"),
    ],
)
def test_expected_times_are_told_no_surer_than_they_are(seconds, words):
    assert about(seconds) == words


def test_more_work_takes_longer_and_a_slower_machine_in_proportion():
    times = [expected_seconds(preset_settings(preset), MachineSpeed(0.002, 1)) for preset in Preset]
    assert times == sorted(times)
    assert np.allclose([expected_seconds(preset_settings(preset), MachineSpeed(0.004, 1)) for preset in Preset], 2 * np.array(times))


def test_more_cores_help_the_network_alone():
    one, four = MachineSpeed(0.002, 1), MachineSpeed(0.002, 4)
    instant, quick = preset_settings(Preset.INSTANT), preset_settings(Preset.QUICK)
    assert expected_seconds(instant, one) == expected_seconds(instant, four)
    assert expected_seconds(quick, one) > expected_seconds(quick, four)


def test_the_page_says_how_long_it_takes_here(window, qtbot):
    window.show_page("calibrate")
    form = window.calibrate.form
    qtbot.waitUntil(lambda: form.device_words.text() != "")
    told = look_ahead()  # remembered
    assert form.device_words.text() == card_words(told.card)
    button = form.presets.button(Preset.INSTANT)
    assert button.accessibleName().endswith(about(told.seconds[Preset.INSTANT]))
    assert not form.device_words.isVisible()
    form.advanced_button.click()
    assert form.device_words.isVisible()
