"""Closed-form algebra of 3x3 Hermitian matrices, batched: LAPACK on so small matrices is several times slower.

A matrix is held as its upper triangle: real diagonals `a, b, c` and complex `d = m01, e = m02, f = m12`; packed, it is nine real
planes in the order a, b, c, Re d, Im d, Re e, Im e, Re f, Im f, along one dimension, so that spectra can be averaged and
interpolated as ordinary real arrays.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

PLANES = 9
DIAGONAL = ((0, 0, 0), (1, 1, 1), (2, 2, 2))
OFF_DIAGONAL = ((3, 0, 1), (5, 0, 2), (7, 1, 2))
"""Plane, row and column of each entry; the imaginary part of one off the diagonal is the next plane."""
# A share of a diagonal entry that is lost in 32 bits.
ROUNDING = 1e-7


class Hermitian(NamedTuple):
    """The upper triangles of some 3x3 Hermitian matrices; six tensors of one shape."""

    a: Tensor
    b: Tensor
    c: Tensor
    d: Tensor
    e: Tensor
    f: Tensor

    def scaled_plus(self, scale: Tensor, diagonal: Tensor) -> Hermitian:
        """`scale * self + diagonal * I`; both real, of a shape that broadcasts."""
        return Hermitian(
            scale * self.a + diagonal,
            scale * self.b + diagonal,
            scale * self.c + diagonal,
            scale * self.d,
            scale * self.e,
            scale * self.f,
        )

    def times(self, vector: Tensor) -> Tensor:
        """Product with complex vectors (n, 3, ...)."""
        x, y, z = vector.unbind(1)
        return torch.stack(
            [
                self.a * x + self.d * y + self.e * z,
                self.d.conj() * x + self.b * y + self.f * z,
                self.e.conj() * x + self.f.conj() * y + self.c * z,
            ],
            1,
        )

    def factors(self) -> Factors:
        """The factorisation `L D L^H` of positive definite matrices."""
        a, b, c, d, e, f = self
        over_a = a.reciprocal()
        l21, l31 = d.conj() * over_a, e.conj() * over_a
        d2 = (b - power(d) * over_a).clamp_min(ROUNDING * b)
        l32 = (f.conj() - l31 * d) * d2.reciprocal()
        d3 = (c - power(e) * over_a - power(l32) * d2).clamp_min(ROUNDING * c)
        return Factors(a, d2, d3, l21, l31, l32)


class Factors(NamedTuple):
    """`L D L^H` of 3x3 Hermitian matrices: the real diagonal of D, and what the unit triangular L has below its own."""

    d1: Tensor
    d2: Tensor
    d3: Tensor
    l21: Tensor
    l31: Tensor
    l32: Tensor

    def solve(self, vector: Tensor) -> Tensor:
        """`M^-1 vector` for complex vectors (n, 3, ...)."""
        x, y, z = vector.unbind(1)
        y = y - self.l21 * x
        z = z - self.l31 * x - self.l32 * y
        z = z / self.d3
        y = y / self.d2 - self.l32.conj() * z
        x = x / self.d1 - self.l21.conj() * y - self.l31.conj() * z
        return torch.stack([x, y, z], 1)


def power(value: Tensor) -> Tensor:
    """Squared magnitude of complex values."""
    return value.real.square() + value.imag.square()


def unpack(planes: Tensor) -> Hermitian:
    """From (n, 9, ...) real planes."""
    a, b, c, *off = planes.unbind(1)
    return Hermitian(a, b, c, torch.complex(off[0], off[1]), torch.complex(off[2], off[3]), torch.complex(off[4], off[5]))


def outer_planes(vector: Tensor) -> Tensor:
    """The packed outer products `v v^H` (n, 9, ...) of complex vectors (n, 3, ...)."""
    real, imaginary = torch.view_as_real(vector).movedim(-1, 0).contiguous()
    planes = torch.empty(len(real), PLANES, *real.shape[2:], dtype=real.dtype, device=real.device)
    torch.mul(real, real, out=planes[:, :3]).addcmul_(imaginary, imaginary)
    for plane, one, other in OFF_DIAGONAL:
        x, xj, y, yj = real[:, one], imaginary[:, one], real[:, other], imaginary[:, other]
        torch.mul(x, y, out=planes[:, plane]).addcmul_(xj, yj)
        torch.mul(xj, y, out=planes[:, plane + 1]).addcmul_(x, yj, value=-1)
    return planes


def congruence(matrix: Tensor) -> Tensor:
    """(n, 9, 9) matrices that take the planes of H to those of `T H T^T`, the spectra of mixtures of the channels; real T (n, 3, 3)."""
    into = torch.zeros(len(matrix), PLANES, PLANES, dtype=matrix.dtype, device=matrix.device)
    for row, i, j in DIAGONAL + OFF_DIAGONAL:
        for column, k, m in DIAGONAL + OFF_DIAGONAL:
            straight, crossed = matrix[:, i, k] * matrix[:, j, m], matrix[:, i, m] * matrix[:, j, k]
            into[:, row, column] = straight if k == m else straight + crossed
            if i != j and k != m:
                into[:, row + 1, column + 1] = straight - crossed
    return into


def scaling(sides: Tensor) -> Tensor:
    """(9, ...) factors that take the planes of H to those of `diag(sides) H diag(sides)`; real sides (3, ...)."""
    x, y, z = sides
    return torch.stack([x * x, y * y, z * z, x * y, x * y, x * z, x * z, y * z, y * z])
