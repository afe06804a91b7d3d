"""DPIR or DiffPIR of a whole photo on a graphics card, and how much of the card's peak the denoiser uses.

`python -m benchmarks.full_size --device cuda --denoiser drunet` runs this in a process of its own. It is what the command `deblur` does but
for the sidecar: start-up, decoding, batches of tiles, writing. Where the published DRUNet is not in the cache, a network of its shape with
random weights stands in, which takes the same time and restores nothing.

Operations are those of the network's convolutions as `torch.utils.flop_counter` counts them for a small picture (two for each product
that is added up), times the pixels it was given. The peak is that of a large product of matrices in the type that the network computes in,
measured in the same run. **No run on a card has been made with it yet.**
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from deepinv.models import DRUNet
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from ddm_studio.control import RunControl
from ddm_studio.deblur.denoisers import Denoiser, bundled_weights, read_narrow_drunet, read_published, ready
from ddm_studio.deblur.mixed_precision import MixedPrecisionDrunet, fast_type
from ddm_studio.deblur.weights import DRUNET, cache_folder
from ddm_studio.engine.prepared_lens import PreparedLens
from ddm_studio.photos.reading import open_photo, read_photo_info
from ddm_studio.photos.writing import write_bands
from ddm_studio.profiles.lens_profile import load_profile
from ddm_studio.project import restorer_beside
from ddm_studio.settings import DeblurSettings, Device, Method

NO_CARD = "There is no CUDA graphics card that torch can use here: nothing was measured.\n"
COUNTED = 64
MATRIX = 8192
REPEATS = 20


@dataclass(frozen=True)
class CardRun:
    """What was measured in one run.

    Attributes:
        card: The device's name.
        weights: "published", "bundled" or "random".
        operations: Of all calls of the denoiser.
        network_seconds: In its calls.
        peak: Operations per second of a large product of matrices.
        largest_batch: Tiles of its largest call.
    """

    card: str
    weights: str
    operations: float
    network_seconds: float
    peak: float
    largest_batch: int

    def share(self, seconds: float) -> float:
        """Of the peak, when the operations take so long."""
        return self.operations / seconds / self.peak


class Watched(nn.Module):
    """A network whose calls are timed and whose operations are counted.

    Args:
        network: Takes images and a level.
        per_pixel: Operations.
    """

    def __init__(self, network: nn.Module, per_pixel: float) -> None:
        super().__init__()
        self._network, self._per_pixel = network, per_pixel
        self.operations, self.seconds, self.largest_batch = 0.0, 0.0, 0

    def forward(self, images: Tensor, level: Tensor) -> Tensor:
        """What the network answers, when it is done."""
        wait_for(images.device)
        began = time.perf_counter()
        clean: Tensor = self._network(images, level)
        wait_for(images.device)
        self.seconds += time.perf_counter() - began
        self.operations += self._per_pixel * len(images) * images.shape[-2] * images.shape[-1]
        self.largest_batch = max(self.largest_batch, len(images))
        return clean


def main(words: list[str] | None = None) -> int:
    """Restore a photo and leave what was measured in `card.json` beside it; 2 where there is no card."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("photo", type=Path)
    parser.add_argument("profile", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--method", type=Method, choices=(Method.DPIR, Method.DIFFPIR), default=Method.DPIR)
    parser.add_argument("--denoiser", choices=("bundled", "drunet"), default="drunet")
    parser.add_argument("--compile", action="store_true", help="the network, by torch's inductor")
    arguments = parser.parse_args(words)
    if not torch.cuda.is_available():
        sys.stderr.write(NO_CARD)
        return 2
    network, weights = denoising_network(arguments.denoiser)
    settings = DeblurSettings(method=arguments.method, device=Device.CUDA)
    run = restore(arguments.photo, arguments.profile, arguments.out, network, weights, settings, arguments.compile)
    (arguments.out / "card.json").write_text(json.dumps(asdict(run)))
    return 0


def denoising_network(name: str) -> tuple[DRUNet, str]:
    """The bundled or the published DRUNet, with random weights where the published are not at hand; and which weights it has."""
    if name == "bundled":
        return read_narrow_drunet(bundled_weights()), "bundled"
    network, published = DRUNet(pretrained=None), cache_folder() / DRUNET.file
    if not published.exists():
        return network, "random"
    network.load_state_dict(read_published(published))
    return network, "published"


def restore(
    photo: Path, profile: Path, out: Path, network: DRUNet, weights: str, settings: DeblurSettings, compiled: bool = False
) -> CardRun:
    """Deblur a photo as the command does, into `out`."""
    lens = PreparedLens(load_profile(profile), restorer_beside(profile), settings, lambda event: None, RunControl())
    device, per_pixel = lens.device, operations_per_pixel(network)
    watched = Watched(ready(MixedPrecisionDrunet(network, fast_type(device)), device, compiled).network, per_pixel)
    lens.denoiser = Denoiser(watched, device)
    lens.fit_to(read_photo_info(photo))
    opened = open_photo(photo)
    out.mkdir(exist_ok=True)
    write_bands(out / f"{photo.stem}_card.tif", lens.restore(opened, settings.method, "deblur"), opened.photo, settings)
    card = torch.cuda.get_device_name(device) if device.type == "cuda" else "cpu"
    peak = measured_peak(device, MATRIX if device.type == "cuda" else MATRIX // 16)
    return CardRun(card, weights, watched.operations, watched.seconds, peak, watched.largest_batch)


def operations_per_pixel(network: DRUNet) -> float:
    """Of one call, on the CPU; convolutions do the same at every pixel."""
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        network(torch.zeros(1, 3, COUNTED, COUNTED), 0.1)
    return float(counter.get_total_flops()) / COUNTED**2


def measured_peak(device: torch.device, side: int) -> float:
    """Operations per second of products of square matrices in the type in which networks compute there."""
    left, right = (torch.randn(side, side, device=device, dtype=fast_type(device)) for _ in range(2))
    best = float("inf")
    for _ in range(REPEATS):
        wait_for(device)
        began = time.perf_counter()
        left @ right
        wait_for(device)
        best = min(best, time.perf_counter() - began)
    return float(2 * side**3 / best)


def wait_for(device: torch.device) -> None:
    """Until a card has done all that it was given; a CPU has."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)


if __name__ == "__main__":
    sys.exit(main())
