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

    def adjugate(self) -> tuple[Hermitian, Tensor]:
        """The adjugate and the real determinant; their ratio is the inverse."""
        a, b, c, d, e, f = self
        minor_a, minor_b, minor_c = b * c - power(f), a * c - power(e), a * b - power(d)
        minor_d, minor_e, minor_f = e * f.conj() - d * c, d * f - e * b, d.conj() * e - a * f
        determinant = a * minor_a + (d * minor_d.conj()).real + (e * minor_e.conj()).real
        return Hermitian(minor_a, minor_b, minor_c, minor_d, minor_e, minor_f), determinant

    def trace_of_product(self, other: Hermitian) -> Tensor:
        """`tr(self other)`, real."""
        diagonal = self.a * other.a + self.b * other.b + self.c * other.c
        off = (self.d * other.d.conj()).real + (self.e * other.e.conj()).real + (self.f * other.f.conj()).real
        return diagonal + 2 * off


def power(value: Tensor) -> Tensor:
    """Squared magnitude of complex values."""
    return value.real.square() + value.imag.square()


def solve(matrix: Hermitian, vector: Tensor) -> Tensor:
    """`matrix^-1 vector` for vectors (n, 3, ...)."""
    adjugate, determinant = matrix.adjugate()
    return adjugate.times(vector) / determinant[:, None]


def unpack(planes: Tensor) -> Hermitian:
    """From (n, 9, ...) real planes."""
    a, b, c, *off = planes.unbind(1)
    return Hermitian(a, b, c, torch.complex(off[0], off[1]), torch.complex(off[2], off[3]), torch.complex(off[4], off[5]))


def outer_planes(vector: Tensor) -> Tensor:
    """The packed outer products `v v^H` (n, 9, ...) of complex vectors (n, 3, ...)."""
    x, y, z = vector.unbind(1)
    d, e, f = x * y.conj(), x * z.conj(), y * z.conj()
    return torch.stack([power(x), power(y), power(z), d.real, d.imag, e.real, e.imag, f.real, f.imag], 1)
