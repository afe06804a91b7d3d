import torch

from ddm_studio.spectra.hermitian import outer_planes, solve, unpack


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
    matrix, right, other = unpack(packed), vectors(1, 5, 3, 7), unpack(outer_planes(vectors(2, 5, 3, 7)))
    dense = full(matrix)
    column = right.movedim(1, -1)[..., None]
    assert torch.allclose(solve(matrix, right), torch.linalg.solve(dense, column)[..., 0].movedim(-1, 1), atol=1e-3)
    assert torch.allclose(matrix.times(right), (dense @ column)[..., 0].movedim(-1, 1), atol=1e-4)
    assert torch.allclose(matrix.trace_of_product(other), torch.einsum("...ij,...ji->...", dense, full(other)).real, atol=1e-3)
    assert torch.allclose(matrix.adjugate()[1], torch.linalg.det(dense).real, rtol=1e-3)
