"""What each method takes is told before it is run; a published denoiser can be chosen once it is on this computer."""

import numpy as np
import pytest
from fake_jobs import FakeJobs, made_up_profile, write_photos
from gestures import LEFT, drop

from ddm_studio.deblur.weights import DRUNET, cache_folder
from ddm_studio.engine.requests import DeblurRequest
from ddm_studio.gui.background import Answer
from ddm_studio.gui.deblur_cost import deblur_cost
from ddm_studio.gui.run_state import RunState
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
    qtbot.waitUntil(lambda: window.deblur.compare.isEnabled() and window.deblur._outlook is not None)
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
    qtbot.waitUntil(lambda: window.deblur._outlook is not None)
    assert not window.deblur.foot.tells_end


@pytest.mark.parametrize("jobs", [FakeJobs(steps=100_000)])
def test_how_a_job_ended_stays_when_the_machine_becomes_known_after_it(page, window, qtbot):
    qtbot.mouseClick(page.deblur, LEFT)
    qtbot.waitUntil(lambda: "%" in page.foot.strip.numbers.text())
    qtbot.mouseClick(page.foot.strip.stop, LEFT)
    qtbot.waitUntil(lambda: window.state is RunState.IDLE)
    page._on_outlook(Answer("outlook", page._outlook))
    assert page.foot.strip.what.text() == "Stopped. Nothing was saved."
