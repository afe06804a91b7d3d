"""Whittle's likelihood of 3x3 cross-power spectra and its gradients, in closed form and in real arithmetic.

Stage 1 spends its time here: a hundred thousand matrices, hundreds of times. Complex arithmetic takes longer than the same sums on
real planes, and so does a recorded graph of two hundred operations, which takes every array to memory and back. So the planes (packed as
in `hermitian`) are worked through some bins at a time, which stay in a core's cache, and the gradient is written down:
`d(log det M + tr(M^-1 S)) = tr(G dM)` with `G = M^-1 - M^-1 S M^-1`. All that took 14 ms instead of 40 of one thread.

In the names below `xj` is the imaginary part that belongs to `x`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, TypeAlias

import torch
from torch import Tensor

from ddm_studio.spectra.hermitian import OFF_DIAGONAL, ROUNDING

Planes: TypeAlias = Sequence[Tensor]

# Matrices at once on a processor: fewer, and calls take more time than sums; more, and their arrays go to memory and back.
AT_ONCE = 24_000


def whittle(model: Tensor, measured: Tensor, weight: Tensor) -> Tensor:
    """Of each bin (bins,) the sum of `weight (log det M + tr(M^-1 S))` over its frequencies, in 64 bits.

    Args:
        model: (9, bins, F) packed spectra M, positive definite.
        measured: (9, bins, F) packed spectra S.
        weight: (bins, F) or (F,).
    """
    total: Tensor = _Whittle.apply(model, measured, weight.expand(model.shape[1:]))
    return total


def blurred_spectra(transfer: Tensor, scene: Tensor, log_own: Tensor, noise: Tensor) -> Tensor:
    """Packed spectra (9, bins, F) of scenes seen through transfer functions: `exp(log_own) D S D^H + diag(noise)`.

    Args:
        transfer: (6, bins, F) transfer functions of the channels, three real parts and three imaginary ones.
        scene: (9, F) packed spectra S.
        log_own: (bins, F) logarithm of what each bin's scenes have more or less power.
        noise: (bins, 3) power of the noise.
    """
    spectra: Tensor = _BlurredSpectra.apply(transfer, scene, log_own, noise)
    return spectra


def _parts(like: Tensor) -> Iterator[slice]:
    """Some bins at a time of planes (..., bins, F)."""
    bins, frequencies = like.shape[-2:]
    step = bins if like.is_cuda else max(1, AT_ONCE // max(1, frequencies))
    for first in range(0, bins, step):
        yield slice(first, first + step)


class _Whittle(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, model: Tensor, measured: Tensor, weight: Tensor) -> Tensor:
        gradient = torch.empty_like(model) if ctx.needs_input_grad[0] else None
        total = torch.empty(len(weight), dtype=torch.float64, device=model.device)
        for part in _parts(model):
            into = None if gradient is None else gradient[:, part]
            total[part] = _whittle_of(model[:, part].unbind(), measured[:, part].unbind(), weight[part], into)
        ctx.save_for_backward(gradient)
        return total

    @staticmethod
    def backward(ctx: Any, outer: Tensor) -> tuple[Tensor | None, ...]:
        (gradient,) = ctx.saved_tensors
        return gradient if (outer == 1).all() else gradient * outer[:, None].to(gradient), None, None


def _whittle_of(model: Planes, measured: Planes, weight: Tensor, gradient: Tensor | None) -> Tensor:
    """The weighted sums (bins,); the gradient by the planes of the model is written into `gradient`."""
    a, b, c, d, dj, e, ej, f, fj = model
    # M = L D L^H; L is 1 on the diagonal, below it the conjugates of m, n and w. The adjugate over the determinant would need less, but
    # loses twice the digits: where channels are nearly equal and noise is low nothing is left of the determinant in 32 bits.
    over1 = a.reciprocal()
    m, mj, n, nj = d * over1, dj * over1, e * over1, ej * over1
    d2 = torch.maximum(_less(b, (d, m), (dj, mj)), ROUNDING * b)
    over2 = d2.reciprocal()
    v, vj = _less(f, (n, d), (nj, dj)), _less(fj, (nj, d)).addcmul_(n, dj)
    w, wj = v * over2, vj * over2
    d3 = torch.maximum(_less(c, (e, n), (ej, nj), (v, w), (vj, wj)), ROUNDING * c)
    over3 = d3.reciprocal()
    terms = (a.log() + d2.log_()).add_(d3.log_())
    # Z = L^-1 S L^-H
    z1, sb, sc, sd, sdj, se, sej, sf, sfj = measured
    z12, z12j = _less(sd, (z1, m)), _less(sdj, (z1, mj))
    z2 = _less(sb, (m, sd + z12), (mj, sdj + z12j))
    z13, z13j = _less(se, (z1, n), (z12, w)).addcmul_(z12j, wj), _less(sej, (z1, nj), (z12, wj), (z12j, w))
    g, gj = _less(sf, (m, se), (mj, sej)), _less(sfj, (m, sej)).addcmul_(mj, se)
    z23, z23j = _less(g, (z12, n), (z12j, nj), (z2, w)), _less(gj, (z12, nj), (z2, wj)).addcmul_(z12j, n)
    z3 = _less(sc, (n, se + z13), (nj, sej + z13j), (w, g.add_(z23)), (wj, gj.add_(z23j)))
    t1, t2, t3 = z1 * over1, z2.mul_(over2), z3.mul_(over3)
    terms.add_(t1).add_(t2).add_(t3)
    total = terms.mul_(weight).sum(-1, dtype=torch.float64)
    if gradient is not None:
        # X = weight (D^-1 - D^-1 Z D^-1), then G = L^-H X L^-1
        g11, g22, g33, g12, g12j, g13, g13j, g23, g23j = gradient.unbind()
        by1, by2, by3 = over1.mul_(-weight), over2 * weight, over3 * weight
        x13, x13j = z13.mul_(over3).mul_(by1), z13j.mul_(over3).mul_(by1)
        x23, x23j = z23.mul_(over2).mul_(by3).neg_(), z23j.mul_(over2).mul_(by3).neg_()
        x12, x12j = z12.mul_(over2).mul_(by1), z12j.mul_(over2).mul_(by1)
        torch.addcmul(by3, by3, t3, value=-1, out=g33)
        torch.addcmul(x23, w, g33, value=-1, out=g23)
        torch.addcmul(x23j, wj, g33, value=-1, out=g23j)
        torch.addcmul(x13, m, g23, value=-1, out=g13).addcmul_(mj, g23j).addcmul_(n, g33, value=-1)
        torch.addcmul(x13j, m, g23j, value=-1, out=g13j).addcmul_(mj, g23, value=-1).addcmul_(nj, g33, value=-1)
        torch.addcmul(by2, by2, t2, value=-1, out=g22).addcmul_(w, x23.add_(g23), value=-1).addcmul_(wj, x23j.add_(g23j), value=-1)
        y, yj = x12.addcmul_(x13, w, value=-1).addcmul_(x13j, wj, value=-1), x12j.addcmul_(x13j, w, value=-1).addcmul_(x13, wj)
        torch.addcmul(y, m, g22, value=-1, out=g12).addcmul_(n, g23, value=-1).addcmul_(nj, g23j, value=-1)
        torch.addcmul(yj, mj, g22, value=-1, out=g12j).addcmul_(nj, g23, value=-1).addcmul_(n, g23j)
        torch.addcmul(by1.neg_(), by1, t1, value=-1, out=g11).addcmul_(m, y.add_(g12), value=-1).addcmul_(mj, yj.add_(g12j), value=-1)
        g11.addcmul_(n, x13.add_(g13), value=-1).addcmul_(nj, x13j.add_(g13j), value=-1)
        gradient[3:].mul_(2)
    return total


def _less(start: Tensor, *products: tuple[Tensor, Tensor]) -> Tensor:
    """The start less the products."""
    rest = start
    for number, (one, other) in enumerate(products):
        rest = rest.addcmul_(one, other, value=-1) if number else torch.addcmul(start, one, other, value=-1)
    return rest


class _BlurredSpectra(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, transfer: Tensor, scene: Tensor, log_own: Tensor, noise: Tensor) -> Tensor:
        own = (log_own / 2).exp_()
        model = torch.empty(9, *log_own.shape, device=transfer.device)
        for part in _parts(own):
            sides, entries, power = (transfer[:, part] * own[part]).unbind(), model[:, part].unbind(), noise[part, :, None].unbind(1)
            for channel in range(3):
                x, xj = sides[channel], sides[channel + 3]
                torch.addcmul(power[channel], (x * x).addcmul_(xj, xj), scene[channel], out=entries[channel])
            for plane, one, other in OFF_DIAGONAL:
                x, xj, y, yj = sides[one], sides[one + 3], sides[other], sides[other + 3]
                real, imaginary = (x * y).addcmul_(xj, yj), (xj * y).addcmul_(x, yj, value=-1)
                s, sj = scene[plane], scene[plane + 1]
                torch.mul(real, s, out=entries[plane]).addcmul_(imaginary, sj, value=-1)
                torch.mul(real, sj, out=entries[plane + 1]).addcmul_(imaginary, s)
        ctx.save_for_backward(transfer, scene, own)
        return model

    @staticmethod
    def backward(ctx: Any, outer: Tensor) -> tuple[Tensor | None, ...]:
        transfer, scene, own = ctx.saved_tensors
        of_transfer, of_own = torch.empty_like(transfer), torch.empty_like(own)
        for part in _parts(own):
            seen, slopes = transfer[:, part] * own[part], outer[:, part].unbind()
            sides, of_seen = seen.unbind(), of_transfer[:, part]
            of_sides = of_seen.unbind()
            for channel in range(3):
                twice = (slopes[channel] * scene[channel]).mul_(2)
                torch.mul(twice, sides[channel], out=of_sides[channel])
                torch.mul(twice, sides[channel + 3], out=of_sides[channel + 3])
            for plane, one, other in OFF_DIAGONAL:
                slope, slopej, s, sj = slopes[plane], slopes[plane + 1], scene[plane], scene[plane + 1]
                q, qj = (slope * s).addcmul_(slopej, sj), (slopej * s).addcmul_(slope, sj, value=-1)
                x, xj, y, yj = sides[one], sides[one + 3], sides[other], sides[other + 3]
                of_sides[one].addcmul_(q, y).addcmul_(qj, yj, value=-1)
                of_sides[one + 3].addcmul_(q, yj).addcmul_(qj, y)
                of_sides[other].addcmul_(q, x).addcmul_(qj, xj)
                of_sides[other + 3].addcmul_(q, xj).addcmul_(qj, x, value=-1)
            torch.sum(seen.mul_(of_seen), 0, out=of_own[part])
            of_seen.mul_(own[part])
        return of_transfer, None, of_own.div_(2), outer[:3].sum(-1).T
