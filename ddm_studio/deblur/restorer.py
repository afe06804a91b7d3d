"""The lens's own network: a small U-Net that knows where in the frame it looks, trained on pairs made with the learned grid.

It sees the photo after an inverse filter with the kernels of the place, which has already undone what a linear filter can undo,
the photo itself, and the place; it cleans and completes. One pass restores a tile, where DPIR takes several.
The network is the bundled denoiser's DRUNet with more inputs, and starts as that denoiser: minutes of training are enough.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import torch
from deepinv.models import DRUNet
from torch import Tensor, nn

from ddm_studio.deblur.light import LINEAR_LIGHT, DisplayCurve
from ddm_studio.deblur.mixed_precision import MixedPrecisionDrunet, fast_type
from ddm_studio.deblur.tile_model import TileModel
from ddm_studio.deblur.wiener import squared_frequency

# Filtered photo, photo, row and column, noise level.
INPUTS = 3 + 3 + 2 + 1
# The filter's noise-to-signal ratio is this times (noise level / 0.01)^2 times the squared frequency in cycles per pixel, as natural
# photos have power spectra of about 1 / f^2. By itself the filter is best at 1.6 (three tuning lenses), but the network learns more from a
# noisier, sharper photo: on tuning lens decentred 2, after 120 steps, 33.1 dB at 0.05, 33.3 at 0.18 and 33.0 at 0.6.
NOISE_TO_SIGNAL = 0.18
REFERENCE_SIGMA = 0.01
# Far below any noise, so that frequencies that the lens does not pass at all stay finite.
FAINTEST_RATIO = 1e-5
# Photos differ in ISO: the network learns noise from half to twice the profile's.
NOISE_RANGE = (0.5, 2.0)
# The U-Net halves three times.
MULTIPLE = 8
# Pixels round the kept part that the network sees; beyond it only the filter needs context.
MARGIN = 16


class RestorerNetwork(nn.Module):
    """DRUNet with more inputs.

    Args:
        widths: Channels at each of the four scales.
        blocks: Residual blocks per scale.
        device: Where it computes; decides the precision of its inner part.
    """

    def __init__(self, widths: Sequence[int], blocks: int, device: torch.device) -> None:
        super().__init__()
        self.widths, self.blocks = tuple(widths), blocks
        drunet = DRUNet(in_channels=INPUTS - 1, out_channels=3, nc=self.widths, nb=blocks, pretrained=None)
        self.unet = MixedPrecisionDrunet(drunet.to(device).to(memory_format=torch.channels_last), fast_type(device))

    def forward(self, inputs: Tensor) -> Tensor:
        """Restored display-encoded tiles (n, 3, h, w) from inputs (n, 9, h, w), sides divisible by 8."""
        images = inputs.contiguous(memory_format=torch.channels_last)
        restored: Tensor = self.unet(images[:, :-1], images[:, -1:])
        return restored


def network_like(denoiser: DRUNet, device: torch.device) -> RestorerNetwork:
    """A network of a denoiser's shape that does what the denoiser does: the inputs that it lacks begin without effect."""
    tensors = dict(denoiser.state_dict())
    network = RestorerNetwork(*shape_of(tensors), device)
    old = tensors["m_head.weight"]
    head = old.new_zeros(len(old), INPUTS, *old.shape[2:])
    head[:, :3], head[:, -1] = old[:, :3], old[:, 3]
    network.unet.drunet.load_state_dict({**tensors, "m_head.weight": head})
    return network


def shape_of(tensors: Mapping[str, Tensor]) -> tuple[tuple[int, ...], int]:
    """Widths and blocks of the DRUNet whose tensors these are."""
    heads = ("m_head", "m_down2.0.res.0", "m_down3.0.res.0", "m_body.0.res.0")
    widths = len(tensors[f"{heads[0]}.weight"]), *(tensors[f"{name}.weight"].shape[1] for name in heads[1:])
    return widths, sum(name.startswith("m_body.") for name in tensors) // 2


def restorer_inputs(model: TileModel, places: Tensor, level: Tensor, curve: DisplayCurve = LINEAR_LIGHT) -> Tensor:
    """What the network sees of blurry tiles: (n, 9, h, w), pictures display-encoded.

    Args:
        model: Blurry tiles and their kernels.
        places: (n, 2, h, w) relative row and column in the frame, or shapes that broadcast to it.
        level: (n,) noise level of each tile, display-encoded.
        curve: From the model's values to display-encoded ones.
    """
    height, width = model.windows.shape[-2:]
    levels = level.view(-1, 1, 1, 1)
    squared = squared_frequency(height, width, model.windows)
    filtered = model.wiener(NOISE_TO_SIGNAL * (levels / REFERENCE_SIGMA).square() * squared + FAINTEST_RATIO)
    maps = [(2 * places - 1).expand(-1, -1, height, width), levels.expand(-1, -1, height, width)]
    return torch.cat([curve.encode(filtered), curve.encode(model.windows), *maps], 1)


@dataclass(frozen=True, slots=True, eq=False)
class Restorer:
    """A trained network, frozen, on the device to compute on."""

    network: RestorerNetwork

    def steps(
        self,
        model: TileModel,
        sigma: Tensor,
        places: Tensor,
        kept: tuple[slice, slice],
        strength: float = 1.0,
        curve: DisplayCurve = LINEAR_LIGHT,
    ) -> Iterator[Tensor]:
        """The restored tiles (n, 3, h, w) in linear light; one step.

        Args:
            model: Blurry tiles and their kernels.
            sigma: (3,) noise level per channel, display-encoded, that the network was trained with.
            places: (n, 2, h, w) relative row and column of every pixel in the frame.
            kept: Rows and columns that tiles are used of at all, the same for all tiles of a frame, so that a part of it comes out
                like the whole; outside them and a margin the filtered photo is returned.
            strength: Divides the noise variance that the network is told, within what it has learned: above 1 sharpens more.
            curve: From the model's values to display-encoded ones.
        """
        low, high = NOISE_RANGE
        level = sigma.mean() * min(max(strength**-0.5, low), high)
        inputs = restorer_inputs(model, places, level.expand(len(places)), curve)
        rows, columns = (_with_margin(part, extent) for part, extent in zip(kept, inputs.shape[-2:], strict=True))
        encoded = inputs[:, :3].clone()
        encoded[..., rows, columns] = self.network(inputs[..., rows, columns])
        yield curve.decode(encoded)


def _with_margin(kept: slice, extent: int) -> slice:
    """The kept pixels and some more on both sides, a multiple of what the network halves."""
    size = min(extent, MULTIPLE * math.ceil((kept.stop - kept.start + 2 * MARGIN) / MULTIPLE))
    first = min(max(0, (kept.start + kept.stop - size) // 2), extent - size)
    return slice(first, first + size)
