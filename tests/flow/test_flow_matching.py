import pytest
import torch
from tiny_windows import CPU, Saved, StopsAfter, pool_of, same_tensors, smooth_tiles, tiny_source

from ddm_studio.control import Cancelled, RunControl
from ddm_studio.events import LossCurve, Progress, StageFinished, StageStarted
from ddm_studio.flow.flow_matching import (
    PRETRAINING_STAGE,
    Flow,
    flow_matching_loss,
    learning_rate_at,
    measure_window_field,
    noisy_patches,
    partly_random,
    pretrain_flow,
    train_flow,
)
from ddm_studio.flow.unet import VelocityNetwork
from ddm_studio.flow.windows import windows_of
from ddm_studio.settings import FlowSettings

SETTINGS = FlowSettings(patch=16, channels=8, steps=6, batch=4)


def trained(settings=SETTINGS, resume_from=None, control=None, report=lambda event: None):
    saved = Saved()
    control = control or RunControl()
    try:
        return train_flow(tiny_source(), settings, 0, CPU, resume_from, saved, report, control), saved
    except Cancelled:
        return None, saved


def test_paths_run_from_noise_to_patches_at_the_velocity_aimed_at():
    y1 = torch.randn(50, 3, 4, 4, generator=torch.Generator().manual_seed(1))
    noisy = noisy_patches(y1, torch.Generator().manual_seed(2))
    share = noisy.t.view(-1, 1, 1, 1)
    assert torch.allclose(noisy.y_t + (1 - share) * noisy.target, y1, atol=1e-5)
    assert float(noisy.t.max()) <= 0.98


def test_loss_is_zero_for_the_true_velocity():
    class Oracle:
        def velocity(self, y_t, t, positions, network_positions=None):
            return noisy.target

    noisy = noisy_patches(torch.ones(5, 3, 4, 4), torch.Generator().manual_seed(0))
    assert float(flow_matching_loss(Oracle(), noisy, torch.zeros(5, 2))) == 0


def test_about_one_position_in_five_is_replaced():
    positions = torch.full((5000, 2), 0.5)
    told = partly_random(positions, 0.2, torch.Generator().manual_seed(0))
    assert float((told != positions).any(1).float().mean()) == pytest.approx(0.2, abs=0.02)
    assert torch.equal(partly_random(positions, 0.0, torch.Generator().manual_seed(0)), positions)


def test_the_network_hears_other_positions_than_the_gaussian_field():
    flow, _ = trained()
    y, t, here, there = torch.randn(2, 3, 16, 16), torch.tensor([0.3, 0.7]), torch.zeros(2, 2), torch.ones(2, 2)
    expected = flow.flow.field.velocity(y, t, here) + flow.flow.network(y, t, there)
    assert torch.allclose(flow.flow.velocity(y, t, here, there), expected)


def test_learning_rate_rises_then_falls():
    rates = [learning_rate_at(step, FlowSettings(steps=800)) for step in range(1, 801)]
    assert rates[0] < max(rates) == pytest.approx(0.01)
    assert rates[-1] < 0.6 * max(rates)


def test_an_untrained_flow_is_the_gaussian_one():
    flow, _ = trained(FlowSettings(patch=16, channels=8, steps=0))
    y, t, p = torch.randn(2, 3, 16, 16), torch.tensor([0.3, 0.7]), torch.rand(2, 2)
    assert torch.equal(flow.flow.velocity(y, t, p), flow.flow.field.velocity(y, t, p))


def test_says_what_it_does():
    heard = []
    trained(report=heard.append)
    assert isinstance(heard[0], StageStarted)
    assert isinstance(heard[-1], StageFinished)
    assert any(isinstance(event, Progress) for event in heard)
    assert any(isinstance(event, LossCurve) for event in heard)


