import pytest
import torch
from toy_lenses import comet, grid_of, lens_of, photos_through, sharp_photos

from ddm_studio.control import RunControl
from ddm_studio.matching.acceptance import choose_grid, edge_agreement
from ddm_studio.matching.edge_statistics import edge_asymmetry
from ddm_studio.optics.psf_grid import normalise


def verdict(start, candidate):
    return choose_grid(
        lens_of(grid_of(start)),
        lens_of(grid_of(candidate)),
        photos_through(comet()),
        sharp_photos(),
        0,
        lambda event: None,
        RunControl(),
        500,
    )


def mirrored():
    return comet().flip(-1).roll(-1, -1)


def symmetric():
    return normalise(comet() + comet().flip(-1))


@pytest.mark.slow
def test_takes_the_truth_rather_than_its_mirror_image():
    assert verdict(mirrored(), comet()).accepted


@pytest.mark.slow
def test_never_takes_the_mirror_image_of_the_truth():
    assert not verdict(comet(), mirrored()).accepted


def test_keeps_the_start_when_the_candidate_is_the_start():
    same = verdict(symmetric(), symmetric())
    assert not same.accepted
    assert same.phase_gain == 0
    assert same.likelihood_gain == 0


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
def test_keeps_the_start_when_the_candidate_is_the_start_with_noise(seed):
    noise = torch.randn(comet().shape, generator=torch.Generator().manual_seed(seed))
    assert not verdict(comet(), normalise(comet() * torch.exp(0.2 * noise))).accepted


@pytest.mark.slow
def test_keeps_the_start_when_the_candidate_has_the_wrong_width():
    assert not verdict(comet(), normalise(comet() + 0.1)).accepted


def test_edge_asymmetry_turns_its_sign_with_the_picture_and_not_with_the_contrast():
    ramp = torch.cat([torch.zeros(20), torch.linspace(0, 1, 5) ** 3, torch.ones(15)]).expand(1, 3, 40, 40)
    votes = edge_asymmetry(ramp)
    assert votes.abs().max() > 0.05
    assert torch.allclose(edge_asymmetry(1 - ramp), votes, atol=1e-4)
    turned = edge_asymmetry(ramp.flip(-1))
    assert torch.allclose(turned[:, ::4], -votes[:, ::4], atol=1e-3)


def agreement(kernel):
    lens = lens_of(grid_of(kernel))
    return edge_agreement(lens, photos_through(comet()), sharp_photos(), 0, lambda event: None, RunControl(), 500)


@pytest.mark.slow
def test_photos_agree_with_the_lens_that_took_them_and_not_with_its_mirror_image():
    true, false = agreement(comet()), agreement(mirrored())
    assert true.is_within_error
    assert not false.is_within_error
    assert false.distance > 2 * true.distance
