"""What each method takes is told before it is run; a published denoiser can be chosen once it is on this computer."""

import numpy as np
import pytest
from fake_jobs import FakeJobs, made_up_profile, write_photos
from gestures import LEFT, drop

from ddm_studio.deblur.weights import DRUNET, cache_folder
from ddm_studio.engine.requests import DeblurRequest
from ddm_studio.events import MethodTimed
from ddm_studio.gui.deblur_cost import deblur_cost
from ddm_studio.gui.measured_times import MeasuredTimes, read_times, times_file
from ddm_studio.gui.outlook import look_at_deblurring
from ddm_studio.gui.run_state import JobKind, RunState
from ddm_studio.gui.speed_probe import MachineSpeed
from ddm_studio.profiles.lens_profile import save_profile
from ddm_studio.settings import ANY_LENS_METHODS, Method

MACHINE = MachineSpeed(batch=0.001, cores=2)
LARGE = (6000, 4000)


@pytest.fixture
def page(window, qtbot, tmp_path):
    """A photo that is large enough for methods to differ."""
    profile = tmp_path / "lens" / "profile.lens"
    profile.parent.mkdir()
    save_profile(made_up_profile((1500, 1000)), profile)
    window.show_page("deblur")
    drop(window.deblur, [profile, *write_photos(tmp_path / "photos", 1, (1500, 1000))])
    qtbot.waitUntil(lambda: window.deblur.compare.isEnabled() and window.deblur.timing.is_known)
    return window.deblur


def test_every_method_tells_its_time_and_memory_before_it_is_run(page):
    for method in ANY_LENS_METHODS:
        words = page.comparison.panes[method].cost.text()
        assert words.startswith("Whole photo: about")
        assert words.endswith("GB")
        page.form.show_method(method)
        assert words.removeprefix("Whole photo: ") in page.foot.strip.what.text()


def test_a_denoiser_is_offered_when_its_weights_have_come_and_reaches_the_engine(page, window, qtbot, jobs):
    assert not page.form.denoisers.isVisible()
    cache_folder().mkdir(parents=True)
    with (cache_folder() / DRUNET.file).open("wb") as file:
        file.truncate(DRUNET.size)  # without its content, which is only looked at when it is used
    window.show_page("start")
    window.show_page("deblur")
    qtbot.waitUntil(page.form.denoisers.isVisible)
    page.form.show_method(Method.DPIR)
    bundled = page.foot.strip.what.text()
    page.form.denoiser.setCurrentIndex(page.form.denoiser.findData("drunet"))
    assert page.foot.strip.what.text() != bundled
    qtbot.mouseClick(page.deblur, LEFT)
    qtbot.waitUntil(lambda: window.state is RunState.IDLE)
    request = jobs.requests[-1]
    assert isinstance(request, DeblurRequest)
    assert request.settings.denoiser == "drunet"
    window.history.undo.trigger()
    assert page.form.settings.denoiser == "bundled"
    page.form.offer_denoisers(("bundled",))
    assert not page.form.denoisers.isVisible()


def test_a_run_that_ends_before_the_machine_was_looked_at_leaves_the_form_whole(window):
    assert not window.deblur.timing.is_known
    window.deblur.timing.take(MethodTimed(Method.WIENER, "bundled", 320 * 320, 1.0, is_whole=False))
    assert window.deblur.form.settings.denoiser == "bundled"


@pytest.mark.parametrize("method", Method)
def test_larger_photos_take_longer_and_more_cores_less(method):
    seconds = [deblur_cost(method, "bundled", size, MACHINE).seconds for size in ((600, 400), (3000, 2000), LARGE)]
    assert np.all(np.diff(seconds) > 0)
    one = deblur_cost(method, "bundled", LARGE, MachineSpeed(0.001, 1))
    two = deblur_cost(method, "bundled", LARGE, MACHINE)
    assert one.seconds / 2 < two.seconds < one.seconds
    assert one.bytes < two.bytes
    slow = deblur_cost(method, "bundled", LARGE, MachineSpeed(0.002, 2))
    assert slow.seconds == pytest.approx(2 * two.seconds)


def test_methods_and_denoisers_are_told_apart_as_they_are():
    costs = [deblur_cost(method, "bundled", LARGE, MACHINE) for method in (Method.WIENER, Method.NETWORK, Method.DPIR, Method.DIFFPIR)]
    assert np.all(np.diff([cost.seconds for cost in costs]) > 0)
    assert costs[0].bytes < costs[2].bytes
    published = deblur_cost(Method.DPIR, "drunet", LARGE, MACHINE)
    assert published.seconds > 3 * costs[2].seconds
    assert published.bytes > costs[2].bytes
    assert deblur_cost(Method.WIENER, "drunet", LARGE, MACHINE) == costs[0]


