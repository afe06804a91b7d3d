import pytest
import torch
from toy_lenses import comet, grid_of

from ddm_studio.matching.kernel_models import PhaseGrid, RawGrid, TapGrid, half_plane_offsets, kernel_model
from ddm_studio.optics.psf_grid import normalise
from ddm_studio.settings import MatchingSettings


def start_grid(rows=3, columns=4, size=9):
    taps = torch.rand(rows, columns, 3, size, size, generator=torch.Generator().manual_seed(0))
    places = torch.arange(size) - size // 2
    return normalise(taps * torch.exp(-(places[:, None] ** 2 + places**2) / 4.0))


def moved(model, amount=0.1):
    with torch.no_grad():
        for value in model.parameters():
            value.add_(amount * torch.randn(value.shape, generator=torch.Generator().manual_seed(1)))
    return model.grid().detach()


ALL = {
    "phase": lambda start: PhaseGrid(start, 2),
    "taps": lambda start: TapGrid(start, 2, mono=False),
    "raw": lambda start: RawGrid(start, mono=False),
}


@pytest.mark.parametrize("name", ALL)
def test_begins_at_the_start_grid(name):
    assert torch.allclose(ALL[name](start_grid()).grid(), start_grid(), atol=1e-5)


@pytest.mark.parametrize("name", ["phase", "taps"])
def test_kernels_stay_kernels(name):
    psf = moved(ALL[name](start_grid()))
    assert float(psf.min()) >= 0
    assert torch.allclose(psf.sum((-1, -2)), torch.ones(3, 4, 3), atol=1e-5)
    assert not torch.allclose(psf, start_grid(), atol=1e-4)


@pytest.mark.parametrize("name", ["taps", "raw"])
def test_mono_stays_mono(name):
    start = start_grid().mean(2, keepdim=True).expand(-1, -1, 3, -1, -1)
    model = TapGrid(start, 2, mono=True) if name == "taps" else RawGrid(start, mono=True)
    psf = moved(model)
    assert torch.equal(psf[:, :, 0], psf[:, :, 1])
    assert torch.equal(psf[:, :, 0], psf[:, :, 2])


def test_a_phase_changes_no_spectrum_and_no_phase_between_channels():
    start = torch.nn.functional.pad(grid_of(comet(5)), (8, 8, 8, 8))
    model = PhaseGrid(start, 2)
    with torch.no_grad():
        model.coefficients.add_(0.03)
    spectrum = torch.fft.rfft2(start)
    phase = torch.einsum("nm,mu,uv,vhw->nhw", model.modes, model.coefficients, model.unshifted, model.sines)
    turned = torch.fft.irfft2(model.transfer * torch.polar(torch.ones_like(phase), phase)[:, None, None], s=(42, 42))
    assert torch.allclose(torch.fft.rfft2(turned).abs(), torch.fft.rfft2(start, s=(42, 42)).abs(), atol=1e-4)
    assert spectrum.abs().max() > 0.9


def test_a_pure_shift_is_projected_out():
    model = PhaseGrid(start_grid(), 1)
    offsets = half_plane_offsets(2)
    with torch.no_grad():
        model.coefficients.copy_(offsets.T[:1].expand(3, -1))
    assert torch.allclose(model.grid(), start_grid(), atol=1e-4)


def test_phase_can_turn_a_kernel_towards_its_mirror_image():
    start = torch.nn.functional.pad(grid_of(comet(5)), (3, 3, 3, 3))
    target = start.flip(-1, -2).roll(-1, -1)
    model = PhaseGrid(start, 0)
    optimiser = torch.optim.Adam(model.parameters(), lr=0.03)
    first = (model.grid() - target).square().sum().item()
    for _ in range(60):
        loss = (model.grid() - target).square().sum()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    assert loss.item() < 0.5 * first


@pytest.mark.parametrize(("settings", "kind"), [({}, PhaseGrid), ({"changes": "taps"}, TapGrid), ({"raw_taps": True}, RawGrid)])
def test_settings_choose_the_model(settings, kind):
    assert isinstance(kernel_model(start_grid(), MatchingSettings(**settings), mono=False), kind)
