"""Sharp patches seen through a candidate lens, or scaled down by it: what the auxiliary flow learns from, and their spectra."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from ddm_studio.flow.gaussian_velocity import GaussianField, measure_field
from ddm_studio.flow.windows import WindowSource
from ddm_studio.optics.display_curve import decode, encode
from ddm_studio.optics.field_modes import node_positions
from ddm_studio.optics.psf_grid import kernels_at

MOST_FIELD_NODES = 6
FIELD_WINDOWS_PER_NODE = 600


@dataclass(frozen=True, eq=False)
class LensEstimate:
    """All that a stage knows of the way from a sharp scene to a blurry photo.

    Attributes:
        psf: (rows, columns, 3, k, k).
        sigma: (3,) noise in encoded units.
        gain: (3,) contrast of the blurry set relative to the sharp set, about the mean of a patch, in linear light.
        stride: Every so many-th pixel of the blurred scene is a pixel of the photo, the first one included: 1 for a lens, 2 for
            the low-resolution photos of super-resolution by two. Kernels are in pixels of the scene.
    """

    psf: Tensor
    sigma: Tensor
    gain: Tensor
    stride: int = 1

    def to(self, device: torch.device) -> LensEstimate:
        """The same estimate on another device."""
        return replace(self, psf=self.psf.to(device), sigma=self.sigma.to(device), gain=self.gain.to(device))

    def window(self, patch: int) -> int:
        """Side of the sharp window that a blurry patch of side `patch` is made of."""
        return self.stride * (patch - 1) + int(self.psf.shape[-1])

    def see(self, sharp: Tensor, positions: Tensor) -> Tensor:
        """Noise-free blurry patches (n, 3, p, p) of sharp windows (n, 3, w, w), both display-encoded, at relative positions (n, 2).

        With fewer positions than windows, one position for all.
        """
        return reblur(sharp, kernels_at(self.psf, positions), self.gain, self.stride)


def convolve(linear: Tensor, kernels: Tensor) -> Tensor:
    """Convolution without padding by Fourier transforms, several times faster than direct sums for a kernel per patch.

    Args:
        linear: (n, 3, s, s).
        kernels: (n, 3, k, k), or (1, 3, k, k) for all.

    Returns:
        (n, 3, s - k + 1, s - k + 1): wrapped-around sums stay in the border that is cut away.
    """
    side, margin = linear.shape[-1], kernels.shape[-1] - 1
    product = torch.fft.rfft2(linear) * torch.fft.rfft2(kernels, s=(side, side))
    wrapped: Tensor = torch.fft.irfft2(product, s=(side, side))
    return wrapped[..., margin:, margin:]


def reblur(sharp: Tensor, kernels: Tensor, gain: Tensor, stride: int = 1) -> Tensor:
    """Noise-free blurry patches, display-encoded, of sharp ones, display-encoded.

    Args:
        sharp: (n, 3, w, w) with w = stride * (p - 1) + k.
        kernels: (n, 3, k, k), or (1, 3, k, k) for all.
        gain: (3,) contrast about the mean of each patch.
        stride: Of the subsampling after the blur.

    Returns:
        (n, 3, p, p).
    """
    blurred = convolve(decode(sharp), kernels)[..., ::stride, ::stride]
    mean = blurred.mean((-1, -2), keepdim=True)
    return encode(mean + gain.view(1, 3, 1, 1) * (blurred - mean))


@torch.no_grad()
def reblurred_field(
    lens: LensEstimate,
    sharp: WindowSource,
    patch: int,
    generator: torch.Generator,
    checkpoint: Callable[[], None] = lambda: None,
    most_nodes: int = MOST_FIELD_NODES,
    windows: int = FIELD_WINDOWS_PER_NODE,
) -> GaussianField:
    """The Gaussian field of sharp patches seen through `lens`, at a coarse grid of positions.

    Exact in the mean, display curve included. The noise is added to the spectra in closed form, and every node sees the
    same sharp patches, so that fields of two similar lenses differ by their lenses only.
    `checkpoint` is called at every node and may raise. There are at most `most_nodes` along each side, and `windows` sharp
    patches at each.
    """
    device = lens.psf.device
    encoded, _ = sharp.draw(windows, lens.window(patch), generator)
    encoded = encoded.to(device)
    nodes = min(lens.psf.shape[0], most_nodes), min(lens.psf.shape[1], most_nodes)
    places = node_positions(*nodes).to(device)

    def batches() -> Iterator[tuple[Tensor, Tensor]]:
        for place in places:
            checkpoint()
            yield lens.see(encoded, place[None]), place.expand(len(encoded), 2)

    field = measure_field(batches(), *nodes, patch, device)
    spectra = field.spectra.clone()
    spectra[:, :, :3] += (4 * lens.sigma.square()).view(1, 1, 3, 1, 1)
    return GaussianField(field.mean, spectra)
