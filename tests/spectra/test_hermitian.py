import torch

from ddm_studio.spectra.hermitian import Hermitian, congruence, outer_planes, scaling, unpack
from ddm_studio.spectra.kept_frequencies import mixed


def vectors(seed, *shape):
    draw = torch.Generator().manual_seed(seed)
    return torch.complex(torch.randn(shape, generator=draw), torch.randn(shape, generator=draw))


def full(matrix):
    a, b, c, d, e, f = matrix
    rows = [[a + 0j, d, e], [d.conj(), b + 0j, f], [e.conj(), f.conj(), c + 0j]]
    return torch.stack([torch.stack(row, -1) for row in rows], -2)


def test_agrees_with_lapack():
    some = vectors(0, 5, 4, 3, 7)
    packed = torch.stack([outer_planes(some[:, k]) for k in range(4)]).sum(0)
    matrix, right = unpack(packed), vectors(1, 5, 3, 7)
    dense = full(matrix)
    column = right.movedim(1, -1)[..., None]
    factors = matrix.factors()
    solved = torch.linalg.solve(dense, column)[..., 0].movedim(-1, 1)
    assert torch.allclose(factors.solve(right), solved, atol=1e-3)
    assert torch.allclose(matrix.times(right), (dense @ column)[..., 0].movedim(-1, 1), atol=1e-4)


def test_nearly_equal_channels_with_little_noise_keep_their_digits():
    """A grey scene's low frequencies: one large eigenvalue and a hundred-thousandth of it twice, where a determinant drowns in rounding."""
    grey = vectors(0, 1, 1, 400).expand(1, 3, 400) + 1e-4 * vectors(3, 1, 3, 400)
    exact = unpack(outer_planes(grey.to(torch.complex128))).scaled_plus(torch.tensor(100.0), torch.tensor(2e-3))
    right = vectors(1, 1, 3, 400)
    dense, column = full(exact), right.to(torch.complex128).movedim(1, -1)[..., None]
    matrix = Hermitian(*(part.to(torch.complex64 if part.is_complex() else torch.float32) for part in exact))
    factors = matrix.factors()
    wanted = torch.linalg.solve(dense, column)[..., 0].movedim(-1, 1)
    error = (factors.solve(right) - wanted).abs().amax(1) / wanted.abs().amax(1)
    assert error.max() < 0.3
    assert error.median() < 0.01


def test_mixtures_of_channels_have_the_spectra_of_mixed_vectors():
    some, mixing = vectors(0, 5, 3, 7), torch.randn(5, 3, 3, generator=torch.Generator().manual_seed(1))
    mixture = torch.einsum("nij,njf->nif", mixing.to(some.dtype), some)
    planes = outer_planes(some).transpose(0, 1)
    assert torch.allclose(mixed(planes, congruence(mixing)), outer_planes(mixture).transpose(0, 1), atol=1e-4)
    sides = torch.rand(3, 5, 7, generator=torch.Generator().manual_seed(2))
    scaled = some * sides.transpose(0, 1)
    assert torch.allclose(planes * scaling(sides), outer_planes(scaled).transpose(0, 1), atol=1e-5)
