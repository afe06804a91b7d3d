"""What spectra of Gaussian fields can tell of kernels at most: the Fisher information of stage 1's model, and its Cramer-Rao bound.

A field seen over A px holds `A / 2` complex samples for each unit of frequency plane, however it is cut into windows (Whittle,
Arkiv for Matematik 2, 1953): windows that overlap are not independent and add nothing beyond the px they cover. So

    J_ij = sum_b A_b / 2 * integral tr(M^-1 dM/di M^-1 dM/dj) df

over the frequencies that stage 1 uses. The derivatives are whitened by the Cholesky factor of M, so that the trace is a dot
product of nine real numbers. The sharp set's own spectrum is an unknown at every frequency, known from the px of the sharp set.
Real scenes are no Gaussian fields: their contrast varies more from place to place, and no estimate from second-order statistics
reaches this bound on them.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from ddm_studio.optics.psf_grid import interpolation_weights
from ddm_studio.photos.tile_pool import TilePool
from ddm_studio.spectra.hermitian import PLANES, Hermitian, unpack
from ddm_studio.spectra.likelihood import SpectralLikelihood, frequency_weights, scene_terms
from ddm_studio.spectra.power_spectrum import GroupedSpectra, Spectra

# Every parameter, in waves, px or logarithms, is taken to be known to about 1 before: where spectra tell nothing, that remains.
PRIOR_PRECISION = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class ModelSpectra:
    """Stage 1's model of the blurry set's spectra, at some kernels. F frequencies are used, of patches of p x p px.

    Attributes:
        sharp: (F, 3, 3) spectrum of the sharp set.
        transfer: (bins, F, 3) transfer functions with their gains.
        gain: (3,) those gains.
        own: (bins, F) what each bin's scenes have of their own.
        noise: (bins, 3) power of the noise.
        terms: (4, F) that `log own` is a combination of.
        share: (F,) part of the whole frequency plane that each frequency stands for.
        area: (bins,) px covered.
        sharp_area: px covered in the sharp set.
    """

    sharp: Tensor
    transfer: Tensor
    gain: Tensor
    own: Tensor
    noise: Tensor
    terms: Tensor
    share: Tensor
    area: Tensor
    sharp_area: float

    def scene(self, place: int) -> Tensor:
        """(F, 3, 3) the blurred scenes' spectrum in a bin."""
        sides = self.transfer[place]
        return self.own[place, :, None, None] * sides[:, :, None] * self.sharp * sides.conj()[:, None]

    def spectrum(self, place: int) -> Tensor:
        """(F, 3, 3) with noise."""
        return self.scene(place) + torch.diag(self.noise[place]).to(self.sharp)


def model_at(psf: Tensor, fitted: SpectralLikelihood, blurry: Spectra, sharp: Tensor, area: Tensor, sharp_area: float) -> ModelSpectra:
    """The model at a grid (rows, columns, 3, k, k), with the other parameters as fitted; areas are those of the bins and the sharp set."""
    weight = frequency_weights(blurry.patch)
    used = weight > 0
    terms = scene_terms(blurry.patch, used).double()
    gain = fitted.log_gain.detach().double().exp()
    return ModelSpectra(
        sharp=dense(unpack(sharp[None][:, :, used].double()))[0],
        transfer=transfer_at_bins(psf.flatten(0, 1), blurry, *psf.shape[:2])[..., used].movedim(1, -1) * gain,
        gain=gain,
        own=((fitted.own_scene() + fitted.common_scene).detach().double() @ terms).exp(),
        noise=blurry.slope2.double() * (2 * fitted.log_sigma.detach().double()).exp(),
        terms=terms,
        share=weight[used].double() / blurry.patch**2,
        area=area.double(),
        sharp_area=sharp_area,
    )


