import numpy as np
import pytest
import torch
from tiny_pairs import PATCH, SETTINGS, lens, untrained, windows
from tiny_windows import Saved, StopsAfter, same_tensors

from ddm_studio.control import Cancelled, RunControl
from ddm_studio.deblur.restorer_scores import score_restorer
from ddm_studio.deblur.train_restorer import TrainedRestorer, rate_factor, train_restorer
from ddm_studio.events import Event, LossCurve, Progress, StageFinished, StageStarted
from ddm_studio.settings import RestorerSettings
from ddm_studio.snapshot import Snapshot


class Ticks:
    """A clock that moves a fixed time whenever it is looked at."""

    def __init__(self, seconds: float) -> None:
        self.now, self._seconds = 0.0, seconds

    def __call__(self) -> float:
        self.now += self._seconds
        return self.now


def silent(event: Event) -> None:
    pass


def trained(
    settings: RestorerSettings = SETTINGS, start: Snapshot | None = None, control: RunControl | None = None, clock: Ticks | None = None
) -> tuple[TrainedRestorer | None, Saved]:
    saved = Saved()
    timing = {} if clock is None else {"clock": clock}
    try:
        return train_restorer(windows(), lens(), settings, PATCH, start, saved, silent, control or RunControl(), **timing), saved
    except Cancelled:
        return None, saved


def test_stopped_and_resumed_equals_uninterrupted_bit_for_bit() -> None:
    whole, saved_whole = trained()
    nothing, saved_first = trained(control=StopsAfter(2))
    assert nothing is None
    assert saved_first.last.step == 2
    resumed, saved_rest = trained(start=saved_first.last)
    assert whole is not None
    assert resumed is not None
    without_clock = [{**saved.last.tensors, "seconds": torch.zeros(1)} for saved in (saved_whole, saved_rest)]
    assert same_tensors(*(Snapshot(5, tensors) for tensors in without_clock))
    for one, other in zip(whole.network.parameters(), resumed.network.parameters(), strict=True):
        assert torch.equal(one, other)


def test_a_finished_training_is_not_done_again_but_goes_on_for_longer() -> None:
    first, saved = trained()
    again, _ = trained(start=saved.last)
    longer, _ = trained(SETTINGS.model_copy(update={"steps": 7}), start=saved.last)
    assert first is not None
    assert again is not None
    assert longer is not None
    assert (first.steps, again.steps, longer.steps) == (5, 5, 7)
    assert again.seconds == first.seconds < longer.seconds


def test_minutes_end_by_the_clock_and_count_earlier_runs() -> None:
    settings = SETTINGS.model_copy(update={"steps": None, "minutes": 0.5})
    whole, _ = trained(settings, clock=Ticks(5.0))
    assert whole is not None
    assert (whole.steps, whole.seconds) == (6, 30.0)
    _, half = trained(settings, control=StopsAfter(2), clock=Ticks(5.0))
    rest, _ = trained(settings, start=half.last, clock=Ticks(5.0))
    assert rest is not None
    assert (rest.steps, rest.seconds) == (6, 30.0)


def test_it_says_what_it_does() -> None:
    heard: list[Event] = []
    train_restorer(windows(), lens(), SETTINGS, PATCH, None, Saved(), heard.append, RunControl())
    assert heard[0] == StageStarted("training the restorer", 5)
    assert isinstance(heard[-1], StageFinished)
    assert any(isinstance(event, Progress) for event in heard)
    curves = [event for event in heard if isinstance(event, LossCurve)]
    assert len(curves[-1].losses) == 5
    assert np.isfinite(curves[-1].losses).all()


def test_the_rate_rises_stays_and_falls() -> None:
    rates = [rate_factor(step, step / 200) for step in range(200)]
    assert rates[0] < 0.1
    assert max(rates) == 1 == rates[99]
    assert rates[99] > rates[150] > rates[199]
    assert 0 < rates[199] < 0.05


@pytest.mark.slow
def test_training_teaches_it_the_lens() -> None:
    """On scenes and places that it has seen: half a minute on real photos is for the benchmark."""
    settings = SETTINGS.model_copy(update={"steps": 60, "batch": 4})
    learned, _ = trained(settings)
    assert learned is not None
    before = score_restorer(untrained(), windows(), lens(), PATCH, 0, silent, RunControl())
    after = score_restorer(learned.network, windows(), lens(), PATCH, 0, silent, RunControl())
    assert after.network > before.network + 0.5
    assert after.network > after.wiener > after.blurred
    assert (after.wiener, after.blurred) == (before.wiener, before.blurred)