def test_a_graphics_card_is_not_timed():
    assert deblur_cost(Method.DPIR, "bundled", LARGE, None).seconds is None


def test_the_machine_may_be_known_before_the_first_photo(window, qtbot):
    window.warm_up()
    window.show_page("deblur")
    qtbot.waitUntil(lambda: window.deblur.timing.is_known)
    assert not window.deblur.foot.tells_end


@pytest.mark.parametrize("jobs", [FakeJobs(steps=100_000)])
def test_how_a_job_ended_stays_when_the_machine_becomes_known_after_it(page, window, qtbot):
    qtbot.mouseClick(page.deblur, LEFT)
    qtbot.waitUntil(lambda: "%" in page.foot.strip.numbers.text())
    qtbot.mouseClick(page.foot.strip.stop, LEFT)
    qtbot.waitUntil(lambda: window.state is RunState.IDLE)
    page.timing.changed.emit()
    assert page.foot.strip.what.text() == "Stopped. Nothing was saved."


SMALL = (1500, 1000)


def test_a_photo_like_one_that_was_deblurred_takes_as_long_as_that():
    times = MeasuredTimes().with_run(MethodTimed(Method.DPIR, "bundled", 24_000_000, 48.0, is_whole=True))
    cold, warm = (deblur_cost(Method.DPIR, "bundled", LARGE, MACHINE, times, is_warm).seconds for is_warm in (False, True))
    assert warm == pytest.approx(48)
    assert cold > warm
    half = deblur_cost(Method.DPIR, "bundled", (4000, 3000), MACHINE, times, is_warm=True)
    assert half.seconds == pytest.approx(24)
    assert deblur_cost(Method.WIENER, "bundled", LARGE, MACHINE, times) == deblur_cost(Method.WIENER, "bundled", LARGE, MACHINE)


def test_a_small_photo_tells_nothing_of_a_large_one():
    times = MeasuredTimes().with_run(MethodTimed(Method.DPIR, "bundled", 240_000, 9.0, is_whole=True))
    assert deblur_cost(Method.DPIR, "bundled", LARGE, MACHINE, times) == deblur_cost(Method.DPIR, "bundled", LARGE, MACHINE)


@pytest.mark.parametrize("speed", [MACHINE, None])
def test_compared_crops_tell_what_restoring_takes_on_this_machine(speed):
    slow, fast = (MeasuredTimes().with_run(MethodTimed(Method.NETWORK, "bundled", 100_000, s, is_whole=False)) for s in (10.0, 1.0))
    costs = [deblur_cost(Method.NETWORK, "bundled", (600, 400), speed, times, is_warm=True).seconds for times in (slow, fast)]
    assert costs[0] - costs[1] == pytest.approx(9 * 2.4 / (1 if speed is None else 2))


def test_a_small_crop_tells_nothing_of_a_large_photo():
    times = MeasuredTimes().with_run(MethodTimed(Method.WIENER, "bundled", 100_000, 4.0, is_whole=False))
    assert deblur_cost(Method.WIENER, "bundled", LARGE, MACHINE, times) == deblur_cost(Method.WIENER, "bundled", LARGE, MACHINE)


def test_later_runs_outweigh_earlier_ones():
    times = MeasuredTimes()
    for seconds in (100.0,) + 5 * (10.0,):
        times = times.with_run(MethodTimed(Method.DPIR, "bundled", 1_500_000, seconds, is_whole=True))
    assert deblur_cost(Method.DPIR, "bundled", SMALL, MACHINE, times, is_warm=True).seconds == pytest.approx(10)


def test_measured_times_are_shown_at_once_and_after_a_new_start(page, window, qtbot):
    before = page.comparison.panes[Method.DPIR].cost.text()
    window.desk._on_event(MethodTimed(Method.DPIR, "bundled", 1_500_000, 1300.0, is_whole=True), JobKind.DEBLUR)
    told = page.comparison.panes[Method.DPIR].cost.text()
    assert told != before
    assert "about 22 min" in told or "about 20 min" in told
    qtbot.waitUntil(lambda: times_file(has_card=False).exists() or times_file(has_card=True).exists())
    later = look_at_deblurring()
    assert later.measured.of_whole(Method.DPIR, "bundled", 1_500_000) == pytest.approx(1300)


def test_a_damaged_file_of_times_is_none(tmp_path):
    for content in ("", "{", "[1]", '[{"method": "dpir"}]', '{"a": 1}'):
        (tmp_path / "times.json").write_text(content)
        assert read_times(tmp_path / "times.json") == MeasuredTimes()