def transfer_at_bins(kernels: Tensor, blurry: Spectra, rows: int, columns: int) -> Tensor:
    """(bins, c, p, p // 2 + 1): transfer functions of kernels (rows * columns, c, k, k) interpolated at the bins."""
    weights = interpolation_weights(blurry.positions, rows, columns).double()
    half = kernels.shape[-1] // 2
    room = blurry.patch - kernels.shape[-1]
    padded = torch.nn.functional.pad(torch.tensordot(weights, kernels.double(), 1), (0, room, 0, room)).roll((-half, -half), (-2, -1))
    transfer: Tensor = torch.fft.rfft2(padded)
    return transfer


def information(model: ModelSpectra, kernel_changes: Tensor) -> Tensor:
    """(n, n) Fisher information of n parameters of the kernels, all else free.

    Args:
        model: At the true kernels.
        kernel_changes: (n, bins, F, 3) derivatives of the transfer functions, gains left out.
    """
    n, bins, scenes = len(kernel_changes), len(model.area), len(model.terms)
    shared = n + 6
    total = shared + scenes * bins
    joint = PRIOR_PRECISION * torch.eye(total, dtype=torch.float64)
    with_sharp = torch.zeros(len(model.share), total, PLANES, dtype=torch.float64)
    of_sharp = _sharp_information(model)
    for place in range(bins):
        columns = torch.cat([torch.arange(shared), shared + scenes * place + torch.arange(scenes)])
        changes, sharp_changes = whitened(model, place, kernel_changes[:, place])
        weight = (model.area[place] / 2 * model.share)[:, None, None]
        joint[columns[:, None], columns] += torch.tensordot(weight * changes, changes, ([0, 2], [0, 2]))
        with_sharp[:, columns] += weight * changes @ sharp_changes.mT
        of_sharp += weight * sharp_changes @ sharp_changes.mT
    joint -= torch.tensordot(with_sharp @ torch.linalg.inv(of_sharp), with_sharp, ([0, 2], [0, 2]))
    return marginal(joint, n)


def marginal(joint: Tensor, n: int) -> Tensor:
    """(n, n) information of the first n parameters when the others are not known."""
    kept: Tensor = joint[:n, :n] - joint[:n, n:] @ torch.linalg.solve(joint[n:, n:], joint[n:, :n])
    return (kept + kept.T) / 2


def whitened(model: ModelSpectra, place: int, kernel_changes: Tensor) -> tuple[Tensor, Tensor]:
    """Whitened derivatives of the spectrum in one bin.

    Args:
        model: The model.
        place: The bin.
        kernel_changes: (n, F, 3) derivatives of its transfer functions, gains left out.

    Returns:
        (F, n + 10, 9): by kernel parameters, logarithms of gains and of noises, the bin's own scenes; (F, 9, 9): by the sharp spectrum.
    """
    inverse = torch.linalg.inv(torch.linalg.cholesky(model.spectrum(place)))
    sides, own = model.transfer[place], model.own[place, :, None, None]
    right = own * model.sharp * sides.conj()[:, None] @ inverse.mH
    gains = torch.diag_embed(sides).movedim(1, 0)
    transfers = torch.cat([kernel_changes.to(sides) * model.gain, gains])
    # One side of the sandwich D S D^H changes; the other is its mirror image.
    half = inverse[:, None] @ (transfers.movedim(1, 0)[..., None] * right[:, None])
    noise = torch.einsum("fac,c,fdc->fcad", inverse, 2 * model.noise[place].to(sides), inverse.conj())
    scenes = model.terms.T[:, :, None, None] * (inverse @ model.scene(place) @ inverse.mH)[:, None]
    blurred = (inverse * sides[:, None])[:, None]
    of_sharp = own[:, None] * (blurred @ basis().to(sides) @ blurred.mH)
    return torch.cat([coordinates(half + half.mH), coordinates(noise), coordinates(scenes)], 1), coordinates(of_sharp)


def _sharp_information(model: ModelSpectra) -> Tensor:
    """(F, 9, 9) what the sharp set says of its own spectrum."""
    inverse = torch.linalg.inv(torch.linalg.cholesky(model.sharp))
    changes = coordinates(inverse[:, None] @ basis().to(inverse) @ inverse.mH[:, None])
    return (model.sharp_area / 2 * model.share)[:, None, None] * changes @ changes.mT


