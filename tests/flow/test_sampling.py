import pytest
import torch

from ddm_studio.flow.gaussian_velocity import GaussianField
from ddm_studio.flow.sampling import sample
from ddm_studio.spectra.hermitian import PLANES

SIDE = 8


def field():
    spectra = torch.zeros(1, 1, PLANES, SIDE, SIDE // 2 + 1)
    spectra[:, :, :3] = torch.linspace(1.0, 0.05, SIDE // 2 + 1)
    spectra[:, :, 3] = 0.5 * spectra[:, :, 0]
    return GaussianField(torch.full((1, 1, 3), -0.3), spectra)


@pytest.mark.parametrize(("heun", "steps"), [(True, 12), (False, 40)])
def test_samples_of_a_gaussian_velocity_have_its_spectrum(heun, steps):
    noise = torch.randn(1500, 3, SIDE, SIDE, generator=torch.Generator().manual_seed(0))
    drawn = sample(field().velocity, noise, torch.full((1500, 2), 0.5), steps, heun)
    assert float(drawn.mean()) == pytest.approx(-0.3, abs=0.02)
    coefficients = torch.fft.rfft2(drawn + 0.3, norm="ortho")
    powers = coefficients.abs().square().mean(0)
    assert torch.allclose(powers.mean((0, 1)), torch.linspace(1.0, 0.05, SIDE // 2 + 1), rtol=0.12)
    cross = (coefficients[:, 0] * coefficients[:, 1].conj()).real.mean((0, 1))
    assert torch.allclose(cross, 0.5 * torch.linspace(1.0, 0.05, SIDE // 2 + 1), rtol=0.15)
