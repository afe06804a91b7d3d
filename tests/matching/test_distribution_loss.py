import pytest
import torch
from tiny_windows import CPU
from toy_lenses import comet, grid_of, lens_of, photos_through, sharp_photos

from ddm_studio.flow.flow_matching import Flow, measure_window_field, noisy_patches
from ddm_studio.flow.gaussian_velocity import GaussianField
from ddm_studio.flow.unet import VelocityNetwork
from ddm_studio.matching.distribution_loss import distribution_loss, flow_difference
from ddm_studio.matching.kernel_models import TapGrid
from ddm_studio.matching.reblur import reblur, reblurred_field
from ddm_studio.optics.psf_grid import kernels_at, normalise
from ddm_studio.settings import FlowSettings


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def network(gain=0.0, seed=0):
    made = VelocityNetwork(8, generator(seed))
    with torch.no_grad():
        made.exit_gain.fill_(gain)
    return made


def some_field():
    return measure_window_field(photos_through(comet()), FlowSettings(patch=16), 0, CPU)


def test_gradient_is_zero_when_both_flows_agree():
    flow = Flow(network(1.0), some_field())
    y1 = torch.randn(4, 3, 16, 16, generator=generator(), requires_grad=True)
    noisy = noisy_patches(y1.detach(), generator(1))
    difference = flow_difference(flow, Flow(network(1.0), flow.field), noisy, torch.rand(4, 2))
    distribution_loss(difference.gaussian + difference.learned, y1).backward()
    assert torch.equal(y1.grad, torch.zeros_like(y1))


def test_each_part_hears_its_own_difference():
    field = some_field()
    noisy = noisy_patches(torch.randn(4, 3, 16, 16, generator=generator()), generator(1))
    of_networks = flow_difference(Flow(network(1.0), field), Flow(network(1.0, seed=5), field), noisy, torch.rand(4, 2))
    assert of_networks.gaussian.abs().max() == 0
    assert of_networks.learned.abs().max() > 0
    of_fields = flow_difference(
        Flow(network(), GaussianField(field.mean, 2 * field.spectra)), Flow(network(), field), noisy, torch.rand(4, 2)
    )
    assert of_fields.gaussian.abs().max() > 0
    assert of_fields.learned.abs().max() == 0


@pytest.mark.parametrize("truth_is_wider", [True, False])
def test_one_step_along_the_gradient_moves_the_kernel_toward_the_truth(truth_is_wider):
    """The Gaussian part alone tells a narrow kernel from a wide one: closed form against closed form, no training."""
    places = torch.arange(5) - 2
    radius2 = (places[:, None] ** 2 + places**2).expand(3, 5, 5)
    narrow, wide = normalise(torch.exp(-radius2 / 0.6)), normalise(torch.exp(-radius2 / 3.0))
    truth, start = (wide, narrow) if truth_is_wider else (narrow, wide)
    teacher = Flow(network(), measure_window_field(photos_through(truth), FlowSettings(patch=16), 0, CPU))
    model = TapGrid(grid_of(start), 0, mono=True)
    lens, sharp = lens_of(model.grid().detach()), sharp_photos()
    auxiliary = Flow(network(), reblurred_field(lens, sharp, 16, generator(3)))
    encoded, positions = sharp.draw(300, 20, generator(4))
    clean = reblur(encoded, kernels_at(model.grid(), positions), lens.gain)
    y1 = 2 * (clean + 0.01 * torch.randn(clean.shape, generator=generator(5))) - 1
    noisy = noisy_patches(y1.detach(), generator(6))
    difference = flow_difference(auxiliary, teacher, noisy, positions)
    distribution_loss(difference.gaussian + difference.learned, y1).backward()
    with torch.no_grad():
        model.coefficients -= 0.3 * model.coefficients.grad / model.coefficients.grad.abs().max()
        before, after = (start - truth).square().sum(), (model.grid()[0, 0] - truth).square().sum()
    assert after < before