def basis() -> Tensor:
    """(9, 3, 3) Hermitian matrices that span all others, orthonormal in the trace."""
    planes = torch.eye(PLANES, dtype=torch.float64)
    planes[3:] /= 2**0.5
    return dense(unpack(planes[..., None]))[:, 0]


def coordinates(matrices: Tensor) -> Tensor:
    """(..., 9) of Hermitian matrices (..., 3, 3) in that basis: traces of products are dot products."""
    root = 2**0.5
    off = [matrices[..., 0, 1], matrices[..., 0, 2], matrices[..., 1, 2]]
    parts = [matrices[..., i, i].real for i in range(3)]
    for entry in off:
        parts += [root * entry.real, root * entry.imag]
    return torch.stack(parts, -1)


def dense(packed: Hermitian) -> Tensor:
    """(n, F, 3, 3) from six tensors (n, F)."""
    a, b, c, d, e, f = packed
    rows = [[a + 0j, d, e], [d.conj(), b + 0j, f], [e.conj(), f.conj(), c + 0j]]
    return torch.stack([torch.stack(row, -1) for row in rows], -2)


def covered_area(pool: TilePool, bins: int) -> Tensor:
    """(bins * bins,) px of the photos that lie in any tile, by where in the frame they lie."""
    side = pool.tiles.shape[-1]
    area = torch.zeros(bins, bins)
    for photo in range(len(pool.names)):
        mine = pool.photo == photo
        height, width = pool.frames[mine][0].tolist()
        covered = torch.zeros(height, width)
        for top, left in pool.corners[mine].tolist():
            covered[top : top + side, left : left + side] = 1
        down, across = (torch.arange(length) * bins // length for length in (height, width))
        area.index_put_((down[:, None], across), covered, accumulate=True)
    return area.flatten()


def simulated_spectra(model: ModelSpectra, blurry: Spectra, sharp: Spectra, seed: int) -> tuple[GroupedSpectra, GroupedSpectra]:
    """Spectra of both sets as Gaussian fields of these areas would show them; at frequencies that are not used, as they were measured."""
    random = torch.Generator().manual_seed(seed)
    used = frequency_weights(blurry.patch) > 0
    planes = blurry.planes.double(), sharp.planes.double()
    for place in range(len(model.area)):
        planes[0][place][:, used] = _wishart(model.spectrum(place), model.area[place] * model.share / 2, random)
    planes[1][:, :, used] = _wishart(model.sharp, model.sharp_area * model.share / 2, random)
    blurry_sums, sharp_sums = (_one_group(spectra, drawn) for spectra, drawn in zip((blurry, sharp), planes, strict=True))
    return blurry_sums, sharp_sums


def _wishart(matrices: Tensor, samples: Tensor, random: torch.Generator) -> Tensor:
    """(9, F) packed means of `samples` (F,) outer products of complex Gaussian vectors, by Bartlett's decomposition."""
    order = torch.arange(3)
    with torch.random.fork_rng():
        torch.manual_seed(int(torch.randint(2**31, (1,), generator=random)))
        diagonal = torch.distributions.Gamma(samples[:, None] - order, torch.ones(())).sample().sqrt()
    normal = torch.randn(len(samples), 3, 3, dtype=torch.complex128, generator=random).tril(-1)
    factor = torch.linalg.cholesky(matrices) @ (normal + torch.diag_embed(diagonal).to(normal)) / samples.sqrt()[:, None, None]
    drawn = factor @ factor.mH
    off = [drawn[:, 0, 1], drawn[:, 0, 2], drawn[:, 1, 2]]
    return torch.stack([*(drawn[:, i, i].real for i in range(3)), *(part for entry in off for part in (entry.real, entry.imag))])


def _one_group(spectra: Spectra, planes: Tensor) -> GroupedSpectra:
    n = spectra.counts.double()
    sums = (
        planes * n.view(-1, 1, 1, 1),
        spectra.slope2 * n[:, None],
        spectra.positions * n[:, None],
        n,
        torch.tensor(float(spectra.photos)),
    )
    return GroupedSpectra(*(value[None].float() for value in sums))
