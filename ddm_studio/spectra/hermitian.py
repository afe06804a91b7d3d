"""Closed-form algebra of batches of 3x3 Hermitian matrices; batched LAPACK is several times slower at this size."""

from __future__ import annotations

from torch import Tensor


def log_det_and_trace(model: Tensor, measured: Tensor) -> tuple[Tensor, Tensor]:
    """`log det M` and `tr(M^-1 S)` by cofactors.

    Args:
        model: (..., 3, 3) complex Hermitian, positive definite.
        measured: (..., 3, 3) complex Hermitian.

    Returns:
        Two real tensors (...).
    """
    a, b, c = model[..., 0, 0].real, model[..., 1, 1].real, model[..., 2, 2].real
    d, e, f = model[..., 0, 1], model[..., 0, 2], model[..., 1, 2]
    det, cofactors = _determinant_and_cofactors(a, b, c, d, e, f)
    aa, bb, cc, dd, ee, ff = cofactors
    diagonal = aa * measured[..., 0, 0].real + bb * measured[..., 1, 1].real + cc * measured[..., 2, 2].real
    off = (dd * measured[..., 1, 0] + ee * measured[..., 2, 0] + ff * measured[..., 2, 1]).real
    return det.log(), (diagonal + 2 * off) / det


def _determinant_and_cofactors(a: Tensor, b: Tensor, c: Tensor, d: Tensor, e: Tensor, f: Tensor) -> tuple[Tensor, tuple[Tensor, ...]]:
    """Of [[a, d, e], [d*, b, f], [e*, f*, c]]: the determinant and the upper triangle of the adjugate."""
    aa, bb, cc = b * c - f.abs() ** 2, a * c - e.abs() ** 2, a * b - d.abs() ** 2
    dd, ee, ff = e * f.conj() - d * c, d * f - e * b, d.conj() * e - a * f
    det = (a * aa + (d * dd.conj()).real + (e * ee.conj()).real).clamp_min(1e-30)
    return det, (aa, bb, cc, dd, ee, ff)
