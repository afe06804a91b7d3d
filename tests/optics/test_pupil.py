"""A wavefront makes the kernels that optics says, the right way up."""

import numpy as np
import pytest
import torch

from ddm_studio.optics.field_modes import node_positions
from ddm_studio.optics.mtf import mtf
from ddm_studio.optics.psf_grid import node_centres
from ddm_studio.optics.psf_metrics import centroid, fwhm, grid_ncc
from ddm_studio.optics.pupil import WAVELENGTHS, ZERNIKES, Aperture, Pupil, Wavefronts
from ddm_studio.optics.synthetic_lens import LensPrescription, psf_grid
from ddm_studio.optics.wavefront_field import PolynomialField, SeidelField

CPU = torch.device("cpu")
ASPECT = 1.5
LENS = LensPrescription(
    airy_px=1.4,
    defocus=0.1,
    field_curvature=0.5,
    spherical=0.2,
    coma=0.9,
    astigmatism=-0.6,
    longitudinal_colour=(0.2, -0.15),
    lateral_colour_px=(0.9, -0.7),
    decentring=(0.1, -0.05),
)


def light(places=1, **terms):
    """Wavefronts without any aberration but the named: index of the Zernike term and its waves."""
    zernike = torch.zeros(places, ZERNIKES)
    for name, waves in terms.items():
        zernike[:, int(name.removeprefix("z"))] = waves
    return Wavefronts(zernike, torch.zeros(places, 3), torch.zeros(places, 3, 2))


def aperture(airy=1.4, blur=0.05):
    return Aperture(torch.tensor(airy), torch.tensor(WAVELENGTHS), torch.full((3,), blur))


def kernels(wavefronts, size=13, **changes):
    return Pupil(size, CPU).kernels(wavefronts, aperture(**changes))


def seidel_of(lens):
    """The field with the prescription of a synthetic lens."""
    field = SeidelField((1, 1, 1), ASPECT, mono=False, device=CPU)
    with torch.no_grad():
        field.centre.copy_(torch.tensor(lens.decentring))
        field.terms.copy_(torch.tensor([lens.defocus, lens.field_curvature, lens.spherical, lens.coma, lens.astigmatism]))
        field.colour.copy_(torch.tensor(lens.longitudinal_colour))
        field.lateral.copy_(torch.tensor(lens.lateral_colour_px))
        field.log_airy.copy_(torch.tensor(lens.airy_px - 0.5).log())
        field.log_blur.fill_(-4.0)
    return field


def grid_of(field, rows=4, columns=5):
    """Centred, as a synthetic lens is."""
    wavefronts, pupil = field.at(node_positions(rows, columns)), Pupil(13, CPU)
    with torch.no_grad():
        for _ in range(3):
            taps = pupil.kernels(wavefronts, field.aperture())
            wavefronts = wavefronts.moved(-node_centres(taps))
    return taps.expand(-1, 3, -1, -1).reshape(rows, columns, 3, 13, 13).numpy()


def test_agrees_with_the_synthetic_lens_computed_on_its_own():
    truth = psf_grid(LENS, 4, 5, aspect=ASPECT)
    assert grid_ncc(grid_of(seidel_of(LENS)), truth).min() > 0.99
    mirrored = truth[..., ::-1, ::-1]
    assert grid_ncc(grid_of(seidel_of(LENS)), mirrored).mean() < 0.97


def test_the_contrast_is_that_of_the_synthetic_lens():
    """A rim that is softened more than its samples ask for has fainter rings and too high a contrast."""
    truth, ours = psf_grid(LENS, 4, 5, aspect=ASPECT), grid_of(seidel_of(LENS))
    frequencies = np.array([0.05, 0.1, 0.15, 0.2])
    for direction in ([1.0, 0.0], [0.0, 1.0]):
        excess = mtf(ours, np.array(direction), frequencies) - mtf(truth, np.array(direction), frequencies)
        assert np.abs(excess.mean((0, 1, 2))).max() < 0.006


def test_without_aberration_the_width_is_that_of_the_airy_disc():
    width = fwhm(kernels(light(), size=21, airy=4.0).numpy().astype(np.float64))[0]
    assert width == pytest.approx([1.03 * 4.0 * wavelength for wavelength in WAVELENGTHS], rel=0.06)


def test_kernels_are_positive_and_sum_to_one():
    taps = kernels(light(3, z0=0.4, z3=-0.5, z7=0.2))
    assert (taps >= 0).all()
    assert torch.allclose(taps.sum((-1, -2)), torch.ones(3, 3), atol=1e-5)


@pytest.mark.parametrize(("down", "across"), [(1.0, 0.0), (0.0, 1.0), (-1.5, 0.5)])
def test_a_shift_moves_light_down_and_to_the_right(down, across):
    moved = light().moved(torch.tensor([[down, across]]))
    assert centroid(kernels(moved).numpy())[0, 1] - centroid(kernels(light()).numpy())[0, 1] == pytest.approx([down, across], abs=0.1)


def test_coma_down_is_coma_across_transposed_and_flips_with_its_sign():
    down, across = kernels(light(z3=0.3)), kernels(light(z4=0.3))
    assert torch.allclose(down, across.transpose(-1, -2), atol=1e-6)
    assert torch.allclose(kernels(light(z3=-0.3)), down.flip(-2), atol=1e-6)
    assert (down - down.flip(-2)).abs().max() > 0.02


def test_even_terms_and_colour_may_change_sign_together():
    def both(sign):
        field = light(z0=0.3 * sign, z1=-0.2 * sign, z4=0.3, z5=0.1 * sign)
        return kernels(Wavefronts(field.zernike, torch.tensor([[0.2, 0.0, -0.1]]) * sign, field.shift))

    assert torch.allclose(both(1), both(-1), atol=1e-6)


def test_polynomials_begin_as_the_field_that_they_are_held_to():
    start = seidel_of(LENS)
    polynomials = PolynomialField(start, 3, node_positions(8, 8), hold=0.1)
    assert np.abs(grid_of(polynomials) - grid_of(start)).max() < 1e-4
    unheld = PolynomialField(start, 3, node_positions(8, 8), hold=0.0)
    assert polynomials.prior().item() == pytest.approx(unheld.prior().item())
    with torch.no_grad():
        polynomials.zernike += 0.1
    assert polynomials.prior() > unheld.prior() + 0.01


@pytest.mark.parametrize("rows_columns", [(1, 1), (2, 3), (8, 8)])
def test_a_mono_field_gives_all_channels_one_kernel(rows_columns):
    start = SeidelField((1, -1, 1), ASPECT, mono=True, device=CPU)
    for field in (start, PolynomialField(start, min(3, max(rows_columns) - 1), node_positions(*rows_columns), 0.1)):
        grid = grid_of(field, *rows_columns)
        assert np.array_equal(grid[:, :, 0], grid[:, :, 2])
        assert np.isfinite(grid).all()


def test_every_parameter_has_a_gradient():
    field = PolynomialField(seidel_of(LENS), 2, node_positions(3, 3), 0.1)
    taps = Pupil(9, CPU).kernels(field.at(node_positions(3, 3)), field.aperture())
    weight = torch.randn(taps.shape, generator=torch.Generator().manual_seed(0))
    (taps * weight).sum().backward()
    for value in field.parameters():
        assert value.grad is not None
        assert value.grad.isfinite().all()
        assert value.grad.abs().max() > 0
