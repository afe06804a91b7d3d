"""Closed-form algebra of 3x3 Hermitian matrices, batched: LAPACK on so small matrices is several times slower.

A matrix is held as its upper triangle: real diagonals `a, b, c` and complex `d = m01, e = m02, f = m12`; packed, it is nine real
planes in the order a, b, c, Re d, Im d, Re e, Im e, Re f, Im f, along one dimension, so that spectra can be averaged and
interpolated as ordinary real arrays.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import torch
from torch import Tensor

PLANES = 9
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

    def at(self, chosen: Tensor) -> Hermitian:
        """Those that a mask over the last dimension chooses."""
        return Hermitian(*(entry[..., chosen] for entry in self))

    def form(self, vector: Tensor) -> Tensor:
        """`v^T self v` of matrices (n, m) for real vectors (n, 3), one for each row: the power of a mixture of the channels."""
        x, y, z = (part[:, None] for part in vector.unbind(1))
        off = x * y * self.d.real + x * z * self.e.real + y * z * self.f.real
        return x * x * self.a + y * y * self.b + z * z * self.c + 2 * off

    def congruent(self, matrix: Tensor) -> Hermitian:
        """`T self T^T` of matrices (n, m) for real T (n, 3, 3), one for each row: the spectra of three mixtures of the channels."""
        entry = matrix[..., None]
        full = ((self.a, self.d, self.e), (self.d.conj(), self.b, self.f), (self.e.conj(), self.f.conj(), self.c))
        left = [[_sum(entry[:, i, k] * full[k][j] for k in range(3)) for j in range(3)] for i in range(3)]

        def mixed(i: int, j: int) -> Tensor:
            return _sum(left[i][k] * entry[:, j, k] for k in range(3))

        return Hermitian(mixed(0, 0).real, mixed(1, 1).real, mixed(2, 2).real, mixed(0, 1), mixed(0, 2), mixed(1, 2))

    def scaled(self, sides: Sequence[Tensor]) -> Hermitian:
        """`diag(sides) self diag(sides)`, sides real."""
        x, y, z = sides
        return Hermitian(x * x * self.a, y * y * self.b, z * z * self.c, x * y * self.d, x * z * self.e, y * z * self.f)

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
    """`L D L^H` of 3x3 Hermitian matrices: the real diagonal of D, and what the unit triangular L has below its own.

    The adjugate over the determinant would be a little faster, but loses twice the digits: where channels are nearly equal and
    noise is low (a grey scene's low frequencies) nothing is left of the determinant in 32 bits.
    """

    d1: Tensor
    d2: Tensor
    d3: Tensor
    l21: Tensor
    l31: Tensor
    l32: Tensor

    def log_determinant(self) -> Tensor:
        """`log det M`, real."""
        return self.d1.log() + self.d2.log() + self.d3.log()

    def solve(self, vector: Tensor) -> Tensor:
        """`M^-1 vector` for complex vectors (n, 3, ...)."""
        x, y, z = vector.unbind(1)
        y = y - self.l21 * x
        z = z - self.l31 * x - self.l32 * y
        z = z / self.d3
        y = y / self.d2 - self.l32.conj() * z
        x = x / self.d1 - self.l21.conj() * y - self.l31.conj() * z
        return torch.stack([x, y, z], 1)

    def trace_of_solved(self, other: Hermitian) -> Tensor:
        """`tr(M^-1 other)`, real."""
        u = self.l21 * self.l32 - self.l31  # L^-1 has the rows (1, 0, 0), (-l21, 1, 0) and (u, -l32, 1)
        second = other.b + power(self.l21) * other.a - 2 * (self.l21 * other.d).real
        mixed = u * (other.e - self.l32.conj() * other.d) - self.l32 * other.f
        third = other.c + power(self.l32) * other.b + power(u) * other.a + 2 * mixed.real
        return other.a / self.d1 + second / self.d2 + third / self.d3


def _sum(terms: Iterable[Tensor]) -> Tensor:
    first, *others = terms
    for term in others:
        first = first + term
    return first


def power(value: Tensor) -> Tensor:
    """Squared magnitude of complex values."""
    return value.real.square() + value.imag.square()


def pack(matrix: Hermitian) -> Tensor:
    """Into (n, 9, ...) real planes."""
    a, b, c, d, e, f = matrix
    return torch.stack([a, b, c, d.real, d.imag, e.real, e.imag, f.real, f.imag], 1)


def unpack(planes: Tensor) -> Hermitian:
    """From (n, 9, ...) real planes."""
    a, b, c, *off = planes.unbind(1)
    return Hermitian(a, b, c, torch.complex(off[0], off[1]), torch.complex(off[2], off[3]), torch.complex(off[4], off[5]))


def outer_planes(vector: Tensor) -> Tensor:
    """The packed outer products `v v^H` (n, 9, ...) of complex vectors (n, 3, ...)."""
    x, y, z = vector.unbind(1)
    d, e, f = x * y.conj(), x * z.conj(), y * z.conj()
    return torch.stack([power(x), power(y), power(z), d.real, d.imag, e.real, e.imag, f.real, f.imag], 1)
