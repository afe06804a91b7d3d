"""Samples of a flow beside real patches: what is told, what it shows, and that looking changes nothing."""

import numpy as np
import pytest
import torch
from tiny_windows import CPU, Saved, pool_of, same_tensors, smooth_tiles, tiny_source

from ddm_studio.control import Ration, RunControl
from ddm_studio.events import PatchesCompared, PatchKind
from ddm_studio.flow import patch_pictures
from ddm_studio.flow.ema import PowerAverage
from ddm_studio.flow.flow_matching import STAGE, measure_window_field, train_flow
from ddm_studio.flow.patch_pictures import COLUMNS, FlowSamples, pictures, spread_by_contrast
from ddm_studio.flow.unet import VelocityNetwork
from ddm_studio.flow.windows import windows_of
from ddm_studio.settings import FlowSettings

SETTINGS = FlowSettings(patch=16, channels=8, steps=6, batch=4)


def contrast(patches):
    return (patches / 255.0).std((1, 2)).mean(-1)


def untrained_look(windows, seed=0):
    """What a flow that is nothing but the windows' Gaussian field draws."""
    network = VelocityNetwork(8, torch.Generator().manual_seed(0))
    field = measure_window_field(windows, SETTINGS, 0, CPU)
    return FlowSamples(windows, 16, seed, CPU).look(network, PowerAverage(network, 0.05), field, STAGE, 0)


def test_a_training_tells_samples_beside_patches_of_its_photos():
    heard = []
    train_flow(tiny_source(), SETTINGS, 0, CPU, None, Saved(), heard.append, RunControl())
    looks = [event for event in heard if isinstance(event, PatchesCompared)]
    assert len(looks) >= 2
    assert (looks[0].step, looks[-1].step) == (1, SETTINGS.steps)
    for look in looks:
        assert (look.kind, look.stage) == (PatchKind.FLOW, STAGE)
        for patches in (look.made, look.real):
            assert patches.shape == (COLUMNS, 16, 16, 3)
            assert patches.dtype == np.uint8
            assert not patches.flags.writeable
    assert np.array_equal(looks[0].real, looks[-1].real)


def test_real_patches_are_those_of_the_photos_as_they_are_encoded():
    tiles = np.full((6, 3, 40, 40), 0.25)
    tiles[:, 2] = 0.75
    look = untrained_look(windows_of(pool_of(tiles)))
    assert (look.real == [64, 64, 191]).all()
    assert np.abs(look.made.astype(int) - look.real).max() <= 1  # and a flow of flat photos draws flat ones


@pytest.mark.parametrize("level", [0.02, 0.1])
def test_samples_are_as_contrasty_as_gaussian_photos_are(level):
    draw = np.random.default_rng(0)
    windows = windows_of(pool_of(0.5 + level * draw.standard_normal((40, 3, 40, 40))))
    look = untrained_look(windows)
    assert contrast(look.made).mean() == pytest.approx(contrast(look.real).mean(), rel=0.1)


def test_looking_does_not_change_what_is_learned(monkeypatch):
    def weights(share):
        monkeypatch.setattr(patch_pictures, "ration", lambda: Ration(share, 0.0))
        heard, saved = [], Saved()
        train_flow(tiny_source(), SETTINGS, 0, CPU, None, saved, heard.append, RunControl())
        return saved.last, sum(isinstance(event, PatchesCompared) for event in heard)

    often, many = weights(1e9)
    seldom, few = weights(1e-9)
    assert many > few
    assert same_tensors(often, seldom)


def test_the_flattest_come_first_and_may_be_left_out():
    levels = torch.tensor([0.3, 0.0, 0.1, 0.4, 0.2]).view(5, 1, 1, 1)
    patches = levels * torch.tensor([-1.0, 1.0]).repeat(8).view(1, 1, 4, 4).expand(5, 3, 4, 4)
    assert spread_by_contrast(patches, 5).tolist() == [1, 2, 4, 0, 3]
    assert spread_by_contrast(patches, 2, least=0.5).tolist() == [4, 3]


def test_pictures_clip_what_is_beyond_black_and_white():
    patch = torch.tensor([-0.5, 0.5, 1.5]).view(1, 3, 1, 1)
    assert pictures(patch).tolist() == [[[[0, 128, 255]]]]


def test_windows_of_smooth_tiles_are_shown_from_flat_to_contrasty():
    look = untrained_look(windows_of(pool_of(smooth_tiles(24, 40) * np.linspace(0.2, 1, 24)[:, None, None, None])))
    for patches in (look.made, look.real):
        assert (np.diff(contrast(patches)) > -0.01).all()