def test_stopped_and_resumed_equals_uninterrupted_bit_for_bit():
    whole, saved_whole = trained()
    nothing, saved_first = trained(control=StopsAfter(1 + 3))
    assert nothing is None
    assert saved_first.last.step == 3
    resumed, saved_rest = trained(resume_from=saved_first.last)
    assert same_tensors(saved_whole.last, saved_rest.last)
    for one, other in zip(whole.flow.network.parameters(), resumed.flow.network.parameters(), strict=True):
        assert torch.equal(one, other)


def test_stopped_while_measuring_leaves_nothing_half_done():
    nothing, saved = trained(control=StopsAfter(1))
    assert nothing is None
    assert not saved


def test_a_finished_snapshot_gives_the_flow_without_training():
    whole, saved = trained()
    again, _ = trained(resume_from=saved.last)
    for one, other in zip(whole.flow.network.parameters(), again.flow.network.parameters(), strict=True):
        assert torch.equal(one, other)


@pytest.mark.slow
def test_the_network_learns_what_the_gaussian_field_cannot_know():
    """A set of one picture: its spectrum says nothing of where its waves lie, training finds it out."""
    source = windows_of(pool_of(smooth_tiles(1, 16)))
    settings = FlowSettings(patch=16, channels=8, steps=100, batch=16)
    flow = train_flow(source, settings, 0, CPU, None, Saved(), lambda event: None, RunControl())
    encoded, positions = source.draw(100, 16, torch.Generator().manual_seed(9))
    noisy = noisy_patches(2 * encoded - 1, torch.Generator().manual_seed(10))
    silent = Flow(VelocityNetwork(8, torch.Generator().manual_seed(0)), flow.flow.field)
    with torch.no_grad():
        learned, closed_form = flow_matching_loss(flow.flow, noisy, positions), flow_matching_loss(silent, noisy, positions)
    assert learned.item() < 0.9 * closed_form.item()


def pretrained(resume_from=None, control=None, report=lambda event: None):
    saved = Saved()
    settings = SETTINGS.model_copy(update={"pretrain_steps": 5})
    try:
        return pretrain_flow(tiny_source(seed=7), settings, 0, CPU, resume_from, saved, report, control or RunControl()), saved
    except Cancelled:
        return None, saved


def fine_tuned(clean, steps):
    settings = SETTINGS.model_copy(update={"steps": steps})
    return train_flow(tiny_source(), settings, 0, CPU, None, Saved(), lambda event: None, RunControl(), clean)


def test_fine_tuning_starts_from_the_pretrained_network_and_from_the_field_of_its_own_set():
    clean, _ = pretrained()
    begun = fine_tuned(clean, steps=0).flow
    assert all(torch.equal(one, other) for one, other in zip(begun.network.parameters(), clean.flow.network.parameters(), strict=True))
    assert torch.equal(begun.field.spectra, measure_window_field(tiny_source(), SETTINGS, 0, CPU).spectra)
    assert not torch.equal(begun.field.spectra, clean.flow.field.spectra)
    moved = fine_tuned(clean, steps=3).flow
    assert not torch.equal(moved.network.exit_gain, clean.flow.network.exit_gain)


def test_pretraining_is_a_stage_of_its_own_that_takes_its_own_steps():
    heard = []
    pretrained(report=heard.append)
    assert (heard[0].stage, heard[0].total_steps) == (PRETRAINING_STAGE, 5)


def test_pretraining_stopped_and_resumed_equals_uninterrupted_bit_for_bit():
    _, saved_whole = pretrained()
    nothing, saved_first = pretrained(control=StopsAfter(1 + 2))
    assert nothing is None
    assert saved_first.last.step == 2
    _, saved_rest = pretrained(resume_from=saved_first.last)
    assert same_tensors(saved_whole.last, saved_rest.last)


def test_one_field_node_joins_the_whole_frame():
    one = measure_window_field(tiny_source(), SETTINGS.model_copy(update={"field_nodes": 1}), 0, CPU)
    assert one.spectra.shape[:2] == (1, 1)
    assert measure_window_field(tiny_source(), SETTINGS, 0, CPU).spectra.shape[:2] == (6, 6)
