"""Whittle's likelihood and its slopes, written down by hand, are those of dense complex matrices."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from ddm_studio.spectra import whittle as module
from ddm_studio.spectra.hermitian import outer_planes
from ddm_studio.spectra.whittle import blurred_spectra, whittle

BINS, FREQUENCIES = 5, 7


def vectors(seed: int, *shape: int) -> Tensor:
    draw = torch.Generator().manual_seed(seed)
    return torch.complex(torch.randn(shape, generator=draw), torch.randn(shape, generator=draw))


def spectra(seed: int, bins: int = BINS) -> Tensor:
    """(9, bins, F) of full rank."""
    return torch.stack([outer_planes(vectors(seed + 10 * k, bins, 3, FREQUENCIES)) for k in range(4)]).sum(0).transpose(0, 1)


def dense(planes: Tensor) -> Tensor:
    """(bins, F, 3, 3) in 64 bits from planes (9, bins, F)."""
    a, b, c, d, dj, e, ej, f, fj = planes.double()
    d, e, f = torch.complex(d, dj), torch.complex(e, ej), torch.complex(f, fj)
    rows = [[a + 0j, d, e], [d.conj(), b + 0j, f], [e.conj(), f.conj(), c + 0j]]
    return torch.stack([torch.stack(row, -1) for row in rows], -2)


def by_lapack(model: Tensor, measured: Tensor, weight: Tensor) -> Tensor:
    trace = torch.linalg.solve(dense(model), dense(measured)).diagonal(dim1=-2, dim2=-1).sum(-1).real
    return ((torch.linalg.slogdet(dense(model))[1] + trace) * weight).sum(-1)


@pytest.fixture(params=[FREQUENCIES, 2 * FREQUENCIES, 1000], ids=["bin by bin", "two bins", "at once"])
def at_once(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "AT_ONCE", request.param)


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize("outer", [1.0, 0.3])
def test_value_and_slope_are_those_of_dense_matrices(outer: float) -> None:
    measured, weight = spectra(1), torch.rand(BINS, FREQUENCIES, generator=torch.Generator().manual_seed(0))
    ours, theirs = spectra(2).contiguous().requires_grad_(), spectra(2).double().contiguous().requires_grad_()
    values, wanted = whittle(ours, measured, weight), by_lapack(theirs, measured, weight)
    assert torch.allclose(values, wanted, rtol=1e-5)
    (slope,) = torch.autograd.grad(outer * values.sum(), ours)
    (wanted_slope,) = torch.autograd.grad(outer * wanted.sum(), theirs)
    assert torch.allclose(slope.double(), wanted_slope, rtol=1e-3, atol=1e-5)


@pytest.mark.usefixtures("at_once")
def test_blurred_spectra_and_their_slopes_are_those_of_dense_matrices() -> None:
    scene, draw = spectra(3, 1)[:, 0], torch.Generator().manual_seed(4)
    shapes = (6, BINS, FREQUENCIES), (BINS, FREQUENCIES), (BINS, 3)
    transfer, log_own, noise = (torch.rand(shape, generator=draw).requires_grad_() for shape in shapes)
    exact = [value.detach().double().requires_grad_() for value in (transfer, log_own, noise)]
    sides = torch.complex(exact[0][:3], exact[0][3:]).movedim(0, -1)
    wanted = sides[..., None] * dense(scene[:, None])[0] * sides.conj()[..., None, :] * exact[1].exp()[..., None, None]
    wanted = wanted + torch.diag_embed(exact[2])[:, None]
    ours = blurred_spectra(transfer, scene, log_own, noise)
    assert torch.allclose(dense(ours), wanted, rtol=1e-4, atol=1e-5)
    weight = torch.randn(BINS, FREQUENCIES, 3, 3, generator=draw)
    slopes = torch.autograd.grad(((dense(ours).real + 2 * dense(ours).imag) * weight).sum(), (transfer, log_own, noise))
    for slope, right in zip(slopes, torch.autograd.grad(((wanted.real + 2 * wanted.imag) * weight).sum(), exact), strict=True):
        assert torch.allclose(slope.double(), right, rtol=1e-3, atol=1e-3)


def test_nearly_equal_channels_with_little_noise_keep_their_digits() -> None:
    """A grey scene's low frequencies: one large eigenvalue and a hundred-thousandth of it twice, where a determinant drowns in rounding."""
    grey = vectors(0, 1, 1, 400).expand(1, 3, 400) + 1e-4 * vectors(3, 1, 3, 400)
    exact = 100 * outer_planes(grey.to(torch.complex128)).transpose(0, 1)
    exact[:3] += 2e-3
    model, measured = exact.float(), outer_planes(vectors(2, 1, 3, 400)).transpose(0, 1)
    each = torch.eye(400)[:, None]
    of_each = torch.cat([whittle(model, measured, weight) for weight in each])
    wanted = torch.cat([by_lapack(exact, measured, weight) for weight in each])
    assert (of_each / wanted - 1).abs().median() < 0.01


def test_a_matrix_that_rounding_made_singular_stays_positive() -> None:
    flat = outer_planes(vectors(0, 1, 1, 50).expand(1, 3, 50)).transpose(0, 1)
    assert whittle(flat, flat, torch.ones(50)).isfinite().all()
