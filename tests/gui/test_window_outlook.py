"""What the Calibrate page says of the time and the graphics card before anything runs."""

import itertools

import numpy as np
import pytest

from ddm_studio.gui import speed_probe
from ddm_studio.gui.gpu_doctor import Finding, Machine, examine, this_machine
from ddm_studio.gui.outlook import look_ahead
from ddm_studio.gui.speed_probe import MachineSpeed, expected_seconds, measure_speed, speed_file
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
        (0.2, "about 1 s"),
        (2.2, "about 2 s"),
        (11, "about 10 s"),
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


@pytest.fixture
def probe(monkeypatch):
    """A machine whose probe tells these times of a batch, one after another, then the last for ever."""

    def plan(*seconds):
        times = itertools.chain(seconds, itertools.repeat(seconds[-1]))
        monkeypatch.setattr(speed_probe, "time_batch", lambda: next(times))

    return plan


def test_a_pause_in_the_middle_of_the_probe_does_not_make_the_machine_slow(monkeypatch):
    ticks = iter(np.cumsum([0, 0] + [0.1, 0.9, 0.1] * 2 + [0.1, 0.001, 0.1] + [0.1, 0.9, 0.1] * 20))
    monkeypatch.setattr(speed_probe.time, "perf_counter", lambda: float(next(ticks)))
    assert speed_probe.time_batch() == pytest.approx(0.001)


def test_the_best_ever_seen_is_kept_from_one_start_to_the_next(probe):
    probe(0.004, 0.001, 0.02)
    assert [measure_speed(2).batch for _ in range(3)] == pytest.approx([0.004, 0.001, 0.001])
    probe(0.5)  # another start, in a busy moment
    assert measure_speed(2) == MachineSpeed(pytest.approx(0.001), 2)


@pytest.mark.parametrize("content", ["", "fast", "-1", "nan", "inf", "0", "\u00e9"])
def test_a_damaged_file_of_the_speed_is_written_anew(probe, content):
    speed_file().parent.mkdir(parents=True)
    speed_file().write_text(content)
    probe(0.002, 0.009)
    assert [measure_speed(1).batch for _ in range(2)] == pytest.approx([0.002, 0.002])


def test_a_speed_that_cannot_be_kept_is_told_all_the_same(probe):
    speed_file().parent.parent.mkdir(parents=True)
    speed_file().parent.write_text("in the way")
    probe(0.002)
    assert measure_speed(1).batch == pytest.approx(0.002)


def test_the_page_probes_again_when_it_is_shown(window, qtbot, probe):
    probe(0.02, 0.001)
    button = window.calibrate.form.presets.button(Preset.INSTANT)
    slow, quick = (about(expected_seconds(preset_settings(Preset.INSTANT), MachineSpeed(batch, 1))) for batch in (0.02, 0.001))
    window.show_page("calibrate")
    qtbot.waitUntil(lambda: button.accessibleName().endswith(slow))
    window.show_page("start")
    window.show_page("calibrate")
    qtbot.waitUntil(lambda: button.accessibleName().endswith(quick))


def test_the_page_says_how_long_it_takes_here(window, qtbot, probe):
    probe(0.001)
    window.show_page("calibrate")
    form = window.calibrate.form
    qtbot.waitUntil(lambda: form.device_words.text() != "")
    told = look_ahead()
    assert form.device_words.text() == card_words(told.card)
    button = form.presets.button(Preset.INSTANT)
    assert button.accessibleName().endswith(about(told.seconds[Preset.INSTANT]))
    assert not form.device_words.isVisible()
    form.advanced_button.click()
    assert form.device_words.isVisible()
